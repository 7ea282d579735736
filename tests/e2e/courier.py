#!/usr/bin/env python3
"""Two nodes in two processes that have no link: parcels carry a document there and back.

usage: courier.py BIN_DIR

Prints a line per check and exits 1 at the first that fails.
"""

import pathlib
import shutil
import stat
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/demo"))

from exercise import EXAMPLES, Exercise  # noqa: E402
from node import DemoError, Node  # noqa: E402

FOLDER = pathlib.Path("build/e2e-courier")
BAD_INPUT, NOT_FOUND = 2, 4


class Desks(Exercise):
    """Neither side listens or knows where to call."""

    def start(self) -> dict[str, str]:
        fingerprints = {node.country: node.init(listens=False) for node in self.nodes}
        for node in self.nodes:
            node.start()
        return fingerprints

    def pack(self, node: Node, name: str) -> pathlib.Path:
        path = self.folder / name
        node.run("courier", "pack", "--out", str(path))
        return path

    def carry(self, node: Node, name: str) -> dict:
        return self.other(node).run("courier", "unpack", str(self.pack(node, name)))


def expect(what: str, seen, wanted) -> None:
    if seen != wanted:
        raise DemoError(f"{what}: {seen!r}, expected {wanted!r}")
    print(f"pass  {what}", flush=True)


def settled(node: Node) -> list[int]:
    link = node.link()
    return [link["settled_size"], link["ledger_size"]]


def three_trips(desks: Desks) -> None:
    draft = desks.ma.run("document", "draft", str(EXAMPLES / "declaration-t0.json"))["id"]
    desks.ma.run("document", "propose", draft)
    there = desks.carry(desks.ma, "1-there")
    expect("the act is accepted", there["acts"], {"accepted": 1, "refused": 0, "repeated": 0})
    expect("Rabat's log is cosigned", there["cosigned"], 1)
    expect("the document is there", desks.de.run("document", "list")["documents"][0]["id"], draft)
    back = desks.carry(desks.de, "2-back")
    expect("its receipt is back", back["answers"], {"receipts": 1, "refusals": 0, "repeated": 0})
    expect("Rabat's act is settled", back["settled"], 1)
    expect("the act is receipted", desks.ma.acts()[0]["state"], "receipted")
    desks.carry(desks.ma, "3-there")
    expect("Berlin's log is settled", settled(desks.de), [1, 1])
    desks.carry(desks.de, "4-back")
    expect("Rabat's log is settled with the receipt", settled(desks.ma), [2, 2])


def sign_and_publish(desks: Desks) -> None:
    document = desks.ma.run("document", "list")["documents"][0]["id"]
    for node in desks.nodes:
        for signatory in node.run("document", "show", document)["document"]["signatories"]:
            if signatory["country"] == node.country:
                node.run("document", "sign", document, "--signatory", signatory["name"])
    lost = desks.pack(desks.ma, "5-lost")
    desks.carry(desks.ma, "6-there")
    desks.carry(desks.de, "7-back")
    desks.carry(desks.ma, "8-there")
    for node in desks.nodes:
        state = node.run("document", "list")["documents"][0]["state"]
        expect(f"{node.country} holds it in force", state, "in-force")
    late = desks.de.run("courier", "unpack", str(lost))
    expect("a parcel that was lost comes late", late["late"], True)
    expect("and brings nothing new", late["acts"]["accepted"], 0)


def refused(desks: Desks) -> None:
    path = desks.pack(desks.ma, "9-there")
    expect("a parcel is its owner's only", stat.S_IMODE((ROOT / path).stat().st_mode), 0o600)
    nowhere = desks.ma.fails("courier", "pack", "--out", str(desks.folder / "none/9"))
    expect("a folder that is not there", nowhere.code, NOT_FOUND)
    expect("nothing half written is left", sorted((ROOT / desks.folder).glob("*.new")), [])
    expect("the same content again", desks.ma.run("courier", "pack", "--out", str(path))["acts"], 0)
    expect("a parcel is not its sender's", desks.ma.fails("courier", "unpack", str(path)).code,
           BAD_INPUT)
    parcel = bytearray((ROOT / path).read_bytes())
    parcel[len(parcel) // 2] ^= 1
    altered = desks.folder / "9-altered"
    (ROOT / altered).write_bytes(parcel)
    expect("an altered parcel is refused", desks.de.fails("courier", "unpack", str(altered)).code,
           BAD_INPUT)
    cut = desks.folder / "9-cut"
    (ROOT / cut).write_bytes((ROOT / path).read_bytes()[:-1])
    expect("a cut one too", desks.de.fails("courier", "unpack", str(cut)).code, BAD_INPUT)
    nothing = desks.folder / "9-nothing"
    (ROOT / nothing).write_bytes(b"entente-parcel/1\n")
    expect("an empty one", desks.de.fails("courier", "unpack", str(nothing)).code, BAD_INPUT)
    missing = desks.de.fails("courier", "unpack", str(desks.folder / "none"))
    expect("a file that is not there", missing.code, NOT_FOUND)
    for words in (("courier",), ("courier", "unpack"), ("courier", "pack", "--out")):
        expect(f"{' '.join(words)} is not a whole command", desks.ma.fails(*words).code, BAD_INPUT)
    for verb in ("pack", "unpack"):
        desks.ma.command("courier", verb, "--help").check_returncode()
    for node in desks.nodes:
        expect(f"no evidence at {node.country}", node.run("evidence")["evidence"], [])


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return BAD_INPUT
    shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
    desks = Desks(FOLDER, pathlib.Path(sys.argv[1]).resolve(), "entente", "entente")
    try:
        desks.exchange_cards(desks.start())
        three_trips(desks)
        sign_and_publish(desks)
        refused(desks)
    except DemoError as error:
        print(f"FAIL  {error}", flush=True)
        return 1
    finally:
        desks.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
