"""One Entente node of an exercise: its home, its process, its verbs."""

import http.client
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 20


class DemoError(Exception):
    """One line for the person who runs the demo."""


class VerbFailed(DemoError):
    """A verb of `entente` that did not exit with 0."""

    def __init__(self, words: tuple, code: int, answer: dict, stderr: str):
        error = answer.get("error", {})
        self.code = code
        self.answer = answer
        self.message = error.get("message") or stderr.strip()
        super().__init__(f"entente {' '.join(words)} exits {code}: {self.message}")


class HomeConnection(http.client.HTTPConnection):
    """HTTP over the Unix socket in a node's home."""

    def __init__(self, path: str):
        super().__init__("node", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_private(path: pathlib.Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


class Node:
    """Paths are relative to the root of the tree, where every command runs: Unix sockets have short
    names, wherever the tree lies."""

    def __init__(self, folder: pathlib.Path, country: str, name: str, binary: pathlib.Path):
        self.country = country
        self.name = name
        self.binary = binary
        self.short = country.lower()
        self.home = folder / self.short
        self.log = folder / "logs" / f"{self.short}.log"
        self.capture = folder / f"{self.short}.frames"
        self.passphrase = folder / f"{self.short}.passphrase"
        self.card = folder / f"{self.short}.card"
        self.port: int | None = None
        self.pid: int | None = None
        self.process: subprocess.Popen | None = None

    # Life

    def init(self, listens: bool, exercise: bool = True) -> str:
        """Makes the home; returns the fingerprint."""
        (ROOT / self.log).parent.mkdir(parents=True, exist_ok=True)
        write_private(ROOT / self.passphrase, secrets.token_urlsafe(24))
        words = ["init", "--name", self.name, "--country", self.country]
        words += ["--contact", "EXERCISE - duty desk, +999 0000 0000"]
        words += ["--passphrase-file", str(self.passphrase)]
        words += ["--exercise"] if exercise else []
        if listens:
            self.port = free_port()
            address = f"127.0.0.1:{self.port}"
            words += ["--endpoint", address, "--listen", address]
        return self.run(*words)["fingerprint"]

    def start(self) -> None:
        """Serves in a session of its own, so that --keep can leave it behind."""
        environment = dict(os.environ, ENTENTE_OBSERVED_FILE=str(self.capture))
        words = [self.binary, "serve", "--home", self.home, "--passphrase-file", self.passphrase]
        with open(ROOT / self.log, "ab") as log:
            self.process = subprocess.Popen(
                words,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self.process.pid
        wait_for(f"{self.country} to answer", self.is_up, START_SECONDS)

    def is_up(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise DemoError(f"the {self.country} node ended: {self.last_log_lines(1)}")
        return self.command("status").returncode == 0

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def peak_memory_mb(self) -> float:
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
        raise DemoError(f"no VmHWM of the {self.country} node")

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def last_log_lines(self, count: int) -> str:
        path = ROOT / self.log
        lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
        return "\n".join(lines[-count:])

    # Verbs

    def command(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.binary, *words, "--home", self.home, "--json"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def run(self, *words: str) -> dict:
        """What the verb answers. Raises VerbFailed."""
        done = self.command(*words)
        try:
            answer = json.loads(done.stdout) if done.stdout.strip() else {}
        except json.JSONDecodeError:
            answer = {}
        if done.returncode != 0:
            raise VerbFailed(words, done.returncode, answer, done.stderr)
        return answer

    def fails(self, *words: str) -> VerbFailed:
        """The failure of a verb that must fail."""
        try:
            self.run(*words)
        except VerbFailed as failure:
            return failure
        raise DemoError(f"{self.country}: entente {' '.join(words)} should have been refused")

    def get(self, path: str) -> dict:
        connection = HomeConnection(os.path.relpath(ROOT / self.home / "node.sock"))
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise DemoError(f"{self.country}: GET {path} answers {response.status}")
        return json.loads(body)

    def status(self) -> dict:
        return self.run("status")

    def link(self) -> dict:
        """What the status says about the only peer."""
        return self.status()["peers"][0]

    def acts(self) -> list[dict]:
        return self.run("acts")["acts"]

    def leaf_of(self, act: str) -> int:
        for row in self.acts():
            if row["id"] == act:
                return row["leaf"]
        raise DemoError(f"{self.country} does not know act {act[:12]}")


def wait_for(what: str, condition, seconds: float = 60, pause_seconds: float = 0.1):
    """The first true value of `condition`, asked until the time is over."""
    until = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > until:
            raise DemoError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(pause_seconds)


def wait_while_it_moves(what: str, look, is_over, stall_seconds: float = 120) -> None:
    """Looks until it is over; a slow machine may take long, but something has to change."""
    last, changed = None, time.monotonic()
    while not is_over(seen := look()):
        if seen != last:
            last, changed = seen, time.monotonic()
        elif time.monotonic() - changed > stall_seconds:
            raise DemoError(f"{what} has not moved for {stall_seconds:.0f} s")
        time.sleep(0.5)


def end_process(pid: int, home: str) -> bool:
    """Ends a node that an earlier run left, if `pid` still is that node."""
    try:
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    if home.encode() not in command or b"serve" not in command:
        return False
    os.kill(pid, signal.SIGTERM)
    proc = pathlib.Path(f"/proc/{pid}")
    wait_for(f"process {pid} to end", lambda: not proc.exists(), STOP_SECONDS)
    return True
