"""The primary interval against a sandwich written out by hand, and what stands where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import binomtest, t
from statsmodels.stats.proportion import proportion_confint

from app.study.statistics.clustered import (
    fit_clustered,
    fit_contrasts,
    fit_share,
    fit_share_and_side,
    fit_side,
    is_separated,
)
from app.study.statistics.proportions import count_majorities, estimate_exact, estimate_wilson
from app.study.statistics.resampling import resample_share
from app.study.statistics.seeds import draw_multiplicities
from app.study.votes import FloatArray, IntArray
from tests.helpers.study_tables import Row, make_crossed_table, make_table

LEVEL = 0.95


def sandwich(outcome: FloatArray, columns: FloatArray, fitted: FloatArray, groups: IntArray) -> FloatArray:
    """One-way clustered covariance as Cameron, Gelbach and Miller write it, with G / (G − 1) · (N − 1) / (N − K)."""
    chance = 1 / (1 + np.exp(-columns @ fitted))
    bread = np.linalg.inv(columns.T @ (columns * (chance * (1 - chance))[:, None]))
    scores = columns * (outcome - chance)[:, None]
    clusters = np.unique(groups)
    meat = np.zeros((columns.shape[1], columns.shape[1]))
    for cluster in clusters:
        total = scores[groups == cluster].sum(axis=0)
        meat += np.outer(total, total)
    count, rows, width = len(clusters), len(outcome), columns.shape[1]
    return bread @ meat @ bread * count / (count - 1) * (rows - 1) / (rows - width)


@pytest.mark.parametrize("with_sides", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_two_way_covariance_is_that_of_cameron_gelbach_and_miller(seed: int, with_sides: bool) -> None:
    table = make_crossed_table(seed)
    columns = np.ones((len(table), 1))
    if with_sides:
        columns = np.column_stack([columns, np.where(table.first_was_left, 1.0, -1.0)])
    fit = fit_clustered(table.preferred, columns, table.rater, table.person)
    assert not isinstance(fit, str)
    parts = [
        sandwich(table.preferred, columns, fit.coefficients, groups)
        for groups in (table.rater, table.person, table.rater * 1000 + table.person)
    ]
    both = np.diag(parts[0] + parts[1] - parts[2])
    independent = np.diag(parts[2])
    largest = np.maximum(np.maximum(np.diag(parts[0]), np.diag(parts[1])), independent)
    np.testing.assert_array_equal(fit.floored, both < independent)
    np.testing.assert_allclose(fit.errors**2, np.where(both < independent, largest, both), rtol=1e-9)
    assert fit.freedom == 5


def test_errors_are_those_of_the_librarys_own_clustered_fit() -> None:
    table = make_crossed_table(1)
    groups = np.column_stack([table.rater, table.person])
    ones = np.ones((len(table), 1))
    theirs = sm.GLM(table.preferred, ones, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    ours = fit_clustered(table.preferred, ones, table.rater, table.person)
    assert not isinstance(ours, str)
    assert not ours.floored.any()
    np.testing.assert_allclose(ours.errors, theirs.bse, rtol=1e-7)


def test_votes_that_cancel_within_a_rater_and_person_leave_no_variance_of_zero() -> None:
    rows: list[Row] = [(0, 0, 0, 2, 1.0), (0, 1, 0, 1, 1.0), (0, 1, 0, 1, 0.0), (1, 0, 0, 2, 0.0)]
    contrasts = fit_contrasts(make_table(rows, ("a", "b", "c")), LEVEL)
    assert all(contrast.high is not None and contrast.high > 1 for contrast in contrasts.values())


def test_share_is_the_plain_one_with_an_interval_of_t_on_the_scale_of_logits() -> None:
    table = make_crossed_table(2)
    fitted = fit_share(table, LEVEL)
    share = table.preferred.mean()
    assert fitted.share.value == pytest.approx(share, abs=1e-9)
    assert fitted.standard_error is not None
    logit, error = np.log(share / (1 - share)), fitted.standard_error / (share * (1 - share))
    reach = t.ppf(0.975, 5) * error
    assert fitted.share.low == pytest.approx(1 / (1 + np.exp(reach - logit)), abs=1e-9)
    assert fitted.share.high == pytest.approx(1 / (1 + np.exp(-reach - logit)), abs=1e-9)
    assert fitted.share.p == pytest.approx(2 * t.sf(abs(logit) / error, 5), rel=1e-6)
    assert fitted.design_effect == pytest.approx(fitted.standard_error**2 / (share * (1 - share) / len(table)))


def test_likeness_below_independence_falls_back_on_the_largest_and_says_so() -> None:
    # Each item has one vote for either method, and each rater as many: nothing is left between raters or items.
    rows = [
        (person % 2 if side else 1 - person % 2, person, 0, 1, float(side)) for person in range(8) for side in (0, 1)
    ]
    table = make_table(rows)
    fit = fit_clustered(table.preferred, np.ones((16, 1)), table.rater, table.person)
    assert not isinstance(fit, str)
    chance = np.full(16, 0.5)
    independent = 4 / 16 * ((table.preferred - chance) ** 2 * 4).mean() * 16 / 15
    assert fit.floored.all()
    assert fit.errors[0] ** 2 == pytest.approx(independent)
    assert "less alike" in fit_share(table, LEVEL).share.note


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no votes with a choice"),
        ([(0, 0, 0, 1, np.nan), (1, 0, 0, 1, np.nan)], "no votes with a choice"),
        ([(0, person, 0, 1, person % 2) for person in range(6)], "one rater's"),
        ([(rater, 0, 0, 1, rater % 2) for rater in range(6)], "one item"),
        ([(person % 3, person, 0, 1, 1) for person in range(6)], "All 6 votes went one way"),
        ([(person % 3, person, 0, 1, 0) for person in range(6)], "All 6 votes went one way"),
    ],
)
def test_what_has_no_interval_has_a_sentence(rows: list[tuple[int, int, int, int, float]], said: str) -> None:
    table = make_table(rows)
    for estimate in (fit_share(table, LEVEL).share, *fit_share_and_side(table, LEVEL)):
        assert said in estimate.note
        assert estimate.low is None
        assert estimate.p is None


def test_a_side_that_decides_everything_has_no_finite_bias() -> None:
    table = make_table([(place % 3, place // 2, 0, 1, float(place % 2 == 0)) for place in range(24)])
    share, side = fit_share_and_side(table, LEVEL)
    assert "without a single exception" in share.note
    assert side.value is None
    assert fit_share(table, LEVEL).share.value == 0.5


def test_sides_that_never_change_cannot_be_told_from_the_preference() -> None:
    table = make_crossed_table(3)
    always_left = table.where(table.first_was_left)
    assert "cannot be told apart" in fit_share_and_side(always_left, LEVEL)[1].note


def test_the_side_model_finds_each_sides_share() -> None:
    table = make_crossed_table(4, people=60)
    left, right = (table.preferred[table.first_was_left == side].mean() for side in (True, False))
    share, side = fit_share_and_side(table, LEVEL)
    logits = [np.log(one / (1 - one)) for one in (left, right)]
    assert share.value == pytest.approx(1 / (1 + np.exp(-np.mean(logits))), abs=1e-8)
    assert side.value == pytest.approx(1 / (1 + np.exp(-(logits[0] - logits[1]) / 2)), abs=1e-8)
    assert fit_side(table, LEVEL) == side


def test_the_overall_side_leaves_out_pairs_that_went_one_way() -> None:
    table = make_crossed_table(5, methods=("a", "b", "c"))
    certain = np.where((table.first == 0) & (table.second == 2), 1.0, table.preferred)
    with_certain = make_table(
        zip(table.rater, table.person, table.first, table.second, certain, strict=True), table.methods
    )
    without = with_certain.where((table.first != 0) | (table.second != 2))
    assert fit_side(with_certain, LEVEL) == fit_side(without, LEVEL)
    assert fit_side(with_certain, LEVEL).value is not None
    assert "nothing about sides" in fit_side(with_certain.pair(0, 2), LEVEL).note


@pytest.mark.parametrize(
    ("columns", "outcome", "separated"),
    [
        ([[1, 1], [1, 1], [1, -1], [1, -1]], [1, 0, 1, 0], False),
        ([[1, 1], [1, 1], [1, -1], [1, -1]], [1, 1, 0, 0], True),
        ([[1, 1], [1, 1], [1, -1], [1, -1]], [1, 1, 1, 0], True),
        ([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 1, 0, 1], False),
        ([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 0, 1, 1], True),
    ],
)
def test_separation(columns: list[list[float]], outcome: list[float], separated: bool) -> None:
    assert is_separated(np.array(outcome, dtype=float), np.array(columns, dtype=float)) is separated


def test_wilson_by_hand_and_by_two_libraries() -> None:
    found = estimate_wilson(60, 100, LEVEL)
    assert (found.low, found.high) == (pytest.approx(0.502, abs=5e-4), pytest.approx(0.691, abs=5e-4))
    other = binomtest(60, 100).proportion_ci(method="wilson")
    assert (found.low, found.high) == (pytest.approx(other.low), pytest.approx(other.high))
    assert estimate_wilson(0, 5, LEVEL).low == pytest.approx(0, abs=1e-12)


def test_sign_test_by_hand() -> None:
    found = estimate_exact(8, 10, LEVEL)
    assert found.p == pytest.approx(2 * (45 + 10 + 1) / 1024)
    low, high = proportion_confint(8, 10, method="beta")
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_majorities_count_ties_and_leave_them_out() -> None:
    nan = np.nan
    votes = {0: [1, 1, 0], 1: [0, 0, 1], 2: [1, 0], 3: [nan, nan], 4: [1], 5: [1, nan, nan]}
    rows = [(rater, person, 0, 1, vote) for person, given in votes.items() for rater, vote in enumerate(given)]
    found = count_majorities(make_table(rows), LEVEL)
    assert (found.first, found.second, found.tied) == (3, 1, 2)
    assert found.share.value == 0.75
    assert found.share.p == pytest.approx(binomtest(3, 4).pvalue)


def test_a_bootstrap_over_raters_and_people_weighs_votes_by_both() -> None:
    table = make_crossed_table(7, people=12)
    found = resample_share(table, LEVEL, 5, 200)
    of_raters = draw_multiplicities(6, 200, 5, "raters")
    of_people = draw_multiplicities(12, 200, 5, "people")
    shares = []
    for raters, people in zip(of_raters, of_people, strict=True):
        weights = [raters[rater] * people[person] for rater, person in zip(table.rater, table.person, strict=True)]
        shares.append(np.average(table.preferred, weights=weights))
    assert found.value == table.preferred.mean()
    assert found.low == pytest.approx(np.quantile(shares, 0.025))
    assert found.high == pytest.approx(np.quantile(shares, 0.975))
    assert found.note == ""


def test_what_cannot_be_resampled_has_a_sentence() -> None:
    assert "no votes" in resample_share(make_table([]), LEVEL, 1, 50).note
    assert (
        "nothing to resample" in resample_share(make_table([(0, p, 0, 1, p % 2) for p in range(9)]), LEVEL, 1, 50).note
    )
    lone = resample_share(make_table([(0, 0, 0, 1, 1), (1, 1, 0, 1, 0)]), LEVEL, 1, 400)
    assert "had no vote" in lone.note
