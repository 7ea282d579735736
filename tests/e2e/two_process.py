#!/usr/bin/env python3
"""Two nodes in two processes over real TLS: the main path, then bad input of every kind.

usage: two_process.py BIN_DIR

Prints a line per check and exits 1 if one failed. After every bad input the nodes still serve.
"""

import json
import os
import pathlib
import shutil
import signal
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
BAD_INPUT, NOT_PERMITTED, NOT_FOUND, CONFLICT, UNAVAILABLE, CORRUPT = 2, 3, 4, 5, 7, 9
IMPORTS_MAX = 8  # at once
UNKNOWN_PEER_BYTES = 1 << 20
REJECTED_ROWS = 200_000  # 20 MB: more than a node queues on a connection


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
            self.bad_words()
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
        def not_json() -> None:
            (ROOT / FOLDER / "broken.json").write_text("not JSON", "utf-8")
            path = str(FOLDER / "broken.json")
            refused(ma, (BAD_INPUT,), path, "document", "draft", path)

        check("malformed document", malformed)
        check("a template that is not JSON is named", not_json)
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

    def bad_words(self) -> None:
        """What an administrator types wrongly, or in the wrong moment."""
        check, ma = self.checks.check, self.exercise.ma
        good = FOLDER / "good.csv"
        (ROOT / good).write_text("id,name\n1,Karim\n", "utf-8")
        words = ("list", "import", str(good), "--collection", "persons", "--origin")

        def no_replace() -> None:
            refused(ma, (CONFLICT,), "use --replace", *words, "synthetic")
            refused(ma, (CONFLICT,), "synthetic", *words, "public-list", "--replace")

        def replaced_and_removed() -> None:
            new = ("list", "import", str(good), "--collection", "extra", "--origin", "synthetic")
            ma.run(*new)
            assert ma.run(*new, "--replace")["replaced"] == 1
            (ROOT / FOLDER / "empty.csv").write_text("id,name\n", "utf-8")
            empty = (*new[:2], str(FOLDER / "empty.csv"), *new[3:], "--replace")
            refused(ma, (BAD_INPUT,), "no good row", *empty)
            refused(ma, (BAD_INPUT,), "--yes", "list", "remove", "extra")
            assert ma.run("list", "remove", "extra", "extra")["removed"]["records"] == 1
            refused(ma, (NOT_FOUND,), "", "list", "remove", "extra", "--yes")

        def parse_errors() -> None:
            refused(ma, (BAD_INPUT,), "--lang", "status", "--lang", "xx")
            refused(ma, (BAD_INPUT,), "", "match", "offer")

        def no_home() -> None:
            done = subprocess.run(
                [ma.binary, "status", "--home", "nowhere"], cwd=ROOT, capture_output=True
            )
            assert done.returncode == NOT_FOUND and b"not a home" in done.stderr, done.stderr

        def full_disk() -> None:
            with open("/dev/full", "wb") as full:
                words = [ma.binary, "card", "export", "--home", ma.home]
                done = subprocess.run(words, cwd=ROOT, stdout=full, stderr=subprocess.PIPE)
            assert done.returncode == UNAVAILABLE, done

        check("a collection is not replaced by accident", no_replace)
        check("a collection replaced on request, and removed", replaced_and_removed)
        check("a reject file of any size", self.many_rejects)
        check("interrupted imports leave nothing and block nothing", self.interrupt_imports)
        check("another purpose: the answer names the agreed ones", self.wrong_purpose)
        check("declining names the round, not the act", self.decline)
        check("wrong words are refused as JSON", parse_errors)
        check("no home", no_home)
        check("a full disk under standard output", full_disk)
        check("an address in use is named", self.address_in_use)

    def many_rejects(self) -> None:
        ma = self.exercise.ma
        rows = [f"{row},{'x' * 80},someday\n" for row in range(REJECTED_ROWS)]
        (ROOT / FOLDER / "bad.csv").write_text(
            "id,name,birth_date\ngood,Karim,1970\n" + "".join(rows), "utf-8"
        )
        words = ("--collection", "half", "--origin", "synthetic", "--skip-bad", "--rejects")
        rejects = FOLDER / "rejects.csv"
        answer = ma.run("list", "import", str(FOLDER / "bad.csv"), *words, str(rejects))
        assert (answer["records"], answer["rejected"]) == (1, REJECTED_ROWS), answer
        saved = (ROOT / rejects).read_text("utf-8")
        assert saved == "id,name,birth_date\n" + "".join(rows), f"{len(saved)} characters"
        ma.run("list", "remove", "half", "half")

    def interrupt_imports(self) -> None:
        ma = self.exercise.ma
        pipe = FOLDER / "pipe.csv"
        os.mkfifo(ROOT / pipe)
        words = ("list", "import", str(pipe), "--collection", "cut", "--origin", "synthetic")
        for _ in range(IMPORTS_MAX + 1):
            process = subprocess.Popen(
                [ma.binary, *words, "--home", ma.home], cwd=ROOT, stderr=subprocess.PIPE
            )
            with open(ROOT / pipe, "wb") as writer:
                writer.write(b"id,name\n1,Karim\n")
                writer.flush()
                process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[1]
            assert process.returncode == -signal.SIGINT, f"{process.returncode}: {said}"
            assert b"cancelled" in said, said
        names = [entry["name"] for entry in ma.run("list", "show")["collections"]]
        assert names == ["persons"], names

    def wrong_purpose(self) -> None:
        ma = self.exercise.ma
        words = ("match", "offer", "--collection", "persons", "--purpose", "curiosity")
        failure = ma.fails(*words)
        assert "terrorism" in failure.answer["decision"]["agreed"]["purposes"], failure.answer
        done = subprocess.run(
            [ma.binary, *words, "--lang", "de", "--home", ma.home],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
        )
        heading = failure.answer["decision"]["article_text"]["heading"]["de"]
        assert done.returncode == NOT_PERMITTED and heading in done.stderr, done.stderr
        assert "agreed purposes: " in done.stderr, done.stderr

    def decline(self) -> None:
        ma, de = self.exercise.nodes
        offer = ma.run(*self.offer())
        assert offer["round"] == offer["act"]

        def offered() -> bool:
            return any(r["id"] == offer["act"] for r in de.run("match", "status")["rounds"])

        wait_for("the offer to reach DE", offered, 60)
        view = subprocess.run(
            [de.binary, "match", "status", offer["act"][:8], "--home", de.home],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
        ).stdout
        for part in (offer["act"], ma.name, "terrorism", "EXERCISE", "entente match accept"):
            assert part in view, f"{part!r} is not in {view!r}"
        declined = de.run("match", "decline", offer["act"][:8])
        assert declined["round"] == offer["act"] != declined["act"], declined
        self.exercise.wait_settled()

    def address_in_use(self) -> None:
        address = f"127.0.0.1:{self.exercise.ma.port}"
        node = Node(FOLDER / "pair", "XX", "Second (exercise)", self.binaries / "entente")
        node.passphrase = self.exercise.ma.passphrase
        words = ("--country", "XX", "--exercise", "--console", address)
        node.run("init", "--name", node.name, *words, "--passphrase-file", str(node.passphrase))
        try:
            node.start()
        except DemoError as error:
            assert f'console.listen = "{address}"' in str(error), error
            assert "in use" in str(error), error
        else:
            self.extra.append(node)
            raise AssertionError("it listens where another node does")

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

        def line_ends() -> None:
            text = (ROOT / self.exercise.ma.card).read_text("utf-8")
            for end in ("\n", "\r\n", "\r\n\r\n"):
                path = FOLDER / "mailed.card"
                (ROOT / path).write_bytes((text + end).encode())
                de.run("card", "import", str(path))
            done = subprocess.run(
                [de.binary, "card", "fingerprint", path, "--json"], cwd=ROOT, capture_output=True
            )
            read = json.loads(done.stdout)["fingerprint"]
            assert read == self.exercise.ma.status()["fingerprint"], read
            assert [c["country"] for c in de.run("card", "list")["peers"]] == ["MA"]

        check("a card with a line end behind it, its fingerprint without a node", line_ends)
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
            # DE knows other peers by now, which it never links with.
            wait_for("MA to be linked again", lambda: ma.link()["linked"], 60)

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
