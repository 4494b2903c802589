"""Models beside the shares: how often raters cannot decide, and whether preferences go in a circle."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from app.study.results import Estimate
from app.study.statistics.strengths import count_wins_by_person, find_disconnection
from app.study.votes import FloatArray, IntArray, VoteTable


def estimate_ties(table: VoteTable) -> Estimate:
    """Davidson's tie parameter ν: "cannot decide" has the weight ν·√(πᵢπⱼ) beside πᵢ and πⱼ.

    At equal strengths a vote is undecided with chance ν / (2 + ν). The model is log-linear in counts, so a Poisson
    regression with one intercept a pair maximises its likelihood. (evalica's Newman stops at once, with its first
    guess of the parameter, where strengths are equal.)
    """
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    _, wins = count_wins_by_person(table)
    total = wins.sum(axis=0)
    undecided = _count_undecided(table)
    if not undecided.any():
        return Estimate(note="Nobody answered 'cannot decide', so there is nothing to estimate.")
    fault = find_disconnection(total, table.methods)
    if fault:
        return Estimate(note=fault)
    counts, columns = _lay_out(total, undecided)
    start = np.zeros(columns.shape[1])
    start[: len(counts) // 3] = np.log(counts.reshape(-1, 3).mean(axis=1))
    # Newton, not weighted least squares: those divide by zero when a model is as rich as its counts (two methods).
    model = GLM(counts, columns, family=Poisson())
    fitted = model.fit(method="newton", start_params=start, tol=1e-10, maxiter=200, disp=False)
    return Estimate(value=float(np.exp(fitted.params[-1])))


def _count_undecided(table: VoteTable) -> IntArray:
    undecided = np.zeros((len(table.methods), len(table.methods)), dtype=np.int64)
    rows = np.isnan(table.preferred)
    np.add.at(undecided, (table.first[rows], table.second[rows]), 1)
    return undecided


def _lay_out(wins: IntArray, undecided: IntArray) -> tuple[FloatArray, FloatArray]:
    methods = len(wins)
    pairs = [
        (first, second)
        for first, second in combinations(range(methods), 2)
        if wins[first, second] + wins[second, first] + undecided[first, second]
    ]
    counts, rows = [], []
    for number, (first, second) in enumerate(pairs):
        for count, share_first, tie in (
            (wins[first, second], 1.0, 0.0),
            (wins[second, first], 0.0, 0.0),
            (undecided[first, second], 0.5, 1.0),
        ):
            row = np.zeros(len(pairs) + methods + 1)
            row[number] = 1.0
            row[len(pairs) + first] = share_first
            row[len(pairs) + second] = 1 - share_first
            row[-1] = tie
            counts.append(float(count))
            rows.append(row)
    # The first method's strength is the zero of the scale.
    return np.array(counts), np.delete(np.array(rows), len(pairs), axis=1)


def measure_circularity(table: VoteTable) -> Estimate:
    """Deviance of Bradley–Terry against free pair effects; with three methods it tells preferences in a circle.

    ``p`` is of chi-squared and takes votes for independent, so it is descriptive.
    """
    from scipy.stats import chi2
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    methods = table.methods
    if len(methods) < 3:
        return Estimate(note="Two methods cannot be preferred in a circle.")
    _, wins = count_wins_by_person(table)
    total = wins.sum(axis=0)
    fault = find_disconnection(total, methods)
    if fault:
        return Estimate(note=fault)
    pairs = [pair for pair in combinations(range(len(methods)), 2) if total[pair] + total[pair[::-1]]]
    freedom = len(pairs) - (len(methods) - 1)
    if freedom == 0:
        return Estimate(note="The pairs that were voted on form no circle.")
    outcome, weights, strengths, free = [], [], [], []
    for number, (first, second) in enumerate(pairs):
        for won, count in ((1.0, total[first, second]), (0.0, total[second, first])):
            outcome.append(won)
            weights.append(float(count))
            strengths.append([(index == first) - float(index == second) for index in range(1, len(methods))])
            free.append([float(number == other) for other in range(len(pairs))])
    both = [pair for pair in pairs if total[pair] and total[pair[::-1]]]
    used = [2 * pairs.index(pair) + side for pair in both for side in (0, 1)]
    y, w, x = np.array(outcome), np.array(weights), np.array(strengths)
    z = np.array(free)[used][:, [pairs.index(pair) for pair in both]]
    seen = w > 0
    bradley = GLM(y[seen], x[seen], family=Binomial(), freq_weights=w[seen]).fit(tol=1e-10).deviance
    # A pair that always went one way fits freely without any deviance.
    saturated = GLM(y[used], z, family=Binomial(), freq_weights=w[used]).fit(tol=1e-10).deviance if both else 0.0
    deviance = max(float(bradley - saturated), 0.0)
    return Estimate(value=deviance, p=float(chi2.sf(deviance, freedom)))
