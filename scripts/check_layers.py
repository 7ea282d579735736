#!/usr/bin/env python3
"""Fails when a file includes what layers.txt does not allow it (ctest "layers").

usage: check_layers.py ROOT

What is checked, each with a test in scripts/tests/test_check_layers.py:
  - layers.txt itself: a line names only modules above it, so a cycle cannot be written;
  - a module includes itself and what its line allows, never another module's internal/ folder
    nor a folder of part 2;
  - each third-party header is included at its homes only (part 4, the longest prefix decides);
  - any other <header> is of the C++ or C standard library; POSIX headers only where the world is
    touched;
  - an include is written from the root of the tree ("entente/module/x.h");
  - test headers (GoogleTest, benchmark, a testing.h) are for test, bench and fuzz files only, and
    for tests/, sim/ and apps/entente-bench, which are not installed;
  - entente_module() lines of the root CMakeLists.txt name the same modules and allowed DEPENDS.
"""

import pathlib
import re
import sys

import layers as layers_file

INCLUDE = re.compile(r'\s*#\s*include\s*(?:([<"])([^>"]+)[>"]|(\S.*))')
MODULE_CALL = re.compile(r"^entente_module\(([^)]*)\)", re.MULTILINE)
SUFFIXES = (".h", ".cc", ".inc")
NEIGHBOUR = re.compile(r"_(test|bench|fuzz)\.cc$|(^|[_/])testing\.(h|cc)$")
TEST_HOMES = {"tests", "bench"}

STANDARD = set(
    """
    algorithm any array atomic barrier bit bitset charconv chrono codecvt compare complex concepts
    condition_variable coroutine deque exception execution filesystem forward_list fstream
    functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits
    list locale map memory memory_resource mutex new numbers numeric optional ostream queue random
    ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span sstream
    stack stdexcept stop_token streambuf string string_view syncstream system_error thread tuple
    type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector
    version
    cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg
    cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype
    assert.h ctype.h errno.h inttypes.h limits.h math.h signal.h stdarg.h stddef.h stdint.h stdio.h
    stdlib.h string.h time.h
    """.split()
)
POSIX = set(
    """
    arpa/inet.h dirent.h fcntl.h glob.h grp.h net/if.h netdb.h netinet/in.h netinet/tcp.h poll.h
    pthread.h pwd.h sched.h spawn.h sys/eventfd.h sys/file.h sys/mman.h sys/prctl.h sys/random.h
    sys/resource.h sys/socket.h sys/stat.h sys/statvfs.h sys/time.h sys/types.h sys/uio.h sys/un.h
    sys/wait.h termios.h unistd.h
    """.split()
)
POSIX_HOMES = {"net", "store", *layers_file.JOINERS}


def is_test(owner: str, name: str) -> bool:
    """A file that is never installed."""
    return owner in ("tests", "sim") or name.startswith("apps/entente-bench/")


class Checker:
    """Collects findings of one tree."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        self.layers = layers_file.read(root)
        self.findings = list(self.layers.errors)

    def check_tree(self) -> list[str]:
        self.check_cmake()
        for path in layers_file.project_files(self.root):
            name = path.relative_to(self.root).as_posix()
            top, _, rest = name.partition("/")
            if not name.endswith(SUFFIXES):
                continue
            if top == "entente":
                module = rest.partition("/")[0]
                if module not in self.layers.allowed:
                    self.findings.append(f"{name}: entente/{module} is not in layers.txt")
                    continue
                self.check_file(path, name, module)
            elif top in layers_file.JOINERS:
                self.check_file(path, name, top)
        return self.findings

    def check_cmake(self) -> None:
        text = (self.root / "CMakeLists.txt").read_text("utf-8")
        built = []
        for call in MODULE_CALL.finditer(text):
            words = call[1].split()
            name = words[words.index("NAME") + 1]
            built.append(name)
            depends = words[words.index("DEPENDS") + 1 :] if "DEPENDS" in words else []
            for other in depends:
                if other in ("LIBS", "LABELS"):
                    break
                if other not in self.layers.allowed.get(name, []):
                    self.findings.append(
                        f"CMakeLists.txt: {name} DEPENDS {other}, which layers.txt does not allow"
                    )
        if built != list(self.layers.allowed):
            self.findings.append(
                "CMakeLists.txt: the entente_module() lines and part 1 of layers.txt differ: "
                f"{' '.join(built)} | {' '.join(self.layers.allowed)}"
            )

    def check_file(self, path: pathlib.Path, name: str, owner: str) -> None:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            include = INCLUDE.match(line)
            if not include:
                continue
            if include[3]:
                problem = f"include a header by its name, not {include[3]}"
            elif include[1] == "<":
                problem = self.angle_problem(name, owner, include[2])
            else:
                problem = self.quote_problem(name, owner, include[2])
            if problem:
                self.findings.append(f"{name}:{number}: {problem}")

    def angle_problem(self, name: str, owner: str, header: str) -> str | None:
        prefix = self.layers.home_of(header)
        if prefix is not None:
            homes = set(self.layers.homes[prefix])
            if owner in homes or (homes <= TEST_HOMES and NEIGHBOUR.search(name)):
                return None
            return f"{owner} may not include <{header}>; its home is {' '.join(sorted(homes))}"
        if header in POSIX:
            if owner in POSIX_HOMES or NEIGHBOUR.search(name):
                return None
            homes = " ".join(sorted(POSIX_HOMES))
            return f"{owner} may not include <{header}>; POSIX is for {homes}"
        if header not in STANDARD:
            return f"<{header}> is neither standard nor in part 4 of layers.txt; add its home there"
        return None

    def quote_problem(self, name: str, owner: str, target: str) -> str | None:
        top, _, rest = target.partition("/")
        joins = owner in layers_file.JOINERS
        if top in layers_file.JOINERS and joins:
            return None
        if top != "entente" or "/" not in rest or ".." in target:
            return f'write "entente/module/header", not "{target}"'
        other, _, inside = rest.partition("/")
        if other not in self.layers.allowed:
            return f"entente/{other} is not a module of layers.txt"
        if NEIGHBOUR.search(target) and not (NEIGHBOUR.search(name) or is_test(owner, name)):
            return f'"{target}" is for tests only'
        if other == owner:
            return None
        if not joins and other not in self.layers.allowed[owner]:
            return f"{owner} may not include {other} (layers.txt)"
        if "internal" in inside.split("/")[:-1]:
            return f'"{target}" is internal to {other}'
        if not joins and any(rest.startswith(f + "/") for f in self.layers.joiners_only):
            return f'"{target}" is for {" ".join(layers_file.JOINERS)} only (part 2 of layers.txt)'
        return None


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) == 2 else 2
    findings = Checker(pathlib.Path(sys.argv[1]).resolve()).check_tree()
    print("\n".join(findings) or "layers ok")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
