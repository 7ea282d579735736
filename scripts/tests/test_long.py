"""scripts/long with programs that only write down how they were called."""

import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "long.d"))

import command  # noqa: E402
import fuzzers  # noqa: E402
import pieces  # noqa: E402
import totals  # noqa: E402


class LongTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.calls = self.folder / "calls"
        for module in (totals, pieces, fuzzers, command):
            for name in ("RESULTS", "WORK"):
                if hasattr(module, name):
                    self.enterContext(mock.patch.object(module, name, self.folder))
        self.enterContext(mock.patch("builtins.print"))

    def program(self, name: str, says: str, code: int = 0) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\necho \"$@\" >>'{self.calls}'\necho '{says}'\nexit {code}\n")
        path.chmod(0o755)

    def resume(self, job, minutes: float = 0) -> dict:
        command.resume(job, totals.read(job.name), self.folder, minutes)
        return totals.read(job.name)

    def test_goes_on_where_it_ended(self):
        self.program("entente-sim", '{"seeds":20,"acknowledged":7,"lost":0}')
        self.resume(pieces.RUNS["sim"])
        after = self.resume(pieces.RUNS["sim"])
        self.assertEqual(after["done"], 40)
        self.assertEqual(after["totals"], {"seeds": 40, "acknowledged": 14, "lost": 0})
        self.assertEqual(
            self.calls.read_text(), "--seeds 1..20 --json\n--seeds 21..40 --json\n"
        )
        self.assertEqual([run["done"] for run in after["runs"]], [40])

    def test_keeps_what_failed(self):
        self.program("entente-sim", '{"seeds":20,"lost":1}', code=1)
        after = self.resume(pieces.RUNS["sim"])
        self.assertEqual([finding["piece"] for finding in after["findings"]], ["1..20"])
        self.assertEqual(after["totals"]["lost"], 1)

    def test_a_mute_program_is_a_finding(self):
        self.program("entente-powerfail", "no JSON")
        self.assertEqual(len(self.resume(pieces.RUNS["powerfail"])["findings"]), 1)

    def test_a_year_ends_and_needs_its_stores(self):
        job = pieces.Year()
        with mock.patch.object(job, "stores", self.folder / "year", create=True):
            self.program("entente-bench", '{"acts_before":0,"acts":10000,"seconds":2.0}')
            after = self.resume(job)
            self.assertEqual((after["done"], after["pieces"]), (10_000, [[10_000, 2.0]]))
            with self.assertRaises(SystemExit):  # the stores hold less than the totals say
                self.resume(job)
            (self.folder / "year").rmdir()
            self.assertEqual(self.resume(job)["done"], 10_000)
        self.assertTrue(job.is_over({"done": job.ACTS}))

    def test_fuzzers_take_turns_until_each_has_enough(self):
        with mock.patch.object(fuzzers, "names", return_value=["a_fuzz", "b_fuzz"]):
            job = fuzzers.Fuzz("")
            for name in ("a_fuzz", "b_fuzz"):
                self.program(name, "stat::number_of_executed_units: 6000000")
            self.resume(job)
            sums = self.resume(job)
            self.assertEqual({f["executions"] for f in sums["fuzzers"].values()}, {6_000_000})
            self.assertFalse(job.is_over(sums))
            self.resume(job)
            self.assertTrue(job.is_over(self.resume(job)))

    def test_a_fuzzer_that_fails_is_a_finding(self):
        with mock.patch.object(fuzzers, "names", return_value=["a_fuzz"]):
            self.program("a_fuzz", "stat::number_of_executed_units: 5", code=77)
            after = self.resume(fuzzers.Fuzz(""))
        self.assertEqual(after["findings"][0]["piece"], "a_fuzz")

    def test_every_fuzzer_has_a_name(self):
        self.assertIn("wire_cbor_fuzz", fuzzers.names())

    def test_the_file_is_replaced_whole(self):
        totals.write({"name": "x", "done": 1})
        self.assertEqual([p.name for p in self.folder.iterdir()], ["long-x.json"])
        self.assertEqual(json.loads((self.folder / "long-x.json").read_text())["done"], 1)


if __name__ == "__main__":
    unittest.main()
