"""Shares of independent trials: Wilson's interval, the exact test, majorities by item."""

from __future__ import annotations

import numpy as np

from app.study.results import Estimate, MajorityResult
from app.study.votes import VoteTable


def estimate_wilson(hits: int, trials: int, confidence: float) -> Estimate:
    """A share with Wilson's score interval."""
    from statsmodels.stats.proportion import proportion_confint

    if trials == 0:
        return Estimate(note="There are no votes.")
    low, high = proportion_confint(hits, trials, alpha=1 - confidence, method="wilson")
    return Estimate(value=hits / trials, low=float(low), high=float(high))


def estimate_exact(hits: int, trials: int, confidence: float) -> Estimate:
    """A share with Clopper's and Pearson's interval, and the exact two-sided test against one half."""
    from scipy.stats import binomtest

    if trials == 0:
        return Estimate(note="There is nothing to test.")
    test = binomtest(hits, trials)
    interval = test.proportion_ci(confidence_level=confidence, method="exact")
    return Estimate(value=hits / trials, low=float(interval.low), high=float(interval.high), p=float(test.pvalue))


def count_by_item(pair: VoteTable) -> tuple[np.ndarray, np.ndarray]:
    """Votes for the first and for the second method of one pair, by person; "cannot decide" is neither."""
    decided = ~np.isnan(pair.preferred)
    people = len(pair.people)
    firsts = np.bincount(pair.person[decided], weights=pair.preferred[decided], minlength=people).astype(np.int64)
    return firsts, np.bincount(pair.person[decided], minlength=people) - firsts


def count_majorities(pair: VoteTable, confidence: float) -> MajorityResult:
    """Items of one pair by majority: as many votes for both, or only "cannot decide", is a tie."""
    firsts, seconds = count_by_item(pair)
    voted = np.bincount(pair.person, minlength=len(pair.people)) > 0
    first, second = int((firsts > seconds).sum()), int((seconds > firsts).sum())
    share = estimate_exact(first, first + second, confidence)
    if share.value is None:
        share = Estimate(note="No item has a majority, so there is nothing to test.")
    return MajorityResult(first=first, second=second, tied=int(voted.sum()) - first - second, share=share)
