#!/usr/bin/env python3
"""Tries the commands of README.md and docs/operate/walkthrough.md (ctest "readme").

usage: readme_test.py ROOT [ENTENTE_BINARY]

Every line of a ```sh block must be a command of this tree that exists: `./x` and `scripts/x` are
files that run and answer --help; `entente verb …` is a verb whose --help the binary prints, and
`entente-x` a program beside it. Without a binary these are not tried, and the test says so. `cd`,
`export`, `git` and `printf` lines are accepted.

docs/reference/cli.md must list exactly the verbs and options that the binary's --help lists.
"""

import pathlib
import re
import shlex
import subprocess
import sys

PASSIVE = {"cd", "export", "git", "printf"}
TRIED = ("README.md", "docs/operate/walkthrough.md")
REFERENCE = "docs/reference/cli.md"
COMMON = {"--help", "--home", "--json", "--lang", "--peer"}  # said once, for all verbs


def commands(readme: str) -> list[str]:
    """The lines of all sh blocks, without comments and joined over `\\`."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    stripped = (re.sub(r"(^|\s+)#.*", "", line).strip() for line in lines)
    return [line for line in stripped if line]


def verbs(words: list[str]) -> list[str]:
    """The subcommands of an `entente` line: the plain words before the first option or value."""
    found = []
    for word in words[1:]:
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        found.append(word)
    return found


def problem_of(line: str, root: pathlib.Path, binary: str | None) -> str | None:
    words = shlex.split(line)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    if not words or words[0] in PASSIVE:
        return None
    if re.fullmatch(r"entente(-[a-z]+)?", words[0]):
        if binary is None:
            return None
        command = [str(pathlib.Path(binary).with_name(words[0])), *verbs(words), "--help"]
    else:
        program = root / words[0]
        if not program.is_file():
            return f"{words[0]} is not in the tree"
        command = [str(program), "--help"]
    if not pathlib.Path(command[0]).is_file():
        return f"{words[0]} is not built"
    answer = subprocess.run(
        command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    if answer.returncode != 0:
        return f"`{' '.join(command[1:]) or command[0]}` exits {answer.returncode}"
    return None


def option_names(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) - COMMON


def built_verbs(binary: str, words: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """Every verb of the binary with its options, from --help."""
    answer = subprocess.run(
        [binary, *words, "--help"], capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    head, _, below = re.sub(r"(?mi)^subcommands:$", "\0", answer.stdout).partition("\0")
    if below:
        names = re.findall(r"(?m)^  ([a-z][a-z-]*)(?:\s|$)", below)
        found = {}
        for name in names:
            found |= built_verbs(binary, (*words, name))
        return found
    options = re.findall(r"(?m)^\s+(?:-\w, ?)?(--[a-z][a-z-]*)", head)
    return {" ".join(words): set(options) - COMMON}


def listed_verbs(reference: str) -> dict[str, set[str]]:
    """Every verb of cli.md, a heading such as ### `entente list import FILE`, with the options in
    the first column of its table."""
    found = {}
    for section in re.split(r"(?m)^### ", reference)[1:]:
        heading, _, body = section.partition("\n")
        columns = re.findall(r"(?m)^\|([^|]*)\|", re.split(r"(?m)^## ", body)[0])
        found[" ".join(verbs(heading.strip("`").split()))] = option_names(" ".join(columns))
    return found


def reference_problems(root: pathlib.Path, binary: str) -> list[str]:
    path = root / REFERENCE
    if not path.is_file():
        return []
    listed, built = listed_verbs(path.read_text("utf-8")), built_verbs(binary)
    problems = []
    for verb in sorted(listed.keys() | built.keys()):
        if verb not in built or verb not in listed:
            where = "in --help" if verb in listed else "on this page"
            problems.append(f"{REFERENCE}: `entente {verb}` is not {where}")
        elif odd := listed[verb] ^ built[verb]:
            problems.append(f"{REFERENCE}: `entente {verb}`: {' '.join(sorted(odd))} differ")
    return problems


def main() -> int:
    if len(sys.argv) not in (2, 3) or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) > 1 else 2
    root = pathlib.Path(sys.argv[1]).resolve()
    binary = sys.argv[2] if len(sys.argv) == 3 else None
    lines, findings = [], []
    for name in TRIED:
        if not (root / name).is_file():
            continue
        for line in commands((root / name).read_text("utf-8")):
            lines.append(line)
            if problem := problem_of(line, root, binary):
                findings.append(f"{name}: {line}: {problem}")
    if binary is not None:
        findings += reference_problems(root, binary)
    if binary is None:
        print("not tried: the `entente` lines (no binary given)")
    print("\n".join(findings) or f"readme ok: {len(lines)} commands")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
