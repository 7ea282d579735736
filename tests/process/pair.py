"""Two real nodes, what keeps them busy, and the judge of what they kept.

A node is acted on over the Unix socket of its home, as an administrator's program would. An act
counts as acknowledged once the node has answered 200. The judge compares acknowledgements, both
exported ledgers and both lists of documents.
"""

import collections
import dataclasses
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/demo"))

from exercise import EXAMPLES, NAMES, Exercise  # noqa: E402
from node import DemoError, HomeConnection, Node, wait_for  # noqa: E402

import leaves  # noqa: E402

# What a peer may make a node keep in a day is bounded (decision 0014); far enough below it.
ACTS_MAX = 1600
OPEN_PROPOSALS_MAX = 20
ERRORS_KEPT = 20
SETTLE_SECONDS = 180
# Faults of the line last a second here, not ten minutes.
SETTINGS = {
    'redial_min = "500ms"': 'redial_min = "100ms"',
    'redial_max = "5min"': 'redial_max = "1s"',
    'idle_timeout = "10min"': 'idle_timeout = "3s"',
}


class BusyNode(Node):
    """A node that may be killed, and may live in a network namespace."""

    def __init__(self, folder: pathlib.Path, country: str, binary: pathlib.Path):
        super().__init__(folder, country, NAMES[country], binary)
        self.prefix: tuple[str, ...] = ()  # such as ip netns exec NAME

    def make(self, *words: str) -> str:
        """Makes the home for faults that last seconds; returns the fingerprint."""
        (ROOT / self.log).parent.mkdir(parents=True, exist_ok=True)
        path = ROOT / self.passphrase
        path.touch(0o600)
        path.write_text("exercise passphrase", "utf-8")
        words = ("init", "--name", self.name, "--country", self.country, "--exercise", *words)
        fingerprint = self.run(*words, "--passphrase-file", str(self.passphrase))["fingerprint"]
        settings = ROOT / self.home / "entente.toml"
        text = settings.read_text("utf-8")
        for written, wanted in SETTINGS.items():
            if written not in text:
                raise DemoError(f"{settings} has no {written}")
            text = text.replace(written, wanted)
        settings.write_text(text, "utf-8")
        return fingerprint

    def start(self) -> None:
        words = (*self.prefix, self.binary, "serve", "--home", self.home)
        words += ("--passphrase-file", self.passphrase)
        with open(ROOT / self.log, "ab") as log:
            self.process = subprocess.Popen(
                words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.pid = self.process.pid
        wait_for(f"{self.country} to answer", self.is_up, pause_seconds=0.02)

    def is_up(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise DemoError(f"the {self.country} node ended: {self.last_log_lines(1)}")
        try:
            self.ask("GET", "/api/v1/status")
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """As the kernel does when memory is short: no handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def ask(self, method: str, path: str, body: dict | None = None) -> tuple[int, dict]:
        """Status and answer. Raises OSError if there is none."""
        connection = HomeConnection(os.path.relpath(ROOT / self.home / "node.sock"))
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (http.client.HTTPException, json.JSONDecodeError) as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def is_settled(self) -> bool:
        try:
            status, answer = self.ask("GET", "/api/v1/status")
        except OSError:
            return False
        peers = answer["peers"] if status == 200 else []
        return bool(peers) and all(
            peer["pending_acts"] == 0 and peer["ledger_size"] == peer["settled_size"]
            for peer in peers
        )


@dataclasses.dataclass
class Acknowledged:
    """What a node said it has sent."""

    country: str
    verb: str
    document: str
    act: str
    sequence: int
    leaf: int


class Load(threading.Thread):
    """Acts at one node until it is told to stop, whatever happens to the node meanwhile."""

    def __init__(self, node: BusyNode, peer: BusyNode, seed: str, pause_seconds: float = 0.01):
        super().__init__(daemon=True)
        self.node = node
        self.parties = sorted((node.country, peer.country))
        self.random = random.Random(f"load {node.country} {seed}")
        self.pause_seconds = pause_seconds
        self.acknowledged: list[Acknowledged] = []
        self.unknown = 0  # asked, and no answer: the act may be there or not
        self.errors: collections.Counter = collections.Counter()
        self.drafted = 0
        self.is_over = threading.Event()
        self.trouble: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.is_over.wait(self.random.uniform(0, 2 * self.pause_seconds)):
                self.step()
        except BaseException as error:
            self.trouble = error
            raise

    def end(self) -> None:
        self.is_over.set()
        self.join()
        if self.trouble is not None:
            raise DemoError(f"the load at {self.node.country} broke: {self.trouble!r}")

    def step(self) -> None:
        """One look at the documents, then everything that makes sense to do."""
        if len(self.acknowledged) >= ACTS_MAX:
            return
        try:
            code, answer = self.node.ask("GET", "/api/v1/peers/-/documents")
            if code != 200:
                self.refused(answer)
                return
            for verb, document, body in self.tasks(answer["documents"]):
                self.submit(verb, document, body)
                if self.is_over.wait(self.random.uniform(0, 2 * self.pause_seconds)):
                    return
        except OSError:
            self.is_over.wait(self.pause_seconds)  # it is down, or went down

    def tasks(self, documents: list[dict]) -> list[tuple]:
        own, tasks, open_count = self.node.country, [], 0
        for entry in documents:
            if entry["state"] == "draft":
                tasks.append(("propose", entry["id"], None))
                continue
            signed = {(s["country"], s["signatory"]) for s in entry["signatures"]}
            named = {(s["country"], s["name"]) for s in entry["signatories"]}
            open_count += signed != named
            for country, name in named - signed:
                if country == own:
                    tasks.append(("sign", entry["id"], {"signatory": name}))
            if signed == named and own not in entry["published_by"]:
                tasks.append(("publish", entry["id"], None))
        if open_count < OPEN_PROPOSALS_MAX and (draft := self.draft()):
            tasks.append(("propose", draft, None))
        return tasks

    def draft(self) -> str | None:
        self.drafted += 1
        note = f"EXERCISE - FICTION: minutes {self.drafted} of {self.node.country}"
        code, answer = self.node.ask(
            "POST", "/api/v1/peers/-/documents", minutes(self.parties, note)
        )
        if code != 200:
            self.refused(answer)
        return answer["id"] if code == 200 else None

    def submit(self, verb: str, document: str, body: dict | None) -> None:
        path = f"/api/v1/peers/-/documents/{document}/{verb}"
        try:
            code, answer = self.node.ask("POST", path, body)
        except OSError:
            self.unknown += 1
            raise
        if code == 200:
            self.acknowledged.append(
                Acknowledged(
                    *(self.node.country, verb, document),
                    *(answer["act"], answer["sequence"], answer["leaf"]),
                )
            )
        else:
            self.refused(answer)

    def refused(self, answer: dict) -> None:
        error = answer["error"]
        self.errors[f"{error['code']}: {error['message']}"] += 1


def minutes(countries: list[str], note: str) -> dict:
    """A document that says nothing but its number, for one signatory of each side."""
    return {
        "v": 1,
        "type": "minutes",
        "exercise": True,
        "languages": ["en"],
        "title": {"en": note},
        "parties": [
            {"country": c, "name": {"en": NAMES[c]}} for c in countries
        ],
        "articles": [
            {
                "id": "1",
                "heading": {"en": "Meeting"},
                "text": {"en": "EXERCISE - FICTION. The delegations met."},
            }
        ],
        "signatories": [
            {"country": c, "name": "Robin Beispiel", "office": {"en": "Secretary"}}
            for c in countries
        ],
    }


class Pair(Exercise):
    """MA listens; DE dials it at `address`, behind which a proxy may stand."""

    def __init__(self, folder: pathlib.Path, binaries: pathlib.Path):
        super().__init__(folder, binaries, "entente", "entente")
        self.ma = BusyNode(folder, "MA", binaries / "entente")
        self.de = BusyNode(folder, "DE", binaries / "entente")
        self.nodes = [self.ma, self.de]
        self.loads: list[Load] = []
        self.done: list[Load] = []

    def begin(self, listen: str, address: str) -> None:
        """Homes, nodes, cards, link, and the declaration under which documents are published."""
        spoken = {
            "MA": self.ma.make("--listen", listen, "--endpoint", address),
            "DE": self.de.make(),
        }
        for node in self.nodes:
            node.start()
        self.exchange_cards(spoken)
        self.wait_linked()
        self.co_sign(EXAMPLES / "declaration-t0.json")

    def load(self, seed: str, pause_seconds: float = 0.01) -> None:
        """Both nodes are busy from here to `rest`."""
        self.loads = [Load(n, self.other(n), seed, pause_seconds) for n in self.nodes]
        for load in self.loads:
            load.start()

    def rest(self) -> None:
        for load in self.loads:
            load.end()
        self.done += self.loads
        self.loads = []

    def acknowledged(self) -> list[Acknowledged]:
        return [a for load in self.done + self.loads for a in load.acknowledged]

    def wait_quiet(self, seconds: float = SETTLE_SECONDS) -> float:
        """Until nothing is under way; returns how long that took."""
        began = time.monotonic()
        wait_for(
            "both ledgers to settle", lambda: all(n.is_settled() for n in self.nodes), seconds
        )
        return time.monotonic() - began

    def end(self) -> None:
        for load in self.loads:
            load.is_over.set()
        self.stop()

    def judge(self) -> "Judgement":
        """What was lost, doubled or misordered. Stops the nodes to look into their files."""
        judgement = Judgement(self.acknowledged())
        judgement.look(self)
        judgement.compare_sides()
        self.stop()
        for node in self.nodes:
            judgement.check_files(node)
        return judgement


class Judgement:
    """Counts, and in `failures` a line for everything that should not be."""

    def __init__(self, acknowledged: list[Acknowledged]):
        self.failures: list[str] = []
        self.lost = self.doubled = self.misordered = 0
        self.acknowledged = acknowledged
        self.logs: dict[str, list[leaves.Leaf]] = {}  # by country
        self.documents: dict[str, dict[str, dict]] = {}  # by country and id

    def look(self, pair: Pair) -> None:
        for node in pair.nodes:
            self.logs[node.country] = self.read_log(pair, node)
            listed = node.ask("GET", "/api/v1/peers/-/documents")[1]["documents"]
            self.documents[node.country] = {entry["id"]: entry for entry in listed}
            evidence = node.status()["peers"][0]["evidence"]
            if evidence:
                self.failures.append(f"{node.country} holds {evidence} pieces of evidence")

    def compare_sides(self) -> None:
        first, second = self.logs
        self.compare(first, second)
        self.compare(second, first)
        self.check_effects()

    @property
    def holds(self) -> bool:
        return not (self.failures or self.lost or self.doubled or self.misordered)

    def read_log(self, pair: Pair, node: BusyNode) -> list[leaves.Leaf]:
        folder = pair.export_ledger(node)
        done = pair.verify_ledger(node, folder)
        if done.returncode != 0:
            self.failures.append(f"entente-verify refuses {folder}: {done.stdout.strip()}")
        return leaves.read(ROOT / folder)

    def compare(self, sender: str, receiver: str) -> None:
        """What `sender` sent against what `receiver` took, and the answers on their way back."""
        sent = [e for e in self.logs[sender] if e.is_sent_act]
        taken = [e for e in self.logs[receiver] if e.is_received_act]
        receipts = [e.sequence for e in self.logs[sender] if e.is_received_receipt]
        self.doubled += sum(len(log) - len({e.object for e in log}) for log in (sent, taken))
        for name, log in ((sender, sent), (receiver, taken)):
            if [e.sequence for e in log] != list(range(1, len(log) + 1)):
                self.misordered += 1
                self.failures.append(f"acts of {sender} stand out of order at {name}")
        if [e.object for e in sent] != [e.object for e in taken]:
            self.failures.append(f"{sender} sent other acts than {receiver} took")
        if receipts != [e.sequence for e in sent]:
            self.failures.append(f"the acts of {sender} and their receipts differ")
        by_leaf = {e.index: e for e in sent}
        objects = {e.object for e in taken}
        for ack in self.acknowledged:
            if ack.country != sender:
                continue
            entry = by_leaf.get(ack.leaf)
            if entry is None or (entry.object, entry.sequence) != (ack.act, ack.sequence):
                self.lost += 1
                self.failures.append(f"{sender} lost its own act {ack.act[:12]}, acknowledged")
            elif ack.act not in objects:
                self.lost += 1
                self.failures.append(f"{receiver} has no act {ack.act[:12]} of {sender}")

    def check_effects(self) -> None:
        """Each act had its effect once, the same on both sides."""
        first, second = self.documents.values()
        crossed = [crossed_of(side) for side in (first, second)]
        if crossed[0] != crossed[1]:
            different = [i for i in {**first, **second} if first.get(i) != second.get(i)]
            self.failures.append(f"the two sides differ in documents {different[:3]}")
        effects = collections.Counter()
        for entry in crossed[0].values():
            effects["document.propose"] += 1
            effects["document.sign"] += len(entry["signatures"])
            effects["document.publish"] += len(entry["published_by"])
        sent = [e for log in self.logs.values() for e in log if e.is_sent_act]
        acts = collections.Counter(e.kind for e in sent)
        if acts != +effects:
            self.doubled += 1
            self.failures.append(f"acts {dict(acts)} have the effects {dict(effects)}")
        for ack in self.acknowledged:
            if not self.has_effect(ack, crossed[0].get(ack.document)):
                self.lost += 1
                self.failures.append(f"{ack.verb} {ack.act[:12]} of {ack.country} has no effect")

    def has_effect(self, ack: Acknowledged, entry: dict | None) -> bool:
        if entry is None:
            return False
        if ack.verb == "sign":
            return any(signature["act"] == ack.act for signature in entry["signatures"])
        return ack.verb == "propose" or ack.country in entry["published_by"]

    def check_files(self, node: BusyNode) -> None:
        for path in sorted((ROOT / node.home).glob("*.db")):
            store = sqlite3.connect(path)
            try:
                said = store.execute("PRAGMA integrity_check").fetchone()[0]
            except sqlite3.DatabaseError as error:
                said = str(error)
            finally:
                store.close()
            if said != "ok":
                self.failures.append(f"{path.name} of {node.country}: {said}")


def crossed_of(documents: dict[str, dict]) -> dict[str, dict]:
    """Those both sides must hold, their signatures in an order that is the same on both."""
    return {
        number: entry | {"signatures": sorted(entry["signatures"], key=lambda s: s["act"])}
        for number, entry in documents.items()
        if entry["state"] != "draft"
    }


def fresh(folder: pathlib.Path) -> None:
    shutil.rmtree(ROOT / folder, ignore_errors=True)
    (ROOT / folder).mkdir(parents=True)
