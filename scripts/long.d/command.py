"""The command line of scripts/long: builds, then piece after piece until the time is over."""

import argparse
import fcntl
import json
import pathlib
import signal
import subprocess
import sys
import time

import totals as totals_file
from fuzzers import Fuzz
from pieces import RUNS, WORK
from totals import ROOT


class Stop:
    """Set by SIGTERM and Ctrl-C."""

    def __init__(self):
        self.is_set = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.set)

    def set(self, *_) -> None:
        self.is_set = True


def build(preset: str, targets: list[str]) -> pathlib.Path:
    script = '. scripts/build_environment.sh && cmake --preset "$1" && ninja -j "$JOBS" -C "${@:2}"'
    words = ["bash", "-c", script, "build", preset, f"build/{preset}", *targets]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        sys.exit(f"scripts/long: the build failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return ROOT / "build" / preset / "bin"


def lock(name: str):
    """Two at once would do the same pieces."""
    WORK.mkdir(parents=True, exist_ok=True)
    held = open(WORK / f"{name}.lock", "w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"scripts/long: {name} is running already")
    return held


def resume(job, totals: dict, binaries: pathlib.Path, minutes: float | None) -> None:
    stop = Stop()
    until = None if minutes is None else time.monotonic() + 60 * minutes
    while not stop.is_set and not job.is_over(totals):
        line = job.play(totals, binaries)
        totals_file.write(totals)
        print(f"{job.name}  {line}", flush=True)
        if until is not None and time.monotonic() >= until:
            break


def show(totals: dict) -> None:
    summary = {name: totals[name] for name in ("name", "done", "totals")}
    print(json.dumps(summary | {"findings": len(totals["findings"])}))


def main(usage: str) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/long", description=usage, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name", choices=sorted([*RUNS, "fuzz"]))
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--bin", type=pathlib.Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    job = Fuzz(options.only) if options.name == "fuzz" else RUNS[options.name]
    if options.resume:
        held = lock(options.name)
        preset = "fuzz" if options.name == "fuzz" else "release"
        binaries = options.bin.resolve() if options.bin else build(preset, list(job.targets))
        resume(job, totals_file.read(options.name), binaries, options.minutes)
        held.close()
    totals = totals_file.read(options.name)
    show(totals)
    return 1 if totals["findings"] else 0
