"""Swapped sides are told from sound keypoints: a few held-out people here, a thousand in tests/bench/suspicion.py."""

from __future__ import annotations

import numpy as np
import pytest

from fitting.body.assets import load_body_asset
from fitting.evaluation.people_sets import EvaluatedPerson
from fitting.evaluation.testset import read_synthetic
from fitting.signs import find_outlier
from fitting.swaps import FEATURES, GROUPS, WEIGHTS, SwapGroup
from resources import default_body, held_out_people
from tests.bench.suspicion import Judged, judge_people, plant_swaps


@pytest.fixture(scope="module")
def people() -> list[EvaluatedPerson]:
    """Twelve of the held-out people who show nearly everything."""
    everybody = read_synthetic(held_out_people(), load_body_asset(default_body()).sha256).people
    return [person for person in everybody if person.labelled >= 15][:12]


def judge_all(people: list[EvaluatedPerson], swaps: dict[int, SwapGroup]) -> list[Judged]:
    return list(judge_people(people, swaps, np.random.default_rng(0), noise_px=0.0))


def test_swapped_people_are_more_suspect_than_before(people: list[EvaluatedPerson]) -> None:
    swaps = plant_swaps(people, np.random.default_rng(3), 6)
    assert sorted(swaps.values()) == ["arms", "arms", "body", "body", "legs", "legs"]
    sound, swapped = judge_all(people, {}), judge_all(people, swaps)
    raised = [swapped[place].suspicion - sound[place].suspicion for place in swaps]
    assert np.median(raised) > 0.3
    assert min(raised) > -0.05
    order = sorted(range(len(people)), key=lambda place: -swapped[place].suspicion)
    assert len(set(order[:6]) & set(swaps)) >= 5
    named = [place for place in swaps if any(name.startswith("swap") for name in swapped[place].suspects)]
    assert len(named) >= 5


def test_there_is_a_weight_for_each_feature_and_a_constant() -> None:
    for group in GROUPS:
        assert len(WEIGHTS[group]) == len(FEATURES[group]) + 1


def test_an_outlier_stands_alone() -> None:
    assert find_outlier(np.array([0.02, 0.02, 0.03, 0.02, 0.5])) == pytest.approx(0.46)
    assert find_outlier(np.full(9, 0.2)) == 0  # far off, but all of them
    assert find_outlier(np.array([0.0, 0.0, 0.9])) == 0  # too few to say
