"""A bar: what a capability must reach, and what was measured."""

import dataclasses
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_RUN = "not run here"


@dataclasses.dataclass
class Bar:
    """`bar` is a limit on `figure` in words; figure None means that it was not run, or that the run
    failed, which is a bar of its own."""

    name: str
    bar: str
    figure: float | str | None
    unit: str
    result: str


def at_most(name: str, limit: float, figure: float | None, unit: str) -> Bar:
    result = NOT_RUN if figure is None else "pass" if figure <= limit else "short"
    return Bar(name, f"<= {limit:g}", figure, unit, result)


def at_least(name: str, limit: float, figure: float | None, unit: str) -> Bar:
    result = NOT_RUN if figure is None else "pass" if figure >= limit else "short"
    return Bar(name, f">= {limit:g}", figure, unit, result)


def log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def program(name: str, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [name, *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
