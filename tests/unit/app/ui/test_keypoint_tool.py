"""Strokes: which one a press begins, and what it has done."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.widgets.keypoint_tool import (
    DRAG_THRESHOLD,
    Press,
    Stroke,
    StrokeKind,
    choose_stroke,
    rotate_body,
    shift_body,
)

POINTS = np.array([[10.0, 20.0, 2], [40.0, 60.0, 1], [0.0, 0.0, 0]])


@pytest.mark.parametrize(
    ("press", "kind"),
    [
        (Press(), StrokeKind.PAN),
        (Press(joint=1), StrokeKind.MOVE_JOINT),
        (Press(joint=1, armed=True), StrokeKind.PAN),
        (Press(joint=1, space=True), StrokeKind.PAN),
        (Press(joint=1, middle_button=True), StrokeKind.PAN),
        (Press(alt=True), StrokeKind.MOVE_BODY),
        (Press(alt=True, joint=1), StrokeKind.MOVE_BODY),
        (Press(alt=True, middle_button=True), StrokeKind.PAN),
    ],
)
def test_what_a_press_begins(press: Press, kind: StrokeKind) -> None:
    assert choose_stroke(press) is kind


def test_the_whole_body_never_moves_without_alt() -> None:
    presses = [
        Press(middle, alt=False, space=space, joint=joint, armed=armed)
        for middle in (False, True)
        for space in (False, True)
        for joint in (None, 0)
        for armed in (False, True)
    ]
    assert all(choose_stroke(press) is not StrokeKind.MOVE_BODY for press in presses)


def test_a_trembling_click_moves_nothing() -> None:
    stroke = Stroke(StrokeKind.MOVE_JOINT, POINTS, (100, 100), joint=0)
    assert stroke.advance((100 + DRAG_THRESHOLD - 0.5, 100)) == (0.0, 0.0)
    assert not stroke.moving
    np.testing.assert_array_equal(stroke.keypoints_px(scale=2.0), POINTS)


def test_a_dragged_joint_follows_the_pointer_in_image_pixels() -> None:
    stroke = Stroke(StrokeKind.MOVE_JOINT, POINTS, (100, 100), joint=1)
    stroke.advance((110, 100))
    stroke.advance((130, 80))
    moved = stroke.keypoints_px(scale=2.0)
    np.testing.assert_allclose(moved[1], [40 + 15, 60 - 10, 1])
    np.testing.assert_array_equal(moved[[0, 2]], POINTS[[0, 2]])
    np.testing.assert_array_equal(stroke.base_px, POINTS)


def test_pan_steps_add_up() -> None:
    stroke = Stroke(StrokeKind.PAN, POINTS, (0, 0))
    steps = [stroke.advance(point) for point in [(1, 0), (5, 5), (20, -3)]]
    assert np.sum(steps, axis=0) == pytest.approx((20, -3))
    np.testing.assert_array_equal(stroke.keypoints_px(scale=1.0), POINTS)


def test_the_body_moves_without_what_is_not_labelled() -> None:
    moved = shift_body(POINTS, 5, -5)
    np.testing.assert_allclose(moved, [[15, 15, 2], [45, 55, 1], [0, 0, 0]])


def test_positive_rotation_is_clockwise_on_the_screen() -> None:
    bar = np.array([[0.0, 0.0, 2], [10.0, 0.0, 2]])
    np.testing.assert_allclose(rotate_body(bar, 90.0), [[5, -5, 2], [5, 5, 2]], atol=1e-12)


@given(st.floats(-360, 360))
def test_rotation_there_and_back(degrees: float) -> None:
    np.testing.assert_allclose(rotate_body(rotate_body(POINTS, degrees), -degrees), POINTS, atol=1e-9)


def test_nothing_labelled_nothing_turned() -> None:
    np.testing.assert_array_equal(rotate_body(np.zeros((3, 3)), 30.0), np.zeros((3, 3)))
