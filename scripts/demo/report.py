"""What the demo prints: a line per stage with its time, ticks, and the last line of JSON."""

import contextlib
import json
import sys
import time

# The report's phrases (docs/mission.md). Rows without a tick at the end are not built yet.
PHRASES = {
    "N1": "a meeting with senior officials examines bilateral questions",
    "N2": "terrorism, extremism, illegal immigration, multiple forms of threats",
    "N3": "proactive prevention",
    "N4": "reinforce the dynamic of exchange of information",
    "N5": "... and of expertise",
    "N6": "efficiency and effectiveness",
    "N7": "operational cooperation against cross-border crime",
    "N8": "the security and tranquillity of the citizens of both countries",
    "N9": "a declaration of intent on security, migration, civil protection, crime",
    "N10": "equality, common interest, mutual esteem",
    "N11": "a communiqué",
}
# What is missing even in rows that get ticks.
STILL_MISSING = {
    "N1": "delegations, agenda, decisions that become tasks",
    "N2": "shared threat picture, subject areas",
    "N3": "early warnings, alerts, standing matching",
    "N4": "requests and answers with clocks",
    "N5": "expertise library, directory, training",
    "N6": "deadlines both can prove, shared figures",
    "N7": "joint cases and operations",
    "N8": "subject requests, retention, erasure, public warnings",
    "N9": "working features in each of the four domains",
    "N10": "reciprocity figures",
}


class Report:
    """Everything goes to standard output at once, so that a pipe sees it too."""

    def __init__(self):
        self.began = time.monotonic()
        self.stage_name = "start"
        self.ticks: dict[str, list[str]] = {row: [] for row in PHRASES}

    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 1)

    def say(self, text: str = "") -> None:
        print(text, flush=True)

    @contextlib.contextmanager
    def stage(self, name: str):
        self.stage_name = name
        began = time.monotonic()
        self.say(f"\n[{self.seconds():6.1f} s] {name}")
        yield
        self.say(f"           done in {time.monotonic() - began:.1f} s")

    def tick(self, row: str, what: str, proof: str) -> None:
        self.ticks[row].append(what)
        self.say(f"   [x] {row:3} {what}  ({proof})")

    def checklist(self) -> None:
        self.say("\nWhat the report says, and what this run showed")
        for row, phrase in PHRASES.items():
            ticks = self.ticks[row]
            self.say(f"   [{'x' if ticks else ' '}] {row:3} {phrase}")
            for what in ticks:
                self.say(f"           {what}")
            if row in STILL_MISSING:
                self.say(f"           not built yet: {STILL_MISSING[row]}")

    def last_line(self, result: dict) -> None:
        sys.stdout.flush()
        self.say(json.dumps(result, ensure_ascii=False))


class Progress:
    """One line in place on a terminal; otherwise a line every few seconds."""

    PAUSE_SECONDS = 10

    def __init__(self, report: Report):
        self.report = report
        self.is_terminal = sys.stdout.isatty()
        self.last = time.monotonic()

    def show(self, views: dict) -> None:
        parts = []
        for country, view in views.items():
            progress = view["progress"]
            if progress:
                done = 100 * progress["done"] // max(1, progress["total"])
                parts.append(f"{country} {progress['phase']} {done} %")
        if not parts:
            return
        line = "   " + "   ".join(parts)
        if self.is_terminal:
            print(f"\r{line}\033[K", end="", flush=True)
        elif time.monotonic() - self.last >= self.PAUSE_SECONDS:
            self.last = time.monotonic()
            self.report.say(line)

    def end(self) -> None:
        if self.is_terminal:
            print("\r\033[K", end="", flush=True)
