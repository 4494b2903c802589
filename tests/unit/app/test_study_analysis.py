"""The whole analysis: parts in their places, exclusions, subgroups, remarks, and no number that is none."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.study.analysis import MIN_SUBGROUP, analyse_study
from app.study.design import CatchRule, StudyDesign
from app.study.matching import match_votes
from app.study.results import StudyResults
from app.study.simulation import PlantedTruth, simulate_votes
from app.study.statistics.clustered import fit_share
from app.study.votes import CatchAnswer, StudyVotes
from tests.helpers.study_plans import make_design, make_plan
from tests.helpers.study_tables import Row, iter_numbers, make_crossed_table, make_study_votes, make_table

ABC = ("a", "b", "c")


def analyse(votes: StudyVotes, design: StudyDesign, rounds: int = 100) -> StudyResults:
    """And look at every number."""
    results = analyse_study(votes, design, rounds=rounds)
    assert all(math.isfinite(number) for number in iter_numbers(results))
    assert msgspec.json.decode(msgspec.json.encode(results), type=StudyResults) == results
    return results


@pytest.fixture(scope="module")
def whole() -> tuple[StudyVotes, StudyDesign]:
    design = make_design(ABC, people=60, raters=8, cannot_decide=True)
    plan = make_plan(design)
    truth = PlantedTruth(strengths={"a": 0.8, "b": 0.2, "c": 0.0}, clickers=1, undecided=0.1, side_bias=0.6)
    return match_votes(plan, simulate_votes(plan, truth, 4)), design


def test_a_study_of_three_methods(whole: tuple[StudyVotes, StudyDesign]) -> None:
    votes, design = whole
    results = analyse(votes, design, 300)
    result = results.after_exclusions
    assert [(pair.first, pair.second) for pair in result.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [pair.is_primary for pair in result.pairs] == [True, False, False]
    assert sum(rater.excluded for rater in results.raters) == 1
    assert result.raters == 7
    assert results.with_everybody.raters == 8
    assert results.with_everybody.pairs != result.pairs
    assert (results.cast, results.planned, results.planned_items) == (540, 540, 180)
    assert results.complete_items == 180
    assert {strength.method for strength in result.strengths} == set(ABC)
    assert result.strengths[0].method == "a"
    assert result.circularity.p is not None
    assert result.tie_parameter.value is not None
    assert result.side_bias.value is not None
    assert result.side_bias.value > 0.5
    assert results.random_pass == pytest.approx(11 / 1024)
    assert set(results.versions) == {"python", "evalica", "numpy", "pandas", "scipy", "statsmodels"}
    for pair in result.pairs:
        assert pair.votes + pair.undecided <= 180
        assert pair.share.value == pair.for_first / pair.votes
        assert pair.share.low is not None
        assert pair.p_holm is not None
        assert pair.share.p is not None
        assert pair.share.p <= pair.p_holm <= min(1, 3 * pair.share.p)
    assert any("failed the catch trials" in remark for remark in results.remarks)
    assert any("cannot decide" in remark for remark in results.remarks)


def test_the_primary_pair_comes_first_and_holm_is_over_all() -> None:
    table = make_crossed_table(3, methods=ABC)
    design = msgspec.structs.replace(make_design(ABC), primary=("c", "b"))
    pairs = analyse(make_study_votes(table), design).after_exclusions.pairs
    assert [pair.is_primary for pair in pairs] == [True, False, False]
    assert (pairs[0].first, pairs[0].second) == ("b", "c")
    by_p = sorted(pairs, key=lambda pair: pair.share.p or 0)
    assert by_p[0].p_holm == pytest.approx(min(1, 3 * (by_p[0].share.p or 0)))


def test_subgroups_have_enough_people_or_a_sentence() -> None:
    table = make_crossed_table(1, people=2 * MIN_SUBGROUP, methods=("eft", "smplify"))
    results = analyse(make_study_votes(table), make_design())
    groups = {(group.kind, group.name): group for group in results.subgroups}
    assert list(groups) == [
        ("dataset", "coco"),
        ("dataset", "mpii"),
        *(("difficulty", n) for n in ("easy", "medium", "hard")),
    ]
    coco = groups["dataset", "coco"]
    rows = np.array([name == "coco" for name in table.datasets])[table.person]
    assert coco.pairs[0].share == fit_share(table.where(rows), 0.95).share
    assert coco.pairs[0].p_holm is None
    assert groups["difficulty", "hard"].pairs == ()
    assert "13 people only" in groups["difficulty", "hard"].note


def excluded_all() -> tuple[StudyVotes, StudyDesign]:
    table = make_crossed_table(1, methods=("eft", "smplify"))
    answers = [CatchAnswer(rater, right=False, left=True) for rater in table.raters for _ in range(3)]
    return make_study_votes(table, answers), make_design()


def test_when_everybody_is_excluded_the_result_is_a_sentence_and_the_other_one_stands() -> None:
    results = analyse(*excluded_all())
    assert results.after_exclusions.votes == 0
    assert results.after_exclusions.pairs[0].share.value is None
    assert "no votes" in results.after_exclusions.pairs[0].share.note
    assert results.with_everybody.pairs[0].share.low is not None
    assert any("Everybody failed" in remark for remark in results.remarks)


def test_unfinished_studies_seats_shared_and_raters_the_rule_cannot_tell_are_remarked() -> None:
    rows: list[Row] = [(rater, person, 0, 1, (rater + person) % 2) for rater in range(3) for person in range(8)]
    table = make_table([*rows, rows[0]])
    votes = msgspec_replace(make_study_votes(table, [CatchAnswer("R00", right=True, left=True)]), planned=99)
    remarks = " ".join(analyse(votes, make_design()).remarks)
    assert "74 of 99 planned votes" in remarks
    assert "1 votes are a rater's second" in remarks
    assert "R00 answered too few catch trials" in remarks
    assert "3 raters are few" in remarks


def msgspec_replace(votes: StudyVotes, *, planned: int) -> StudyVotes:
    return StudyVotes(votes.main, votes.repeats, votes.catches, planned, votes.planned_items, votes.unknown)


def test_sides_out_of_balance_that_move_the_preference_are_remarked() -> None:
    rows: list[Row] = []
    for person in range(40):
        for rater in range(3):
            rows.append(((person + rater) % 7, person, 0, 1, float((person * 7 + rater * 3) % 10 < 6)))
    table = make_table(rows)
    # All votes for the first fell while it was on the left, but for a few.
    left = (table.preferred == 1) ^ (np.arange(len(rows)) % 11 == 0)
    keep = left | (np.arange(len(rows)) % 4 == 0)
    biased = table.where(keep)
    biased = type(biased)(
        *(getattr(biased, name) if name != "first_was_left" else left[keep] for name in biased.__slots__)
    )
    results = analyse(make_study_votes(biased), make_design())
    assert any("allowing for sides moves the share" in remark for remark in results.remarks)


votes_of_anybody = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 5),
        st.sampled_from([(0, 1), (0, 2), (1, 2)]),
        st.sampled_from([1.0, 0.0, float("nan")]),
    ),
    max_size=30,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(rows=votes_of_anybody, wrong=st.lists(st.integers(0, 3), max_size=6), again=votes_of_anybody)
def test_no_votes_make_a_number_that_is_none(
    rows: list[tuple[int, int, tuple[int, int], float]],
    wrong: list[int],
    again: list[tuple[int, int, tuple[int, int], float]],
) -> None:
    def table_of(some: list[tuple[int, int, tuple[int, int], float]]) -> list[Row]:
        return [(rater, person, *pair, vote) for rater, person, pair, vote in some]

    # One table has all raters and people, so that both parts of it number them alike.
    both = make_table([*table_of(rows), *table_of(again)], ABC)
    main, repeats = (both.where((np.arange(len(both)) < len(rows)) == part) for part in (True, False))
    answers = [
        CatchAnswer(both.raters[number], right=False, left=True) for number in wrong if number < len(both.raters)
    ]
    analyse(make_study_votes(main, answers, repeats), make_design(ABC, catches=3, pass_at_least=2), 20)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "There are no votes on this pair"),
        ([(0, 0, 0, 1, math.nan), (1, 1, 0, 1, math.nan)], "All 2 votes on this pair are 'cannot decide'"),
        ([(0, person, 0, 1, person % 2) for person in range(30)], "one rater's"),
        ([(rater, 0, 0, 1, rater % 2) for rater in range(30)], "one item"),
        ([(rater % 4, rater, 0, 1, 1) for rater in range(30)], "went one way"),
    ],
)
def test_degenerate_studies_have_sentences(rows: list[Row], said: str) -> None:
    results = analyse(make_study_votes(make_table(rows)), make_design())
    pair = results.after_exclusions.pairs[0]
    assert said in pair.share.note
    assert pair.share.low is None
    assert pair.p_holm is None


def test_without_catch_trials_a_report_says_so() -> None:
    design = msgspec.structs.replace(make_design(), catches=CatchRule(count=0, pass_at_least=0))
    results = analyse(make_study_votes(make_crossed_table(1, methods=design.methods)), design)
    assert results.random_pass is None
    assert any("no catch trials" in remark for remark in results.remarks)


_PROGRAM = """
import sys
import msgspec
from app.study.analysis import analyse_study
from app.study.matching import match_votes
from app.study.simulation import PlantedTruth, simulate_votes
from tests.helpers.study_plans import make_design, make_plan
plan = make_plan(make_design(("a", "b", "c"), people=25))
votes = match_votes(plan, simulate_votes(plan, PlantedTruth(), 3))
sys.stdout.buffer.write(msgspec.json.encode(analyse_study(votes, plan.design, rounds=60)))
"""


def test_results_are_the_same_in_another_process_with_another_hash_seed() -> None:
    found = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    plan = make_plan(make_design(ABC, people=25))
    votes = match_votes(plan, simulate_votes(plan, PlantedTruth(), 3))
    here = analyse_study(votes, plan.design, rounds=60)
    assert json.loads(found.stdout) == json.loads(msgspec.json.encode(here))
