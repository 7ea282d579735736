"""What ./demo plays: the main story, the rogue node, the planted leak."""

import lists
import refusal
from exercise import COLLECTION, PURPOSE
from node import DemoError

SMALL = lists.Plan(seed=1, records=300, common=30, decoys=20)
DECLARATION = "declaration-t0.json"
AGREEMENT = "agreement-t1.json"


def meet(story) -> None:
    with story.report.stage("Two nodes: homes, keys, cards, fingerprints"):
        try:
            story.meet()
        finally:
            story.on_started()


def run_main(story, options, plan) -> None:
    stage = story.report.stage
    origin = "public-list" if options.lists else "synthetic"
    meet(story)
    with stage("T0: the declaration of intent, co-signed"):
        story.sign(DECLARATION, "N9", "declaration of intent")
    with stage("Minutes of the meeting, co-signed"):
        story.sign("minutes.json", "N1", "minutes")
    with stage("Each side loads its list"):
        if options.lists:
            story.list_words = dict(zip(("MA", "DE"), options.list_words, strict=True))
        else:
            story.make_lists(plan)
        story.import_lists(origin)
    with stage("A match under the declaration is refused"):
        story.be_refused()
    with stage("T1: the binding agreement, co-signed"):
        story.sign(AGREEMENT, "N9", "binding agreement")
    with stage("The round: which persons do both know?"):
        story.run_round()
    with stage("What was found"):
        if options.lists:
            story.show_real_hits()
        else:
            story.judge()
    if story.has_capture:
        with stage("What crossed, before encryption, searched for every record"):
            story.search_wire()
    with stage("The communiqué, co-signed and published"):
        story.publish()
    with stage("Both ledgers, exported and verified without a node"):
        story.prove()
    story.measure()
    story.report.checklist()


def run_rogue(story, options, plan) -> None:
    """MA runs without a policy: under the declaration it offers a match all the same."""
    stage, exercise = story.report.stage, story.exercise
    meet(story)
    with stage("T0: the declaration of intent, co-signed"):
        story.sign(DECLARATION, "N9", "declaration of intent")
    with stage("Each side loads its list"):
        story.make_lists(SMALL)
        story.import_lists("synthetic")
    with stage("The rogue node offers a match under the declaration; DE refuses"):
        sent = exercise.ma.run("match", "offer", "--collection", COLLECTION, "--purpose", PURPOSE)
        exercise.wait_settled()
        row = next(act for act in exercise.ma.acts() if act["id"] == sent["act"])
        answer = row["answer"] or {}
        if row["state"] != "refused" or not answer.get("article"):
            raise DemoError(f"DE did not refuse: the act is {row['state']}")
        story.report.say(f"   DE answers, signed: {answer['reason']}")
        story.report.tick(
            "N8",
            f"a node without a policy is refused by the other, article {answer['article']}",
            exercise.leaves(sent["act"]),
        )
        evidence = exercise.de.run("evidence")["evidence"]
        if not any(item["what"] == "refused act" for item in evidence):
            raise DemoError("DE kept no evidence")
        story.report.tick(
            "N10", "DE keeps the signed act as evidence", f"{evidence[0]['bytes']} bytes"
        )
    with stage("DE still serves: its own offer is refused by itself, its ledger verifies"):
        failure = exercise.de.fails(
            "match", "offer", "--collection", COLLECTION, "--purpose", PURPOSE
        )
        story.result["article"] = refusal.quote(story.report, failure)
        story.prove()
    story.result |= {"refused": True, "evidence": len(evidence)}


def run_canary(story, options, plan) -> None:
    """MA leaks hashes of names and keys in salts and nonces: rounds work, the search must see."""
    stage = story.report.stage
    meet(story)
    with stage("T1: the binding agreement, co-signed"):
        story.sign(AGREEMENT, "N9", "binding agreement")
    with stage("Each side loads its list"):
        story.make_lists(SMALL)
        story.import_lists("synthetic")
    with stage("The round works as if nothing were wrong"):
        story.run_round()
    with stage("What crossed, before encryption, searched for every record"):
        report = story.look_at_wire()
        for kind in ("name", "input"):
            if not any(line.startswith(kind) for line in report.found):
                raise DemoError(f"the planted leak was not caught: no {kind} was found")
        for line in report.found[:5]:
            story.report.say(f"   caught: {line}")
    story.result["caught"] = len(report.found)
