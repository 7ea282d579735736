"""Tests of sim/mutants/run (ctest "sim_mutants")."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LOADER = importlib.machinery.SourceFileLoader("run", str(HERE / "run"))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", LOADER))
LOADER.exec_module(run)

DIFF = "--- a/entente/x.cc\n+++ b/entente/x.cc\n@@ -1 +1 @@\n-a\n+b\n"
HEADER = "# what: b for a\n# caught by: entente-sim --seeds 1..9\n"


class Patches(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            patch = pathlib.Path(folder) / "b-for-a.patch"
            patch.write_text(text, encoding="utf-8")
            return run.Mutant.read(patch)

    def test_says_what_and_who_notices(self):
        mutant = self.read(HEADER + DIFF)
        self.assertEqual(mutant.name, "b-for-a")
        self.assertEqual(mutant.what, "b for a")
        self.assertEqual((mutant.program, mutant.arguments), ("entente-sim", ["--seeds", "1..9"]))
        self.assertEqual(mutant.sources, ["entente/x.cc"])

    def test_what_lacks_a_line_is_refused(self):
        for text in (DIFF, HEADER, HEADER.splitlines()[0] + "\n" + DIFF):
            with self.assertRaises(run.Broken):
                self.read(text)

    def test_only_production_sources_are_changed(self):
        with self.assertRaisesRegex(run.Broken, "sim/x.cc"):
            self.read(HEADER + DIFF.replace("entente/", "sim/"))

    def test_all_of_the_tree_apply(self):
        for patch in sorted(HERE.glob("*.patch")):
            with self.subTest(patch.stem), tempfile.TemporaryDirectory() as scratch:
                run.Mutant.read(patch).apply(pathlib.Path(scratch))


class Failures(unittest.TestCase):
    def found(self, printed):
        match = run.FAILURE.search(printed)
        return match and ": ".join(part for part in match.groups() if part)

    def test_are_found_in_what_the_programs_print(self):
        self.assertEqual(
            self.found("seed 1 ok  trace 1\nseed 2 FAILED  trace 2\n  an act is lost\n"),
            "seed 2: an act is lost",
        )
        self.assertEqual(self.found("cycle 4: lost: 1 of 2\n{}\n"), "cycle 4: lost: 1 of 2")
        self.assertEqual(self.found("[  FAILED  ] Story.Holds (3 ms)\n"), "Story.Holds")

    def test_are_not_found_where_all_held(self):
        self.assertIsNone(self.found("seed 1 ok  trace 1\n"))
        self.assertIsNone(self.found("terminate called\n"))


if __name__ == "__main__":
    unittest.main()
