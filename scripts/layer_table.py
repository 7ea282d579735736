#!/usr/bin/env python3
"""Keeps the layer table of ARCHITECTURE.md equal to layers.txt (ctest "layer_table").

usage: layer_table.py ROOT [--write]

The columns "module", "may include" and "outside libraries" come from layers.txt; "what it is" is
written by hand and kept. --write rewrites the table; without it a difference is an error.
"""

import pathlib
import re
import sys

import layers as layers_file

BEGIN, END = "<!-- layers.txt: begin -->\n", "<!-- layers.txt: end -->\n"


def described(table: str) -> dict[str, str]:
    """The hand-written column of an existing table, by module."""
    rows = (re.split(r"\s*\|\s*", line.strip().strip("|").strip()) for line in table.splitlines())
    return {row[0].strip("`* "): row[1] for row in rows if len(row) == 4}


def table_for(layers: layers_file.Layers, what: dict[str, str]) -> str:
    lines = ["| module | what it is | may include | outside libraries |", "|---|---|---|---|"]
    for module, others in layers.allowed.items():
        mark = " *" if module in layers.sans_io else ""
        outside = [f"`<{p}>`".replace("/>", "/…>") for p, m in layers.homes.items() if module in m]
        lines.append(
            f"| `{module}`{mark} | {what.get(module, '')} | {' '.join(others) or '–'} "
            f"| {' '.join(outside) or '–'} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    root = pathlib.Path(arguments[0]).resolve()
    path = root / "ARCHITECTURE.md"
    text = path.read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    old, _, tail = rest.partition(END)
    what = described(old)
    layers = layers_file.read(root)
    new = table_for(layers, what)
    if "--write" in sys.argv:
        path.write_text(head + BEGIN + new + END + tail, "utf-8")
        old = new
    silent = [module for module in layers.allowed if not what.get(module)]
    if silent:
        print(f"ARCHITECTURE.md: say what each module is: {' '.join(silent)}")
    if old != new:
        print("ARCHITECTURE.md: the layer table differs: run scripts/layer_table.py . --write")
    return 1 if silent or old != new else 0


if __name__ == "__main__":
    sys.exit(main())
