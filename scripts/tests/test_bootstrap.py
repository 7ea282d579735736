"""Tests of scripts/bootstrap with a false dpkg-query, apt-get, sudo and id."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from house_tree import SCRIPTS

TOOLS = ("bash", "awk", "tr", "dirname", "env", "cat", "pwd")


class Bootstrap(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="a path with a space ")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "scripts").mkdir()
        (self.root / "bin").mkdir()
        shutil.copy(SCRIPTS / "bootstrap", self.root / "scripts/bootstrap")
        (self.root / "scripts/packages.txt").write_text(
            "# build later\nbuild g++\nbuild x:other y:newest\ntest git\nall debootstrap\n"
        )
        for tool in TOOLS:
            (self.root / "bin" / tool).symlink_to(shutil.which(tool))
        self.fake("dpkg-query", 'case "$*" in *g++*) printf installed;; *) exit 1;; esac')
        self.fake("apt-get", 'echo "apt-get $DEBIAN_FRONTEND $*" >>"$LOG"')
        self.user(0)

    def fake(self, name, body):
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def user(self, number):
        self.fake("id", f"echo {number}")

    def bootstrap(self, *arguments):
        environment = {"PATH": str(self.root / "bin"), "LANG": "C", "LOG": str(self.root / "log")}
        answer = subprocess.run(
            [str(self.root / "scripts/bootstrap"), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        log = self.root / "log"
        return answer, log.read_text() if log.exists() else ""

    def test_lists_what_is_missing_by_group(self):
        self.assertEqual(self.bootstrap("--list")[0].stdout, "newest\n")
        self.assertEqual(self.bootstrap("test", "--list")[0].stdout, "newest\ngit\n")
        self.assertEqual(self.bootstrap("all", "--list")[0].stdout, "newest\ngit\ndebootstrap\n")

    def test_says_and_does_nothing_when_nothing_is_missing(self):
        self.fake("dpkg-query", "printf installed")
        self.user(1000)
        answer, log = self.bootstrap("all")
        self.assertEqual((answer.returncode, answer.stdout, answer.stderr, log), (0, "", "", ""))

    def test_installs_only_what_is_missing_as_root(self):
        answer, log = self.bootstrap("test")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertRegex(log, "noninteractive.* update\n")
        self.assertIn(" install -y --no-install-recommends newest git\n", log)

    def test_goes_on_when_the_package_lists_can_not_be_refreshed(self):
        self.fake("apt-get", 'case "$*" in *update*) exit 100;; esac; echo "$*" >>"$LOG"')
        answer, log = self.bootstrap()
        self.assertEqual(answer.returncode, 0)
        self.assertIn("install", log)

    def test_fails_when_apt_fails(self):
        self.fake("apt-get", "exit 100")
        self.assertEqual(self.bootstrap()[0].returncode, 100)

    def test_uses_sudo_that_asks_nothing(self):
        self.user(1000)
        self.fake("sudo", '[ "$1" = -n ] && shift; "$@"')
        answer, log = self.bootstrap()
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertRegex(log, "noninteractive .*install .* newest")

    def test_prints_the_line_and_exits_3_without_root_or_sudo(self):
        self.user(1000)
        answer, log = self.bootstrap("test")
        self.assertEqual((answer.returncode, log), (3, ""))
        self.assertIn("apt-get install --no-install-recommends newest git\n", answer.stderr)

    def test_prints_the_line_and_exits_3_when_sudo_asks_and_nobody_can_answer(self):
        self.user(1000)
        self.fake("sudo", "exit 1")
        answer, log = self.bootstrap()
        self.assertEqual((answer.returncode, log), (3, ""))

    def test_refuses_an_unknown_word(self):
        self.assertEqual(self.bootstrap("everything")[0].returncode, 2)

    def test_package_names_are_whole(self):
        text = (SCRIPTS / "packages.txt").read_text()
        for line in text.splitlines():
            if line and not line.startswith("#"):
                self.assertRegex(line, r"^(build|test|all)( ([a-z]+:)?[a-z0-9][a-z0-9.+-]+)+$")


if __name__ == "__main__":
    unittest.main()
