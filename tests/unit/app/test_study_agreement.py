"""Alpha by hand, by a second reckoning and by the library on every bootstrap round; percent; kappa."""

from __future__ import annotations

import evalica
import numpy as np
import pandas
import pytest

from app.study.statistics.agreement import measure_agreement, resample_agreement
from app.study.statistics.seeds import draw_multiplicities
from tests.helpers.study_tables import Row, make_crossed_table, make_table

LEVEL = 0.95


def alpha_by_pairs(units: list[list[float]]) -> float:
    """Krippendorff's alpha from its definition: disagreement within units over that among all pairable values."""
    units = [unit for unit in units if len(unit) > 1]
    everything = [value for unit in units for value in unit]
    count = len(everything)
    within = sum(
        sum(one != other for place, one in enumerate(unit) for spot, other in enumerate(unit) if place != spot)
        / (len(unit) - 1)
        for unit in units
    )
    overall = sum(
        one != other for place, one in enumerate(everything) for spot, other in enumerate(everything) if place != spot
    )
    return 1 - within / count / (overall / (count * (count - 1)))


def rows_of(units: list[list[float]]) -> list[Row]:
    return [(rater, person, 0, 1, vote) for person, unit in enumerate(units) for rater, vote in enumerate(unit)]


def test_alpha_and_percent_by_hand() -> None:
    # 10 pairable values, 6 ones and 4 zeros; units 2 and 3 disagree once each: 1 - 9 * (1 + 1) / (6 * 4) = 1/4.
    units: list[list[float]] = [[1, 1, 1], [0, 0, 0], [1, 0], [1, 0], [1]]
    units[1] = [0, 0]
    units[0] = [1, 1, 1, 1]
    found = measure_agreement(make_table(rows_of(units)), LEVEL, 1, 200)
    assert found.alpha.value == pytest.approx(1 - 9 * 2 / (6 * 4))
    assert found.alpha.value == pytest.approx(alpha_by_pairs(units))
    assert found.percent.value == pytest.approx(7 / 9)
    assert "2 to 4 votes" in found.kappa.note


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_definition_with_missing_and_undecided_votes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    units: list[list[float]] = [
        [float(rng.choice([0, 1, np.nan], p=[0.3, 0.6, 0.1])) for _ in range(int(rng.integers(1, 5)))]
        for _ in range(25)
    ]
    found = measure_agreement(make_table(rows_of(units)), LEVEL, 1, 50)
    decided = [[vote for vote in unit if not np.isnan(vote)] for unit in units]
    assert found.alpha.value == pytest.approx(alpha_by_pairs(decided))


def test_every_bootstrap_round_is_the_librarys_alpha_of_the_items_it_drew() -> None:
    rng = np.random.default_rng(3)
    firsts, seconds = rng.integers(0, 3, 20), rng.integers(1, 4, 20)
    both = firsts + seconds >= 2
    firsts, seconds = firsts[both], seconds[both]
    drawn = draw_multiplicities(len(firsts), 10, 1, "agreement")
    alphas, _ = resample_agreement(firsts, seconds, drawn)
    for times, alpha in zip(drawn, alphas, strict=True):
        table = np.full((6, int(times.sum())), np.nan)
        for column, item in enumerate(np.repeat(np.arange(len(firsts)), times)):
            table[: firsts[item] + seconds[item], column] = [1.0] * firsts[item] + [0.0] * seconds[item]
        assert alpha == pytest.approx(evalica.alpha(pandas.DataFrame(table)).alpha, abs=1e-12)


def test_votes_at_random_agree_by_chance_and_votes_on_clear_items_do() -> None:
    rng = np.random.default_rng(0)
    noise = [[float(rng.random() < 0.7) for _ in range(3)] for _ in range(300)]
    found = measure_agreement(make_table(rows_of(noise)), LEVEL, 1, 500)
    assert found.alpha.low is not None
    assert found.alpha.high is not None
    assert found.alpha.low < 0 < found.alpha.high
    clear: list[list[float]] = [[float(person % 2)] * 3 for person in range(30)]
    assert measure_agreement(make_table(rows_of(clear)), LEVEL, 1, 500).alpha.value == pytest.approx(1)


def test_kappa_of_fleiss_by_hand() -> None:
    # Items 3:0, 0:3, 2:1, 1:2 of 3 raters: P = (1 + 1 + 1/3 + 1/3) / 4 = 2/3, expected 1/2, kappa 1/3.
    units: list[list[float]] = [[1, 1, 1], [0, 0, 0], [1, 1, 0], [1, 0, 0]]
    assert measure_agreement(make_table(rows_of(units)), LEVEL, 1, 50).kappa.value == pytest.approx(1 / 3)


def alone(units: list[list[float]]) -> tuple[str, str]:
    found = measure_agreement(make_table(rows_of(units)), LEVEL, 1, 50)
    assert found.alpha.low is None
    return found.alpha.note, found.percent.note


def test_sentences_where_agreement_cannot_be_told() -> None:
    assert "No item has two votes" in alone([[1], [0], [1]])[0]
    assert "No item has two votes" in alone([])[1]
    assert "went one way" in alone([[1, 1], [1, 1], [1, 1]])[0]
    assert "Too few items" in alone([[1, 0]])[0]


def test_the_same_seed_gives_the_same_interval_and_another_gives_another() -> None:
    table = make_crossed_table(1)
    first, again, other = (measure_agreement(table, LEVEL, seed, 300) for seed in (1, 1, 2))
    assert first == again
    assert first.alpha.value == other.alpha.value
    assert first.alpha != other.alpha
