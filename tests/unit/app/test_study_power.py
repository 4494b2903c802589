"""Width and power on the form agree with a simulation that shares no code with them."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from app.study.design import PeopleRule, StudyDesign
from app.study.plan import StudyPlan
from app.study.planning import build_plan
from app.study.power import estimate_power
from tests.helpers.study_people import build_candidates, build_design

ROUNDS = 1500


def design_of(people: int, raters: int, per_item: int = 3) -> StudyDesign:
    design = build_design(people, raters=raters, raters_per_item=per_item, catches=(0, 0), practice=0, repeat_share=0)
    return msgspec.structs.replace(design, people=PeopleRule(count=people))


def groups_of(plan: StudyPlan) -> tuple[np.ndarray, np.ndarray]:
    """Rater and person of every vote."""
    places = {person.person: place for place, person in enumerate(plan.people)}
    rows = np.array([(seat, places[trial.person]) for seat, _, trial in plan.iter_trials()])
    return rows[:, 0], rows[:, 1]


def simulate(design: StudyDesign, share: float, rater_sd: float, item_sd: float) -> tuple[float, float]:
    """Mean half-width of the two-way clustered interval, and how often it leaves one half out."""
    scipy_t = pytest.importorskip("scipy.stats").t
    rng = np.random.default_rng(7)
    plan = build_plan(design, build_candidates(design.people.count), ())
    rater, person = groups_of(plan)
    raters, people, votes = design.raters, design.people.count, len(rater)
    spread = rng.normal(size=200_000) * math.hypot(rater_sd, item_sd)
    low, high = -9.0, 9.0
    while high - low > 1e-6:  # the centre by bisection over a large sample
        middle = (low + high) / 2
        low, high = (middle, high) if np.mean(1 / (1 + np.exp(-middle - spread))) < share else (low, middle)
    logits = low + (rng.normal(size=(ROUNDS, raters)) * rater_sd)[:, rater]
    logits += (rng.normal(size=(ROUNDS, people)) * item_sd)[:, person]
    chosen = rng.uniform(size=logits.shape) < 1 / (1 + np.exp(-logits))
    found = chosen.mean(axis=1)
    residual = chosen - found[:, None]

    def clustered(group: np.ndarray, count: int) -> np.ndarray:
        sums = residual @ np.eye(count)[group]
        return (sums**2).sum(axis=1) * count / (count - 1)

    meat = clustered(rater, raters) + clustered(person, people) - (residual**2).sum(axis=1) * votes / (votes - 1)
    error = np.sqrt(np.maximum(meat, 0)) / votes / (found * (1 - found))
    logit, reach = np.log(found / (1 - found)), scipy_t.ppf(0.975, min(raters, people) - 1)
    ends = 1 / (1 + np.exp(-np.stack([logit - reach * error, logit + reach * error])))
    return float((ends[1] - ends[0]).mean() / 2), float((np.abs(logit) > reach * error).mean())


@pytest.mark.parametrize(
    ("people", "raters", "rater_sd", "item_sd"),
    [(200, 20, 0.0, 1.0), (200, 20, 0.5, 1.5), (100, 10, 0.5, 1.0), (300, 6, 0.3, 1.0)],
)
def test_width_and_power_agree_with_simulated_votes(people: int, raters: int, rater_sd: float, item_sd: float) -> None:
    design = design_of(people, raters)
    estimate = estimate_power(design, 0.6, rater_sd, item_sd)
    half_width, power = simulate(design, 0.6, rater_sd, item_sd)
    assert estimate.half_width == pytest.approx(half_width, rel=0.07)
    assert dict(estimate.power)[0.60] == pytest.approx(power, abs=0.04)
    assert estimate.smallest_share is not None
    _, at_smallest = simulate(design, estimate.smallest_share, rater_sd, item_sd)
    assert at_smallest == pytest.approx(0.8, abs=0.03)


def test_without_spread_votes_are_independent() -> None:
    # The table of the protocol (annotation_anchors 4.3): 194 votes have 80 % power against 60 %, 385 a width of ± 5.
    single = estimate_power(design_of(194, 194, 1), 0.6, 0, 0)
    assert single.design_effect == pytest.approx(1)
    assert dict(single.power)[0.60] == pytest.approx(0.8, abs=0.015)
    assert estimate_power(design_of(385, 385, 1), 0.5, 0, 0).half_width == pytest.approx(0.05, abs=0.0007)


def test_more_people_raters_and_votes_help_and_spread_costs() -> None:
    def width(people: int = 100, raters: int = 20, rater_sd: float = 0.5, item_sd: float = 1.0) -> float:
        half_width = estimate_power(design_of(people, raters), 0.6, rater_sd, item_sd).half_width
        assert half_width is not None
        return half_width

    assert width(people=200) < width() < width(people=50)
    assert width(raters=40) < width() < width(raters=5)
    assert width(rater_sd=0, item_sd=0) < width(rater_sd=0) < width()


def test_a_single_rater_gets_a_sentence_instead_of_numbers() -> None:
    estimate = estimate_power(design_of(20, 1, 1))
    assert (estimate.half_width, estimate.power, estimate.smallest_share) == (None, (), None)
    assert "A single rater or person allows no interval; take more." in estimate.in_words()


def test_where_nothing_can_be_found_that_is_said() -> None:
    estimate = estimate_power(design_of(2, 3), rater_sd=2, item_sd=3)
    assert estimate.smallest_share is None
    assert any("is found so often" in sentence for sentence in estimate.in_words())


def test_the_words_tell_numbers_and_assumptions() -> None:
    words = " ".join(estimate_power(design_of(100, 20)).in_words())
    for part in ("300 votes", "design effect", "± ", "against 55%", "against 65%", "80% power", "logits"):
        assert part in words


def test_nonsense_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="a share is within 0-1"):
        estimate_power(design_of(10, 3), share=1.0)
