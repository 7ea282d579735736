"""The demo's story; ./demo builds first and then runs this."""

import argparse
import json
import pathlib
import shutil
import signal
import sys

import lists
from exercise import Exercise
from modes import run_canary, run_main, run_rogue
from node import ROOT, DemoError, end_process
from report import Report
from story import Story

FOLDER = pathlib.Path("build/demo")
STATE = ROOT / FOLDER / "nodes.json"
BINARIES = ROOT / "build/release/bin"
LOG_LINES = 12


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./demo", add_help=False, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--records", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lists", nargs=2, metavar=("A", "B"))
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--rogue", action="store_true")
    parser.add_argument("--canary", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--check", action="store_true", help="only look at the options")
    options = parser.parse_args(words)
    if options.rogue + options.canary + bool(options.lists) > 1:
        parser.error("--rogue, --canary and --lists exclude each other")
    if options.canary and options.plain:
        parser.error("--canary needs the search that --plain leaves out")
    if options.records is not None and not 100 <= options.records <= 80_000:
        parser.error("--records: 100 to 80000, so that its size class is within the agreement")
    if options.seed < 0:
        parser.error("--seed: not negative")
    options.list_words = [lists.real_list(name) for name in options.lists or []]
    return options


def plan_of(options: argparse.Namespace) -> lists.Plan:
    records = options.records or (5_000 if options.quick else 50_000)
    return lists.Plan(options.seed, records, records // 100, records // 25)


def stop_earlier() -> int:
    """Ends the nodes of an earlier run; returns how many."""
    if not STATE.exists():
        return 0
    nodes = json.loads(STATE.read_text())
    STATE.unlink()
    return sum(end_process(node["pid"], node["home"]) for node in nodes)


def write_state(exercise: Exercise) -> None:
    STATE.write_text(
        json.dumps([{"pid": node.pid, "home": str(node.home)} for node in exercise.nodes])
    )


def make_exercise(options: argparse.Namespace) -> Exercise:
    usual = "entente" if options.plain else "entente-observed"
    ma = "entente-rogue" if options.rogue else "entente-canary" if options.canary else usual
    return Exercise(FOLDER, BINARIES, ma, usual)


def leave_up(report: Report, exercise: Exercise) -> None:
    report.say("\nThe nodes stay up; `./demo --stop` ends them. Each address opens once:")
    for node in exercise.nodes:
        report.say(f"   {node.country}  {node.run('login')['url']}")
        report.say(f"       {node.binary.relative_to(ROOT)} status --home {node.home}")


def fail(report: Report, exercise: Exercise, why: str) -> None:
    report.say(f"\nFAILED in stage \"{report.stage_name}\": {why}")
    for node in exercise.nodes:
        report.say(f"-- last lines of {node.log}")
        report.say(node.last_log_lines(LOG_LINES))


def play(options: argparse.Namespace) -> int:
    stop_earlier()
    shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
    (ROOT / FOLDER).mkdir(parents=True)
    report = Report()
    exercise = make_exercise(options)
    story = Story(exercise, report, has_capture=not options.plain)
    mode = run_rogue if options.rogue else run_canary if options.canary else run_main
    names = sorted({node.binary.name for node in exercise.nodes})
    report.say(f"nodes: {' and '.join(names)}; their homes, logs and lists: {FOLDER}")
    story.on_started = lambda: write_state(exercise)
    error = ""
    try:
        mode(story, options, plan_of(options))
    except (DemoError, OSError) as failure:
        error = str(failure)
    except KeyboardInterrupt:
        error = "interrupted"
    except Exception as failure:  # a bug here must not leave nodes behind either
        error = f"a bug in the demo: {failure!r}"
    if error:
        fail(report, exercise, error)
    if options.keep and not error:
        leave_up(report, exercise)
    else:
        exercise.stop()
        STATE.unlink(missing_ok=True)
    result = {"ok": not error, "mode": mode.__name__.removeprefix("run_"), "binary": names}
    result |= {"error": error, "stage": report.stage_name} if error else {}
    report.last_line(story.result | {"seconds": report.seconds()} | result)
    return 1 if error else 0


def main() -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        options = parse(sys.argv[1:])
    except DemoError as error:
        print(f"./demo: {error}", file=sys.stderr)
        return 2
    if options.check:
        return 0
    if options.stop:
        print(f"{stop_earlier()} nodes ended")
        return 0

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    return play(options)


if __name__ == "__main__":
    sys.exit(main())
