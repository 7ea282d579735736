"""Does the simulator link the very libraries of `entente`? (ctest "sim/link_lists")

usage: link_lists.py BUILD_FOLDER

Reads build.ninja: every module library that entente-sim links must be one that entente links, the
same file; all that entente links and entente-sim does not must be in OUTSIDE; and no object of
entente/ may be compiled for the simulator alone.
"""
import re
import sys
from pathlib import Path

# What meets sockets, people and files: the simulator has a network, a clock and a disk instead.
OUTSIDE = {"app", "api", "http", "net"}


def linked(ninja, program):
    """The archives of entente that `program` links, by module name."""
    rule = re.search(rf"^build bin/{re.escape(program)}: .*?\n\n", ninja, re.M | re.S)
    if rule is None:
        sys.exit(f"link_lists: {program} is not in build.ninja")
    libraries = re.search(r"LINK_LIBRARIES = (.*)", rule.group()).group(1)
    found = re.findall(r"(\S*libentente_(\w+)\.a)", libraries)
    return {name: path for path, name in found}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ninja = (Path(sys.argv[1]) / "build.ninja").read_text(encoding="utf-8")
    served = linked(ninja, "entente")
    simulated = {n: p for n, p in linked(ninja, "entente-sim").items() if not n.startswith("sim_")}
    faults = [
        f"entente-sim links {path}, entente does not"
        for name, path in simulated.items()
        if served.get(name) != path
    ]
    faults += [
        f"entente links the module {name}, entente-sim does not"
        for name in sorted(served.keys() - simulated.keys() - OUTSIDE)
    ]
    own = re.findall(r"^build (sim/\S*\.o): \S+ \S*/(entente/\S+\.cc)", ninja, re.M)
    faults += [f"{source} is compiled for the simulator alone" for _, source in own]
    for fault in faults:
        print(f"link_lists: {fault}")
    if not simulated:
        faults.append("none")
        print("link_lists: entente-sim links no module at all")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
