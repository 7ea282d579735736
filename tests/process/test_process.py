"""What judges the process tests must itself find what it looks for."""

import dataclasses
import pathlib
import socket
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import leaves  # noqa: E402
from chaos_proxy import ChaosProxy  # noqa: E402
from pair import Acknowledged, Judgement  # noqa: E402

SENT, RECEIVED = leaves.SENT, leaves.RECEIVED
DOCUMENT = {
    "state": "proposed",
    "signatures": [{"country": "MA", "signatory": "Robin Beispiel", "act": "02"}],
    "signatories": [],
    "published_by": [],
}


def judged() -> Judgement:
    """MA proposed and signed one document; both nodes hold all of it."""
    judgement = Judgement(
        [
            Acknowledged("MA", "propose", "d1", "01", 1, 0),
            Acknowledged("MA", "sign", "d1", "02", 2, 1),
        ]
    )
    judgement.logs = {
        "MA": [
            leaves.Leaf(0, "document.propose", SENT, "01", 1, 1),
            leaves.Leaf(1, "document.sign", SENT, "02", 1, 2),
            leaves.Leaf(2, "receipt", RECEIVED, "a1", 1, 1),
            leaves.Leaf(3, "receipt", RECEIVED, "a2", 1, 2),
        ],
        "DE": [
            leaves.Leaf(0, "document.propose", RECEIVED, "01", 1, 1),
            leaves.Leaf(1, "document.sign", RECEIVED, "02", 1, 2),
        ],
    }
    judgement.documents = {country: {"d1": DOCUMENT} for country in judgement.logs}
    return judgement


class JudgementTest(unittest.TestCase):
    def test_accepts_what_is_right(self):
        judgement = judged()
        judgement.compare_sides()
        self.assertTrue(judgement.holds, judgement.failures)

    def test_finds_an_act_that_its_sender_lost(self):
        judgement = judged()
        judgement.acknowledged.append(Acknowledged("MA", "sign", "d1", "03", 3, 4))
        judgement.compare_sides()
        self.assertGreaterEqual(judgement.lost, 1)

    def test_finds_an_act_that_its_receiver_lost(self):
        judgement = judged()
        judgement.logs["DE"].pop()
        judgement.compare_sides()
        self.assertEqual(judgement.lost, 1)

    def test_finds_a_lost_effect(self):
        judgement = judged()
        unsigned = DOCUMENT | {"signatures": []}
        judgement.documents = {country: {"d1": unsigned} for country in judgement.logs}
        judgement.compare_sides()
        self.assertEqual(judgement.lost, 1)

    def test_finds_an_act_that_was_taken_twice(self):
        judgement = judged()
        again = dataclasses.replace(judgement.logs["DE"][1], index=2, sequence=3)
        judgement.logs["DE"].append(again)
        judgement.compare_sides()
        self.assertEqual(judgement.doubled, 1)

    def test_finds_an_effect_that_happened_twice(self):
        judgement = judged()
        twice = DOCUMENT | {"signatures": DOCUMENT["signatures"] * 2}
        judgement.documents = {country: {"d1": twice} for country in judgement.logs}
        judgement.compare_sides()
        self.assertEqual(judgement.doubled, 1)

    def test_finds_acts_out_of_order(self):
        judgement = judged()
        judgement.logs["DE"].reverse()
        judgement.compare_sides()
        self.assertEqual(judgement.misordered, 1)

    def test_finds_an_act_without_receipt(self):
        judgement = judged()
        judgement.logs["MA"].pop()
        judgement.compare_sides()
        self.assertFalse(judgement.holds)

    def test_finds_sides_that_differ(self):
        judgement = judged()
        judgement.documents["DE"] = {"d1": DOCUMENT | {"state": "co-signed"}}
        judgement.compare_sides()
        self.assertFalse(judgement.holds)


class LeavesTest(unittest.TestCase):
    def test_reads_the_example_of_the_format(self):
        entry = bytes.fromhex(
            "a7 0001 01 67 72656365697074 0202 03 1b 0006608b015f3000 06 5820"
            + "11" * 32
            + "0801 09182a"
        )
        members, end = leaves.decode(entry)
        self.assertEqual(end, len(entry))
        self.assertEqual((members[leaves.KIND], members[leaves.SEQUENCE]), ("receipt", 42))
        self.assertEqual(members[leaves.OBJECT], bytes([0x11]) * 32)

    def test_names_tiles_as_tlog_does(self):
        self.assertEqual(leaves.tile_path(7), "007")
        self.assertEqual(leaves.tile_path(1234067), "x001/x234/067")


class ChaosProxyTest(unittest.TestCase):
    """Against a server that sends everything back."""

    def setUp(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.echo, daemon=True).start()
        self.proxy = ChaosProxy(self.server.getsockname()[1], "test")
        self.caller = socket.create_connection(("127.0.0.1", self.proxy.port), 10)

    def tearDown(self):
        self.caller.close()
        self.proxy.close()
        self.server.close()

    def echo(self):
        try:
            with self.server.accept()[0] as link:
                while chunk := link.recv(1024):
                    link.sendall(chunk)
        except OSError:
            pass

    def says(self, seconds: float = 10) -> bytes | None:
        """What comes back; None if nothing does."""
        self.caller.settimeout(seconds)
        try:
            return self.caller.recv(1024)
        except TimeoutError:
            return None

    def test_passes(self):
        self.caller.sendall(b"hello")
        self.assertEqual(self.says(), b"hello")

    def test_stops_one_way_and_goes_on(self):
        for fault in ("stop-out", "stop-in", "stop"):
            self.proxy.set_fault(fault)
            self.caller.sendall(b"wait")
            self.assertIsNone(self.says(0.3), fault)
            self.proxy.set_fault("none")
            self.assertEqual(self.says(), b"wait", fault)

    def test_drips_every_byte(self):
        self.proxy.set_fault("drip")
        self.caller.sendall(bytes(200))
        got = b""
        while len(got) < 200:
            got += self.says()
        self.assertEqual(got, bytes(200))

    def test_half_open_stays_open_and_silent(self):
        self.proxy.set_fault("half-open")
        self.caller.sendall(b"gone")
        self.assertIsNone(self.says(0.3))
        self.proxy.set_fault("none")
        self.caller.sendall(b"still gone")
        self.assertIsNone(self.says(0.3))

    def test_resets(self):
        self.caller.sendall(b"hello")
        self.assertEqual(self.says(), b"hello")
        self.proxy.cut()
        with self.assertRaises(ConnectionResetError):
            self.says()


if __name__ == "__main__":
    unittest.main()
