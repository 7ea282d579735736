"""A headless Chromium spoken to over the pipe of its DevTools protocol: no port, no library."""

import base64
import json
import os
import pathlib
import select
import subprocess
import tempfile
import time

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    " --disable-background-networking --disable-component-update --disable-dev-shm-usage"
    " --hide-scrollbars --no-default-browser-check --remote-debugging-pipe about:blank"
).split()
ANSWER_SECONDS = 60
STOP_SECONDS = 20
# Keys that the checks press: name -> Windows key code, text it types.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}


class BrowserError(Exception):
    """One line that says what the browser did not do."""


class Browser:
    """One page in a browser with an empty profile of its own."""

    def __init__(self, binary: str):
        self.profile = tempfile.TemporaryDirectory(prefix="entente-console-")
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()

        def as_three_and_four() -> None:
            # Copies above the two numbers first: one of the pipes may already hold them.
            kept = [os.dup(os.dup(os.dup(end))) for end in (commands, answers)]
            for end, number in zip(kept, (3, 4), strict=True):
                os.dup2(end, number)

        self.process = subprocess.Popen(
            [binary, *FLAGS, f"--user-data-dir={self.profile.name}"],
            preexec_fn=as_three_and_four,
            close_fds=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self.buffer = b""
        self.last_id = 0
        self.events: list[dict] = []
        self.session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    # The protocol: JSON messages, each ended by a zero byte

    def call(self, method: str, **parameters) -> dict:
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + ANSWER_SECONDS
        while True:
            answer = self.receive(until, method)
            if answer.get("id") == self.last_id:
                break
            self.events.append(answer)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def receive(self, until: float, what: str) -> dict:
        while b"\0" not in self.buffer:
            left = max(0.0, until - time.monotonic())
            if not select.select([self.answers], [], [], left)[0]:
                raise BrowserError(f"no answer to {what} within {ANSWER_SECONDS} s")
            chunk = os.read(self.answers, 1 << 16)
            if not chunk:
                raise BrowserError(f"the browser ended during {what}")
            self.buffer += chunk
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def wait_for_event(self, method: str) -> None:
        until = time.monotonic() + ANSWER_SECONDS
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive(until, method))

    def seen(self, method: str) -> list[dict]:
        return [event["params"] for event in self.events if event.get("method") == method]

    # What a person does

    def open(self, address: str) -> None:
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait_for_event("Page.loadEventFired")

    def act(self, script: str) -> None:
        """Runs a script that leads to another page, and waits for that."""
        self.events.clear()
        self.run(script)
        self.wait_for_event("Page.loadEventFired")

    def run(self, script: str):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"]["exception"].get("description", script))
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        code, text = KEYS[key]
        parameters = {"key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def resize(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def imitate(self, medium: str = "screen", scheme: str = "light") -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)

    def picture(self, path: pathlib.Path, width: int) -> None:
        """The whole page, however long."""
        height = self.run("document.documentElement.scrollHeight")
        self.resize(width, height)
        shot = self.call("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(shot["data"]))

    def print(self, path: pathlib.Path) -> None:
        sheets = self.call("Page.printToPDF", preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(sheets["data"]))
