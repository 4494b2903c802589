"""The table of single votes: what was on which side, what was preferred, and whether the vote counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from app.study.analysis import analyse_study
from app.study.matching import match_votes
from app.study.report.facts import StudyFacts
from app.study.report.vote_rows import COLUMNS, VoteCell, iter_vote_rows
from app.study.results import StudyResults
from tests.helpers.study_results import make_facts


def make_rows(facts: StudyFacts) -> tuple[list[dict[str, VoteCell]], StudyResults]:
    results = analyse_study(match_votes(facts.plan, facts.votes), facts.design, rounds=20)
    return [dict(zip(COLUMNS, row, strict=True)) for row in iter_vote_rows(results, facts)], results


def test_the_rows_that_count_give_the_shares_of_the_report() -> None:
    rows, results = make_rows(make_facts())
    assert {rater.rater for rater in results.raters if rater.excluded}
    counted = Counter((row["first_method"], row["second_method"]) for row in rows if row["counted"])
    won = Counter(
        (row["first_method"], row["second_method"])
        for row in rows
        if row["counted"] and row["preferred"] == row["first_method"]
    )
    left = Counter(
        (row["first_method"], row["second_method"]) for row in rows if row["counted"] and row["first_side"] == "left"
    )
    assert counted
    for pair in results.after_exclusions.pairs:
        key = pair.first, pair.second
        assert (counted[key], won[key], left[key]) == (pair.votes, pair.for_first, pair.first_left)


def test_every_vote_that_does_not_count_says_why() -> None:
    facts = make_facts(cannot_decide=True)
    main = [vote for vote in facts.votes if (trial := facts.find_trial(vote)) and trial.kind == "main"]
    undecided, twice = replace(main[0], choice="neither"), replace(main[1], voted_at=main[1].voted_at + timedelta(1))
    stranger = replace(main[2], seat=77)
    others = [vote for vote in facts.votes if vote != main[0]]
    changed = replace(facts, votes=(undecided, *others, twice, stranger))
    rows, results = make_rows(changed)
    assert len(rows) == len(facts.votes) + 2
    assert all(bool(row["counted"]) != bool(row["why_not"]) for row in rows)
    excluded = {rater.rater for rater in results.raters if rater.excluded}
    assert excluded
    reasons = Counter(str(row["why_not"]).partition(":")[0] for row in rows)
    assert {"practice", "catch trial", "repeat", "rater left out"} <= reasons.keys()
    assert reasons["second vote on the same trial"] == reasons["no trial of the plan"] == 1
    assert sum(bool(row["counted"]) for row in rows) == sum(pair.votes for pair in results.after_exclusions.pairs)
    beyond = next(row for row in rows if row["why_not"] == "no trial of the plan")
    assert beyond["seat"] == 78
    assert (beyond["person"], beyond["first_method"], beyond["preferred"]) == (None, None, None)


def test_sides_and_methods_are_those_of_the_plan() -> None:
    facts = make_facts()
    rows, _ = make_rows(facts)
    order = facts.design.methods
    for row, vote in zip(rows, facts.votes, strict=True):
        trial = facts.find_trial(vote)
        assert trial is not None
        chosen = trial.left if vote.choice == "left" else trial.right
        assert row["preferred"] == chosen
        assert row["first_side"] == ("left" if trial.left == row["first_method"] else "right")
        if trial.kind == "main":
            assert order.index(str(row["first_method"])) < order.index(str(row["second_method"]))
            assert row["image"] == f"street/000{trial.person}.jpg"
        else:
            assert {row["first_method"], row["second_method"]} == {"good", "bad"} or trial.kind == "repeat"
        assert (row["seat"], row["position"]) == (vote.seat + 1, vote.position + 1)
