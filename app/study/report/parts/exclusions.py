"""Catch trials, who was left out, and the result with and without them side by side."""

from __future__ import annotations

from app.study.report.document import Block, Bullets, Cell, Column, Notes, Section, Table, Text, cells
from app.study.report.facts import StudyFacts
from app.study.report.parts.preference import PAIR, name_pair
from app.study.report.words import NONE, count, level, p_value, percent, percent_sign, points
from app.study.results import PairResult, StudyResults


def build_exclusions(results: StudyResults, facts: StudyFacts) -> Section:
    """Catches and exclusions."""
    out = [rater for rater in results.raters if rater.excluded]
    right, answered = sum(one.catches_right for one in results.raters), sum(one.catches for one in results.raters)
    sentences = [rule_in_words(results, facts)]
    if answered:
        sentences.append(
            f"Raters answered {right:,} of {count(answered, 'catch trial')} rightly ({percent_sign(right / answered)})."
        )
    after, everybody = results.after_exclusions, results.with_everybody
    sentences.append(
        f"Counted are {count(after.votes, 'vote')} of {count(after.raters, 'rater')}; with everybody it would be "
        f"{count(everybody.votes, 'vote')} of {count(everybody.raters, 'rater')}."
    )
    blocks: list[Block] = [Text(" ".join(sentences))]
    if out:
        blocks.append(Bullets(tuple(f"{rater.rater} was left out: {rater.reason}" for rater in out)))
    blocks.append(_table(results))
    return Section("Catch trials and exclusions", tuple(blocks))


def rule_in_words(results: StudyResults, facts: StudyFacts) -> str:
    """The frozen rule."""
    catches = facts.design.catches
    if not catches.count:
        return "No catch trials were planned, so no rater can be left out."
    chance = ""
    if results.random_pass is not None:
        chance = f" Somebody who tosses a coin passes with a chance of {percent_sign(results.random_pass)}."
    return (
        f"A rater's votes count with at least {catches.pass_at_least} of {count(catches.count, 'catch trial')} right, "
        f"a rule frozen before the first vote.{chance}"
    )


def _table(results: StudyResults) -> Table:
    notes = Notes()
    everybody = {(pair.first, pair.second): pair for pair in results.with_everybody.pairs}
    counted = {(pair.first, pair.second): pair for pair in results.after_exclusions.pairs}
    rows = []
    for key in dict.fromkeys([*counted, *everybody]):
        after, all_ = counted.get(key), everybody.get(key)
        name = name_pair(after or all_)  # type: ignore[arg-type] # one of them has the key
        rows.append(cells(name, *_part(after, notes), *_part(all_, notes), _difference(after, all_)))
    interval = level(results.confidence)
    columns = (
        PAIR, Column("Counted: votes", 0.9), Column(f"Counted: share, % [{interval}]", 1.5),
        Column("Counted: Holm p", 0.9), Column("Everybody: votes", 1.0),
        Column(f"Everybody: share, % [{interval}]", 1.5), Column("Everybody: Holm p", 1.0),
        Column("Change, points", 0.9),
    )  # fmt: skip
    return Table(
        "The result after exclusions and with everybody's votes, side by side.", columns, tuple(rows), notes.all()
    )


def _part(pair: PairResult | None, notes: Notes) -> tuple[str | Cell, ...]:
    if pair is None:
        return (NONE, NONE, NONE)
    return (f"{pair.votes:,}", notes.estimate(pair.share, percent), p_value(pair.p_holm))


def _difference(after: PairResult | None, everybody: PairResult | None) -> str:
    if after is None or everybody is None or after.share.value is None or everybody.share.value is None:
        return NONE
    return points(after.share.value - everybody.share.value)
