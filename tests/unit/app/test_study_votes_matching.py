"""Seat, position and side become person, pair and preferred method."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from app.study.matching import match_votes
from app.study.plan import PlannedTrial, StudyPlan
from app.study.simulation import PlantedTruth, simulate_votes
from db.records.studies import StudyVote, VoteChoice
from tests.helpers.study_plans import make_design, make_plan

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def vote(seat: int, position: int, choice: VoteChoice, rater: str = "ann", seconds: float = 2.0) -> StudyVote:
    return StudyVote(seat, position, rater, choice, seconds, 1, 0.0, NOON, NOON + timedelta(seconds=seconds))


def small_plan() -> StudyPlan:
    plan = make_plan(make_design(people=3, raters=3, catches=2, pass_at_least=2))
    trials = (
        PlannedTrial("practice", 1001, "good", "bad"),
        PlannedTrial("main", 1, "eft", "smplify"),
        PlannedTrial("catch", 1002, "bad", "good"),
        PlannedTrial("main", 2, "smplify", "eft"),
        PlannedTrial("repeat", 1, "smplify", "eft"),
        PlannedTrial("catch", 1003, "good", "bad"),
    )
    return msgspec.structs.replace(plan, seats=(trials, trials, ()))


def test_sides_become_methods_and_kinds_are_parted() -> None:
    choices: list[VoteChoice] = ["left", "left", "left", "left", "right", "left"]
    found = match_votes(small_plan(), [vote(0, place, choice) for place, choice in enumerate(choices)])
    assert found.main.preferred.tolist() == [1, 0]
    assert found.main.first_was_left.tolist() == [True, False]
    assert [found.main.people[place] for place in found.main.person] == [1, 2]
    assert found.main.seconds.tolist() == [2, 2]
    assert found.main.focus_losses.tolist() == [1, 1]
    assert found.repeats.preferred.tolist() == [1]
    assert [(answer.right, answer.left) for answer in found.catches] == [(False, True), (True, True)]
    assert (found.planned, found.planned_items) == (4, 2)
    assert found.unknown == ()


def test_cannot_decide_is_no_preference_and_wrong_on_a_catch() -> None:
    found = match_votes(small_plan(), [vote(0, 1, "neither"), vote(0, 2, "neither")])
    assert np.isnan(found.main.preferred).all()
    assert [answer.right for answer in found.catches] == [False]


def test_votes_without_a_trial_are_told_and_left_out() -> None:
    strangers = [vote(0, 6, "left"), vote(2, 0, "left"), vote(-1, 0, "left"), vote(0, -1, "left"), vote(9, 0, "left")]
    found = match_votes(small_plan(), [*strangers, vote(0, 1, "left")])
    assert len(found.main) == 1
    assert len(found.unknown) == 5
    assert "Seat 1, trial 7, rater ann: the plan has no such trial" in " ".join(found.unknown)


def test_many_votes_without_a_trial_are_counted() -> None:
    found = match_votes(small_plan(), [vote(0, place, "left") for place in range(100, 150)])
    assert len(found.unknown) == 21
    assert "30 more" in found.unknown[-1]


def test_the_first_of_two_votes_on_one_trial_counts() -> None:
    late = vote(0, 1, "right", "bob", seconds=9.0)
    found = match_votes(small_plan(), [late, vote(0, 1, "left")])
    assert found.main.preferred.tolist() == [1]
    assert "rater bob: a second vote on the same trial" in found.unknown[0]


def test_a_trial_of_strange_methods_or_people_is_told() -> None:
    plan = small_plan()
    odd = (PlannedTrial("main", 1, "eft", "spin"), PlannedTrial("main", 77, "eft", "smplify"))
    found = match_votes(msgspec.structs.replace(plan, seats=(odd,)), [vote(0, 0, "left"), vote(0, 1, "left")])
    assert len(found.main) == 0
    assert "no two methods of the design" in found.unknown[0]
    assert "person" in found.unknown[1]


def test_the_order_of_votes_changes_nothing() -> None:
    plan = make_plan(make_design(("a", "b", "c"), people=12))
    votes = simulate_votes(plan, PlantedTruth(), 1)
    shuffled = [votes[place] for place in np.random.default_rng(0).permutation(len(votes))]
    one, other = match_votes(plan, votes), match_votes(plan, shuffled)
    np.testing.assert_array_equal(one.main.preferred, other.main.preferred)
    np.testing.assert_array_equal(one.main.rater, other.main.rater)
    assert one.catches == other.catches
    assert len(one.main) == one.planned == 12 * 3 * 3
    assert (one.main.first < one.main.second).all()


def test_no_votes_at_all() -> None:
    found = match_votes(small_plan(), [])
    assert len(found.main) == len(found.repeats) == 0
    assert found.main.raters == ()
