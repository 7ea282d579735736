"""Fuzzers, a minute each in turn, until each has run often or long enough.

A fuzzer is entente/MODULE/X_fuzz.cc, its program MODULE_X_fuzz; those that join modules are
tests/fuzz/X_fuzz.cc, X_fuzz. What one found worth keeping lies in
build/long/corpora/; scripts/fuzz_coverage --minimise writes the small corpus that is committed.
"""

import os
import pathlib
import re
import subprocess
import time

import totals as totals_file
from totals import ROOT

WORK = ROOT / "build/long"
EXECUTIONS = 10_000_000
CORE_SECONDS = 3600
PIECE_SECONDS = 60
INPUT_BYTES_MAX = 8192
EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def names() -> list[str]:
    modules = ROOT / "entente"
    of_modules = [
        f"{path.relative_to(modules).parts[0]}_{path.stem}"
        for path in modules.glob("*/**/*_fuzz.cc")
    ]
    return sorted(of_modules + [path.stem for path in (ROOT / "tests/fuzz").glob("*_fuzz.cc")])


def committed_corpus(name: str) -> pathlib.Path:
    return ROOT / "tests/corpora" / name


def working_corpus(name: str) -> pathlib.Path:
    return WORK / "corpora" / name


class Fuzz:
    """`totals["fuzzers"]`: executions and core seconds of each."""

    name = "fuzz"
    targets = ("fuzzers",)

    def __init__(self, only: str):
        self.only = only

    def chosen(self) -> list[str]:
        return [name for name in names() if self.only in name]

    def is_over(self, totals: dict) -> bool:
        return all(share_of(totals, name) >= 1 for name in self.chosen())

    def play(self, totals: dict, binaries: pathlib.Path) -> str:
        built = [name for name in self.chosen() if (binaries / name).exists()]
        name = min(built, key=lambda name: share_of(totals, name), default=None)
        if name is None or share_of(totals, name) >= 1:
            raise SystemExit(f"scripts/long: {binaries} has no fuzzer that still has to run")
        sums = totals.setdefault("fuzzers", {}).setdefault(
            name, {"executions": 0, "core_seconds": 0}
        )
        left = EXECUTIONS - sums["executions"]
        began = time.monotonic()
        code, output, core_seconds = run(binaries / name, name, left)
        executed = EXECUTED.search(output)
        executions = int(executed.group(1)) if executed else 0
        sums["executions"] += executions
        sums["core_seconds"] = round(sums["core_seconds"] + core_seconds, 1)
        if code != 0:
            totals_file.add_finding(totals, name, output)
        totals["done"] += executions
        totals_file.add(totals, {"executions": executions, "core_seconds": core_seconds})
        totals_file.note_run(totals, executions, time.monotonic() - began)
        return f"{name}  {sums['executions']:,} executions  {'ok' if code == 0 else 'FINDING'}"


def share_of(totals: dict, name: str) -> float:
    """How much of what it must do a fuzzer has done; at least 1: enough."""
    sums = totals.get("fuzzers", {}).get(name, {"executions": 0, "core_seconds": 0})
    return max(sums["executions"] / EXECUTIONS, sums["core_seconds"] / CORE_SECONDS)


def run(program: pathlib.Path, name: str, runs: int) -> tuple[int, str, float]:
    """Exit code, output, and seconds of a core that it took."""
    corpus, seeds = working_corpus(name), committed_corpus(name)
    findings = WORK / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    words = [program, f"-runs={runs}", f"-max_total_time={PIECE_SECONDS}"]
    words += [f"-max_len={INPUT_BYTES_MAX}", "-timeout=25", "-rss_limit_mb=2048"]
    words += ["-print_final_stats=1", f"-artifact_prefix={findings}/{name}-", corpus]
    words += [seeds] if seeds.exists() else []
    log = WORK / f"fuzz-{name}.log"
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    text = log.read_text("utf-8", "replace")
    return code, text, usage.ru_utime + usage.ru_stime
