"""Every single vote as a row of a table, so that others can do the statistics again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from app.study.plan import BAD, GOOD, DrawnPerson, PlannedTrial
from app.study.report.facts import StudyFacts
from app.study.results import StudyResults
from db.records.studies import StudyVote

VoteCell: TypeAlias = str | int | float | bool | datetime | None

COLUMNS: Final = (
    "study", "seat", "position", "kind", "rater", "image", "dataset", "annotation", "person", "difficulty",
    "first_method", "second_method", "first_side", "choice", "preferred", "response_s", "focus_losses", "enlarged_s",
    "shown_at", "voted_at", "counted", "why_not",
)  # fmt: skip
"""Names of the columns; seats and positions count from 1. In trials with a known answer ``good`` and ``bad`` stand for
methods. ``counted`` tells whether the vote is one of those the shares are made of, ``why_not`` why it is not."""

_WHY_NOT: Final[Mapping[str, str]] = {
    "practice": "practice",
    "catch": "catch trial",
    "repeat": "repeat: tells consistency",
}


def iter_vote_rows(results: StudyResults, facts: StudyFacts) -> Iterator[tuple[VoteCell, ...]]:
    """One row for each vote, by seat and position; cells as :data:`COLUMNS` names them."""
    excluded = {rater.rater: rater.reason for rater in results.raters if rater.excluded}
    people = {one.person: one for one in facts.plan.people}
    checks = {one.person: one for one in facts.plan.checks}
    last: tuple[int, int] | None = None
    for vote in sorted(facts.votes, key=lambda one: (one.seat, one.position, one.voted_at, one.rater, one.choice)):
        trial = facts.find_trial(vote)
        known = trial is not None and trial.kind in {"practice", "catch"}
        person = None if trial is None else (checks if known else people).get(trial.person)
        is_second, last = last == (vote.seat, vote.position), (vote.seat, vote.position)
        why_not = "second vote on the same trial" if is_second else _find_reason(vote, trial, person, excluded)
        yield _build_row(facts, vote, trial, person, why_not)


def _find_reason(
    vote: StudyVote, trial: PlannedTrial | None, person: DrawnPerson | None, excluded: Mapping[str, str]
) -> str:
    if trial is None:
        return "no trial of the plan"
    if trial.kind in _WHY_NOT:
        return _WHY_NOT[trial.kind]
    if person is None:
        return "no person of the plan"
    if vote.rater in excluded:
        return f"rater left out: {excluded[vote.rater]}"
    return "cannot decide" if vote.choice == "neither" else ""


def _build_row(
    facts: StudyFacts, vote: StudyVote, trial: PlannedTrial | None, person: DrawnPerson | None, why_not: str
) -> tuple[VoteCell, ...]:
    first = second = side = preferred = None
    if trial is not None:
        order = (*facts.design.methods, GOOD, BAD)
        first, second = sorted((trial.left, trial.right), key=lambda name: order.index(name) if name in order else -1)
        side = "left" if trial.left == first else "right"
        preferred = {"left": trial.left, "right": trial.right}.get(vote.choice)
    return (
        facts.design.name, vote.seat + 1, vote.position + 1, None if trial is None else trial.kind, vote.rater,
        None if person is None else person.image, None if person is None else person.dataset,
        None if person is None else person.annotation, None if trial is None else trial.person,
        None if person is None else person.difficulty, first, second, side, vote.choice, preferred,
        vote.response_s, vote.focus_losses, vote.enlarged_s, vote.shown_at, vote.voted_at, not why_not, why_not,
    )  # fmt: skip
