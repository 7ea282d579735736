#!/usr/bin/env python3
"""Fails on text that the house does not use, and names what to use instead (ctest "tidy_text").

usage: tidy.py ROOT

The rules are the tables below. Each has a test in scripts/tests/test_tidy.py. Only files that git
tracks are read. The idea is TigerBeetle's src/tidy.zig.
"""

import dataclasses
import pathlib
import re
import sys

import layers as layers_file

COLUMNS_MAX = 100
CPP = (".h", ".cc", ".inc")
TEXT = (*CPP, ".py", ".sh", ".cmake", ".md", ".txt", ".ts", ".tsx", ".toml", ".go")
# Files that must name what they forbid.
ABOUT_RULES = ("scripts/tidy.py", "scripts/tests/test_tidy.py")
# Tables and test data keep the shape of their source.
DATA_FOLDERS = ("tests/cases/", "tests/vectors/", "locales/", "examples/data/")

NEIGHBOUR = re.compile(r"_(test|bench|fuzz)\.cc$|(^|[_/])testing\.(h|cc)$")


@dataclasses.dataclass
class Rule:
    """`pattern` is banned in the C++ files that `applies` accepts; write `instead`."""

    pattern: str
    instead: str
    applies: object = lambda name: True
    raw: bool = False  # also inside comments and strings


def outside(*prefixes):
    return lambda name: not name.startswith(prefixes)


def inside(*prefixes):
    return lambda name: name.startswith(prefixes)


def speaks(name):
    """Whether a program may print: base/check.h prints before it aborts."""
    return name.startswith(("apps/", "sim/", "bench/", "tests/")) or (
        name == "entente/base/check.h" or NEIGHBOUR.search(name) is not None
    )


def is_test(name):
    return name.startswith("tests/") or name.endswith("_test.cc")


CPP_RULES = [
    Rule(r"\busing\s+namespace\s+(?!std::(\w+_)?literals)", "a using-declaration per name"),
    Rule(
        r"\bstd::(cout|cerr|clog)\b|\b(f|v|vf)?printf\s*\(|\bputs\s*\(|\bfmt::print\b",
        "a Result or the log of base; only apps/ speak to a terminal",
        lambda name: not speaks(name),
    ),
    Rule(
        r"(?<![\w.>])s?rand\s*\(|\bstd::random_device\b",
        "a Random& argument (base/random.h)",
        outside("entente/crypto/"),
    ),
    Rule(
        r"\bmemcmp\s*\(",
        "EqualConstantTime (base/secret.h)",
        inside("entente/crypto/", "entente/psi/"),
    ),
    Rule(
        r"\bsystem_clock::now\b|\bgettimeofday\s*\(|\bclock_gettime\s*\("
        r"|(?<!\w)time\s*\(\s*(nullptr|NULL|0)\s*\)",
        "a Clock& argument (base/time.h)",
        outside("entente/base/"),
    ),
    Rule(r"\b(TODO|FIXME|XXX)\b", "an issue, or do it now", raw=True),
    Rule(r"^\s*#\s*if\s+0\b", "git history"),
    Rule(r"\bDISABLED_", 'GTEST_SKIP() << "why"'),
    Rule(r"\bGTEST_SKIP\(\)\s*;", 'GTEST_SKIP() << "why"'),
    Rule(
        r"\bsleep_(for|until)\b|(?<![\w.>])u?sleep\s*\(",
        "a ManualClock, or wait for the event itself",
        is_test,
    ),
]
SANS_IO_RULE = Rule(
    r"\bstd::(j?thread|(shared_|recursive_|timed_)*mutex|async|filesystem|[io]?fstream)\b"
    r"|\bstd::condition_variable|\bf?open\s*\(|(?<![\w.>])(::)?(socket|connect|accept|getenv)\s*\("
    r"|\bsteady_clock::now\b",
    "an argument: this module is sans-I/O (layers.txt part 3)",
)
# In any tracked text file. Package mirrors differ from machine to machine and do not belong here.
TEXT_RULES = [
    Rule(r"(?<![\w.\-/}])/(work|root|home)/[\w.]|(?<![\w.\-/}])/tmp/w\b", "a relative path"),
    Rule(
        r"https?://[\w.\-]*\b(mirrors?|registry|artifacts?|artifactory|nexus|pypi|files\.pythonhosted"
        r"|proxy|deb|apt|crates|static\.crates)[\w\-]*\.[\w\-]",
        "the package's name; the client knows its registry",
    ),
]
MARKDOWN_LINK = re.compile(r"\]\(([^)#\s:]+)(#[^)]*)?\)")
WRONG_SUFFIX = re.compile(r"\.(cpp|cxx|c\+\+|hpp|hh|hxx)$")


def blank_comments_and_strings(text: str) -> str:
    """`text` with the inside of comments and literals as spaces, line breaks kept."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
        re.DOTALL,
    )
    return token.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


class Tidy:
    """Collects findings of one tree."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        self.layers = layers_file.read(root)
        self.findings: list[str] = []

    def check_tree(self) -> list[str]:
        for path in layers_file.project_files(self.root):
            name = path.relative_to(self.root).as_posix()
            self.check_name(path, name)
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue  # not a text file
            self.check_mode(path, name, text)
            self.check_any_text(name, text)
            if name.endswith(CPP):
                self.check_cpp(name, text)
            if name.endswith(".md"):
                self.check_links(path, name, text)
        return self.findings

    def report(self, name: str, number: int, message: str) -> None:
        self.findings.append(f"{name}:{number}: {message}")

    def apply(self, rule: Rule, name: str, text: str) -> None:
        for number, line in enumerate(text.split("\n"), 1):
            if found := re.search(rule.pattern, line):
                self.report(name, number, f"'{found[0].strip()}': use {rule.instead}")

    def check_name(self, path: pathlib.Path, name: str) -> None:
        if WRONG_SUFFIX.search(name):
            self.report(name, 1, "C++ files end in .h and .cc")
        top = name.partition("/")[0]
        if not name.endswith(".cc") or top in ("entente", "cmake") or "/" not in name:
            return  # entente_module() globs its folder
        makefiles = "\n".join(
            p.read_text("utf-8")
            for p in (self.root / top).rglob("CMakeLists.txt")
            if path.is_relative_to(p.parent)
        )
        if path.name not in makefiles and "GLOB" not in makefiles:
            self.report(name, 1, "in no target: name it in a CMakeLists.txt, or remove it")

    def check_mode(self, path: pathlib.Path, name: str, text: str) -> None:
        runs = bool(path.stat().st_mode & 0o100)
        if runs and not text.startswith("#!"):
            self.report(name, 1, "has the executable bit but no #! line")
        elif text.startswith("#!") and not runs:
            self.report(name, 1, "has a #! line but not the executable bit")

    def check_any_text(self, name: str, text: str) -> None:
        if name in ABOUT_RULES or name == "LICENSE":
            return
        for rule in TEXT_RULES:
            self.apply(rule, name, text)
        is_text = name.endswith(TEXT) or text.startswith("#!")
        if not is_text or name.startswith(DATA_FOLDERS):
            return
        if text and not text.endswith("\n"):
            self.report(name, text.count("\n") + 1, "the last line has no end")
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                self.report(name, number, "blanks at the end of the line")
            if len(line) > COLUMNS_MAX and not self.may_be_long(name, line):
                self.report(name, number, f"{len(line)} columns; {COLUMNS_MAX} are enough")

    @staticmethod
    def may_be_long(name: str, line: str) -> bool:
        return name.endswith((".inc", ".md")) or "://" in line

    def check_links(self, path: pathlib.Path, name: str, text: str) -> None:
        for number, line in enumerate(text.split("\n"), 1):
            for link in MARKDOWN_LINK.finditer(re.sub(r"`[^`]*`", "", line)):
                if not (path.parent / link[1]).exists():
                    self.report(name, number, f"the link to {link[1]} leads nowhere")

    def check_cpp(self, name: str, text: str) -> None:
        code = blank_comments_and_strings(text)
        for rule in CPP_RULES:
            if rule.applies(name):
                self.apply(rule, name, text if rule.raw else code)
        parts = name.split("/")
        if parts[0] == "entente" and parts[1] in self.layers.sans_io:
            if not NEIGHBOUR.search(name):
                self.apply(SANS_IO_RULE, name, code)


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) == 2 else 2
    findings = Tidy(pathlib.Path(sys.argv[1]).resolve()).check_tree()
    print("\n".join(findings) or "tidy ok")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
