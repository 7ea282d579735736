#!/usr/bin/env python3
"""Every screen of the console in a real browser, in four languages, wide and narrow.

usage: screens.py BIN_DIR CHROMIUM

Two exercise nodes live through a story; DE's administrator looks at it. Prints a line per screen
and exits 1 if a check failed. Pictures and printed documents: build/console/.
"""

import csv
import json
import pathlib
import shutil
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/demo"))

import lists  # noqa: E402
from browser import Browser, BrowserError  # noqa: E402
from exercise import COLLECTION, EXAMPLES, PURPOSE, Exercise  # noqa: E402
from node import DemoError, Node, wait_for  # noqa: E402
from report import Report  # noqa: E402
from story import Story  # noqa: E402

FOLDER = pathlib.Path("build/console")
LANGUAGES = ("fr", "de", "ar", "en")
WIDTHS = {"wide": 1280, "narrow": 390}
HEIGHT = 900
PAPER_WIDTH = 680  # A4 between margins of 15 mm, in CSS pixels
PLAN = lists.Plan(seed=1, records=40, common=12, decoys=4)
RESTRICTED = "restricted"
CHECKS = (ROOT / "tests/console/checks.js").read_text("utf-8")
# Everything the Tab key must reach, in this order.
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, [tabindex='0']"
FOCUSED = """(() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    place: [...document.querySelectorAll(`%s`)].indexOf(at),
    is_marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    is_seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    name: at.outerHTML.slice(0, 80),
  };
})()""" % FOCUSABLE

# A fault of each kind, planted on the first screen: what must be found -> how it is made.
PLANTED = {
    "lang is xx": "document.documentElement.lang = 'xx'",
    "not a known text": "document.querySelector('h1').append('due.title')",
    "aria-label is not a known text": "document.querySelector('nav').ariaLabel = 'Unknown'",
    "not isolated": "document.querySelector('h1').append('حسن')",
    "contrast 1": "document.querySelector('h1').style.color = '#eee'",
    "contrast of the edge": "document.querySelector('button').style.borderColor = '#eee'",
    "pixels too wide": "document.querySelector('main').style.minWidth = '3000px'",
    "cut off": "document.querySelector('.scroll').style.width = '99px';"
    "document.querySelector('.scroll').removeAttribute('tabindex')",
    "no label": "document.querySelector('main').append(document.createElement('input'))",
    "small": "document.querySelector('nav a').style.cssText = 'padding: 0; font-size: 8px'",
    "heading 4 after 1": "document.querySelector('h1').after(document.createElement('h4'))",
    "no scope": "document.querySelector('th').removeAttribute('scope')",
    "focus is not visible": "document.querySelector('nav a').style.outline = 'none'",
    "focus is out of sight": "document.querySelector('nav a').style.translate = '-200vw'",
    "Tab 1 goes to": "document.querySelector('button').tabIndex = 1",
}


class Quiet(Report):
    """The demo's stages without their text."""

    def say(self, text: str = "") -> None:
        pass


def local_texts(value, language: str) -> list[str]:
    """What a document says in one language, wherever it says it."""
    if isinstance(value, dict):
        if isinstance(value.get(language), str):
            return [value[language]]
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in local_texts(item, language)]
    return []


class Known:
    """What a screen may say in each language, and the names that are data."""

    def __init__(self, nodes: list[Node]):
        documents = [
            json.loads(path.read_text("utf-8")) for path in sorted((ROOT / EXAMPLES).glob("*.json"))
        ]
        self.texts = {}
        for language in LANGUAGES:
            catalogue = json.loads((ROOT / f"locales/{language}.json").read_text("utf-8"))
            self.texts[language] = [*catalogue.values(), *local_texts(documents, language)]
        self.names = [node.name for node in nodes]
        self.names += [one["name"] for text in documents for one in text["signatories"]]

    def add_list(self, path: pathlib.Path) -> None:
        with open(ROOT / path, encoding="utf-8", newline="") as file:
            self.names += [cell for row in csv.reader(file) for cell in row]

    def for_language(self, language: str) -> str:
        return json.dumps(
            {
                "language": language,
                "direction": "rtl" if language == "ar" else "ltr",
                "texts": self.texts[language],
                "names": self.names,
            }
        )


class Suite:
    def __init__(self, binaries: pathlib.Path, chromium: str):
        # MA's policy is patched out: what it sends becomes evidence at DE.
        self.exercise = Exercise(FOLDER / "pair", binaries, "entente-rogue", "entente")
        self.story = Story(self.exercise, Quiet(), has_capture=False)
        self.chromium = chromium
        self.browser: Browser | None = None
        self.known = Known(self.exercise.nodes)
        self.failures = 0
        self.began = time.monotonic()
        self.origin = ""

    def run(self) -> int:
        shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
        try:
            self.live_the_story()
            self.browser = Browser(self.chromium)
            self.before_login()
            self.log_in()
            self.planted_faults()
            self.finished_story()
            self.refusal()
            self.peer_away()
            self.log_out()
        finally:
            if self.browser is not None:
                self.browser.stop()
            self.exercise.stop()
        print(f"pictures: {FOLDER}/", flush=True)
        return 1 if self.failures else 0

    # The story, up to something that waits for each kind of decision

    def live_the_story(self) -> None:
        story, exercise = self.story, self.exercise
        ma, de = exercise.nodes
        story.meet()
        declaration = exercise.co_sign(EXAMPLES / "declaration-t0.json").id
        story.make_lists(PLAN)
        story.import_lists("synthetic")
        self.known.add_list(exercise.folder / "lists/b.csv")
        self.offer()  # refused by DE: evidence
        exercise.wait_settled()
        self.agreement = exercise.co_sign(EXAMPLES / "agreement-t1.json").id
        self.round = exercise.run_round().id
        self.communique = exercise.co_sign(EXAMPLES / "communique.json").id
        for node, document in ((ma, declaration), (de, declaration), (ma, self.communique)):
            node.run("document", "publish", document)
            exercise.wait_settled()
        self.minutes = ma.run("document", "draft", str(EXAMPLES / "minutes.json"))["id"]
        ma.run("document", "propose", self.minutes)
        self.open_round = self.offer()
        row = (ROOT / FOLDER / "restricted.csv", "id,name,birth_date\n1,Karim Alaoui,1980-01-02\n")
        row[0].write_text(row[1], "utf-8")
        words = ("list", "import", str(FOLDER / "restricted.csv"), "--collection", RESTRICTED)
        de.run(*words, "--origin", "operational")
        exercise.wait_settled()
        self.peer = de.link()["id"]

    def offer(self) -> str:
        words = ("match", "offer", "--collection", COLLECTION, "--purpose", PURPOSE)
        return self.exercise.ma.run(*words)["act"]

    # Screens

    def before_login(self) -> None:
        url = self.exercise.de.run("login")["url"].partition("&lang=")[0]
        self.origin, _, self.login_path = url.rpartition("/")
        self.show("no-session", "/", status=403)
        self.show("login", f"/{self.login_path}")
        kept = "document.querySelector('header a[lang=de]').href.includes('token=')"
        self.expect("choosing a language keeps the login link", kept)
        self.show(
            "login-failed",
            f"/{self.login_path}",
            status=403,
            then="document.forms[0].elements.token.value = 'used'; document.forms[0].submit()",
        )

    def log_in(self) -> None:
        self.browser.open(f"{self.origin}/{self.login_path}")
        self.browser.act("document.querySelector('main button').click()")
        self.expect("logged in with one button", "document.querySelectorAll('nav a').length > 2")

    def planted_faults(self) -> None:
        """The checks themselves are checked: they find what is wrong."""
        for fault, script in PLANTED.items():
            self.browser.open(f"{self.origin}/?lang=en")
            self.browser.run(script)
            findings = self.run_checks("en") + self.walk()
            is_found = any(fault in finding for finding in findings)
            self.report(f"planted: {fault}", [] if is_found else ["it was not found"])

    def finished_story(self) -> None:
        document = f"/documents/{self.peer}"
        self.show("due", "/")
        self.show("documents", "/documents")
        self.show("agreement", f"{document}/{self.agreement}", on_paper=True)
        self.show("two-texts", f"{document}/{self.agreement}?l=fr&l=ar", on_paper=True)
        self.show("communique-to-publish", f"{document}/{self.communique}", on_paper=True)
        self.show("minutes-to-sign", f"{document}/{self.minutes}", on_paper=True)
        self.show("rounds", "/rounds")
        self.show("round-with-hits", f"/rounds/{self.peer}/{self.round}", on_paper=True)
        self.show("round-to-decide", f"/rounds/{self.peer}/{self.open_round}")
        self.show("collections", "/collections")
        self.show("ledger", f"/ledger/{self.peer}")
        self.show("evidence", f"/evidence/{self.peer}")
        self.show("not-found", f"/rounds/{self.peer}/{'f' * 64}", status=404)

    def refusal(self) -> None:
        self.show(
            "refusal",
            f"/rounds/{self.peer}/{self.open_round}",
            status=403,
            then=f"document.querySelector('select').value = '{RESTRICTED}';"
            "document.querySelector('main button.primary').click()",
        )

    def peer_away(self) -> None:
        """What a person does by form, while the other node is away."""
        browser = self.browser
        minutes = f"/documents/{self.peer}/{self.minutes}"
        self.exercise.ma.stop()
        wait_for("DE to notice", lambda: not self.exercise.de.link()["linked"])
        browser.open(f"{self.origin}{minutes}?lang=en")
        browser.act(
            "document.querySelector('[name=confirm]').click();"
            "document.querySelector('main button.primary').click()"
        )
        self.expect("signed by form", "!document.querySelector('[name=confirm]')")
        browser.open(f"{self.origin}/rounds/{self.peer}/{self.open_round}?lang=en")
        browser.act(
            f"document.querySelector('select').value = '{COLLECTION}';"
            "document.querySelector('main button.primary').click()"
        )
        self.expect("accepted by form", "!document.querySelector('select')")
        self.show("due-peer-away", "/")
        self.show("minutes-signed", minutes)
        self.show("round-waiting", f"/rounds/{self.peer}/{self.open_round}")
        refresh = "document.querySelector('meta[http-equiv=refresh]').content === '3'"
        self.expect("a round under way reloads itself", refresh)

    def log_out(self) -> None:
        self.browser.open(f"{self.origin}/?lang=en")
        self.browser.act("document.querySelector('header form button').click()")
        self.expect("logged out", "!document.querySelector('nav')")

    # Checks

    def expect(self, name: str, script: str) -> None:
        self.report(name, [] if self.browser.run(script) else ["it did not happen"])

    def report(self, name: str, findings: list[str]) -> None:
        self.failures += bool(findings)
        word = "FAIL" if findings else "pass"
        print(f"{word}  {name}  [{time.monotonic() - self.began:.1f} s]", flush=True)
        for finding in findings:
            print(f"      {finding}", flush=True)

    def show(self, name: str, path: str, status=200, then="", on_paper=False) -> None:
        for language in LANGUAGES:
            try:
                findings = self.look(f"{name}-{language}", language, path, status, then)
                if on_paper:
                    findings += self.look_on_paper(f"{name}-{language}", language)
            except BrowserError as error:
                findings = [str(error)]
            self.report(f"{name} ({language})", findings)

    def look(self, name: str, language: str, path: str, status: int, then: str) -> list[str]:
        browser = self.browser
        browser.imitate()
        browser.resize(WIDTHS["wide"], HEIGHT)
        mark = "&" if "?" in path else "?"
        browser.open(f"{self.origin}{path}{mark}lang={language}")
        if then:
            browser.act(then)
        # A screen that reloads itself would do so between two looks.
        browser.run("window.stop()")
        findings = self.look_at_answers(status)
        for size, width in WIDTHS.items():
            browser.resize(width, HEIGHT)
            findings += [f"{size}: {one}" for one in self.run_checks(language)]
            browser.picture(ROOT / FOLDER / f"{name}-{size}.png", width)
        browser.resize(WIDTHS["wide"], HEIGHT)
        browser.imitate(scheme="dark")
        findings += [f"dark: {one}" for one in self.run_checks(language)]
        browser.imitate()
        return findings + self.walk()

    def run_checks(self, language: str) -> list[str]:
        known = self.known.for_language(language)
        return self.browser.run(f"{{ const known = {known}; {CHECKS} }}")

    def look_on_paper(self, name: str, language: str) -> list[str]:
        browser = self.browser
        browser.imitate(medium="print")
        browser.resize(PAPER_WIDTH, HEIGHT)
        findings = [f"paper: {one}" for one in self.run_checks(language)]
        browser.picture(ROOT / FOLDER / f"{name}-paper.png", PAPER_WIDTH)
        browser.print(ROOT / FOLDER / f"{name}.pdf")
        browser.imitate()
        return findings

    def look_at_answers(self, status: int) -> list[str]:
        """Status and policy of the document, nothing from elsewhere, nothing to complain about."""
        browser = self.browser
        findings = []
        for request in browser.seen("Network.requestWillBeSent"):
            address = request["request"]["url"]
            if not address.startswith(f"{self.origin}/"):
                findings.append(f"asks for {address}")
        answers = [
            event["response"]
            for event in browser.seen("Network.responseReceived")
            if event["type"] == "Document"
        ]
        headers = {name.lower(): value for name, value in answers[-1]["headers"].items()}
        policy = headers.get("content-security-policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy:
            findings.append(f"content-security-policy: {policy or 'none'}")
        if answers[-1]["status"] != status:
            findings.append(f"status {answers[-1]['status']} instead of {status}")
        for event in browser.seen("Log.entryAdded"):
            entry = event["entry"]
            is_the_page = entry["source"] == "network" and entry["url"] == answers[-1]["url"]
            if entry["level"] in ("warning", "error") and not is_the_page:
                findings.append(f"console: {entry['text']}")
        for event in browser.seen("Runtime.exceptionThrown"):
            findings.append(f"exception: {event['exceptionDetails']['text']}")
        return findings

    def walk(self) -> list[str]:
        """The Tab key from the top to the last control: in order, marked, in sight."""
        browser = self.browser
        findings = []
        count = browser.run(f"document.querySelectorAll(`{FOCUSABLE}`).length")
        browser.run("document.activeElement.blur(); scrollTo(0, 0)")
        for place in range(count):
            browser.press("Tab")
            seen = browser.run(FOCUSED)
            if seen["place"] != place:
                wrong = f"Tab {place + 1} goes to control {seen['place']}: {seen['name']}"
                return [*findings, wrong]
            if not seen["is_marked"]:
                findings.append(f"focus is not visible: {seen['name']}")
            if not seen["is_seen"]:
                findings.append(f"focus is out of sight: {seen['name']}")
            if place == 0:
                findings += self.skip()
        return findings

    def skip(self) -> list[str]:
        """The first control leads to the content; then back to where the walk was."""
        browser = self.browser
        browser.press("Enter")
        is_there = browser.run("document.activeElement.id === 'main'")
        browser.run(f"document.querySelector(`{FOCUSABLE}`).focus()")
        return [] if is_there else ["the skip link does not lead to the content"]


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__.strip())
        return 2
    try:
        return Suite(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]).run()
    except (BrowserError, DemoError) as error:
        print(f"FAIL  {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
