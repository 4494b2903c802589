"""Whether raters agree on the items of one pair: Krippendorff's alpha, percent, Fleiss' kappa.

The value a vote gives its item is "first preferred", pair by pair: methods' names as values would count as agreement
that the other methods were not on the screen. A low alpha is expected where two methods are close.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.study.results import Estimate
from app.study.statistics.proportions import count_by_item
from app.study.statistics.seeds import draw_multiplicities
from app.study.votes import BoolArray, FloatArray, IntArray, VoteTable


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one pair."""

    alpha: Estimate
    percent: Estimate
    kappa: Estimate


def measure_agreement(pair: VoteTable, confidence: float, seed: int, rounds: int) -> Agreement:
    """Agreement on the items of one pair that have two votes with a choice or more.

    Intervals are percentiles of a bootstrap over items: they speak about other items and the same raters.
    """
    firsts, seconds = count_by_item(pair)
    both = firsts + seconds >= 2
    firsts, seconds = firsts[both], seconds[both]
    if len(firsts) == 0:
        nothing = Estimate(note="No item has two votes with a choice, so agreement cannot be measured.")
        return Agreement(nothing, nothing, nothing)
    alphas: FloatArray = np.zeros(0)
    percents: FloatArray = np.zeros(0)
    if len(firsts) > 1:
        drawn = draw_multiplicities(len(firsts), rounds, seed, "agreement")
        alphas, percents = resample_agreement(firsts, seconds, drawn)
    percent = _percent(firsts, seconds, np.ones((1, len(firsts))))
    alpha = Estimate(note="All votes went one way, so there is no disagreement by chance to compare with.")
    if firsts.sum() and seconds.sum():
        alpha = _with_percentiles(_find_alpha(firsts, seconds), alphas, rounds, confidence)
    return Agreement(
        alpha,
        _with_percentiles(float(percent[0]), percents, rounds, confidence),
        _find_kappa(firsts, seconds),
    )


def resample_agreement(firsts: IntArray, seconds: IntArray, drawn: IntArray) -> tuple[FloatArray, FloatArray]:
    """Alpha and percent agreement of bootstrap rounds, from the coincidence matrices of all items at once.

    Args:
        firsts: Votes for the first, by item ``(I,)``, and ...
        seconds: ... for the second, at least two together.
        drawn: How often each round drew each item, ``(B, I)``.

    Returns:
        Alphas, without rounds in which all votes went one way, and percents.
    """
    votes = firsts + seconds
    total, ones, zeros = drawn @ votes, drawn @ firsts, drawn @ seconds
    coincidences = drawn @ (firsts * seconds / (votes - 1))
    mixed: BoolArray = (ones > 0) & (zeros > 0)
    expected = ones[mixed] * zeros[mixed] / (total[mixed] - 1)
    return 1 - coincidences[mixed] / expected, _percent(firsts, seconds, drawn)


def _percent(firsts: IntArray, seconds: IntArray, drawn: IntArray | FloatArray) -> FloatArray:
    alike = firsts * (firsts - 1) + seconds * (seconds - 1)
    votes = firsts + seconds
    share: FloatArray = (drawn @ alike) / (drawn @ (votes * (votes - 1)))
    return share


def _find_alpha(firsts: IntArray, seconds: IntArray) -> float:
    import evalica
    import pandas

    # Alpha does not ask who voted, so a column needs as many rows as an item has votes, not as there are raters.
    units = np.full((int((firsts + seconds).max()), len(firsts)), np.nan)
    row = np.arange(len(units))[:, None]
    units[row < firsts + seconds] = 0.0
    units[row < firsts] = 1.0
    return float(evalica.alpha(pandas.DataFrame(units), distance="nominal").alpha)


def _find_kappa(firsts: IntArray, seconds: IntArray) -> Estimate:
    from statsmodels.stats.inter_rater import fleiss_kappa

    votes = firsts + seconds
    if votes.min() != votes.max():
        return Estimate(note=f"Items have {votes.min()} to {votes.max()} votes; Fleiss' kappa needs equal numbers.")
    if not firsts.sum() or not seconds.sum():
        return Estimate(note="All votes went one way, so there is no disagreement by chance to compare with.")
    return Estimate(value=float(fleiss_kappa(np.column_stack([firsts, seconds]))))


def _with_percentiles(value: float, found: FloatArray, rounds: int, confidence: float) -> Estimate:
    if len(found) < max(rounds / 2, 1):
        return Estimate(value=value, note="Too few items, or hardly any disagreement: there is no interval.")
    low, high = np.quantile(found, [0.5 - confidence / 2, 0.5 + confidence / 2])
    aside = rounds - len(found)
    note = f"{aside} of {rounds} bootstrap rounds had votes of one kind only and were set aside." if aside else ""
    return Estimate(value=value, low=float(low), high=float(high), note=note)
