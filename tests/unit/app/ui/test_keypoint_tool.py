"""Strokes: which one a press begins, and what it has done."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.ui.widgets.keypoint_tool import (
    DRAG_THRESHOLD,
    Press,
    Stroke,
    StrokeKind,
    choose_stroke,
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
        (Press(joint=1, in_selection=True), StrokeKind.MOVE_SELECTION),
        (Press(joint=1, in_selection=True, ctrl=True), StrokeKind.MOVE_SELECTION),
        (Press(joint=1, ctrl=True), StrokeKind.MOVE_JOINT),
        (Press(shift=True), StrokeKind.BAND),
        (Press(shift=True, ctrl=True), StrokeKind.BAND),
        (Press(shift=True, joint=1, in_selection=True), StrokeKind.BAND),
        (Press(shift=True, armed=True), StrokeKind.PAN),
        (Press(shift=True, alt=True), StrokeKind.MOVE_BODY),
        (Press(shift=True, space=True), StrokeKind.PAN),
        (Press(ctrl=True), StrokeKind.PAN),
    ],
)
def test_what_a_press_begins(press: Press, kind: StrokeKind) -> None:
    assert choose_stroke(press) is kind


def test_the_whole_body_never_moves_without_alt() -> None:
    presses = [
        Press(middle, alt=False, space=space, joint=joint, armed=armed, shift=shift, ctrl=ctrl, in_selection=several)
        for joint in (None, 0)
        for middle, space, armed, shift, ctrl, several in product((False, True), repeat=6)
    ]
    assert all(choose_stroke(press) is not StrokeKind.MOVE_BODY for press in presses)


def test_a_trembling_click_moves_nothing() -> None:
    stroke = Stroke(StrokeKind.MOVE_JOINT, POINTS, (100, 100), joints=(0,))
    assert stroke.advance((100 + DRAG_THRESHOLD - 0.5, 100)) == (0.0, 0.0)
    assert not stroke.moving
    np.testing.assert_array_equal(stroke.keypoints_px(scale=2.0), POINTS)


def test_a_dragged_joint_follows_the_pointer_in_image_pixels() -> None:
    stroke = Stroke(StrokeKind.MOVE_JOINT, POINTS, (100, 100), joints=(1,))
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


def test_several_joints_follow_together() -> None:
    stroke = Stroke(StrokeKind.MOVE_SELECTION, POINTS, (0, 0), joints=(0, 1, 2))
    stroke.advance((8, -4))
    np.testing.assert_allclose(stroke.keypoints_px(scale=2.0), [[14, 18, 2], [44, 58, 1], [0, 0, 0]])


def test_a_band_is_the_rectangle_whichever_way_it_is_drawn() -> None:
    for end in [(30, 5), (10, 25)]:
        stroke = Stroke(StrokeKind.BAND, POINTS, (20, 15), joints=(0,))
        stroke.advance(end)
        x, y, width, height = stroke.band()
        assert (x, y) == (min(20, end[0]), min(15, end[1]))
        assert (width, height) == (10, 10)
        np.testing.assert_array_equal(stroke.keypoints_px(scale=1.0), POINTS)
