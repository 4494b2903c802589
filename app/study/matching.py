"""Votes meet the plan: seat, position and side become person, pair and preferred method."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from app.study.plan import GOOD, DrawnPerson, PlannedTrial, StudyPlan
from app.study.votes import CatchAnswer, StudyVotes, VoteTable
from db.records.studies import StudyVote

_NAMED: Final = 20
"""Votes without a trial that are named one by one; more of them are counted."""


def match_votes(plan: StudyPlan, votes: Iterable[StudyVote]) -> StudyVotes:
    """What raters answered, in terms of the plan; the same whatever the order in which votes came in.

    Practice is dropped. A vote without a trial in the plan is left out and told; of two on one trial the one stored
    first counts.

    Args:
        plan: The study's plan.
        votes: Votes of all seats, in any order.
    """
    places = {drawn.person: place for place, drawn in enumerate(plan.people)}
    main: list[tuple[StudyVote, PlannedTrial]] = []
    repeats: list[tuple[StudyVote, PlannedTrial]] = []
    catches: list[CatchAnswer] = []
    unknown: list[str] = []
    last: tuple[int, int] | None = None
    for vote in sorted(votes, key=lambda one: (one.seat, one.position, one.voted_at, one.rater, one.choice)):
        where, last = last, (vote.seat, vote.position)
        trial = _find_trial(plan, vote)
        fault = "" if last != where else "a second vote on the same trial"
        if not fault and trial is None:
            fault = "the plan has no such trial"
        if not fault and trial and trial.kind in {"main", "repeat"}:
            fault = _find_fault(plan, trial, places)
        if fault or trial is None:
            unknown.append(f"Seat {vote.seat + 1}, trial {vote.position + 1}, rater {vote.rater}: {fault}; left out.")
        elif trial.kind == "catch":
            side = trial.left if vote.choice == "left" else trial.right
            right = vote.choice != "neither" and side == GOOD
            catches.append(CatchAnswer(vote.rater, right=right, left=vote.choice == "left"))
        elif trial.kind != "practice":
            (main if trial.kind == "main" else repeats).append((vote, trial))
    raters = tuple(sorted({vote.rater for vote, _ in (*main, *repeats)} | {answer.rater for answer in catches}))
    planned = [trial for _, _, trial in plan.iter_trials() if trial.kind == "main"]
    return StudyVotes(
        main=_build_table(plan.design.methods, plan.people, raters, main),
        repeats=_build_table(plan.design.methods, plan.people, raters, repeats),
        catches=tuple(catches),
        planned=len(planned),
        planned_items=len({trial.item for trial in planned}),
        unknown=_shorten(unknown),
    )


def _find_trial(plan: StudyPlan, vote: StudyVote) -> PlannedTrial | None:
    if not 0 <= vote.seat < len(plan.seats) or not 0 <= vote.position < len(plan.seats[vote.seat]):
        return None
    return plan.seats[vote.seat][vote.position]


def _find_fault(plan: StudyPlan, trial: PlannedTrial, places: dict[int, int]) -> str:
    if trial.left == trial.right or not {trial.left, trial.right} <= set(plan.design.methods):
        return "the trial compares no two methods of the design"
    return "" if trial.person in places else "the plan does not have the trial's person"


def _shorten(unknown: list[str]) -> tuple[str, ...]:
    more = len(unknown) - _NAMED
    return tuple(unknown[:_NAMED]) + ((f"{more} more votes were left out like these.",) if more > 0 else ())


def _build_table(
    methods: tuple[str, ...],
    people: Sequence[DrawnPerson],
    raters: tuple[str, ...],
    rows: Sequence[tuple[StudyVote, PlannedTrial]],
) -> VoteTable:
    number = {method: index for index, method in enumerate(methods)}
    place = {drawn.person: index for index, drawn in enumerate(people)}
    seat = {rater: index for index, rater in enumerate(raters)}
    left = np.array([number[trial.left] for _, trial in rows], dtype=np.int64)
    right = np.array([number[trial.right] for _, trial in rows], dtype=np.int64)
    chose_left = np.array([vote.choice == "left" for vote, _ in rows], dtype=np.bool_)
    undecided = np.array([vote.choice == "neither" for vote, _ in rows], dtype=np.bool_)
    first_was_left = left < right
    return VoteTable(
        methods=methods,
        raters=raters,
        people=tuple(drawn.person for drawn in people),
        datasets=tuple(drawn.dataset for drawn in people),
        difficulties=tuple(drawn.difficulty for drawn in people),
        rater=np.array([seat[vote.rater] for vote, _ in rows], dtype=np.int64),
        person=np.array([place[trial.person] for _, trial in rows], dtype=np.int64),
        first=np.minimum(left, right),
        second=np.maximum(left, right),
        preferred=np.where(undecided, np.nan, chose_left == first_was_left).astype(np.float64),
        first_was_left=first_was_left,
        seconds=np.array([vote.response_s for vote, _ in rows], dtype=np.float64),
        focus_losses=np.array([vote.focus_losses for vote, _ in rows], dtype=np.int64),
    )
