#!/usr/bin/env python3
"""Fails unless the four message catalogues say the same things (ctest "locales").

usage: check.py [FOLDER]

Every catalogue is one flat object of texts with the same sorted keys, none empty, the same {placeholders}
in each language; Arabic texts are Arabic, the others are not. A language is named in itself everywhere.
No French line begins with a colon: the space before its high punctuation does not break.
"""

import json
import pathlib
import re
import sys

LANGUAGES = ("fr", "de", "ar", "en")
PLACEHOLDER = re.compile(r"\{[a-z]+\}")
ARABIC = re.compile(r"[\u0600-\u06ff]")
BREAKS = re.compile(r" [:;?!%»]|« ")
SAME_EVERYWHERE = re.compile(r"language\.|console\.title$")


def read(folder: pathlib.Path, language: str) -> dict[str, str]:
    pairs = json.loads(
        (folder / f"{language}.json").read_text("utf-8"), object_pairs_hook=lambda pairs: pairs
    )
    keys = [key for key, _ in pairs]
    if keys != sorted(set(keys)):
        raise ValueError(f"{language}.json: keys must be sorted, none twice")
    return dict(pairs)


def check_text(language: str, key: str, text: object, english: str) -> list[str]:
    where = f"{language}.json: {key}"
    if not isinstance(text, str) or not text.strip() or text != text.strip():
        return [f"{where} must be a text without blanks around it"]
    findings = []
    if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(english)):
        findings.append(f"{where} has other placeholders than the English text")
    if language == "fr" and BREAKS.search(text):
        findings.append(f"{where} breaks at its punctuation: U+00A0 or U+202F belong there")
    if SAME_EVERYWHERE.match(key):
        if text != english:
            findings.append(f"{where} must be the same in every language")
    elif bool(ARABIC.search(text)) != (language == "ar"):
        findings.append(f"{where} is in another language")
    return findings


def check(folder: pathlib.Path) -> list[str]:
    catalogues = {language: read(folder, language) for language in LANGUAGES}
    english = catalogues["en"]
    findings = []
    for language, texts in catalogues.items():
        for key in sorted(texts.keys() ^ english.keys()):
            findings.append(f"{language}.json: {key} is not in every catalogue")
        for key in sorted(texts.keys() & english.keys()):
            findings += check_text(language, key, texts[key], str(english[key]))
    return findings


def main() -> int:
    if len(sys.argv) > 2 or "-h" in sys.argv or "--help" in sys.argv:
        print(__doc__.strip())
        return 2
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else pathlib.Path(__file__).parent
    try:
        findings = check(folder)
    except (OSError, TypeError, ValueError) as error:
        findings = [str(error)]
    print("\n".join(findings) or "locales: the four catalogues agree")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
