"""The bars of the kernel: acts never lost, a ledger outsiders verify, a peer that may be hostile.

What takes minutes is run; what takes hours or days is read from the committed totals of
scripts/long, and the bar's name says from which file.
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time

from bar import NOT_RUN, ROOT, Bar, at_least, at_most, log, program

sys.path.append(str(ROOT / "scripts/long.d"))

import fuzzers as fuzzers_file  # noqa: E402
import totals as totals_file  # noqa: E402

SEEDS_MIN, CYCLES_MIN, KILLS_MIN = 2000, 20_000, 500
FRESH_SEEDS = 50
RATE_SECONDS, RATE_MIN = 600, 500
YEAR_ACTS, TENTH, LAST_TO_FIRST_MIN = 1_800_000, 180_000, 0.8
COVERAGE_MIN = 90
SYNC_SECONDS = 2
BAD = ("lost", "doubled", "duplicated", "misordered", "partial", "corrupt", "failed")


def run() -> list[Bar]:
    binaries = built(
        *("entente", "entente-verify", "entente-sim", "entente-powerfail"),
        *("entente-bench", "ledger_flips", "ledger_make_export"),
    )
    mutants = answer_of("sim/mutants/run", "--json")
    return [
        *accumulated("sim", "seeds of the simulator", SEEDS_MIN),
        fresh_seeds(binaries),
        mutants_caught(mutants),
        *accumulated("powerfail", "power cuts on a simulated disk", CYCLES_MIN),
        controls(binaries, mutants),
        *accumulated("kill", "cycles of kill -9 on real processes", KILLS_MIN),
        *flips(binaries),
        *million(binaries),
        settled_rate(binaries),
        year(),
        *fuzzing(),
        coverage(),
    ]


def built(*targets: str) -> pathlib.Path:
    """The release build's programs; those that cannot be built are missed by who asks for them."""
    script = '. scripts/build_environment.sh && cmake --preset release && ninja -k 0 -C "$@"'
    for target in targets:
        log(f"building {target}")
        program("bash", "-c", script, "build", "build/release", target)
    return ROOT / "build/release/bin"


def answer_of(name: str | pathlib.Path, *words: str) -> dict | None:
    """The JSON a program ends with and its exit code as "exit"; None if it is missing or mute."""
    if not (ROOT / name).exists():
        return None
    log(f"{name} {' '.join(words)}")
    done = program(str(ROOT / name), *words)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1]) | {"exit": done.returncode}
    except (IndexError, json.JSONDecodeError):
        log(f"   no answer: {done.stderr.strip()[-300:]}")
        return None


# Long runs


def accumulated(name: str, what: str, least: int) -> list[Bar]:
    """How much was done, and what of it was bad."""
    totals = totals_file.read(name)
    source = f"bench/results/{totals_file.path_of(name).name}"
    if totals["done"] == 0:
        return [at_least(f"{what} ({source})", least, None, "")]
    sums = totals["totals"]
    bad = sum(sums.get(count, 0) for count in BAD) + len(totals["findings"])
    commits = sorted({entry["commit"] for entry in totals["runs"]})
    acknowledged = f"{sums['acknowledged']:,} acknowledged"
    return [
        at_least(f"{what} ({source}, commits {' '.join(commits)})", least, totals["done"], ""),
        at_most(f"bad outcomes of these {what}, {acknowledged}", 0, bad, ""),
    ]


def year() -> Bar:
    """Whether a store gets slow as it grows: the last tenth against the first."""
    totals = totals_file.read("year")
    pieces = totals.get("pieces", [])
    rates = [rate_of(pieces), rate_of(pieces[::-1])]
    name = "rate of the last 10 % of 1.8 M acts over the first 10 % (bench/results/long-year.json"
    if totals["done"] < YEAR_ACTS or None in rates:
        name += f": {totals['done']:,} acts so far)"
        return at_least(name, LAST_TO_FIRST_MIN, None, "")
    name += f": {rates[1]:.0f} and {rates[0]:.0f} acts/s)"
    return at_least(name, LAST_TO_FIRST_MIN, round(rates[1] / rates[0], 3), "")


def rate_of(pieces: list) -> float | None:
    """Acts a second of the first tenth of a year of these pieces."""
    acts = seconds = 0
    for piece_acts, piece_seconds in pieces:
        acts += piece_acts
        seconds += piece_seconds
        if acts >= TENTH:
            return acts / seconds
    return None


def fuzzing() -> list[Bar]:
    totals = totals_file.read("fuzz")
    names = fuzzers_file.names()
    done = sum(1 for name in names if fuzzers_file.share_of(totals, name) >= 1)
    what = f"decoders fuzzed 10^7 times or a core-hour, of {len(names)}"
    figure = done if totals["done"] else None
    found = len(totals["findings"]) if totals["done"] else None
    sums = totals["totals"]
    ran = f"{sums.get('executions', 0):,.0f} executions, {sums.get('core_seconds', 0) / 3600:.1f} h"
    return [
        at_least(f"{what} (bench/results/long-fuzz.json)", len(names), figure, ""),
        at_most(f"findings in {ran} of a core", 0, found, ""),
    ]


# Runs of now


def fresh_seeds(binaries: pathlib.Path) -> Bar:
    first = int(time.time()) * 1000
    seeds = f"{first}..{first + FRESH_SEEDS - 1}"
    said = answer_of(binaries / "entente-sim", "--seeds", seeds, "--json")
    bad = None if said is None else sum(said.get(count, 0) for count in BAD)
    name = f"acts lost, duplicated or misordered, or nodes stuck, seeds {seeds}"
    return at_most(name, 0, bad, "")


def mutants_caught(said: dict | None) -> Bar:
    if said is None:
        return at_least("mutants caught", 100, None, "%")
    count = said["caught"] + said["missed"]
    share = round(100 * said["caught"] / max(1, count), 1)
    return at_least(f"mutants caught, of {count}", 100, share, "%")


def controls(binaries: pathlib.Path, mutants: dict | None) -> Bar:
    """What must fail: a disk that lies, synchronous NORMAL and OFF."""
    name = "positive controls that fail: lying disk, NORMAL, OFF"
    lying = answer_of(
        binaries / "entente-powerfail", "--cycles", "1..100", "--lying", "--json"
    )
    if lying is None or mutants is None:
        return at_least(name, 3, None, "")
    synchronous = [m for m in mutants["mutants"] if "synchronous" in m["what"].lower()]
    caught = sum(1 for mutant in synchronous if mutant["caught"])
    return at_least(name, 3, caught + (lying["exit"] != 0), "")


def flips(binaries: pathlib.Path) -> list[Bar]:
    said = answer_of(binaries / "ledger_flips", "300")
    if said is None:
        return [at_least("flipped bits of a 300-entry export that are detected", 100, None, "%")]
    total = said["total"]

    def share(part: str, whole: str) -> float:
        # Rounded down: 100 means all.
        return total[part] * 10**6 // max(1, total[whole]) / 10**4

    return [
        at_least(
            f"detected, of {total['flips']:,} flipped bits of a 300-entry export",
            *(100, share("detected", "flips"), "%"),
        ),
        at_least("of these, the file named", 100, share("named", "flips"), "%"),
        at_least(
            "in tiles and bundles, the first bad index right",
            *(100, share("index_right", "placeable"), "%"),
        ),
    ]


def million(binaries: pathlib.Path) -> list[Bar]:
    """Go's sumdb, and Tessera's fsck where its Go can be had: both read the log whole and refuse it
    with one bit changed."""
    said = answer_of("tests/interop/ledger/million", "--json", str(binaries)) or {}
    entries = said.get("entries", 1_000_000)
    bars = []
    for name, answer in (("Go's x/mod/sumdb", "result"), ("Tessera's fsck", "fsck")):
        result = said.get(answer, NOT_RUN)
        seconds = f", in {said.get('seconds')} s" if answer == "result" and result == "pass" else ""
        figure = None if result == NOT_RUN else entries if result == "pass" else 0
        bars.append(at_least(f"entries verified by {name}{seconds}", 1_000_000, figure, ""))
    return bars


def settled_rate(binaries: pathlib.Path) -> Bar:
    syncs = syncs_per_second()
    name = f"settled acts/s of 1 KiB over {RATE_SECONDS} s; the disk: {syncs} fdatasync/s"
    help_text = program(str(binaries / "entente-bench"), "--help").stdout
    if "rate" not in help_text:
        return at_least(name, RATE_MIN, None, "/s")
    said = answer_of(binaries / "entente-bench", "rate", "--seconds", str(RATE_SECONDS), "--json")
    figure = 0 if said is None else round(said["settled_per_second"])
    return at_least(f"{name} (aim 2,000)", RATE_MIN, figure, "/s")


def syncs_per_second() -> int:
    """How often this disk makes 4 KiB durable in a second, one after the other."""
    path = ROOT / "build/bars/sync"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb", buffering=0) as file:
        began, count = time.monotonic(), 0
        while time.monotonic() - began < SYNC_SECONDS:
            file.write(os.urandom(4096))
            os.fdatasync(file.fileno())
            count += 1
        took = time.monotonic() - began
    path.unlink()
    return round(count / took)


def coverage() -> Bar:
    name = "lines of each decoder that its minimised corpus reaches, the least"
    try:
        said = answer_of("scripts/fuzz_coverage", "--json")
    except subprocess.SubprocessError:
        said = None
    if said is None or not said.get("decoders"):
        return at_least(name, COVERAGE_MIN, None, "%")
    least = min(said["decoders"], key=lambda decoder: decoder["percent"])
    bar = at_least(f"{name}: {least['name']}", COVERAGE_MIN, least["percent"], "%")
    missing = said.get("without_corpus", [])
    return dataclasses.replace(bar, result="short") if missing else bar
