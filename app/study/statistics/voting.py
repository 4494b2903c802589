"""Simulated raters: votes on a plan, as packages would give them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from app.study.plan import GOOD, StudyPlan
from app.study.statistics.planted import PlantedTruth, find_centre, find_shares
from app.study.votes import BoolArray, FloatArray, IntArray
from db.records.studies import StudyVote, VoteChoice

_BEGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MEDIAN_S: Final = 4.0
_LOG_SPREAD: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A plan as columns ``(N,)``, one row a trial; pair and person are −1 where the answer is known.

    Attributes:
        seat: Of the trial.
        position: Within the seat.
        pair: Index of the pair among the design's.
        person: Index among the plan's people.
        first_left: Whether the pair's first method, or the good body, is on the left.
    """

    seat: IntArray
    position: IntArray
    pair: IntArray
    person: IntArray
    first_left: BoolArray


def lay_out(plan: StudyPlan) -> Layout:
    """The columns of a plan, once for many simulated studies."""
    pairs = {frozenset(pair): index for index, pair in enumerate(plan.design.pairs)}
    places = {drawn.person: place for place, drawn in enumerate(plan.people)}
    rows = []
    for seat, position, trial in plan.iter_trials():
        if trial.kind in {"practice", "catch"}:
            rows.append((seat, position, -1, -1, trial.left == GOOD))
            continue
        pair = pairs[frozenset((trial.left, trial.right))]
        first = plan.design.pairs[pair][0]
        rows.append((seat, position, pair, places[trial.person], trial.left == first))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return Layout(columns[0], columns[1], columns[2], columns[3], columns[4].astype(np.bool_))


def cast_votes(
    plan: StudyPlan, layout: Layout, truth: PlantedTruth, generator: np.random.Generator
) -> tuple[list[StudyVote], frozenset[str]]:
    """All votes of one simulated study, and who clicked at random.

    Effects of each rater and each item on the preference are normal and new for each pair of methods. Attentive raters
    see through every trial with a known answer, but for lapses.
    """
    count = len(layout.seat)
    seats, pairs = len(plan.seats), len(plan.design.pairs)
    clickers = generator.permutation(seats)[: truth.clickers]
    items = generator.normal(0, truth.item_sd, (len(plan.people), pairs))
    raters = generator.normal(0, truth.rater_sd, (seats, pairs))
    logits = _find_logits(plan, layout, truth, items, raters)
    for_first = generator.random(count) < 1 / (1 + np.exp(-logits))
    coin = generator.random(count) < 0.5
    lapsed = (generator.random(count) < truth.lapse) | np.isin(layout.seat, clickers)
    left = np.where(lapsed, coin, for_first == layout.first_left)
    neither = (generator.random(count) < truth.undecided) & (layout.pair >= 0) & ~np.isin(layout.seat, clickers)
    seconds = np.exp(generator.normal(np.log(_MEDIAN_S), _LOG_SPREAD, count))
    losses = generator.poisson(0.01, count)
    names = [f"R{seat + 1:03d}" for seat in range(seats)]
    votes = []
    columns = (layout.seat, layout.position, left, neither, seconds, losses)
    for seat, position, is_left, is_neither, took, lost in zip(*(column.tolist() for column in columns), strict=True):
        shown = _BEGIN + timedelta(seconds=60 * position)
        choice: VoteChoice = "neither" if is_neither else "left" if is_left else "right"
        votes.append(
            StudyVote(
                seat, position, names[seat], choice, took, lost, 0.0, shown, shown + timedelta(seconds=took)
            )
        )  # fmt: skip
    return votes, frozenset(names[seat] for seat in clickers)


def _find_logits(
    plan: StudyPlan, layout: Layout, truth: PlantedTruth, items: FloatArray, raters: FloatArray
) -> FloatArray:
    """Of each trial, that the first method is preferred; a known answer is beyond doubt."""
    centres = np.array([find_centre(share, truth.spread) for share in find_shares(truth, plan.design)])
    pull = find_centre(truth.side_bias, truth.spread)
    asked = layout.pair >= 0
    logits = np.full(len(layout.seat), 50.0)
    pair, person, seat = layout.pair[asked], layout.person[asked], layout.seat[asked]
    sides = np.where(layout.first_left[asked], pull, -pull)
    logits[asked] = centres[pair] + items[person, pair] + raters[seat, pair] + sides
    return logits
