"""The orbiting camera, without any window or graphics."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitting.render.view import build_frame, frame_body
from fitting.spec import NamedView, Viewpoint

NAMES = get_args(NamedView)
degrees = st.floats(-720, 720, allow_nan=False)
shares = st.floats(-1, 1, allow_nan=False)
drags = st.lists(st.tuples(degrees, degrees, shares, shares, st.floats(0.5, 2.0)), max_size=20)


def dragged(start: Viewpoint, steps: list[tuple[float, float, float, float, float]]) -> Viewpoint:
    for yaw, pitch, right, down, factor in steps:
        start = start.turned(yaw, pitch).panned(right, down).zoomed(factor, (right, down))
    return start


def test_named_views_are_quarter_turns_to_the_bit() -> None:
    front, side, back, top = (Viewpoint.of(name).matrix() for name in ("front", "side", "back", "top"))
    assert np.array_equal(front, np.eye(3))
    quarter = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    assert np.array_equal(side, quarter @ front)
    assert np.array_equal(back, quarter @ side)
    assert np.array_equal(top, [[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    assert np.array_equal(Viewpoint.of("front").turned(90.0, 0.0).matrix(), side)
    assert np.array_equal(Viewpoint.of("front").turned(0.0, 90.0).matrix(), top)


@pytest.mark.parametrize("name", NAMES)
@given(steps=drags)
def test_a_reset_restores_the_stored_matrix_exactly(name: NamedView, steps: list[tuple[float, ...]]) -> None:
    stored = Viewpoint.of(name)
    moved = dragged(stored, steps)  # type: ignore[arg-type]
    restored = Viewpoint.of(moved.home)
    assert restored == stored
    assert np.array_equal(restored.matrix(), stored.matrix())


@pytest.mark.parametrize("name", NAMES)
@given(steps=drags)
def test_every_camera_is_a_rotation_with_the_head_up(name: NamedView, steps: list[tuple[float, ...]]) -> None:
    matrix = dragged(Viewpoint.of(name), steps).matrix()  # type: ignore[arg-type]
    assert np.allclose(matrix @ matrix.T, np.eye(3))
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    assert matrix[1, 1] >= -1e-12  # the image's down is never up


def test_equal_drags_give_equal_cameras_whatever_they_are_called_for() -> None:
    rng = np.random.default_rng(3)
    steps = [tuple(row) for row in rng.uniform([-30, -30, -0.1, -0.1, 0.8], [30, 30, 0.1, 0.1, 1.2], (100, 5))]
    assert dragged(Viewpoint.of("side"), steps) == dragged(Viewpoint.of("side"), steps)


@given(drags, shares, shares, st.floats(0.5, 2.0))
def test_zooming_keeps_what_is_under_the_pointer(
    steps: list[tuple[float, ...]], x: float, y: float, factor: float
) -> None:
    before = dragged(Viewpoint.of("side"), [(*step[:4], 1.0) for step in steps])  # type: ignore[misc]
    after = before.zoomed(factor, (x, y))
    if max(map(abs, after.pan)) >= 6.0:
        return  # at the end of the world
    # The picture is (place - pan) / zoom of what is seen; the same thing before and after.
    for point, old, new in zip((x, y), before.pan, after.pan, strict=True):
        assert (point - old) / before.zoom == pytest.approx((point - new) / after.zoom, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_named_view_is_a_camera_like_any_other(name: NamedView) -> None:
    points = np.random.default_rng(1).normal(size=(40, 3))
    frame = build_frame(points, Viewpoint.of(name), (300, 200))
    assert np.array_equal(frame.place(points), frame_body(points, name, (300, 200)))


@pytest.mark.parametrize("name", NAMES)
@given(yaw=degrees, pitch=degrees)
def test_turning_leaves_the_pelvis_where_it_was(name: NamedView, yaw: float, pitch: float) -> None:
    points = np.random.default_rng(2).normal(size=(40, 3))
    pelvis = np.zeros((1, 3))
    home = Viewpoint.of(name)
    before = build_frame(points, home, (300, 200)).place(pelvis)
    assert np.array_equal(before, build_frame(points, home.turned(yaw, pitch), (300, 200)).place(pelvis))


def test_bodies_framed_together_both_fit_and_share_scale() -> None:
    small, large = np.random.default_rng(4).uniform(-1, 1, (2, 50, 3)) * np.array([1.0, 2.0])[:, None, None]
    frame = build_frame(np.concatenate((small, large)), Viewpoint.of("front"), (200, 300))
    for points in (small, large):
        placed = frame.place(points)
        assert (placed[:, :2] >= 0).all()
        assert (placed[:, :2] <= (200, 300)).all()


@given(yaw=st.floats(0, 360))
def test_a_turning_frame_keeps_the_body_whole_and_its_pelvis_in_the_middle(yaw: float) -> None:
    points = np.random.default_rng(5).uniform(-1, 1, (60, 3)) + np.array([0.4, 0.3, -0.6])
    frame = build_frame(points, Viewpoint("front", yaw, 0.0), (200, 300), "turning")
    placed = frame.place(points)
    assert (placed[:, :2] >= 0).all()
    assert (placed[:, :2] <= (200, 300)).all()
    assert frame.pelvis_px[0] == pytest.approx(100)
    assert frame.pixels_per_metre == build_frame(points, Viewpoint.of("front"), (200, 300), "turning").pixels_per_metre


def test_a_body_seen_from_the_other_side_stands_in_the_middle_too() -> None:
    points = np.random.default_rng(6).uniform(-1, 1, (60, 3)) + np.array([0.0, 0.0, 0.8])
    one = build_frame(points, Viewpoint.of("side"), (200, 200)).place(points)
    other = build_frame(points, Viewpoint("side", 270.0, 0.0), (200, 200), "seen").place(points)
    assert np.allclose(one[:, 0] + other[:, 0], 200)  # the same picture in a mirror
    assert np.allclose(one[:, 1], other[:, 1])
    at_home = build_frame(points, Viewpoint("side", 270.0, 0.0), (200, 200)).place(points)
    assert at_home[:, 0].min() < 0  # which is why
