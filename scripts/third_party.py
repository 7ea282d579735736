#!/usr/bin/env python3
"""Fails when THIRD_PARTY.md, layers.txt and scripts/packages.txt differ (ctest "third_party").

usage: third_party.py ROOT

  - each header prefix of layers.txt part 4 has a row in the table "Libraries", with the same homes,
    and each row has a prefix there;
  - each package of scripts/packages.txt stands in a table, and each package of a table there.
"""

import pathlib
import re
import sys

import layers as layers_file


def table_rows(text: str, heading: str) -> list[dict[str, str]]:
    """The rows of the first Markdown table below `## heading`, by column title."""
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    body = next((s for s in section if s.startswith(heading + "\n")), "")
    lines = [line for line in body.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row)) for row in cells[2:]] if len(cells) > 2 else []


def packages(root: pathlib.Path) -> set[str]:
    """Every package name of scripts/packages.txt, of all suites."""
    names = set()
    for line in (root / "scripts/packages.txt").read_text("utf-8").splitlines():
        words = line.partition("#")[0].split()
        names |= {word.rpartition(":")[2] for word in words[1:]}
    return names


def code_words(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def check(root: pathlib.Path) -> list[str]:
    findings = []
    layers = layers_file.read(root)
    text = (root / "THIRD_PARTY.md").read_text("utf-8")
    libraries, tools = table_rows(text, "Libraries"), table_rows(text, "Tools")
    homes = {}
    listed = set()
    for row in libraries:
        for column, cell in row.items():
            if not cell:
                findings.append(f"THIRD_PARTY.md: {row['library']} has no {column}")
        listed |= code_words(row["packages"])
        for prefix in code_words(row["headers"]):
            homes[prefix.lstrip("<")] = set(row["used by"].replace(",", " ").split())
    for row in tools:
        listed |= code_words(row["packages"])
    for prefix, modules in layers.homes.items():
        if prefix not in homes:
            findings.append(f"THIRD_PARTY.md: no row for <{prefix} of layers.txt")
        elif homes[prefix] != set(modules):
            findings.append(
                f"THIRD_PARTY.md: <{prefix} is used by {' '.join(sorted(homes[prefix]))}, "
                f"but layers.txt says {' '.join(modules)}"
            )
    findings += [
        f"THIRD_PARTY.md: <{prefix} is not in layers.txt"
        for prefix in sorted(set(homes) - set(layers.homes))
    ]
    wanted = packages(root)
    findings += [f"THIRD_PARTY.md: no row for package {p}" for p in sorted(wanted - listed)]
    findings += [
        f"THIRD_PARTY.md: {p} is not in scripts/packages.txt" for p in sorted(listed - wanted)
    ]
    return findings


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) == 2 else 2
    findings = check(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(findings) or "third party ok")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
