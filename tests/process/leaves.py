"""The leaves of an exported ledger (docs/formats/ledger.md, sections 1 and 3)."""

import dataclasses
import pathlib

KIND, DIRECTION, OBJECT, EPOCH, SEQUENCE = 1, 2, 6, 8, 9
SENT, RECEIVED = 1, 2
ANSWERS = ("receipt", "refusal")
ENTRIES_A_TILE = 256
UNSIGNED, BYTES, TEXT, MAP = 0, 2, 3, 5  # major types of CBOR (RFC 8949)


@dataclasses.dataclass
class Leaf:
    """One entry, as far as the tests ask."""

    index: int
    kind: str
    direction: int
    object: str  # hex: the act's id
    epoch: int
    sequence: int

    @property
    def is_sent_act(self) -> bool:
        return self.direction == SENT and self.kind not in ANSWERS

    @property
    def is_received_act(self) -> bool:
        return self.direction == RECEIVED and self.kind not in ANSWERS

    @property
    def is_received_receipt(self) -> bool:
        return self.direction == RECEIVED and self.kind == "receipt"


def decode(data: bytes, at: int = 0) -> tuple[object, int]:
    """The CBOR item at `at`, and where the next begins. Only what a leaf holds."""
    major, argument = data[at] >> 5, data[at] & 31
    at += 1
    if argument >= 24:
        size = 1 << (argument - 24)
        argument = int.from_bytes(data[at : at + size], "big")
        at += size
    if major == UNSIGNED:
        return argument, at
    if major in (BYTES, TEXT):
        value = data[at : at + argument]
        return value if major == BYTES else value.decode(), at + argument
    if major != MAP:
        raise ValueError(f"CBOR major type {major} in a leaf")
    members = {}
    for _ in range(argument):
        key, at = decode(data, at)
        members[key], at = decode(data, at)
    return members, at


def tile_path(number: int) -> str:
    last, rest = f"{number % 1000:03}", number // 1000
    groups = []
    while rest:
        groups.insert(0, f"x{rest % 1000:03}/")
        rest //= 1000
    return "".join(groups) + last


def entries(folder: pathlib.Path) -> list[bytes]:
    """Every entry below the exported checkpoint, in order."""
    size = int((folder / "checkpoint").read_text("utf-8").splitlines()[1])
    found = []
    for tile in range((size + ENTRIES_A_TILE - 1) // ENTRIES_A_TILE):
        width = min(ENTRIES_A_TILE, size - tile * ENTRIES_A_TILE)
        path = folder / "tile/entries" / tile_path(tile)
        if width < ENTRIES_A_TILE:
            path = path.with_name(path.name + ".p") / str(width)
        data, at = path.read_bytes(), 0
        for _ in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            found.append(data[at + 2 : at + 2 + length])
            at += 2 + length
    return found


def read(folder: pathlib.Path) -> list[Leaf]:
    leaves = []
    for index, entry in enumerate(entries(folder)):
        members, end = decode(entry)
        if end != len(entry):
            raise ValueError(f"entry {index} has bytes behind its map")
        leaves.append(
            Leaf(
                *(index, members[KIND], members[DIRECTION], members[OBJECT].hex()),
                *(members[EPOCH], members[SEQUENCE]),
            )
        )
    return leaves
