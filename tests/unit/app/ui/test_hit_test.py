"""Aiming: what a pointer hits at every zoom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.hit_test import JOINT_TOLERANCE, find_bone, find_joint, find_target

POINTS = np.array([[100.0, 100.0, 2], [140.0, 100.0, 2], [140.0, 160.0, 0], [200.0, 160.0, 1]])
BONES = ((0, 1), (1, 2), (1, 3))
NEVER_SEEN = np.zeros((0, 3))


def test_nearest_labelled_joint_wins() -> None:
    assert find_joint(POINTS, (104, 101), scale=1.0) == 0
    assert find_joint(POINTS, (137, 100), scale=1.0) == 1
    assert find_joint(POINTS, (201, 161), scale=1.0) == 3


def test_a_joint_that_is_not_labelled_cannot_be_hit() -> None:
    assert find_joint(POINTS, (140, 160), scale=1.0) is None


def test_nothing_to_hit() -> None:
    assert find_joint(NEVER_SEEN, (0, 0), scale=1.0) is None
    assert find_bone(NEVER_SEEN, (), (0, 0), scale=1.0) is None


@pytest.mark.parametrize("scale", [0.1, 0.5, 1.0, 4.0, 30.0])
def test_tolerance_is_screen_pixels_at_every_zoom(scale: float) -> None:
    x, y = 500.0, 300.0
    lonely = np.array([[x, y, 2.0]])
    assert find_joint(lonely, (x + (JOINT_TOLERANCE - 0.01) / scale, y), scale) == 0
    assert find_joint(lonely, (x + (JOINT_TOLERANCE + 0.01) / scale, y), scale) is None


def test_selected_joint_wins_among_crowded_ones_but_not_at_any_distance() -> None:
    crowd = np.array([[0.0, 0.0, 2], [6.0, 0.0, 2]])
    assert find_joint(crowd, (4.0, 0.0), scale=1.0) == 1
    assert find_joint(crowd, (4.0, 0.0), scale=1.0, selected=0) == 0
    assert find_joint(crowd, (6.0, 0.0), scale=1.0, selected=0) == 1


def test_selected_joint_is_not_hit_from_further_away() -> None:
    assert find_joint(POINTS, (100 + JOINT_TOLERANCE + 1, 100), scale=1.0, selected=0) is None


def test_bone_needs_both_ends() -> None:
    assert find_bone(POINTS, BONES, (120, 103), scale=1.0) == 0
    assert find_bone(POINTS, BONES, (140, 130), scale=1.0) is None
    assert find_bone(POINTS, BONES, (170, 130), scale=1.0) == 2


def test_bone_ends_where_its_joints_are() -> None:
    assert find_bone(POINTS, ((0, 1),), (80, 100), scale=1.0) is None


def test_click_on_a_bone_means_its_nearer_end() -> None:
    assert find_target(POINTS, BONES, (115, 103), scale=1.0) == 0
    assert find_target(POINTS, BONES, (125, 97), scale=1.0) == 1
    assert find_target(POINTS, BONES, (300, 300), scale=1.0) is None


@given(
    st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.sampled_from([0, 1, 2])), min_size=1, max_size=9),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    st.floats(0.05, 40),
)
def test_hit_is_the_nearest_labelled_joint_within_reach(
    rows: list[tuple[float, float, int]], at_px: tuple[float, float], scale: float
) -> None:
    points = np.array(rows, dtype=np.float64)
    hit = find_joint(points, at_px, scale)
    distances = np.hypot(points[:, 0] - at_px[0], points[:, 1] - at_px[1]) * scale
    reachable = np.flatnonzero((points[:, 2] > 0) & (distances <= JOINT_TOLERANCE))
    if hit is None:
        assert len(reachable) == 0
    else:
        assert hit in reachable
        assert distances[hit] == distances[reachable].min()
