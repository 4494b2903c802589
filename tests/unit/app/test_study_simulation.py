"""Simulated studies: the planted truth, the pipeline, and whether the primary interval holds.

Limits of what is random leave a chance below 1 in 10 000 of failing at the nominal coverage, whatever the seed.
"""

from __future__ import annotations

from itertools import product

import msgspec
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from app.study import simulation
from app.study.analysis import analyse_study
from app.study.errors import StudyError
from app.study.matching import match_votes
from app.study.planning import build_plan
from app.study.simulation import PlantedTruth, find_truth_fault, make_people, simulate_studies, simulate_votes
from app.study.statistics.planted import find_centre, find_marginal, find_marginal_side, find_shares
from app.study.statistics.voting import cast_votes, lay_out
from tests.helpers.study_plans import make_design, make_plan
from tests.helpers.study_tables import iter_numbers

CHANCE = 1e-4


def least(studies: int, share: float) -> int:
    """Hits that are missed with a chance of at most 1 in 10 000."""
    return int(binom.ppf(CHANCE, studies, share))


def test_the_interval_holds_where_wilsons_does_not() -> None:
    studies = 120
    truth = PlantedTruth(share=0.6, item_sd=1.5, rater_sd=1.0)
    report = simulate_studies(simulation.make_design(), truth, studies, seed=11)
    assert report.coverage.value is not None
    assert report.wilson_coverage.value is not None
    assert report.coverage.value * studies >= least(studies, 0.95)
    # The same test fails an interval that takes votes for independent.
    assert report.wilson_coverage.value * studies < least(studies, 0.95)
    # And an interval that is only wide fails this one: 4 standard errors of a standard deviation.
    assert report.mean_error is not None
    assert report.spread is not None
    assert report.mean_error == pytest.approx(report.spread, rel=4 / np.sqrt(2 * studies))


def test_a_side_bias_is_found_and_moves_nothing_and_clickers_fail() -> None:
    studies = 60
    truth = PlantedTruth(share=0.6, side_bias=0.6, lapse=0.01, clickers=3)
    report = simulate_studies(simulation.make_design(), truth, studies, seed=3)
    assert report.side_found.value is not None
    assert report.side_coverage.value is not None
    assert report.side_found.value * studies >= least(studies, 0.95)
    assert report.side_coverage.value * studies >= least(studies, 0.95)
    assert report.mean_side == pytest.approx(0.6, abs=0.02)
    assert report.largest_move is not None
    assert report.largest_move <= 1
    assert report.moved.value == 0
    assert report.clickers_passed.value is not None
    assert report.clickers_passed.value <= 0.05
    assert report.excluded == pytest.approx(3 / 20, abs=0.01)
    assert report.bias == pytest.approx(0, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("item_sd", "rater_sd", "share"), list(product((1.0, 1.5), (0.0, 0.5), (0.5, 0.6, 0.7))))
def test_the_table_of_coverage_in_docs_studies(item_sd: float, rater_sd: float, share: float) -> None:
    truth = PlantedTruth(share=share, item_sd=item_sd, rater_sd=rater_sd)
    report = simulate_studies(simulation.make_design(), truth, 200, seed=1)
    assert report.coverage.value is not None
    assert 0.93 <= report.coverage.value <= 0.99


@pytest.mark.parametrize(("share", "spread"), list(product((0.1, 0.5, 0.7), (0.0, 0.5, 1.8, 5.0))))
def test_the_planted_share_is_the_marginal_one(share: float, spread: float) -> None:
    centre = find_centre(share, spread)
    assert find_marginal(centre, spread) == pytest.approx(share, abs=1e-9)
    if spread:
        integral, _ = quad(lambda u: norm.pdf(u, scale=spread) / (1 + np.exp(-centre - u)), -12 * spread, 12 * spread)
        assert integral == pytest.approx(share, abs=1e-4)
        assert abs(centre) >= abs(np.log(share / (1 - share)))


def test_the_planted_side_is_what_the_model_finds_in_the_end() -> None:
    assert find_marginal_side(0.5, PlantedTruth(side_bias=0.6)) == pytest.approx(0.6)
    assert find_marginal_side(0.7, PlantedTruth(side_bias=0.5)) == pytest.approx(0.5)
    assert find_marginal_side(0.7, PlantedTruth(side_bias=0.6, item_sd=0, rater_sd=0)) == pytest.approx(0.6)


def test_shares_of_strengths_and_of_one_share() -> None:
    design = make_design(("a", "b", "c"))
    found = find_shares(PlantedTruth(strengths={"a": 1.0, "b": 0.0, "c": 0.0}), design)
    np.testing.assert_allclose(found, [1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-1)), 0.5])
    np.testing.assert_allclose(find_shares(PlantedTruth(share=0.7), design), [0.7, 0.7, 0.5])


def test_votes_are_of_the_whole_plan_and_of_the_seed_alone() -> None:
    plan = make_plan(make_design(("a", "b", "c"), cannot_decide=True))
    truth = PlantedTruth(undecided=0.2, lapse=0.1, clickers=1)
    votes = simulate_votes(plan, truth, 5)
    assert votes == simulate_votes(plan, truth, 5)
    assert votes != simulate_votes(plan, truth, 6)
    assert [(vote.seat, vote.position) for vote in votes] == [(seat, place) for seat, place, _ in plan.iter_trials()]
    found = match_votes(plan, votes)
    assert len(found.main) == found.planned
    assert len(found.catches) == 10 * 6


def test_lapses_draw_the_share_to_one_half_and_nobody_decides_as_often_as_planted() -> None:
    plan = make_plan(make_design(people=2000, raters=10, cannot_decide=True))
    truth = PlantedTruth(share=0.8, item_sd=0, rater_sd=0, lapse=0.5, undecided=0.25)
    preferred = match_votes(plan, simulate_votes(plan, truth, 1)).main.preferred
    assert np.isnan(preferred).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 6000))
    assert np.nanmean(preferred) == pytest.approx(0.65, abs=4 * np.sqrt(0.65 * 0.35 / 4500))


def test_one_simulated_study_has_the_numbers_of_the_whole_analysis() -> None:
    plan = make_plan(make_design(people=80, raters=8))
    truth = PlantedTruth(side_bias=0.6, clickers=1)
    report = simulate_studies(plan.design, truth, 1, seed=9, plan=plan)
    generator = np.random.default_rng(np.random.SeedSequence([9, 0]))
    votes, clickers = cast_votes(plan, lay_out(plan), truth, generator)
    results = analyse_study(match_votes(plan, votes), plan.design, rounds=50)
    pair = results.after_exclusions.pairs[0]
    assert pair.share.low is not None
    assert pair.share.high is not None
    assert report.mean_share == pair.share.value
    assert report.mean_error == pair.standard_error
    assert report.mean_width == pair.share.high - pair.share.low
    assert report.mean_side == pair.side_bias.value
    assert {rater.rater for rater in results.raters if rater.excluded} == clickers


def test_the_number_of_processes_changes_nothing() -> None:
    design = make_design(people=30)
    told: list[int] = []
    one = simulate_studies(design, PlantedTruth(), 12, seed=2)
    two = simulate_studies(design, PlantedTruth(), 12, seed=2, processes=2, on_done=told.append)
    assert one == two
    assert told == [5, 10, 12]
    assert all(np.isfinite(number) for number in iter_numbers(one))


def test_studies_without_any_interval_are_counted_and_give_no_numbers() -> None:
    design = msgspec.structs.replace(make_design(people=4, raters=1), raters_per_item=1)
    report = simulate_studies(design, PlantedTruth(), 10)
    assert report.without_interval == 10
    assert report.coverage.value == 0
    assert report.mean_width is None
    assert all(np.isfinite(number) for number in iter_numbers(report))


def test_people_who_do_not_exist_make_a_plan() -> None:
    design = make_design(("a", "b", "c"), people=40)
    people, checks = make_people(design)
    assert len(people) == 40
    plan = build_plan(design, people, checks)
    assert len(plan.seats) == design.raters


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        (PlantedTruth(share=1.0), "share"),
        (PlantedTruth(share=float("nan")), "share"),
        (PlantedTruth(side_bias=0.0), "side bias"),
        (PlantedTruth(item_sd=-1), "spreads"),
        (PlantedTruth(rater_sd=float("inf")), "spreads"),
        (PlantedTruth(lapse=2), "lapses"),
        (PlantedTruth(undecided=0.1), "cannot decide"),
        (PlantedTruth(clickers=7), "6 raters"),
        (PlantedTruth(strengths={"eft": 1.0}), "strengths"),
        (PlantedTruth(strengths={"eft": 1.0, "smplify": float("nan")}), "strengths"),
    ],
)
def test_what_cannot_be_planted_is_refused_in_a_sentence(truth: PlantedTruth, said: str) -> None:
    assert said in find_truth_fault(truth, make_design())
    with pytest.raises(StudyError, match=said):
        simulate_studies(make_design(), truth, 1)
