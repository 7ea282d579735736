#!/usr/bin/env python3
"""Builds two homes, starts both nodes, links them, and lets hostile_peer attack one of them.

usage: arena.py BIN_DIR [WORD]...

The words go to hostile_peer. Before that, the table in docs/audit/hostile-peer.md is compared with
what hostile_peer runs, and the places it names with the sources. Exit 1 if anything is not as it
must be.
"""

import pathlib
import re
import resource
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/demo"))

from node import DemoError, Node, wait_for  # noqa: E402

FOLDER = pathlib.Path("build/hostile")
TABLE = pathlib.Path("docs/audit/hostile-peer.md")
BEGIN, END = "<!-- hostile_peer --table -->\n", "<!-- end of the table -->\n"
MINUTES_MAX = 8
PERSONS = "id,name,birth_date\n1,Karim Alaoui,1970-01-02\n2,Annelore Musterfeld,1981-03-04\n"
# A sanitizer keeps shadow memory and freed blocks: only without one is a limit a statement.
SANITIZED_MEMORY_MIB = 2048
ATTACKER_DESCRIPTORS = 8192  # a flood holds 3,000 connections


def check_table(binary: pathlib.Path) -> list[str]:
    """What differs between the document, the attacks and the sources."""
    table = subprocess.run(
        [binary, "--table"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout
    text = (ROOT / TABLE).read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    findings = []
    if old != table:
        (ROOT / FOLDER / TABLE.name).write_text(before + BEGIN + table + END + after, "utf-8")
        findings.append(f"{TABLE} is not what hostile_peer runs: take {FOLDER / TABLE.name}")
    attacks = table.partition("\n\n")[0].splitlines()[2:]
    for row in attacks:
        path, _, function = row.rstrip(" |").rpartition(" | ")[2].partition(": ")
        if not re.search(rf"\b{function}\(", (ROOT / path).read_text("utf-8")):
            findings.append(f"{path} has no {function}()")
    return findings


def is_sanitized(binary: pathlib.Path) -> bool:
    return b"__asan_init" in (ROOT / binary).read_bytes()


def meet(target: Node, honest: Node) -> None:
    for node in (target, honest):
        node.run("card", "export", "--out", str(node.card))
    target.run("card", "import", str(honest.card))
    honest.run("card", "import", str(target.card))
    for node in (target, honest):
        wait_for(f"{node.country} to be linked", lambda node=node: node.link()["linked"])


def attack(binaries: pathlib.Path, words: list[str]) -> int:
    target = Node(FOLDER, "MA", "Node under attack (exercise)", binaries / "entente")
    honest = Node(FOLDER, "DE", "Honest node (exercise)", binaries / "entente")
    persons = FOLDER / "persons.csv"
    (ROOT / persons).write_text(PERSONS, "utf-8")
    try:
        for node in (target, honest):
            node.init(listens=True)
            node.start()
        meet(target, honest)
        words_of_import = ["--collection", "persons", "--origin", "synthetic"]
        target.run("list", "import", str(persons), *words_of_import)
        command = [binaries / "hostile_peer", "--target", target.home]
        command += ["--target-pid", str(target.pid), "--honest", honest.home, *words]
        if is_sanitized(target.binary):
            command += ["--memory-mib", str(SANITIZED_MEMORY_MIB)]
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(ATTACKER_DESCRIPTORS, hard), hard))
        code = subprocess.run(command, cwd=ROOT, timeout=60 * MINUTES_MAX, check=False).returncode
        if target.process.poll() is not None:
            print(f"FAIL  the node under attack ended: {target.last_log_lines(3)}", flush=True)
            code = 1
        return code
    finally:
        for node in (target, honest):
            node.stop()


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    binaries = pathlib.Path(sys.argv[1])
    shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
    (ROOT / FOLDER).mkdir(parents=True)
    findings = check_table(binaries / "hostile_peer")
    for finding in findings:
        print(f"FAIL  {finding}", file=sys.stderr)
    try:
        code = attack(binaries, sys.argv[2:])
    except (DemoError, subprocess.TimeoutExpired) as error:
        print(f"FAIL  {error}", file=sys.stderr)
        code = 1
    return code or (1 if findings else 0)


if __name__ == "__main__":
    sys.exit(main())
