"""Rate and finish: breaks are no work, and little is no rate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.services.pace import BREAK_S, find_finish, find_pace, find_rate, working_seconds
from db.queries.work import DecisionTimes

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def decisions(times: list[float], on_screen: float = 20.0) -> DecisionTimes:
    return DecisionTimes(np.arange(len(times)), np.array(times, dtype=float), np.full(len(times), on_screen))


def test_time_between_decisions_is_work_and_breaks_are_not() -> None:
    times = [0, 30, 60, 60 + BREAK_S, 10_000, 10_036]
    assert working_seconds(decisions(times)).tolist() == [20, 30, 30, BREAK_S, 20, 36]


def test_a_person_left_on_screen_over_night_is_no_work() -> None:
    assert working_seconds(decisions([0.0, 40_000.0], on_screen=40_000.0)).tolist() == [BREAK_S, BREAK_S]


@pytest.mark.parametrize("breaks", [0, 1, 5])
def test_the_rate_is_the_same_with_breaks_as_without(breaks: int) -> None:
    times = np.arange(120) * 30.0
    for number in range(breaks):
        times[20 * (number + 1) :] += 3600.0
    rate = find_rate(working_seconds(decisions(times.tolist(), on_screen=30.0)))
    assert rate == pytest.approx(120.0)


def test_a_handful_is_no_rate() -> None:
    assert find_rate(working_seconds(decisions([0, 30, 60, 90]))) is None
    assert find_rate(working_seconds(decisions([]))) is None
    assert find_rate(np.zeros(9)) is None
    assert find_rate(working_seconds(decisions([0, 30, 60, 90, 120], on_screen=30.0))) == pytest.approx(120.0)


def test_the_pace_counts_calendar_days() -> None:
    assert find_pace(70, NOW - timedelta(days=30), NOW) == 10
    assert find_pace(70, NOW - timedelta(days=2), NOW) == 35
    assert find_pace(70, NOW - timedelta(minutes=20), NOW) == 70
    assert find_pace(4, NOW - timedelta(days=2), NOW) is None
    assert find_pace(0, None, NOW) is None


def test_the_finish_is_what_is_left_at_the_pace() -> None:
    assert find_finish(50, 10.0, NOW) == NOW + timedelta(days=5)
    assert find_finish(0, 10.0, NOW) is None
    assert find_finish(50, None, NOW) is None
    assert find_finish(10**9, 0.7, NOW) == NOW + timedelta(days=36_500)
