"""Tables of greys: what brightness, contrast, gamma and auto do to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.picture_tone import LIMIT, PictureTone, find_auto_tone

STEPS = st.integers(-LIMIT, LIMIT)


def test_a_neutral_tone_changes_nothing() -> None:
    assert PictureTone().is_neutral
    np.testing.assert_array_equal(PictureTone().build_table(), np.arange(256))


@given(STEPS, STEPS, STEPS)
def test_brighter_greys_stay_brighter(brightness: int, contrast: int, gamma: int) -> None:
    table = PictureTone(brightness, contrast, gamma).build_table().astype(int)
    assert (np.diff(table) >= 0).all()


def test_each_setting_does_what_it_says() -> None:
    plain = np.arange(256)
    assert (PictureTone(brightness=20).build_table()[20:230] > plain[20:230]).all()
    contrasty = PictureTone(contrast=30).build_table().astype(int)
    assert contrasty[90] < 90
    assert contrasty[160] > 160
    opened = PictureTone(gamma=40).build_table()
    assert opened[40] > 60
    assert (opened[0], opened[255]) == (0, 255)


def test_steps_stay_within_the_limits() -> None:
    assert PictureTone(98, -98, 3).stepped(5, -5, 2) == PictureTone(LIMIT, -LIMIT, 5)


@pytest.mark.parametrize(("low", "high"), [(0, 60), (40, 90), (180, 255), (20, 240)])
def test_auto_uses_the_whole_range_and_a_middle_median(low: int, high: int) -> None:
    greys = np.random.default_rng(0).integers(low, high + 1, (90, 70)).astype(np.uint8)
    shown = find_auto_tone(greys).build_table()[greys]
    assert np.percentile(shown, 2) < 25
    assert np.percentile(shown, 98) > 230
    assert 90 < np.median(shown) < 150


def test_auto_leaves_a_flat_or_empty_picture_in_peace() -> None:
    assert find_auto_tone(np.zeros((0, 0), dtype=np.uint8)).is_neutral
    flat = find_auto_tone(np.full((9, 9), 77, dtype=np.uint8)).build_table()
    assert 60 < flat[77] < 190
