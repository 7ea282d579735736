#!/usr/bin/env python3
"""Two nodes in two processes over real TLS: the main path, then bad input of every kind.

usage: two_process.py BIN_DIR

Prints a line per check and exits 1 if one failed. After every bad input the nodes still serve.
"""

import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/demo"))

import modes  # noqa: E402
from exercise import EXAMPLES, Exercise  # noqa: E402
from node import DemoError, Node, wait_for  # noqa: E402
from report import Report  # noqa: E402
from story import Story  # noqa: E402

FOLDER = pathlib.Path("build/e2e")
BAD_INPUT, NOT_PERMITTED, NOT_FOUND, CONFLICT, CORRUPT = 2, 3, 4, 5, 9
UNKNOWN_PEER_BYTES = 1 << 20


class Quiet(Report):
    """The demo's stages without their text."""

    def say(self, text: str = "") -> None:
        pass


class Checks:
    """Prints what holds and what does not."""

    def __init__(self):
        self.failures = 0
        self.began = time.monotonic()

    def check(self, name: str, action) -> None:
        try:
            action()
        except (DemoError, AssertionError, OSError, KeyError, StopIteration) as error:
            self.failures += 1
            print(f"FAIL  {name}: {error!r}", flush=True)
        else:
            print(f"pass  {name}  [{time.monotonic() - self.began:.1f} s]", flush=True)


def refused(node: Node, codes: tuple[int, ...], hint: str, *words: str) -> None:
    """The verb fails with one of `codes` and one line that holds `hint`; the node still serves."""
    done = node.command(*words)
    answer = json.loads(done.stdout)
    message = answer["error"]["message"]
    assert done.returncode in codes, f"exit {done.returncode}: {message}"
    assert hint in message and "\n" not in message, message
    assert done.stderr.count("\n") <= 1, done.stderr
    assert node.status()["exercise"] is True


class Suite:
    """The checks, in the order in which they depend on each other."""

    def __init__(self, binaries: pathlib.Path):
        self.checks = Checks()
        self.binaries = binaries
        self.exercise = Exercise(FOLDER / "pair", binaries, "entente-observed", "entente-observed")
        self.story = Story(self.exercise, Quiet(), has_capture=True)
        self.extra: list[Node] = []

    def run(self) -> int:
        shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
        try:
            self.main_path()
            self.bad_documents()
            self.bad_lists()
            self.bad_bytes()
            self.bad_cards()
            self.bad_homes()
        finally:
            for node in (*self.exercise.nodes, *self.extra):
                node.stop()
        self.checks.check("a rogue peer is refused and leaves evidence", self.rogue)
        self.checks.check("a planted leak is caught", self.canary)
        return 1 if self.checks.failures else 0

    # The main path

    def main_path(self) -> None:
        check, story = self.checks.check, self.story
        check("cards, fingerprints, link; only one side listens", story.meet)
        check("declaration co-signed", lambda: story.sign("declaration-t0.json", "N9", "T0"))
        check("lists generated and imported", self.load)
        check("match refused under the declaration", story.be_refused)
        check("agreement co-signed", lambda: story.sign("agreement-t1.json", "N9", "T1"))
        check("round, equal results on both sides", story.run_round)
        check("recall and precision", story.judge)
        check("nothing of a record on the wire", story.search_wire)
        check("communiqué co-signed and published", story.publish)
        check("ledgers verified, a flipped bit named", story.prove)

    def load(self) -> None:
        self.story.make_lists(modes.SMALL)
        self.story.import_lists("synthetic")

    # Bad input

    def offer(self, *words: str) -> tuple[str, ...]:
        return ("match", "offer", "--collection", "persons", "--purpose", "terrorism", *words)

    def template(self, name: str, change) -> str:
        document = json.loads((ROOT / EXAMPLES / "agreement-t1.json").read_text("utf-8"))
        change(document)
        path = FOLDER / f"{name}.json"
        (ROOT / path).write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        return str(path)

    def bad_documents(self) -> None:
        check, ma = self.checks.check, self.exercise.ma

        def expired() -> None:
            past = {"valid_from": "2025-01-01T00:00:00.000000Z"}
            past["valid_until"] = "2025-06-01T00:00:00.000000Z"
            path = self.template("expired", lambda document: document["terms"].update(past))
            draft = ma.run("document", "draft", path)["id"]
            refused(ma, (BAD_INPUT,), "2025-06-01", "document", "propose", draft)
            refused(ma, (NOT_PERMITTED,), "", *self.offer("--agreement", draft))

        def retitle(document: dict) -> None:
            document["title"]["en"] = "EXERCISE – FICTION: never signed"

        def unsigned() -> None:
            path = self.template("unsigned", retitle)
            draft = ma.run("document", "draft", path)["id"]
            refused(ma, (NOT_PERMITTED,), "no_agreement", *self.offer("--agreement", draft))
            refused(ma, (CONFLICT,), "not co-signed", "document", "publish", draft)
            ma.run("document", "propose", draft)
            words = ("document", "sign", draft, "--signatory", "Nobody")
            refused(ma, (BAD_INPUT,), "it names Idriss Mithali", *words)

        def malformed() -> None:
            path = self.template("altered", lambda document: document["articles"][0].pop("text"))
            refused(ma, (BAD_INPUT,), "text", "document", "draft", path)

        check("expired agreement", expired)
        check("unsigned agreement, unknown signatory", unsigned)
        check("malformed document", malformed)
        check(
            "unknown document",
            lambda: refused(ma, (NOT_FOUND,), "document", "document", "propose", "ffffffffff"),
        )
        check(
            "unknown collection",
            lambda: refused(
                ma,
                (NOT_FOUND,),
                "collection",
                *("match", "offer", "--collection", "nothing", "--purpose", "terrorism"),
            ),
        )

    def bad_lists(self) -> None:
        files = {
            "broken XML": ("broken.xml", b"<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL>", ""),
            "not UTF-8": ("latin.csv", "id,name\n1,Andr\u00e9\n".encode("latin-1"), "UTF-8"),
            "duplicate ids": ("twice.csv", b"id,name\n1,Karim\n1,Youssef\n", ""),
            "unclosed quote": ("quote.csv", b'id,name\n1,"Karim\n', ""),
            "damaged gzip": ("cut.csv.gz", b"\x1f\x8b\x08\x00garbage", ""),
        }
        for name, (file, content, hint) in files.items():
            path = FOLDER / file
            (ROOT / path).write_bytes(content)
            words = ("list", "import", str(path), "--collection", "bad", "--origin", "synthetic")
            self.checks.check(name, lambda words=words, hint=hint: self.bad_list(hint, words))

    def bad_list(self, hint: str, words: tuple) -> None:
        ma = self.exercise.ma
        done = ma.command(*words)
        answer = json.loads(done.stdout)
        assert done.returncode in (BAD_INPUT, CORRUPT), f"exit {done.returncode}"
        said = json.dumps(answer, ensure_ascii=False)
        assert hint in said, said
        names = [entry["name"] for entry in ma.run("list", "show")["collections"]]
        assert names == ["persons"], f"imported half: {names}"

    def bad_bytes(self) -> None:
        ma = self.exercise.ma

        def garbage() -> None:
            with socket.create_connection(("127.0.0.1", ma.port), 10) as caller:
                try:
                    caller.sendall(b"\xff" * UNKNOWN_PEER_BYTES)
                    caller.recv(1)
                except OSError:
                    pass  # the node may close at once

        def no_certificate() -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with socket.create_connection(("127.0.0.1", ma.port), 10) as caller:
                try:
                    with context.wrap_socket(caller) as channel:
                        channel.sendall(b"\x7f\xff\xff\xff\x02")
                        assert channel.recv(1) == b"", "the node spoke to a caller without a card"
                except (ssl.SSLError, ConnectionError):
                    pass

        def garbage_on_the_socket() -> None:
            with socket.socket(socket.AF_UNIX) as caller:
                caller.settimeout(10)
                caller.connect(str(pathlib.Path(ma.home) / "node.sock"))
                caller.sendall(b"\x00\x01\x02 nonsense\r\n\r\n")
                assert caller.recv(64).startswith(b"HTTP/1.1 4")

        for name, attack in (
            ("garbage to the TLS port", garbage),
            ("a caller without a certificate", no_certificate),
            ("garbage to the administrator's socket", garbage_on_the_socket),
        ):
            self.checks.check(name, lambda attack=attack: self.still_linked_after(attack))

    def still_linked_after(self, attack) -> None:
        attack()
        self.exercise.wait_linked()

    def third(self, country: str, exercise: bool) -> Node:
        """Another node, whose card says that it is reached where MA listens."""
        node = Node(FOLDER / "pair", country, "Third (exercise)", self.binaries / "entente")
        node.run(
            *("init", "--name", node.name, "--country", country),
            *("--endpoint", f"127.0.0.1:{self.exercise.ma.port}"),
            *("--passphrase-file", str(self.exercise.ma.passphrase)),
            *(["--exercise"] if exercise else []),
        )
        node.passphrase = self.exercise.ma.passphrase
        self.extra.append(node)
        node.start()
        node.run("card", "export", "--out", str(node.card))
        return node

    def bad_cards(self) -> None:
        check, de = self.checks.check, self.exercise.de

        def altered() -> None:
            text = (ROOT / self.exercise.ma.card).read_text("utf-8")
            envelope = json.loads(text)
            payload = envelope["payload"]
            envelope["payload"] = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]
            path = FOLDER / "altered.card"
            (ROOT / path).write_text(json.dumps(envelope), "utf-8")
            codes = (BAD_INPUT, CORRUPT, 11)
            refused(de, codes, "", "card", "import", str(path))

        def live() -> None:
            node = self.third("LI", exercise=False)
            refused(de, (BAD_INPUT, NOT_PERMITTED), "exercise", "card", "import", str(node.card))

        def wrong_pin() -> None:
            node = self.third("XS", exercise=True)
            de.run("card", "import", str(node.card))

            def says_why() -> bool:
                peers = {peer["country"]: peer for peer in de.status()["peers"]}
                assert not peers["XS"]["linked"], "linked to a node with another key"
                return peers["MA"]["linked"] and "not tried" not in peers["XS"]["link_error"]

            wait_for("DE to refuse the wrong key", says_why, 30)

        check("altered card", altered)
        check("live card at an exercise node", live)
        check("wrong pin: another node answers at the address of the card", wrong_pin)

    def bad_homes(self) -> None:
        check, ma = self.checks.check, self.exercise.ma

        def renamed() -> None:
            path = ROOT / ma.home / "home.json"
            good = path.read_text("utf-8")
            ma.stop()
            path.write_text(good.replace(ma.name, "Another ministry"), "utf-8")
            words = ("serve", "--home", ma.home, "--passphrase-file", ma.passphrase)
            done = subprocess.run(
                [ma.binary, *words], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60
            )
            path.write_text(good, "utf-8")
            assert done.returncode == CONFLICT, f"exit {done.returncode}: {done.stderr}"
            assert "pins another card of this node" in done.stderr, done.stderr
            ma.start()
            self.exercise.wait_linked()

        def foreign_folder() -> None:
            folder = FOLDER / "folder with something"
            (ROOT / folder).mkdir()
            (ROOT / folder / "letter.txt").write_text("dear colleague", "utf-8")
            refused(ma, (CONFLICT,), "is not empty", "ledger", "export", str(folder))
            again = self.exercise.folder / "ledgers" / "ma"
            ma.run("ledger", "export", str(again))
            assert self.exercise.verify_ledger(ma, again).returncode == 0
            words = ("ledger", "export", str(again), "--peer", "MA")
            refused(self.exercise.de, (CONFLICT,), "this ledger", *words)

        def pinned_cards() -> None:
            exercise = self.exercise
            entries = ma.run("document", "list")["documents"]
            agreement = next(e["id"] for e in entries if e["state"] == "in-force")
            envelope = exercise.folder / "agreement.json"
            ma.run("document", "export", agreement, "--out", str(envelope))

            def verify(*words) -> tuple[int, dict]:
                folder = exercise.folder / "ledgers" / "ma"
                words = ("ledger", folder, *words, "--agreement", envelope, "--json")
                done = exercise.tool("entente-verify", *words, encoding="utf-8")
                return done.returncode, json.loads(done.stdout)

            code, said = verify(*exercise.card_words())
            assert (code, said["keys_from"]) == (0, "agreement"), said
            stranger = next(n for n in self.extra if n.country == "XS")
            code, said = verify("--card", ma.card, "--card", stranger.card)
            assert code == CORRUPT and "XS" in said["message"], said
            read = ma.run("card", "fingerprint")["fingerprint"]
            for fingerprint, expected in ((read, 0), ("00000 " * 8, CORRUPT)):
                words = ("card", ma.card, "--fingerprint", fingerprint)
                assert exercise.tool("entente-verify", *words).returncode == expected

        check("keys from the cards that the agreement pins", pinned_cards)
        check("another name under a signed agreement", renamed)
        check("an export replaces nothing but an earlier one", foreign_folder)

    # Other binaries

    def play(self, mode, ma: str) -> None:
        exercise = Exercise(FOLDER / ma, self.binaries, ma, "entente-observed")
        story = Story(exercise, Quiet(), has_capture=True)
        try:
            mode(story, None, modes.SMALL)
        finally:
            exercise.stop()

    def rogue(self) -> None:
        self.play(modes.run_rogue, "entente-rogue")

    def canary(self) -> None:
        self.play(modes.run_canary, "entente-canary")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__.strip())
        return 2
    return Suite(pathlib.Path(sys.argv[1]).resolve()).run()


if __name__ == "__main__":
    sys.exit(main())
