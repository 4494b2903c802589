"""Bradley–Terry against choix, against a logistic regression and by hand; its bootstrap; what has no answer."""

from __future__ import annotations

import choix
import evalica
import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t

from app.study.statistics.clustered import fit_share
from app.study.statistics.models import estimate_ties, measure_circularity
from app.study.statistics.seeds import draw_multiplicities
from app.study.statistics.strengths import (
    count_wins_by_person,
    estimate_strengths,
    find_disconnection,
    fit_bradley_terry,
)
from app.study.votes import FloatArray, IntArray, VoteTable
from tests.helpers.study_tables import Row, make_crossed_table, make_table

LEVEL = 0.95
ABC = ("a", "b", "c")


def of_wins(wins: list[list[int]], undecided: dict[tuple[int, int], int] | None = None) -> VoteTable:
    """Votes with these counts, rows over columns, on as many people as there are votes in three."""
    pairs = [
        (min(winner, loser), max(winner, loser), float(winner < loser))
        for winner, row in enumerate(wins)
        for loser, count in enumerate(row)
        for _ in range(count)
    ]
    pairs += [(*pair, np.nan) for pair, count in (undecided or {}).items() for _ in range(count)]
    rows: list[Row] = [(place % 4, place // 3, *pair) for place, pair in enumerate(pairs)]
    return make_table(rows, tuple("abcdef"[: len(wins)]))


def wins_of(table: VoteTable) -> IntArray:
    total: IntArray = count_wins_by_person(table)[1].sum(axis=0)
    return total


def centred(logs: FloatArray) -> FloatArray:
    return logs - logs.mean()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("methods", [("a", "b"), ABC, ("a", "b", "c", "d", "e")])
def test_strengths_are_choixs_to_a_millionth(methods: tuple[str, ...], seed: int) -> None:
    table = make_crossed_table(seed, methods=methods)
    wins = wins_of(table)
    ours = fit_bradley_terry(wins)
    assert ours is not None
    votes = [(winner, loser) for winner, loser in np.argwhere(wins).tolist() for _ in range(wins[winner, loser])]
    newton = choix.opt_pairwise(len(methods), votes, alpha=0, tol=1e-10)
    spectral = choix.ilsr_pairwise_dense(wins.astype(float), alpha=0)
    np.testing.assert_allclose(ours, centred(newton), atol=1e-6)
    np.testing.assert_allclose(ours, centred(spectral), atol=1e-6)
    columns = np.array([[(i == winner) - float(i == loser) for i in range(1, len(methods))] for winner, loser in votes])
    signs = np.where(np.arange(len(votes)) % 2, 1.0, -1.0)
    regression = sm.GLM((signs > 0).astype(float), columns * signs[:, None], family=sm.families.Binomial()).fit()
    np.testing.assert_allclose(ours, centred(np.concatenate([[0], regression.params])), atol=1e-6)


def test_two_methods_by_hand() -> None:
    found = estimate_strengths(of_wins([[0, 60], [20, 0]]), LEVEL, 1, 400)
    assert [strength.method for strength in found.strengths] == ["a", "b"]
    best = found.strengths[0]
    assert best.log_strength.value == pytest.approx(np.log(3) / 2)
    assert best.elo == pytest.approx(200 * np.log10(3))
    assert [strength.rank for strength in found.strengths] == [1, 2]
    assert found.contrasts[0].difference.value == pytest.approx(np.log(3))
    assert best.log_strength.low is not None
    assert best.log_strength.high is not None
    assert 0 < best.log_strength.low < np.log(3) / 2 < best.log_strength.high


def test_contrasts_of_two_methods_are_the_share_on_the_scale_of_logits() -> None:
    table = make_crossed_table(2, people=15)
    contrast = estimate_strengths(table, LEVEL, 7, 50).contrasts[0].difference
    share = fit_share(table, LEVEL).share
    assert contrast.p == pytest.approx(share.p)
    assert share.low is not None
    assert share.high is not None
    assert contrast.low == pytest.approx(np.log(share.low / (1 - share.low)))
    assert contrast.high == pytest.approx(np.log(share.high / (1 - share.high)))


def test_contrasts_are_the_librarys_clustered_regression() -> None:
    table = make_crossed_table(6, methods=ABC, people=80, raters=10)
    found = {(one.first, one.second): one.difference for one in estimate_strengths(table, LEVEL, 1, 50).contrasts}
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    columns = np.array(
        [[(f == m) - float(s == m) for m in (1, 2)] for f, s in zip(table.first, table.second, strict=True)]
    )
    groups = np.column_stack([table.rater, table.person])
    fit = sm.GLM(table.preferred, columns, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    error = np.sqrt(fit.cov_params()[0, 0] + fit.cov_params()[1, 1] - 2 * fit.cov_params()[0, 1])
    assert found["b", "c"].value == pytest.approx(fit.params[0] - fit.params[1], abs=1e-6)
    assert found["b", "c"].low == pytest.approx(fit.params[0] - fit.params[1] - t.ppf(0.975, 9) * error, abs=1e-5)
    assert found["a", "b"].value == pytest.approx(-fit.params[0], abs=1e-6)
    assert found["a", "b"].high == pytest.approx(-fit.params[0] + t.ppf(0.975, 9) * fit.bse[0], abs=1e-5)


def test_bootstrap_rounds_draw_people_with_all_their_votes() -> None:
    table = make_crossed_table(2, people=15)
    strengths = estimate_strengths(table, LEVEL, 7, 300).strengths
    found = next(one.log_strength for one in strengths if one.method == "a")
    values = []
    for times in draw_multiplicities(15, 300, 7, "strengths"):
        rows = np.concatenate([np.flatnonzero(table.person == person) for person in np.repeat(np.arange(15), times)])
        share = table.preferred[rows].mean()
        values.append(np.log(share / (1 - share)) / 2)
    assert found.low == pytest.approx(np.quantile(values, 0.025), abs=1e-6)
    assert found.high == pytest.approx(np.quantile(values, 0.975), abs=1e-6)


def test_rounds_without_an_answer_are_set_aside_and_counted() -> None:
    table = of_wins([[0, 20], [1, 0]])
    found = estimate_strengths(table, LEVEL, 1, 500)
    people = int(table.person.max()) + 1
    lost = (table.person[table.preferred == 0])[0]
    aside = int((draw_multiplicities(people, 500, 1, "strengths")[:, lost] == 0).sum())
    assert aside > 100
    assert f"{aside} of 500 bootstrap rounds" in found.note
    assert found.strengths[0].log_strength.value == pytest.approx(np.log(20) / 2)


@pytest.mark.parametrize(
    ("wins", "said"),
    [
        ([[0, 0], [0, 0]], "no votes with a choice"),
        ([[0, 5], [0, 0]], "a never lost"),
        ([[0, 5, 0], [4, 0, 0], [0, 0, 0]], "on c"),
        ([[0, 5, 0, 0], [4, 0, 0, 0], [0, 0, 0, 2], [0, 0, 3, 0]], "connect a and b; c and d"),
        ([[0, 5, 3], [4, 0, 2], [0, 0, 0]], "a and b never lost"),
    ],
)
def test_what_has_no_strengths_has_a_sentence(wins: list[list[int]], said: str) -> None:
    table = of_wins(wins)
    found = estimate_strengths(table, LEVEL, 1, 50)
    assert said in found.note
    assert found.strengths == ()
    assert said in find_disconnection(wins_of(table), table.methods)


def test_one_person_has_strengths_without_intervals() -> None:
    found = estimate_strengths(make_table([(rater, 0, 0, 1, rater % 3 > 0) for rater in range(9)]), LEVEL, 1, 50)
    assert "one person" in found.note
    assert found.strengths[0].log_strength.low is None
    assert found.strengths[0].rank is None


def test_tie_parameter_of_two_methods_by_hand_and_where_evalica_stops_too_early() -> None:
    equal = of_wins([[0, 50], [50, 0]], {(0, 1): 20})
    assert estimate_ties(equal).value == pytest.approx(0.4)
    winner = evalica.Winner
    early = evalica.newman([0] * 3, [1] * 3, [winner.X, winner.Y, winner.Draw], weights=[50.0, 50.0, 20.0])
    assert 2 * early.v != pytest.approx(0.4, abs=0.1)
    assert estimate_ties(of_wins([[0, 60], [40, 0]], {(0, 1): 20})).value == pytest.approx(20 / np.sqrt(2400))


def test_tie_parameter_of_three_methods_is_newmans() -> None:
    undecided = {(0, 1): 9, (1, 2): 14, (0, 2): 4}
    wins = [[0, 30, 12], [22, 0, 33], [45, 16, 0]]
    rows = [(w, loser, evalica.Winner.X, float(wins[w][loser])) for w in range(3) for loser in range(3) if w != loser]
    rows += [(*pair, evalica.Winner.Draw, float(count)) for pair, count in undecided.items()]
    left, right, winners, weights = (list(column) for column in zip(*rows, strict=True))
    newman = evalica.newman(left, right, winners, weights=weights, tolerance=1e-12, limit=10_000)
    assert estimate_ties(of_wins(wins, undecided)).value == pytest.approx(2 * newman.v, rel=1e-5)


def test_ties_that_nobody_gave_or_that_connect_nothing_have_a_sentence() -> None:
    assert "Nobody answered" in estimate_ties(of_wins([[0, 3], [2, 0]])).note
    assert "no votes with a choice" in estimate_ties(of_wins([[0, 0], [0, 0]], {(0, 1): 4})).note
    assert "never lost" in estimate_ties(of_wins([[0, 3], [0, 0]], {(0, 1): 4})).note


def test_preferences_in_a_circle_are_told_from_an_order() -> None:
    circle = measure_circularity(of_wins([[0, 30, 10], [10, 0, 30], [30, 10, 0]]))
    # All strengths are equal then: the deviance is that of three shares of 3/4 against 1/2.
    by_hand = 3 * 2 * (30 * np.log(0.75 / 0.5) + 10 * np.log(0.25 / 0.5))
    assert circle.value == pytest.approx(by_hand, rel=1e-6)
    assert circle.p is not None
    assert circle.p < 1e-6
    order = measure_circularity(of_wins([[0, 20, 40], [10, 0, 20], [10, 10, 0]]))
    assert order.value == pytest.approx(0, abs=1e-9)
    assert order.p == pytest.approx(1, abs=1e-4)


def test_a_pair_that_always_went_one_way_costs_no_deviance_when_free() -> None:
    found = measure_circularity(of_wins([[0, 20, 12], [5, 0, 9], [0, 4, 0]]))
    assert found.value is not None
    assert found.value > 0


def test_circles_that_cannot_be_have_a_sentence() -> None:
    assert "Two methods" in measure_circularity(of_wins([[0, 2], [2, 0]])).note
    assert "form no circle" in measure_circularity(of_wins([[0, 2, 0], [2, 0, 3], [0, 3, 0]])).note
    assert "never lost" in measure_circularity(of_wins([[0, 2, 3], [2, 0, 3], [0, 0, 0]])).note
