"""The frozen rule, and what is told of each rater."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from app.study.checks import LARGEST_CHANCE, chance_of_random_pass
from app.study.design import CatchRule
from app.study.statistics.clustered import fit_share
from app.study.statistics.exclusion import judge, judge_raters
from app.study.statistics.raters import describe_raters, measure_consistency
from app.study.statistics.times import summarise_times
from app.study.votes import CatchAnswer
from tests.helpers.study_plans import make_design
from tests.helpers.study_tables import make_crossed_table, make_study_votes, make_table

RULE = CatchRule(count=10, pass_at_least=9)


@pytest.mark.parametrize(
    ("right", "answered", "excluded", "told"),
    [
        (10, 10, False, True),
        (9, 10, False, True),
        (8, 10, True, True),
        (0, 2, True, True),
        (0, 1, False, False),
        (8, 9, False, True),
        (4, 4, False, False),
        (7, 8, False, True),
        (6, 7, False, False),
        (0, 0, False, False),
    ],
)
def test_the_rule(right: int, answered: int, excluded: bool, told: bool) -> None:
    verdict = judge(right, answered, RULE)
    assert (verdict.excluded, verdict.told) == (excluded, told)
    assert ("cannot tell" in verdict.reason) is not told


def test_without_catches_nobody_is_excluded() -> None:
    verdict = judge(0, 0, CatchRule(count=0, pass_at_least=0))
    assert not verdict.excluded
    assert "no catch trials" in verdict.reason


@pytest.mark.parametrize("answered", range(1, 11))
def test_whoever_is_told_from_a_coin_would_pass_by_it_in_5_percent(answered: int) -> None:
    passing = [right for right in range(answered + 1) if judge(right, answered, RULE).told]
    passing = [right for right in passing if not judge(right, answered, RULE).excluded]
    assert sum(binom.pmf(right, answered, 0.5) for right in passing) <= LARGEST_CHANCE


def test_the_chance_of_a_random_pass_is_that_of_the_protocol() -> None:
    found = [chance_of_random_pass(*pair) for pair in ((8, 7), (10, 9), (12, 10), (20, 15))]
    np.testing.assert_allclose(found, [0.035, 0.011, 0.019, 0.021], atol=6e-4)


def test_everybody_is_judged_on_their_own_answers() -> None:
    answers = [CatchAnswer("R00", right=True, left=True)] * 10 + [CatchAnswer("R01", right=False, left=True)] * 2
    found = judge_raters(("R00", "R01", "R02"), answers, RULE)
    assert [found[name].excluded for name in ("R00", "R01", "R02")] == [False, True, False]


def test_raters_by_hand() -> None:
    nan = np.nan
    rows = [(0, 0, 1), (1, 0, 1), (2, 0, 0), (0, 1, 0), (1, 1, 0), (0, 2, nan), (1, 2, 1), (2, 2, 1)]
    table = make_table([(rater, person, 0, 1, vote) for rater, person, vote in rows])
    repeats = make_table([(0, 0, 0, 1, 0.0), (0, 2, 0, 1, nan), (1, 0, 0, 1, 1.0)])
    repeats = repeats.where(np.ones(3, dtype=np.bool_))
    votes = make_study_votes(table, [CatchAnswer("R02", right=False, left=True)] * 2, repeats)
    verdicts = judge_raters(table.raters, votes.catches, RULE)
    first, second, third = describe_raters(votes, verdicts, make_design())
    # R00 meets R01 and R02 on person 0 and R01 on person 1, and agrees with R01 on both.
    assert first.agreement.value == pytest.approx(2 / 3)
    assert second.agreement.value == pytest.approx(3 / 4)
    assert (first.votes, first.undecided, first.repeats) == (3, 1, 2)
    assert first.consistency.value == 0.5
    assert second.consistency.value == 1
    assert "No repeat" in third.consistency.note
    # Sides go by turns from the left: person 0 first on the left and preferred, person 1 first on the right, not so.
    assert first.left_share.value == 1
    assert third.excluded
    assert (third.catches_right, third.catches) == (0, 2)
    assert "already" in third.without.note


def test_whoever_passed_needs_no_reason() -> None:
    table = make_crossed_table(1)
    passed, failed, *others = table.raters
    answers = [CatchAnswer(passed, right=True, left=True)] * 10 + [CatchAnswer(failed, right=False, left=True)] * 2
    votes = make_study_votes(table, answers)
    reasons = {
        one.rater: one.reason
        for one in describe_raters(votes, judge_raters(table.raters, answers, RULE), make_design(("a", "b")))
    }
    assert reasons[passed] == ""
    assert reasons[failed] == "2 of 2 catch trials wrong; 1 allowed."
    assert {reasons[other] for other in others} == {reasons[others[0]]}
    assert "cannot tell" in reasons[others[0]]


def test_the_result_without_each_rater_is_that_of_the_others_votes() -> None:
    table = make_crossed_table(1)
    votes = make_study_votes(table)
    design = make_design(("a", "b"))
    for number, rater in enumerate(describe_raters(votes, judge_raters(table.raters, (), RULE), design)):
        others = fit_share(table.where(table.rater != number), 0.95).share
        assert rater.without == others
        assert rater.without.value != fit_share(table, 0.95).share.value


def test_consistency_counts_only_repeats_of_votes_that_were_cast() -> None:
    main = make_table([(0, 0, 0, 1, 1.0)])
    repeats = make_table([(0, 0, 0, 1, 1.0), (0, 5, 0, 1, 1.0), (1, 0, 0, 1, 1.0)])
    found = measure_consistency(main, repeats, 0.95)
    assert found.value == 1
    assert found.low == pytest.approx(1 / (1 + 1.96**2), abs=1e-3)


def test_times_are_summarised_on_the_log_scale() -> None:
    seconds = np.array([1.0, 4.0, 0.0, np.inf])
    middle, quartiles = summarise_times(seconds)
    assert middle == pytest.approx(2)
    assert quartiles == (pytest.approx(4**0.25), pytest.approx(4**0.75))
    assert summarise_times(np.zeros(0)) == (None, None)
