"""Several joints at once on the real canvas: choosing them, moving, turning and scaling them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services.point_moves import find_labelled, rotate_points, scale_points
from app.ui.widgets.canvas_notices import CanvasHint
from app.ui.widgets.frame_item import FrameItem
from app.ui.widgets.person_canvas import PersonCanvas
from resources.skeleton import get_skeleton
from tests.helpers.canvas_hands import (
    ALT,
    CTRL,
    SHIFT,
    Reports,
    canvas_in_window,
    click,
    drag,
    move,
    press,
    release,
    screen_point,
    turn_wheel,
)

COCO = get_skeleton("coco17")
NOSE, WRIST, ELBOW = COCO.index("nose"), COCO.index("left_wrist"), COCO.index("left_elbow")
RIGHT_WRIST = COCO.index("right_wrist")
LEFT_ARM = tuple(sorted(COCO.index(f"left_{part}") for part in ("shoulder", "elbow", "wrist")))
ARMS = tuple(sorted((*LEFT_ARM, *(COCO.index(f"right_{part}") for part in ("shoulder", "elbow", "wrist")))))
NOWHERE = (40.0, 440.0)


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[PersonCanvas]:
    with canvas_in_window(qtbot) as canvas:
        yield canvas


@pytest.fixture
def reports(canvas: PersonCanvas) -> Reports:
    return Reports(canvas)


def joint_at(canvas: PersonCanvas, joint: int) -> QPoint:
    return screen_point(canvas, *canvas.keypoints()[joint, :2])


def draw_band(
    canvas: PersonCanvas,
    corner: tuple[float, float],
    other: tuple[float, float],
    keys: Qt.KeyboardModifier = SHIFT,
) -> None:
    start, stop = screen_point(canvas, *corner), screen_point(canvas, *other)
    drag(canvas, start, by=(stop - start).toTuple(), keys=keys)


def band_is_shown(canvas: PersonCanvas) -> bool:
    frames = [item for item in canvas.scene().items() if isinstance(item, FrameItem)]
    return bool(max(frames, key=FrameItem.zValue).rectangles())


def test_shift_drag_draws_a_band_around_joints(canvas: PersonCanvas, reports: Reports) -> None:
    view, before = canvas.viewport_map(), canvas.keypoints()
    draw_band(canvas, (355, 130), (400, 280))
    assert canvas.selected_joints() == LEFT_ARM
    assert reports["joints_selected"] == [[LEFT_ARM]]
    assert canvas.viewport_map() == view
    np.testing.assert_array_equal(canvas.keypoints(), before)
    assert reports.names() == []
    assert "3 joints selected" in canvas.hint()
    hint = canvas.findChild(CanvasHint)
    assert canvas.rect().contains(hint.geometry())


def test_the_band_shows_what_it_would_catch_and_goes_away(canvas: PersonCanvas, reports: Reports) -> None:
    start, stop = screen_point(canvas, 355, 130), screen_point(canvas, 400, 280)
    press(canvas, start, SHIFT)
    move(canvas, stop)
    assert band_is_shown(canvas)
    assert reports["joints_selected"] == []
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not band_is_shown(canvas)
    release(canvas, stop)
    assert canvas.selected_joints() == ()
    assert reports.all == []


def test_a_band_begun_on_a_joint_moves_nothing(canvas: PersonCanvas, reports: Reports) -> None:
    before = canvas.keypoints()
    drag(canvas, joint_at(canvas, WRIST), by=(10, -260), keys=SHIFT)
    np.testing.assert_array_equal(canvas.keypoints(), before)
    assert reports.names() == []


def test_a_band_takes_the_place_of_the_selection_and_with_ctrl_joins_it(canvas: PersonCanvas) -> None:
    canvas.set_selected(NOSE)
    draw_band(canvas, (355, 130), (400, 280), keys=SHIFT | CTRL)
    assert canvas.selected_joints() == tuple(sorted((NOSE, *LEFT_ARM)))
    assert canvas.selected_joint() == NOSE
    draw_band(canvas, (355, 130), (400, 280))
    assert canvas.selected_joints() == LEFT_ARM
    draw_band(canvas, (20, 20), (60, 60))
    assert canvas.selected_joints() == ()


@pytest.mark.parametrize("keys", [CTRL, SHIFT])
def test_clicks_with_a_key_add_and_take_away(canvas: PersonCanvas, reports: Reports, keys: Qt.KeyboardModifier) -> None:
    click(canvas, joint_at(canvas, WRIST))
    click(canvas, joint_at(canvas, NOSE), keys)
    assert canvas.selected_joints() == (NOSE, WRIST)
    assert canvas.selected_joint() == NOSE
    click(canvas, joint_at(canvas, WRIST), keys)
    assert reports["joint_selected"] == [[WRIST], [NOSE]]
    assert reports["joints_selected"] == [[(NOSE, WRIST)]]
    click(canvas, screen_point(canvas, *NOWHERE), keys)
    assert canvas.selected_joints() == (NOSE,), "a miss with the key held loses nothing"


def test_a_click_on_one_of_several_selects_it_alone(canvas: PersonCanvas) -> None:
    canvas.set_selection(ARMS)
    click(canvas, joint_at(canvas, WRIST))
    assert canvas.selected_joints() == (WRIST,)
    assert canvas.hint() == ""


def test_dragging_one_of_several_moves_them_all(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.set_selection(ARMS)
    before, scale = canvas.keypoints(), canvas.viewport_map().scale
    drag(canvas, joint_at(canvas, WRIST), by=(40, -25))
    assert reports["selection_moved"] == [[ARMS, pytest.approx(40 / scale), pytest.approx(-25 / scale)]]
    assert reports.names() == ["drag_began", "joints_dragging", "selection_moved", "drag_ended"]
    assert reports["drag_ended"] == [[True]]
    expected = before.copy()
    expected[list(ARMS), :2] += (40 / scale, -25 / scale)
    np.testing.assert_allclose(canvas.keypoints(), expected)
    np.testing.assert_allclose(reports["joints_dragging"][0][0], expected)
    assert canvas.selected_joints() == ARMS


def test_dragging_another_joint_moves_it_alone(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.set_selection(LEFT_ARM)
    drag(canvas, joint_at(canvas, RIGHT_WRIST), by=(-30, 0))
    assert reports.edits() == ["joint_moved"]
    assert canvas.selected_joints() == (RIGHT_WRIST,)


def test_a_plain_drag_beside_the_selection_pans(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.set_selection(ARMS)
    view = canvas.viewport_map()
    drag(canvas, screen_point(canvas, 320, 200), by=(30, 30))
    assert canvas.viewport_map() == view.panned(30, 30)
    assert reports.names() == []
    assert canvas.selected_joints() == ARMS


def test_alt_drag_moves_the_whole_body_whatever_is_selected(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.set_selection(ARMS)
    drag(canvas, joint_at(canvas, WRIST), by=(20, 10), keys=ALT)
    assert reports.edits() == ["body_moved"]


def test_alt_wheel_turns_the_selection(canvas: PersonCanvas, reports: Reports, qtbot: QtBot) -> None:
    canvas.set_selection(ARMS)
    before, view = canvas.keypoints(), canvas.viewport_map()
    with qtbot.waitSignal(canvas.selection_rotated):
        for _ in range(3):
            turn_wheel(canvas, QPoint(300, 300), 120, keys=ALT)
    assert reports["selection_rotated"] == [[ARMS, pytest.approx(6.0)]]
    assert reports.edits() == ["selection_rotated"]
    assert canvas.viewport_map() == view
    np.testing.assert_allclose(canvas.keypoints(), rotate_points(before, ARMS, 6.0))
    others = [joint for joint in range(17) if joint not in ARMS]
    np.testing.assert_array_equal(canvas.keypoints()[others], before[others])


def test_four_right_angles_bring_six_points_back(canvas: PersonCanvas, reports: Reports, qtbot: QtBot) -> None:
    canvas.set_selection(ARMS)
    before = canvas.keypoints()
    for _ in range(4):
        with qtbot.waitSignal(canvas.selection_rotated) as turned:
            turn_wheel(canvas, QPoint(300, 300), 45 * 120, keys=ALT)
        assert turned.args == [ARMS, pytest.approx(90.0)]
    assert np.abs(canvas.keypoints() - before).max() < 1e-6
    assert reports.edits() == ["selection_rotated"] * 4


def test_ctrl_alt_wheel_scales_the_selection_or_the_body(canvas: PersonCanvas, reports: Reports, qtbot: QtBot) -> None:
    before = canvas.keypoints()
    with qtbot.waitSignal(canvas.body_scaled) as scaled:
        turn_wheel(canvas, QPoint(300, 300), 240, keys=CTRL | ALT)
    (factor,) = scaled.args
    assert factor > 1.0
    np.testing.assert_allclose(canvas.keypoints(), scale_points(before, find_labelled(before), factor))
    canvas.set_keypoints(before)
    canvas.set_selection(ARMS)
    with qtbot.waitSignal(canvas.selection_scaled) as scaled:
        turn_wheel(canvas, QPoint(300, 300), -120, keys=CTRL | ALT)
    assert scaled.args[0] == ARMS
    assert scaled.args[1] < 1.0
    np.testing.assert_allclose(canvas.keypoints(), scale_points(before, ARMS, scaled.args[1]))
    assert reports.edits() == ["body_scaled", "selection_scaled"]


def test_turning_and_then_scaling_are_two_gestures(canvas: PersonCanvas, reports: Reports, qtbot: QtBot) -> None:
    canvas.set_selection(ARMS)
    with qtbot.waitSignal(canvas.selection_scaled):
        turn_wheel(canvas, QPoint(300, 300), 120, keys=ALT)
        turn_wheel(canvas, QPoint(300, 300), 120, keys=CTRL | ALT)
    assert reports.edits() == ["selection_rotated", "selection_scaled"]
    assert [name for name in reports.names() if name in ("drag_began", "drag_ended")] == [
        "drag_began",
        "drag_ended",
    ] * 2


def test_escape_takes_a_gesture_of_several_back(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.set_selection(ARMS)
    before = canvas.keypoints()
    start = joint_at(canvas, WRIST)
    press(canvas, start)
    move(canvas, start + QPoint(40, 40))
    assert (canvas.live_keypoints() != before).any()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    release(canvas, start + QPoint(40, 40))
    turn_wheel(canvas, QPoint(300, 300), 120, keys=ALT)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(canvas.keypoints(), before)
    np.testing.assert_array_equal(canvas.live_keypoints(), before)
    assert reports.edits() == []
    assert reports["drag_ended"] == [[False], [False]]
    assert canvas.selected_joints() == ARMS


def test_live_reports_come_once_in_a_turn_of_the_event_loop(canvas: PersonCanvas, reports: Reports) -> None:
    start = joint_at(canvas, WRIST)
    press(canvas, start)
    for step in range(1, 21):
        move(canvas, start + QPoint(step, 0))
    assert reports["joint_dragging"] == [], "nothing before the event loop comes round"
    QApplication.processEvents()
    assert len(reports["joint_dragging"]) == len(reports["joints_dragging"]) == 1
    x = canvas.live_keypoints()[WRIST, 0]
    assert reports["joint_dragging"][0][:2] == [WRIST, pytest.approx(x)], "the newest place"
    move(canvas, start + QPoint(30, 0))
    release(canvas, start + QPoint(30, 0))
    assert len(reports["joint_dragging"]) == 2
    assert reports.names()[0] == "drag_began"
    assert reports.names()[-2:] == ["joint_moved", "drag_ended"]
    QApplication.processEvents()
    assert reports.names()[-1] == "drag_ended", "nothing comes late"


def test_a_drag_back_to_where_it_began_commits_nothing(canvas: PersonCanvas, reports: Reports) -> None:
    start = joint_at(canvas, WRIST)
    press(canvas, start)
    move(canvas, start + QPoint(30, 0))
    move(canvas, start)
    release(canvas, start)
    assert reports.edits() == []
    assert reports["drag_ended"] == [[False]]
    np.testing.assert_array_equal(reports["joints_dragging"][-1][0], canvas.keypoints())


def test_a_press_that_only_trembles_begins_no_drag(canvas: PersonCanvas, reports: Reports) -> None:
    drag(canvas, joint_at(canvas, WRIST), by=(2, 0), steps=1)
    assert reports.names() == []


def test_the_selection_survives_new_keypoints_and_not_a_new_layout(canvas: PersonCanvas) -> None:
    canvas.set_selection(ARMS)
    canvas.set_keypoints(canvas.keypoints() + np.array([1.0, 0.0, 0.0]))
    assert canvas.selected_joints() == ARMS
    canvas.set_skeleton(get_skeleton("mpii16"))
    assert canvas.selected_joints() == ()
    assert canvas.hint() == ""
