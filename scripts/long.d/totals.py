"""What long runs have done so far: bench/results/long-NAME.json."""

import datetime
import functools
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench/results"
FINDINGS_MAX = 50
# What the programs are made of: a change here is a change of what was run.
SOURCES = ("CMakeLists.txt", "apps", "cmake", "entente", "sim", "tests/process")


def path_of(name: str) -> pathlib.Path:
    return RESULTS / f"long-{name}.json"


def read(name: str) -> dict:
    """The totals of a run, empty ones if it never began."""
    path = path_of(name)
    if path.exists():
        return json.loads(path.read_text("utf-8"))
    return {"name": name, "done": 0, "totals": {}, "findings": [], "runs": []}


def write(totals: dict) -> None:
    """Replaces the file at once: a run that is killed leaves the one before."""
    path = path_of(totals["name"])
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(totals, indent=1, ensure_ascii=False) + "\n", "utf-8")
    beside.rename(path)


def add(totals: dict, counts: dict) -> None:
    """Adds what a piece counted to the sums."""
    for name, value in counts.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            totals["totals"][name] = round(totals["totals"].get(name, 0) + value, 3)


def add_finding(totals: dict, piece: str, said: str) -> None:
    if len(totals["findings"]) < FINDINGS_MAX:
        totals["findings"].append({"piece": piece, "commit": commit(), "said": said[-2000:]})


def note_run(totals: dict, done: int, seconds: float) -> None:
    """A line a day, commit and machine, so that it is known what was run where."""
    key = {"date": today(), "commit": commit(), "machine": machine()}
    runs = totals["runs"]
    last = runs[-1] if runs else {}
    if any(last.get(name) != value for name, value in key.items()):
        runs.append(key | {"done": 0, "seconds": 0})
    runs[-1]["done"] += done
    runs[-1]["seconds"] = round(runs[-1]["seconds"] + seconds, 1)


def today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


@functools.cache
def commit() -> str:
    """What was built when the run began; "+" behind it if files that matter were not committed."""
    head = git("rev-parse", "--short=12", "HEAD")
    return head + ("+" if git("status", "--porcelain", "--", *SOURCES) else "")


@functools.cache
def machine() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{line.split(':', 1)[1].strip()}, {os.cpu_count()} cores"
    return f"unknown, {os.cpu_count()} cores"
