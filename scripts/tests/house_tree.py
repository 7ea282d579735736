"""A small tree in a temporary folder, for the tests of the house's scripts."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))

LAYERS = """\
# a comment
base:
wire: base
names: base
store: base wire
!store/sqlite
~names
<boost/asio: store
<boost/: store wire
<sqlite3.h: store
<nlohmann/: wire
<toml++/: apps
<gtest/: tests
<benchmark/: tests bench
"""
CMAKE = """\
entente_module(NAME base)
entente_module(NAME wire DEPENDS base LIBS nlohmann_json)
entente_module(NAME names DEPENDS base LABELS threads)
entente_module(NAME store DEPENDS base wire)
"""


class TreeTest(unittest.TestCase):
    """Gives each test a tree that passes every check, to break in one place."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="a house ")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("layers.txt", LAYERS)
        self.write("CMakeLists.txt", CMAKE)
        self.write("entente/base/x.h", "#include <string>\n")

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)

    def run_script(self, name: str, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, str(SCRIPTS / name), str(self.root), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
