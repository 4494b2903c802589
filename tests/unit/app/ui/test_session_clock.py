"""How long a trial has been looked at, on a clock moved by hand."""

from __future__ import annotations

import pytest

from app.ui.session.clock import TrialClock
from tests.helpers.session_rater import HandClock


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def clock(hand: HandClock) -> TrialClock:
    clock = TrialClock(hand)
    clock.start(1.0)
    return clock


def _show(clock: TrialClock) -> None:
    clock.note_painted("left")
    clock.note_painted("right")


def test_time_runs_from_the_later_of_two_first_paints(clock: TrialClock, hand: HandClock) -> None:
    clock.note_painted("right")
    hand.pass_by(3.0)
    assert clock.seconds == 0
    clock.note_painted("left")
    hand.pass_by(0.4)
    clock.note_painted("left")  # paints that follow mean nothing
    hand.pass_by(1.1)
    looked = clock.stop()
    assert looked is not None
    assert looked.response_s == pytest.approx(1.5)
    assert looked.shown_at.tzinfo is not None


def test_nothing_counts_before_both_sides_were_seen_for_long_enough(clock: TrialClock, hand: HandClock) -> None:
    hand.pass_by(5.0)
    assert clock.stop() is None
    clock.note_painted("left")
    hand.pass_by(5.0)
    assert clock.stop() is None
    clock.note_painted("right")
    hand.pass_by(0.999)
    assert clock.stop() is None
    hand.pass_by(0.001)
    assert clock.ready
    assert clock.stop() is not None
    assert clock.stop() is None


def test_a_pause_takes_no_time_and_ends_with_the_next_paints(clock: TrialClock, hand: HandClock) -> None:
    _show(clock)
    hand.pass_by(0.7)
    clock.pause()
    hand.pass_by(100.0)
    assert not clock.ready
    clock.go_on()
    hand.pass_by(10.0)
    assert clock.stop() is None
    _show(clock)
    hand.pass_by(0.5)
    looked = clock.stop()
    assert looked is not None
    assert looked.response_s == pytest.approx(1.2)


def test_leaving_the_window_counts_only_while_both_sides_are_on_screen(clock: TrialClock, hand: HandClock) -> None:
    clock.note_focus_lost()
    _show(clock)
    clock.note_focus_lost()
    clock.note_focus_lost()
    clock.pause()
    clock.note_focus_lost()
    clock.go_on()
    _show(clock)
    hand.pass_by(1.0)
    looked = clock.stop()
    assert looked is not None
    assert looked.focus_losses == 2
    clock.note_focus_lost()
    clock.start(0.0)
    _show(clock)
    following = clock.stop()
    assert following is not None
    assert following.focus_losses == 0


def test_enlarged_time_adds_up_and_ends_with_the_answer(clock: TrialClock, hand: HandClock) -> None:
    clock.enlarge(True)  # nothing is on screen yet
    _show(clock)
    for seconds in (0.5, 0.25):
        clock.enlarge(True)
        hand.pass_by(seconds)
        clock.enlarge(False)
        hand.pass_by(1.0)
    clock.enlarge(True)
    hand.pass_by(0.125)
    looked = clock.stop()
    assert looked is not None
    assert looked.enlarged_s == pytest.approx(0.875)
