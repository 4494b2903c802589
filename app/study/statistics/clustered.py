"""Logistic regression whose standard errors allow for raters and for items: the primary interval of a study.

Votes of one rater are alike, and so are votes on one item. The two-way clustered sandwich (Cameron, Gelbach and Miller
2011) adds the variance between raters to that between items and takes off what is in both. It need not be positive
when there are few clusters or hardly any likeness: wherever it is below the variance of independent votes, the largest
of the one-way variances and that of independent votes stands instead, and the estimate says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from app.study.results import Estimate
from app.study.votes import BoolArray, FloatArray, IntArray, VoteTable

_FLOORED = (
    "Votes of one rater or of one item were less alike than independent votes are, so the interval rests on the largest"
    " of the one-way clustered and the independent variance."
)


@dataclass(frozen=True, slots=True, eq=False)
class ClusteredFit:
    """A logistic regression.

    Attributes:
        coefficients: In logits, ``(K,)``.
        errors: Clustered standard errors ``(K,)``.
        floored: Whether an error is the documented floor instead of the two-way one ``(K,)``.
        freedom: Degrees of freedom of t: the smaller number of clusters, less one.
    """

    coefficients: FloatArray
    errors: FloatArray
    floored: BoolArray
    freedom: int

    def find_p(self, index: int) -> float:
        """Two-sided p of a coefficient against 0."""
        from scipy.stats import t

        return float(2 * t.sf(abs(self.coefficients[index]) / self.errors[index], self.freedom))

    def as_difference(self, index: int, confidence: float) -> Estimate:
        """A coefficient in logits, with its interval, and p against 0."""
        from scipy.stats import t

        middle, reach = self.coefficients[index], t.ppf(0.5 + confidence / 2, self.freedom) * self.errors[index]
        return Estimate(
            value=float(middle),
            low=float(middle - reach),
            high=float(middle + reach),
            p=self.find_p(index),
            note=_FLOORED if self.floored[index] else "",
        )

    def as_share(self, index: int, confidence: float) -> Estimate:
        """A coefficient as a chance, with its interval, and p against one half."""
        from scipy.special import expit

        logit = self.as_difference(index, confidence)
        value, low, high = (float(expit(end)) for end in (logit.value, logit.low, logit.high))
        return Estimate(value=value, low=low, high=high, p=logit.p, note=logit.note)


def fit_clustered(outcome: FloatArray, columns: FloatArray, rater: IntArray, item: IntArray) -> ClusteredFit | str:
    """Fit by maximum likelihood, and cluster by rater and item.

    Args:
        outcome: 0 or 1, ``(N,)``.
        columns: Of the model, ``(N, K)``.
        rater: Whose vote, ``(N,)``.
        item: On what, ``(N,)``.

    Returns:
        The fit, or a sentence that says why there is none.
    """
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

    groups = np.column_stack([_renumber(rater), _renumber(item)])
    raters, items = (int(count) for count in groups.max(axis=0) + 1) if len(outcome) else (0, 0)
    fault = _find_fault(outcome, columns, raters, items)
    if fault:
        return fault
    fitted = GLM(outcome, columns, family=Binomial()).fit(tol=1e-10)
    both, by_rater, by_item = (np.diag(part) for part in cov_cluster_2groups(fitted, groups))
    # Not what rater and item have in common: votes of one rater on several pairs of one person may cancel to nothing.
    independent = np.diag(cov_cluster(fitted, np.arange(len(outcome))))
    floored = both < independent * (1 - 1e-9)
    variance = np.where(floored, np.maximum(np.maximum(by_rater, by_item), independent), both)
    return ClusteredFit(np.asarray(fitted.params), np.sqrt(variance), floored, min(raters, items) - 1)


def _find_fault(outcome: FloatArray, columns: FloatArray, raters: int, items: int) -> str:
    faults = {
        "There are no votes with a choice.": len(outcome) == 0,
        "All votes are one rater's: how others would vote cannot be told from them, so there is no interval.": raters
        < 2,
        "All votes are on one item: other items cannot be told from it, so there is no interval.": items < 2,
        f"All {len(outcome)} votes went one way: the model has no finite answer, so there is no interval.": bool(
            np.all(outcome == outcome[:1])
        ),
    }
    fault = next((sentence for sentence, found in faults.items() if found), "")
    if fault or columns.shape[1] == 1:
        return fault
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        return "The columns of the model cannot be told apart in these votes, so it has no single answer."
    if is_separated(outcome, columns):
        return "Sides or methods tell part of the votes without a single exception, so the model has no finite answer."
    return ""


def is_separated(outcome: FloatArray, columns: FloatArray) -> bool:
    """Whether a logistic regression has no finite maximum (Albert and Anderson 1984), by linear programming.

    Some combination of the columns is then never on the wrong side of any vote, and on the right side of some.
    """
    from scipy.optimize import linprog

    signed: Any = np.unique(columns * (2 * outcome - 1)[:, None], axis=0)
    found = linprog(
        -signed.sum(axis=0),
        A_ub=np.vstack([signed, -signed]),
        b_ub=np.concatenate([np.ones(len(signed)), np.zeros(len(signed))]),
        bounds=[(None, None)] * signed.shape[1],
    )
    return bool(found.status != 0 or -found.fun > 1e-6)


def _renumber(groups: IntArray) -> IntArray:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True)
class ShareFit:
    """A pair's share with what belongs to it (:class:`app.study.results.PairResult`)."""

    share: Estimate
    standard_error: float | None
    design_effect: float | None


def fit_share(pair: VoteTable, confidence: float) -> ShareFit:
    """Vote share of the first method of one pair: the model with an intercept only.

    It estimates the marginal share: the chance that a random rater prefers the first on a random item.
    """
    votes = _decided(pair)
    fit = fit_clustered(votes.preferred, np.ones((len(votes), 1)), votes.rater, votes.person)
    if isinstance(fit, str):
        share = float(votes.preferred.mean()) if len(votes) else None
        return ShareFit(Estimate(value=share, note=fit), None, None)
    share = float(votes.preferred.mean())
    slope = share * (1 - share)
    error = float(fit.errors[0]) * slope
    # The model's share is the plain one, but for rounding.
    estimate = msgspec.structs.replace(fit.as_share(0, confidence), value=share)
    return ShareFit(estimate, error, error**2 * len(votes) / slope)


def fit_share_and_side(pair: VoteTable, confidence: float) -> tuple[Estimate, Estimate]:
    """Share of one pair's first method at no side bias, and the chance of "left" at equal strengths.

    The same model with one more column, +1 where the first was on the left and −1 where it was on the right.
    """
    votes = _decided(pair)
    columns = np.column_stack([np.ones(len(votes)), _sides(votes)])
    fit = fit_clustered(votes.preferred, columns, votes.rater, votes.person)
    if isinstance(fit, str):
        return Estimate(note=fit), Estimate(note=fit)
    return fit.as_share(0, confidence), fit.as_share(1, confidence)


def fit_contrasts(table: VoteTable, confidence: float) -> dict[tuple[int, int], Estimate]:
    """Difference of two methods' log-strengths, by pair of indices, for a table whose wins are strongly connected.

    Bradley–Terry as logistic regression, +1 where a method is the pair's first and −1 where it is the second, clustered
    by rater and person. One fit for each method as the zero of the scale gives the differences from it.
    """
    votes = _decided(table)
    methods = np.arange(len(votes.methods))
    columns = (votes.first[:, None] == methods).astype(np.float64) - (votes.second[:, None] == methods)
    contrasts: dict[tuple[int, int], Estimate] = {}
    for second in methods[1:]:
        others = np.delete(methods, second)
        fit = fit_clustered(votes.preferred, columns[:, others], votes.rater, votes.person)
        for place, first in enumerate(others[:second]):
            found = Estimate(note=fit) if isinstance(fit, str) else fit.as_difference(place, confidence)
            contrasts[int(first), int(second)] = found
    return contrasts


def fit_side(table: VoteTable, confidence: float) -> Estimate:
    """Chance that equally good fits are answered "left", over all pairs.

    One effect a pair and one of the side, clustered by rater and person. Pairs whose votes all went one way say
    nothing about sides and are left out.
    """
    votes = _decided(table)
    pairs = votes.first * len(votes.methods) + votes.second
    kept = [pair for pair in np.unique(pairs) if 0 < votes.preferred[pairs == pair].mean() < 1]
    if len(votes) and not kept:
        return Estimate(note="Within each pair all votes went one way, which tells nothing about sides.")
    rows = np.isin(pairs, kept)
    votes, pairs = votes.where(rows), pairs[rows]
    columns = np.column_stack([*[(pairs == pair).astype(np.float64) for pair in kept], _sides(votes)])
    fit = fit_clustered(votes.preferred, columns, votes.rater, votes.person)
    return Estimate(note=fit) if isinstance(fit, str) else fit.as_share(len(kept), confidence)


def _sides(votes: VoteTable) -> FloatArray:
    return np.where(votes.first_was_left, 1.0, -1.0)


def _decided(table: VoteTable) -> VoteTable:
    return table.where(~np.isnan(table.preferred))
