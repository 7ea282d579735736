"""Two nodes and what they do together: cards, documents, lists, rounds, ledgers."""

import base64
import dataclasses
import hashlib
import json
import pathlib
import subprocess

from node import ROOT, DemoError, Node, wait_for, wait_while_it_moves

NAMES = {
    "MA": "Ministry of the Interior (exercise)",
    "DE": "Federal Ministry of the Interior (exercise)",
}
EXAMPLES = pathlib.Path("examples/documents")
COLLECTION = "persons"
PURPOSE = "terrorism"
ROUND_OVER = ("done", "disputed", "declined", "refused", "failed")


@dataclasses.dataclass
class Signed:
    """A co-signed document and the leaves that prove it."""

    id: str
    proposal: str  # where its proposal stands
    signatures: list[str]  # "Idriss Mithali: MA leaf 3, DE leaf 2"


@dataclasses.dataclass
class RoundOutcome:
    """A round that is done, as both sides saw it."""

    id: str
    seconds: float
    views: dict  # country -> ROUND
    hits: dict  # country -> {record id: [rules]}
    leaves: str


class Exercise:
    """MA listens, DE only dials: one open port is enough."""

    def __init__(self, folder: pathlib.Path, binaries: pathlib.Path, ma: str, de: str):
        self.folder = folder
        self.binaries = binaries
        self.ma = Node(folder, "MA", NAMES["MA"], binaries / ma)
        self.de = Node(folder, "DE", NAMES["DE"], binaries / de)
        self.nodes = [self.ma, self.de]

    def other(self, node: Node) -> Node:
        return self.de if node is self.ma else self.ma

    def tool(self, name: str, *words, **options) -> subprocess.CompletedProcess:
        """Runs a program that stands beside the node."""
        return subprocess.run(
            [self.binaries / name, *map(str, words)],
            cwd=ROOT,
            capture_output=True,
            check=False,
            **options,
        )

    def exercise_tool(self, *words, **options) -> bytes:
        done = self.tool("entente-exercise", *words, **options)
        if done.returncode != 0:
            raise DemoError(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout

    # Nodes and cards

    def start(self) -> dict[str, str]:
        """Makes and starts both nodes; returns their fingerprints."""
        fingerprints = {}
        for node in self.nodes:
            fingerprints[node.country] = node.init(listens=node is self.ma)
        for node in self.nodes:
            node.start()
        return fingerprints

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def exchange_cards(self, spoken: dict[str, str]) -> None:
        """Each side compares the other's card with the fingerprint it was told, and imports it."""
        for node in self.nodes:
            node.run("card", "export", "--out", str(node.card))
        for node in self.nodes:
            other = self.other(node)
            read = other.run("card", "fingerprint", str(node.card))["fingerprint"]
            if read != spoken[node.country]:
                raise DemoError(f"the fingerprint of {node.country} differs on the other side")
            other.run("card", "import", str(node.card))

    def wait_linked(self) -> None:
        for node in self.nodes:
            wait_for(f"{node.country} to be linked", lambda node=node: node.link()["linked"], 60)

    # Acts

    def leaves(self, act: str) -> str:
        """Where an act that crossed stands in both ledgers."""
        return ", ".join(f"{node.country} leaf {node.leaf_of(act)}" for node in self.nodes)

    def document(self, node: Node, document: str) -> dict | None:
        for entry in node.run("document", "list")["documents"]:
            if entry["id"] == document:
                return entry
        return None

    def co_sign(self, template: pathlib.Path) -> Signed:
        """Drafted and proposed by MA, signed by every named signatory of both sides."""
        draft = self.ma.run("document", "draft", str(template))["id"]
        proposal = self.ma.run("document", "propose", draft)["act"]
        entry = wait_for(
            "the proposal to reach DE", lambda: self.document(self.de, draft), 60
        )
        signatures = []
        for signatory in entry["signatories"]:
            node = self.ma if signatory["country"] == "MA" else self.de
            act = node.run("document", "sign", draft, "--signatory", signatory["name"])["act"]
            self.wait_settled()
            signatures.append(f"{signatory['name']}: {self.leaves(act)}")
        for node in self.nodes:
            state = self.document(node, draft)["state"]
            if state in ("draft", "proposed"):
                raise DemoError(f"{node.country} holds the document as {state}, not co-signed")
        return Signed(draft, self.leaves(proposal), signatures)

    def save_document(self, document: str) -> pathlib.Path:
        """The text as both hold it, in a file."""
        path = self.folder / f"document-{document[:12]}.json"
        text = self.ma.run("document", "show", document)["document"]
        (ROOT / path).write_text(json.dumps(text, ensure_ascii=False), "utf-8")
        return path

    def wait_settled(self) -> None:
        """Until every act is answered and both ledgers are cosigned to their last leaf."""

        def is_settled() -> bool:
            links = [node.link() for node in self.nodes]
            return all(
                link["pending_acts"] == 0 and link["ledger_size"] == link["settled_size"]
                for link in links
            )

        wait_for("both ledgers to settle", is_settled, 60)

    # Matching

    def import_list(self, node: Node, files: list[str], origin: str) -> dict:
        return node.run(
            "list", "import", *files, "--collection", COLLECTION, "--origin", origin
        )

    def run_round(self, on_progress=lambda _: None) -> RoundOutcome:
        """MA offers, DE accepts, both wait for the end and read their hits."""
        offer = self.ma.run(
            "match", "offer", "--collection", COLLECTION, "--purpose", PURPOSE
        )["act"]

        def offered() -> bool:
            rounds = self.de.run("match", "status")["rounds"]
            return any(entry["id"] == offer for entry in rounds)

        wait_for("the offer to reach DE", offered, 60)
        self.de.run("match", "accept", offer, "--collection", COLLECTION)

        def look() -> dict:
            # Over the socket: a process for each question would cost the round processor time.
            views = {n.country: n.get(f"/api/v1/peers/-/rounds/{offer}") for n in self.nodes}
            on_progress(views)
            return views

        wait_while_it_moves(
            "the round", look, lambda v: all(view["state"] in ROUND_OVER for view in v.values())
        )
        views = {n.country: n.run("match", "status", offer, "--wait") for n in self.nodes}
        for country, view in views.items():
            if view["state"] != "done":
                raise DemoError(f"{country}: the round is {view['state']}: {view['failure']}")
        self.wait_settled()
        hits = {
            node.country: {
                hit["record"]: hit["rules"]
                for hit in node.run("match", "hits", offer)["hits"]
            }
            for node in self.nodes
        }
        seconds = max(view["run_ms"] for view in views.values()) / 1000
        return RoundOutcome(offer, seconds, views, hits, self.leaves(offer))

    # Ledgers

    def keys_of_ledger(self, node: Node) -> tuple[str, str]:
        """The keys that prove a node's ledger, made from the two cards alone."""
        own, peer = card_of(node), card_of(self.other(node))
        log = verifier_key(
            f"entente/{own['id'][:16]}/{peer['id'][:16]}", 1, own["keys"]["ledger"]
        )
        witness = verifier_key(f"entente/{peer['id'][:16]}/witness", 4, peer["keys"]["witness"])
        return log, witness

    def export_ledger(self, node: Node) -> pathlib.Path:
        folder = self.folder / "ledgers" / node.short
        node.run("ledger", "export", str(folder))
        return folder

    def verify_ledger(self, node: Node, folder: pathlib.Path) -> subprocess.CompletedProcess:
        return self.tool(
            "entente-verify", "ledger", folder, *self.card_words(), "--json", encoding="utf-8"
        )

    def card_words(self) -> list:
        return [word for node in self.nodes for word in ("--card", node.card)]

    def verify_document(self, document: str) -> dict:
        """Exported by DE, checked without a node."""
        path = self.folder / f"envelope-{document[:12]}.json"
        self.de.run("document", "export", document, "--out", str(path))
        done = self.tool(
            "entente-verify", "document", path, *self.card_words(), "--json", encoding="utf-8"
        )
        if done.returncode != 0:
            raise DemoError(f"{path}: {(done.stdout + done.stderr).strip()}")
        return json.loads(done.stdout)


def card_of(node: Node) -> dict:
    """The card as the peer was given it."""
    envelope = json.loads((ROOT / node.card).read_text("utf-8"))
    identity = json.loads(base64.b64decode(envelope["payload"]))["identity"]
    message_key = base64.b64decode(identity["keys"]["message"])
    return identity | {"id": hashlib.sha256(message_key).hexdigest()}


def verifier_key(name: str, kind: int, key: str) -> str:
    """C2SP signed-note: name+id+base64, where the id is 4 bytes of a hash."""
    typed = bytes([kind]) + base64.b64decode(key)
    digest = hashlib.sha256(name.encode() + b"\n" + typed).digest()
    return f"{name}+{digest[:4].hex()}+{base64.b64encode(typed).decode()}"
