"""Intervals: known answers, coverage, and what is said of too few people."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from fitting.evaluation.statistics import estimate, paired_difference


def test_a_large_normal_sample_gets_student_s_interval() -> None:
    values = np.random.default_rng(1).normal(50.0, 10.0, 400)
    found = estimate(values)
    low, high = stats.t.interval(0.95, 399, values.mean(), stats.sem(values))
    assert found.count == 400
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.12)


def test_the_interval_of_a_skewed_mean_reaches_further_up() -> None:
    found = estimate(np.random.default_rng(2).exponential(1.0, 60))
    assert found.high - found.value > found.value - found.low


def test_few_people_get_student_s_interval_by_hand() -> None:
    # 1, 2, 3: mean 2, standard error 1 / sqrt(3), t(2 degrees, 97.5 %) = 4.302653
    found = estimate(np.array([1.0, 2.0, 3.0]))
    assert (found.low, found.high) == pytest.approx((2 - 4.302653 / math.sqrt(3), 2 + 4.302653 / math.sqrt(3)))
    assert math.isnan(estimate(np.array([1.0, 2.0, 3.0]), "median").low)


def test_nobody_one_person_and_equal_people() -> None:
    assert estimate(np.array([np.nan])).count == 0
    assert math.isnan(estimate(np.array([np.nan])).value)
    one = estimate(np.array([7.0, np.nan]))
    assert (one.value, one.count) == (7.0, 1)
    assert math.isnan(one.low)
    equal = estimate(np.full(20, 3.0))
    assert (equal.low, equal.high) == (3.0, 3.0)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(3).exponential(1.0, 40)
    assert estimate(values, "median", 5) == estimate(values, "median", 5)
    assert estimate(values, "mean", 5) != estimate(values, "mean", 6)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(60):
        found = estimate(rng.exponential(1.0, 60))
        hits += found.low <= 1.0 <= found.high
    assert hits >= 52


def test_paired_differences_leave_out_how_hard_people_are() -> None:
    rng = np.random.default_rng(6)
    hardness = rng.exponential(60.0, 200)
    first, second = hardness - 2.0 + rng.normal(0, 1, 200), hardness.copy()
    first[0] = np.nan
    found = paired_difference(first, second)
    assert found.mean.count == 199
    assert found.mean.low < -2.0 < found.mean.high
    assert found.mean.high - found.mean.low < 0.4  # unpaired it would be some 20 mm
    assert found.first_smaller > 0.9
