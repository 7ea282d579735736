#!/usr/bin/env python3
"""Writes entente/match/frequency_table.inc: how frequent written names are, in parts per million.

    scripts/make_frequency_table.py ../shared/data > entente/match/frequency_table.inc

Sources: sigpwned/popular-names-by-country-dataset (CC0) for the order of frequent forenames and
surnames of a country, steveash/NETransliteration-COLING2018 (CC0) for counts of Arabic-script name
tokens. Both measure fame, not population, so three stated estimates turn them into frequencies:
ranks follow Zipf's law, and a name of Arabic origin is ten times as frequent among the persons two
authorities exchange about as in that source. A name has the highest frequency any source gives it.
The output depends on the input alone.
"""
import collections
import csv
import gzip
import io
import pathlib
import re
import sys
import unicodedata

COUNTRIES = frozenset(
    "MA DZ TN LY EG JO LB SA IQ KW AE IR TR PK DE AT CH FR BE NL GB US IT ES".split())
FORENAME_PPM_OF_RANK_1 = 12_000
SURNAME_PPM_OF_RANK_1 = 4_000
ARABIC_ORIGIN_FACTOR = 10
# Letters that transliterations of European names avoid.
ARABIC_ORIGIN = re.compile("[حعصضظ]|^ال...|^عبد")
COUNT_MIN = 4
SIZE_BYTES_MAX = 140_000


def rows(path):
    with gzip.open(path, "rb") as packed:
        yield from csv.DictReader(io.TextIOWrapper(packed, "utf-8-sig"))


def main(data):
    ppm = collections.Counter()

    def offer(name, value):
        for token in re.split(r"[\s\-.,']+", unicodedata.normalize("NFC", name).lower()):
            if len(token) > 1:
                ppm[token] = max(ppm[token], round(value))

    for kind, first in (("forenames", FORENAME_PPM_OF_RANK_1), ("surnames", SURNAME_PPM_OF_RANK_1)):
        for row in rows(data / f"names/common-{kind}-by-country.csv.gz"):
            if row["Country"] in COUNTRIES:
                rank = int(row["Index"] if kind == "forenames" else row["Rank"])
                offer(row["Romanized Name"], first / rank)

    counts = collections.Counter()
    with gzip.open(data / "translit/coling2018_wd_arabic.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            _, arabic, count = line.rstrip("\n").split("\t")
            counts[arabic.replace(" ", "")] += int(count)
    total = sum(counts.values())
    for token, count in counts.items():
        if count >= COUNT_MIN:
            factor = ARABIC_ORIGIN_FACTOR if ARABIC_ORIGIN.search(token) else 1
            offer(token, count * factor * 1e6 / total)

    print(
        "// Written by scripts/make_frequency_table.py; do not edit. One row a name: the name, "
        "parts per\n// million. Sources: popular-names-by-country-dataset (CC0), "
        "NETransliteration-COLING2018 (CC0)."
    )
    print('R"table(')
    size = 0
    for token, value in sorted(ppm.items(), key=lambda item: (-item[1], item[0])):
        row = f"{token} {value}"
        size += len(row.encode()) + 1
        if size > SIZE_BYTES_MAX:
            break
        print(row)
    print(')table"')


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
