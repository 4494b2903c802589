"""Latest wins: at most one in flight, at most one waiting, and the newest is never lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.ui.latest import LatestWins


def test_the_newest_takes_the_place_of_the_one_that_waits() -> None:
    latest: LatestWins[str, int] = LatestWins()
    assert latest.offer("a", 1) == 1
    assert latest.offer("a", 2) is None
    assert latest.offer("a", 3) is None
    assert latest.offer("b", 9) == 9
    assert latest.finish("a") == 3
    assert latest.finish("a") is None
    assert latest.offer("a", 4) == 4


def test_a_waiting_item_can_be_forgotten() -> None:
    latest: LatestWins[str, int] = LatestWins()
    latest.offer("a", 1)
    latest.offer("a", 2)
    latest.drop_waiting("a")
    assert latest.finish("a") is None
    assert latest.is_idle()


@given(st.lists(st.booleans(), max_size=60))
def test_whatever_the_order_the_last_offer_is_started(steps: list[bool]) -> None:
    latest: LatestWins[str, int] = LatestWins()
    started: list[int] = []
    offered, flying = 0, 0
    for is_offer in steps:
        if is_offer:
            offered += 1
            item = latest.offer("a", offered)
        elif flying:
            flying -= 1
            item = latest.finish("a")
        else:
            continue
        if item is not None:
            started.append(item)
            flying += 1
        assert flying <= 1
    while flying:
        flying -= 1
        item = latest.finish("a")
        if item is not None:
            started.append(item)
            flying += 1
    assert started == sorted(started)
    assert not offered or started[-1] == offered
