#!/usr/bin/env python3
"""Writes apps/entente-exercise/spellings.tsv from published tables of name pairs.

    scripts/make_spelling_table.py DATA_DIR > apps/entente-exercise/spellings.tsv

DATA_DIR holds translit/google_ar2en.txt.gz, translit/coling2018_wd_arabic.tsv.gz and
names/common-{fore,sur}names-by-country.csv.gz (sources in the table's own header). A spelling is
taken only if people wrote it: nothing is transliterated here, and no rule of entente/names is used,
so that the lists made from the table test those rules.
"""
import collections
import csv
import difflib
import gzip
import pathlib
import sys
import unicodedata

ARAB = set("MA DZ TN LY SA YE KW QA".split())
EUROPE = set("DE AT CH LI LU FR BE NL ES PT IT PL CZ SK HU SI HR DK SE NO FI IE GB".split())
WEST = EUROPE | {"US", "CA", "AU", "NZ", "BR", "RU", "UA"}
COUNT_MIN = 2          # a pair only one table has must have been seen this often
SPELLINGS_MAX = 6      # per Arabic token
GIVEN_COUNT = 260      # the most frequent tokens serve as given names
FAMILY_COUNT = 2600
# Parts of names, and tokens that the filters let through although no Arab bears them.
LEFT_OUT = set(
    "عبد ابن أبو الله الدين نبي جوني دين دالي جودي ليديا كوني ريمي صوفيا ميليسا بوني "
    "مامي بري تينغ كالي بندر حجاي بنحاس مناحيم الكسندر صقلية الدنمارك".split())
# What follows عبد in a given name.
SECOND_PARTS = (
    "القادر الرحمن الكريم العزيز الرزاق الفتاح المنعم الرحيم الحميد الرشيد المجيد "
    "الجليل الحكيم السلام اللطيف الغني الوهاب الخالق الصمد الناصر الهادي الباقي الحق").split()
ONLY_ARABIC_LETTERS = set("عحصضظ")
HEADER = """\
# Name tokens with the spellings people use, for generated exercise lists. Fictional persons are
# put together from single tokens. Made by scripts/make_spelling_table.py from
#   google/transliteration ar2en (Apache-2.0),
#   steveash/NETransliteration-COLING2018 Wikidata Arabic (CC0),
#   sigpwned/popular-names-by-country-dataset (CC0).
# g: Arabic given name, f: Arabic family name, a and s: first and second part of a compound given
# name; then TAB, Arabic, TAB, Latin spellings, most frequent first. G, F: given and family names of
# Europe. Most frequent first within each letter.
"""


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        yield from file


def plain(text):
    """Without diacritics, lower case: to compare spellings, not to make any."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if c.isascii() and c.isalpha())


def title(text):
    return "-".join(part[:1].upper() + part[1:] for part in text.split("-"))


def read_pairs(data):
    """Arabic token -> Counter of Latin spellings that are attested well enough."""
    agreed = collections.defaultdict(set)
    for line in lines(data / "translit/google_ar2en.txt.gz"):
        arabic, latin = line.rstrip("\n").split("\t")
        agreed[arabic].add(latin)
    counts = collections.defaultdict(collections.Counter)
    for line in lines(data / "translit/coling2018_wd_arabic.tsv.gz"):
        latin, spaced, count = line.rstrip("\n").split("\t")
        counts[spaced.replace(" ", "")][latin] += int(count)
    table = {}
    for arabic in set(agreed) | set(counts):
        kept = collections.Counter()
        for latin, count in counts[arabic].items():
            if count >= COUNT_MIN or latin in agreed[arabic]:
                kept[latin] = count
        for latin in agreed[arabic]:
            kept[latin] = max(kept[latin], 1)
        table[arabic] = kept
    return table


def is_latin_name(text):
    return len(plain(text)) >= 3 and all(
        c in "'-" or unicodedata.name(c, "").startswith("LATIN") for c in text)


def is_clean(latin, best):
    """Drops misaligned pairs by comparing with the most frequent spelling."""
    first, best_first = plain(latin)[0], plain(best)[0]
    if first != best_first and not {first, best_first} <= set("aeiou") and \
       {first, best_first} not in ({"c", "k"}, {"k", "q"}, {"g", "j"}, {"j", "y"}, {"o", "w"}):
        return False
    return difflib.SequenceMatcher(None, plain(latin), plain(best)).ratio() >= 0.6


def spellings(counter):
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    ranked = [latin for latin, _ in ranked if is_latin_name(latin)]
    seen, kept = set(), []
    for latin in ranked:
        if is_clean(latin, ranked[0]) and plain(latin) not in seen:
            seen.add(plain(latin))
            kept.append(title(latin))
    return kept[:SPELLINGS_MAX]


def read_country_names(data, kind, countries):
    """Names of the CC0 table in rank order: (localized, romanized)."""
    rows = csv.DictReader(lines(data / f"names/common-{kind}-by-country.csv.gz"))
    rows = [row for row in rows if row["Country"] in countries]
    rank = lambda row: int(row.get("Rank") or row["Index"] or 999)
    return [(row["Localized Name"], row["Romanized Name"]) for row in sorted(rows, key=rank)]


def is_arabic_word(token):
    return all("\u0621" <= c <= "\u064a" for c in token) and len(token) >= 3


def main():
    data = pathlib.Path(sys.argv[1])
    pairs = read_pairs(data)
    arab_names = {plain(name) for both in read_country_names(data, "forenames", ARAB)
                  for name in both if plain(name)}
    europe = {kind: read_country_names(data, kind, EUROPE) for kind in ("forenames", "surnames")}
    west_names = {plain(name) for kind in europe for both in read_country_names(data, kind, WEST)
                  for name in both}

    tokens = []
    for arabic, counter in pairs.items():
        found = spellings(counter)
        if not is_arabic_word(arabic) or arabic in LEFT_OUT or not found:
            continue
        bare = arabic.removeprefix("ال")
        is_surely_arab = set(arabic) & ONLY_ARABIC_LETTERS or bare != arabic
        is_perhaps_arab = "ال" + bare in pairs or any(plain(latin) in arab_names for latin in found)
        is_western = any(plain(latin) in west_names for latin in found)
        if not is_surely_arab and (is_western or not is_perhaps_arab):
            continue
        tokens.append((len(found) < 2, -sum(counter.values()), arabic, found))
    tokens.sort()
    given = [t for t in tokens if len(t[3]) >= 2 and not t[2].startswith("ال")][:GIVEN_COUNT]
    family = tokens[:FAMILY_COUNT]

    out = [HEADER.rstrip("\n")]
    out += [f"g\t{arabic}\t" + "\t".join(found) for _, _, arabic, found in given]
    first = [latin for latin, count in pairs["عبد"].most_common() if count > 100]
    out += ["a\tعبد\t" + "\t".join(map(title, first))]
    for arabic in SECOND_PARTS:
        nothing = collections.Counter()
        bare = arabic.removeprefix("ال")
        if found := spellings(pairs.get(arabic, nothing) + pairs.get(bare, nothing)):
            out += [f"s\t{arabic}\t" + "\t".join(found)]
    out += [f"f\t{arabic}\t" + "\t".join(found) for _, _, arabic, found in family]
    for letter, kind in (("G", "forenames"), ("F", "surnames")):
        names = dict.fromkeys(title(name) for _, name in europe[kind]
                              if is_latin_name(name) and plain(name) not in arab_names)
        out += [f"{letter}\t{name}" for name in names]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
