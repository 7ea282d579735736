"""Looks for what the lists hold in what crossed the border.

The values are every name, birth date and document number of every record, and every match key made
of them. Each is searched as written and case-folded, and as the SHA-256, SHA-1 and MD5 of both: raw
bytes, and whatever a run of base64 or hex digits decodes to (apps/entente-exercise/wire_search.h);
of a key also the unkeyed hash that the node itself keeps, its "input". Not searched: text shorter
than 5 bytes and bare years, which random bytes and dates of acts hold by chance; their hashes are.
A find does not count if the same text stands in a document both sides signed or in a card: a list
may name somebody "Congo", and so may an article.
"""

import collections
import dataclasses
import hashlib
import json
import struct
import subprocess

from node import ROOT, DemoError

TEXT_BYTES_MIN = 5
HASHES = ("sha256", "sha1", "md5")
FORMS = ("text", *HASHES)


@dataclasses.dataclass
class WireReport:
    """What was searched, and what was found."""

    values: int
    needles: int
    bytes: int
    found: list[str]  # one line each, without the value itself
    in_documents: int  # values that the signed documents and cards hold as text


def texts_of(kind: str, value: str) -> set[bytes]:
    if kind == "key":
        return {value.encode()}
    compact = value.replace("-", "") if value[:4].isdigit() else value
    return {text.encode() for text in (value, value.casefold(), compact)}


def is_needle(text: bytes) -> bool:
    return len(text) >= TEXT_BYTES_MIN and not (text.rstrip(b"~").isdigit() and len(text) <= 5)


def forms(kind: str, value: str):
    """(number of the form, bytes) of everything that would give the value away."""
    if kind == "input":
        yield 0, bytes.fromhex(value)
        return
    for text in sorted(texts_of(kind, value)):
        if is_needle(text):
            yield 0, text
        for number, name in enumerate(HASHES, 1):
            yield number, hashlib.new(name, text, usedforsecurity=False).digest()


def read_values(exercise, lists: list[list[str]]) -> list[tuple[str, str, str]]:
    """(kind, record ids, value), each value once."""
    ids = collections.defaultdict(str)
    for words in lists:
        for line in exercise.exercise_tool("values", *words).decode("utf-8").splitlines():
            kind, record, value = line.split("\t", 2)
            ids[kind, value] = ids[kind, value] or record
    return [(kind, record, value) for (kind, value), record in ids.items()]


def search(exercise, lists: list[list[str]], captures: list, public: list) -> WireReport:
    """`captures` are files of what crossed, `public` the files of documents and cards."""
    values = read_values(exercise, lists)
    command = [exercise.binaries / "entente-exercise", "search", *captures, *public]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        for index, (kind, _, value) in enumerate(values):
            for form, needle in forms(kind, value):
                label = index * len(FORMS) + form
                process.stdin.write(struct.pack("<IH", label, len(needle)) + needle)
        process.stdin.close()
        answer = process.stdout.read()
    if process.returncode != 0:
        raise DemoError("the search of the captured frames did not run")
    result = json.loads(answer)
    public_names = {str(path) for path in public}
    known = {find["label"] for find in result["finds"] if find["file"] in public_names}
    found = []
    for find in result["finds"]:
        if find["label"] in known:
            continue
        index, form = divmod(find["label"], len(FORMS))
        kind, record, _ = values[index]
        inside = f" in {find['via']}" if find["via"] else ""
        place = f"{find['file']} at byte {find['offset']}"
        found.append(f"{kind} of {record} as {FORMS[form]}{inside}, {place}")
    size = sum((ROOT / path).stat().st_size for path in captures)
    return WireReport(len(values), result["needles"], size, found, len(known))
