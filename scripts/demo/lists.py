"""The two lists of a run: generated with a known truth, or real files."""

import csv
import dataclasses
import json
import pathlib

from node import ROOT, DemoError


@dataclasses.dataclass
class Plan:
    """Size of generated lists."""

    seed: int
    records: int
    common: int
    decoys: int


@dataclasses.dataclass
class Truth:
    """Who is in both generated lists."""

    pairs: list[tuple[str, str, str]]  # id in A, id in B, kind
    rows_a: dict[str, dict]
    rows_b: dict[str, dict]

    def common(self) -> list[tuple[str, str, str]]:
        return [pair for pair in self.pairs if not pair[2].startswith("decoy")]


@dataclasses.dataclass
class Score:
    """How well hits agree with the truth, the worse of both sides."""

    hits: int
    true_pairs: int
    recall: float
    precision: float
    by_kind: dict[str, str]  # kind -> "found of there"


def generate(exercise, plan: Plan) -> Truth:
    folder = exercise.folder / "lists"
    exercise.exercise_tool(
        *("lists", "--out", folder, "--seed", plan.seed, "--records", plan.records),
        *("--common", plan.common, "--decoys", plan.decoys),
    )
    truth = [(row["id_a"], row["id_b"], row["kind"]) for row in rows(folder / "truth.csv")]
    return Truth(
        truth,
        {row["id"]: row for row in rows(folder / "a.csv")},
        {row["id"]: row for row in rows(folder / "b.csv")},
    )


def rows(path: pathlib.Path) -> list[dict]:
    with open(ROOT / path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def score(truth: Truth, hits_a: set[str], hits_b: set[str]) -> Score:
    common = truth.common()
    true_a = {pair[0] for pair in common}
    true_b = {pair[1] for pair in common}
    found = [pair for pair in common if pair[0] in hits_a and pair[1] in hits_b]
    kinds = {}
    for kind in dict.fromkeys(pair[2] for pair in common):
        there = sum(1 for pair in common if pair[2] == kind)
        kinds[kind] = f"{sum(1 for pair in found if pair[2] == kind)} of {there}"

    def ratio(right: int, all_of: int) -> float:
        return round(right / all_of, 4) if all_of else 1.0

    return Score(
        hits=len(hits_a),
        true_pairs=len(common),
        recall=ratio(len(found), len(common)),
        precision=min(
            ratio(len(hits_a & true_a), len(hits_a)), ratio(len(hits_b & true_b), len(hits_b))
        ),
        by_kind=kinds,
    )


def real_list(argument: str) -> list[str]:
    """The words of `entente list import` for a file or a folder. OFAC's aliases and addresses are
    taken along when they lie beside its sdn.csv."""
    path = pathlib.Path(argument)
    if path.is_dir():
        mains = sorted(path.glob("*sdn.csv*")) or sorted(
            file for file in path.iterdir() if file.is_file()
        )
        if len(mains) != 1:
            raise DemoError(f"{argument}: name one file of the {len(mains)} there")
        path = mains[0]
    if not path.is_file():
        raise DemoError(f"{argument}: no such file")
    path = path.resolve()
    words = [str(path)]
    if "sdn.csv" in path.name:
        for part in ("alt", "add"):
            beside = path.with_name(path.name.replace("sdn.csv", f"{part}.csv"))
            if beside.is_file():
                words += [f"--{part}", str(beside)]
    return words


def explain(exercise, pairs: list[tuple[str, str]]) -> list[list[list[str]]]:
    """For each pair of names its [token, token, shared skeleton]; "" where there is none."""
    lines = "".join(f"{a}\t{b}\n" for a, b in pairs)
    answer = exercise.exercise_tool("explain", input=lines.encode("utf-8"))
    return [json.loads(line) for line in answer.decode("utf-8").splitlines()]


def pair_records(exercise, records_a: list[dict], records_b: list[dict]) -> list[str]:
    """Own records of both sides side by side: those whose primary names share most tokens."""
    by_year: dict[str, list[dict]] = {}
    for record in records_b:
        for year in {date[:4] for date in record["birth_dates"]}:
            by_year.setdefault(year, []).append(record)
    lines = []
    for a in records_a:
        years = {date[:4] for date in a["birth_dates"]}
        candidates = [b for year in sorted(years) for b in by_year.get(year, [])]
        names = [(name_of(a), name_of(b)) for b in candidates]
        shared = [
            sum(1 for token in tokens if token[2])
            for tokens in (explain(exercise, names) if names else [])
        ]
        if any(shared):
            best = shared.index(max(shared))
            lines.append(f"{names[best][0]}   |   {names[best][1]}")
    return lines


def name_of(record: dict) -> str:
    return record["names"][0]["text"]


def show_pair(report, name_a: str, name_b: str, tokens: list, rule: str) -> None:
    report.say(f"   {name_a}   |   {name_b}   ({rule})")
    for left, right, skeleton in tokens:
        if skeleton:
            report.say(f"       {' '.join(left)}  ->  {skeleton}  <-  {' '.join(right)}")
        else:
            side = "MA" if left else "DE"
            report.say(f"       {left or right}  only in {side}'s list")
