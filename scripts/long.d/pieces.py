"""The pieces of which long runs consist: which program with which words, and what it said.

Every piece is a process group of its own, so that Ctrl-C ends the run after the piece, not in it.
"""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import time

import totals as totals_file
from totals import ROOT

WORK = ROOT / "build/long"


@dataclasses.dataclass
class Said:
    """What a program answered: `counts` from its JSON, `holds` by its exit code."""

    counts: dict
    holds: bool
    text: str
    seconds: float


def run(name: str, words: list, timeout_seconds: float) -> Said:
    """Runs a program whose last line is JSON; all of its output goes to build/long/NAME.log."""
    WORK.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        output = process.communicate(timeout=timeout_seconds)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        output = process.communicate()[0] + f"\nended after {timeout_seconds} s"
    with open(WORK / f"{name}.log", "a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(map(str, words))}\n{output}\n")
    return Said(last_json(output), process.returncode == 0, output, time.monotonic() - began)


def last_json(output: str) -> dict:
    for line in reversed(output.splitlines()):
        try:
            value = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(value, dict):
            return value
    return {}


class Counted:
    """Pieces numbered from 1 on: seeds, or cycles."""

    def __init__(self, name: str, program: str, option: str, size: int):
        self.name = name
        self.program = program
        self.option = option
        self.size = size
        self.targets = [program]

    def is_over(self, _totals: dict) -> bool:
        return False

    def words(self, binaries: pathlib.Path, first: int) -> list:
        numbers = f"{first}..{first + self.size - 1}"
        return [binaries / self.program, self.option, numbers, "--json"]

    def play(self, totals: dict, binaries: pathlib.Path) -> str:
        """One piece; returns what to print."""
        first = totals["done"] + 1
        said = run(self.name, self.words(binaries, first), 3600)
        piece = f"{first}..{first + self.size - 1}"
        if not said.holds or not said.counts:
            totals_file.add_finding(totals, piece, said.text)
        totals_file.add(totals, self.counts_of(said))
        totals["done"] += self.size
        totals_file.note_run(totals, self.size, said.seconds)
        return f"{piece}  {said.seconds:.0f} s  {'ok' if said.holds else 'FAILED'}"

    def counts_of(self, said: Said) -> dict:
        return {k: v for k, v in said.counts.items() if not k.endswith("per_second")}


class Kill(Counted):
    """25 cycles with a fresh pair of nodes; the piece's number is its seed."""

    def __init__(self):
        super().__init__("kill", "entente", "--cycles", 25)
        self.targets = ["entente", "entente-verify"]

    def words(self, binaries: pathlib.Path, first: int) -> list:
        seed = (first - 1) // self.size + 1
        words = ["tests/process/kill", "--cycles", self.size, "--seed", seed, "--json"]
        return [*words, binaries]

    def counts_of(self, said: Said) -> dict:
        return {k: v for k, v in said.counts.items() if k != "settle_seconds_max"}


class Year:
    """As many acts as a whole SIENA year has, in one pair of stores that grows and grows.

    `totals["pieces"]` keeps acts and seconds of each piece: the last tenth is compared with the
    first. The stores stay in build/long/year; without them the year begins anew.
    """

    ACTS, PIECE = 1_800_000, 10_000
    name = "year"
    targets = ("entente-bench",)
    stores = WORK / "year"

    def is_over(self, totals: dict) -> bool:
        return totals["done"] >= self.ACTS

    def play(self, totals: dict, binaries: pathlib.Path) -> str:
        if totals["done"] == 0 or not self.stores.exists():
            shutil.rmtree(self.stores, ignore_errors=True)
            self.stores.mkdir(parents=True)
            totals.update({"done": 0, "totals": {}, "pieces": []})
        words = [binaries / "entente-bench", "rate", "--json", "--acts", self.PIECE]
        said = run(self.name, [*words, "--folder", self.stores], 7200)
        acts, seconds = said.counts.get("acts", 0), said.counts.get("seconds", 0)
        if not said.holds or acts == 0 or said.counts["acts_before"] != totals["done"]:
            totals_file.add_finding(totals, f"{totals['done'] + 1}..", said.text)
            raise SystemExit(f"scripts/long: {said.text[-500:]}")
        totals["pieces"].append([acts, round(seconds, 2)])
        totals_file.add(totals, {"acts": acts, "seconds": seconds})
        totals["done"] += acts
        totals_file.note_run(totals, acts, said.seconds)
        return f"{totals['done']:,} acts, the last {acts:,} at {acts / seconds:.0f} /s"


RUNS = {
    "sim": Counted("sim", "entente-sim", "--seeds", 20),
    "powerfail": Counted("powerfail", "entente-powerfail", "--cycles", 500),
    "kill": Kill(),
    "year": Year(),
}
