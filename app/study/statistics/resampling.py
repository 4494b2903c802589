"""A bootstrap over raters and over people together: a check of the primary interval that rests on no model.

Each round draws as many raters and as many people as there are, and a vote counts as often as its rater was drawn times
as often as its item was. That overstates the variance somewhat (Owen 2007), so the interval is rather too wide.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from app.study.results import Estimate
from app.study.statistics.seeds import draw_multiplicities
from app.study.votes import FloatArray, VoteTable

_CELLS: Final = 4_000_000
"""Rounds times votes that are weighed at a time."""


def resample_share(pair: VoteTable, confidence: float, seed: int, rounds: int) -> Estimate:
    """Vote share of one pair's first method with a percentile interval; rounds without a vote are set aside."""
    votes = pair.where(~np.isnan(pair.preferred))
    if len(votes) == 0:
        return Estimate(note="There are no votes with a choice.")
    share = float(votes.preferred.mean())
    raters, rater = np.unique(votes.rater, return_inverse=True)
    people, person = np.unique(votes.person, return_inverse=True)
    if min(len(raters), len(people)) < 2 or not 0 < share < 1:
        return Estimate(
            value=share, note="One rater, one item or votes of one kind only: there is nothing to resample."
        )
    of_raters = draw_multiplicities(len(raters), rounds, seed, "raters")
    of_people = draw_multiplicities(len(people), rounds, seed, "people")
    found: list[FloatArray] = []
    step = max(_CELLS // len(votes), 1)
    for begin in range(0, rounds, step):
        weight = of_raters[begin : begin + step, rater] * of_people[begin : begin + step, person]
        drawn = weight.sum(axis=1)
        found.append((weight @ votes.preferred)[drawn > 0] / drawn[drawn > 0])
    shares = np.concatenate(found)
    if len(shares) < max(rounds / 2, 1):
        return Estimate(value=share, note="Hardly any bootstrap round had a vote, so there is no interval.")
    low, high = np.quantile(shares, [0.5 - confidence / 2, 0.5 + confidence / 2])
    aside = rounds - len(shares)
    note = f"{aside} of {rounds} bootstrap rounds had no vote and were set aside." if aside else ""
    return Estimate(value=share, low=float(low), high=float(high), note=note)
