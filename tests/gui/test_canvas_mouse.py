"""The mouse on the real canvas: what each gesture reports, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from app.services.point_moves import find_labelled, rotate_points
from app.ui.widgets.person_canvas import PersonCanvas
from resources.skeleton import get_skeleton
from tests.helpers.canvas_hands import (
    ALT,
    Reports,
    canvas_in_window,
    drag,
    move,
    press,
    release,
    screen_point,
    turn_wheel,
)

COCO = get_skeleton("coco17")
WRIST = COCO.index("left_wrist")
EAR = COCO.index("left_ear")
NOWHERE = (40.0, 440.0)


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[PersonCanvas]:
    with canvas_in_window(qtbot) as canvas:
        yield canvas


@pytest.fixture
def reports(canvas: PersonCanvas) -> Reports:
    return Reports(canvas)


@pytest.mark.parametrize("zoom", [0.4, 1.0, 2.5, 9.0])
def test_drag_moves_a_joint_by_the_dragged_image_pixels(canvas: PersonCanvas, reports: Reports, zoom: float) -> None:
    before = canvas.keypoints()
    canvas.zoom_by(zoom)
    x, y = before[WRIST, :2]
    u, v = canvas.viewport_map().to_screen(x, y)
    canvas.pan_by(400 - u, 350 - v)

    drag(canvas, QPoint(402, 349), by=(36, -24))

    scale = canvas.viewport_map().scale
    assert reports["joint_moved"] == [[WRIST, pytest.approx(x + 36 / scale), pytest.approx(y - 24 / scale)]]
    assert reports["joint_selected"] == [[WRIST]]
    after = canvas.keypoints()
    np.testing.assert_allclose(after[WRIST], [x + 36 / scale, y - 24 / scale, 2])
    np.testing.assert_array_equal(np.delete(after, WRIST, axis=0), np.delete(before, WRIST, axis=0))


def test_drag_reports_live_and_once_at_the_end(canvas: PersonCanvas, reports: Reports) -> None:
    start = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    drag(canvas, start, by=(50, 20), steps=5)
    assert len(reports["joint_dragging"]) == 1, "five moves within one turn of the event loop"
    assert len(reports["joint_moved"]) == 1
    assert reports["joint_dragging"][-1] == reports["joint_moved"][0]


def test_plain_drag_beside_the_joints_pans_and_moves_nothing(canvas: PersonCanvas, reports: Reports) -> None:
    before, view = canvas.keypoints(), canvas.viewport_map()
    drag(canvas, screen_point(canvas, *NOWHERE), by=(70, -40))
    assert canvas.viewport_map() == view.panned(70, -40)
    np.testing.assert_array_equal(canvas.keypoints(), before)
    assert reports.edits() == []


def test_plain_drag_inside_the_persons_box_pans_too(canvas: PersonCanvas, reports: Reports) -> None:
    before, view = canvas.keypoints(), canvas.viewport_map()
    drag(canvas, screen_point(canvas, 320, 200), by=(30, 30))
    assert canvas.viewport_map() == view.panned(30, 30)
    np.testing.assert_array_equal(canvas.keypoints(), before)
    assert reports.edits() == []


def test_middle_drag_and_space_drag_pan_even_on_a_joint(canvas: PersonCanvas, reports: Reports) -> None:
    wrist = canvas.keypoints()[WRIST, :2]
    view = canvas.viewport_map()
    drag(canvas, screen_point(canvas, *wrist), by=(20, 10), button=Qt.MouseButton.MiddleButton)
    assert canvas.viewport_map() == view.panned(20, 10)

    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, screen_point(canvas, *wrist), by=(-20, 5))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.viewport_map() == view.panned(0, 15)
    assert reports.edits() == []


def test_trembling_click_selects_and_moves_nothing(canvas: PersonCanvas, reports: Reports) -> None:
    before = canvas.keypoints()
    drag(canvas, screen_point(canvas, *before[WRIST, :2]), by=(2, 0), steps=1)
    assert canvas.selected_joint() == WRIST
    np.testing.assert_array_equal(canvas.keypoints(), before)
    assert reports.edits() == []


def test_click_beside_everything_selects_nothing(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.set_selected(WRIST)
    drag(canvas, screen_point(canvas, *NOWHERE), by=(0, 0), steps=1)
    assert canvas.selected_joint() is None
    assert reports["joint_selected"] == [[-1]]


def test_click_on_a_bone_selects_its_nearer_end(canvas: PersonCanvas, reports: Reports) -> None:
    points = canvas.keypoints()
    elbow = COCO.index("left_elbow")
    along = 0.7 * points[elbow, :2] + 0.3 * points[WRIST, :2]
    drag(canvas, screen_point(canvas, *along), by=(0, 0), steps=1)
    assert reports["joint_selected"] == [[elbow]]


def test_escape_aborts_a_drag_and_does_not_reach_the_window(canvas: PersonCanvas, reports: Reports) -> None:
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Escape), canvas.window())
    cancelled = QSignalSpy(shortcut.activated)
    before = canvas.keypoints()
    start = screen_point(canvas, *before[WRIST, :2])
    press(canvas, start)
    move(canvas, start + QPoint(40, 40))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    release(canvas, start + QPoint(40, 40))
    np.testing.assert_array_equal(canvas.keypoints(), before)
    assert reports["joint_moved"] == []
    assert cancelled.count() == 0

    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert cancelled.count() == 1, "without a drag, Escape is the window's (it cancels a fit)"


def test_another_button_during_a_drag_ends_nothing(canvas: PersonCanvas, reports: Reports) -> None:
    x, y = canvas.keypoints()[WRIST, :2]
    start = screen_point(canvas, x, y)
    press(canvas, start)
    move(canvas, start + QPoint(20, 0))
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.RightButton, pos=start + QPoint(20, 0))
    assert reports["joint_moved"] == []
    move(canvas, start + QPoint(40, 0))
    release(canvas, start + QPoint(40, 0))
    scale = canvas.viewport_map().scale
    assert reports["joint_moved"] == [[WRIST, pytest.approx(x + 40 / scale), pytest.approx(y)]]


def test_alt_drag_moves_the_whole_body(canvas: PersonCanvas, reports: Reports) -> None:
    before, scale = canvas.keypoints(), canvas.viewport_map().scale
    drag(canvas, screen_point(canvas, *NOWHERE), by=(30, 12), keys=ALT)
    assert reports["body_moved"] == [[pytest.approx(30 / scale), pytest.approx(12 / scale)]]
    assert reports.edits() == ["body_moved"]
    labelled = before[:, 2] > 0
    np.testing.assert_allclose(canvas.keypoints()[labelled, :2], before[labelled, :2] + (30 / scale, 12 / scale))
    np.testing.assert_array_equal(canvas.keypoints()[~labelled], before[~labelled])


@pytest.mark.parametrize("sideways", [False, True])
def test_alt_wheel_is_one_rotation_and_no_zoom(
    canvas: PersonCanvas, reports: Reports, qtbot: QtBot, sideways: bool
) -> None:
    before, view = canvas.keypoints(), canvas.viewport_map()
    with qtbot.waitSignal(canvas.body_rotated) as rotated:
        for _ in range(3):
            turn_wheel(canvas, QPoint(300, 300), 120, keys=ALT, sideways=sideways)
    assert rotated.args == [pytest.approx(6.0)]
    assert reports.edits() == ["body_rotated"]
    assert canvas.viewport_map() == view
    np.testing.assert_allclose(canvas.keypoints(), rotate_points(before, find_labelled(before), 6.0))


def test_rotation_is_reported_before_the_next_press(canvas: PersonCanvas, reports: Reports) -> None:
    turn_wheel(canvas, QPoint(300, 300), -120, keys=ALT)
    drag(canvas, screen_point(canvas, *NOWHERE), by=(30, 0), keys=ALT)
    assert reports.edits() == ["body_rotated", "body_moved"]
    assert reports["body_rotated"] == [[pytest.approx(-2.0)]]


def test_armed_joint_is_placed_by_one_click(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.arm_placement(EAR)
    drag(canvas, screen_point(canvas, 345, 96), by=(0, 0), steps=1)
    u, v = screen_point(canvas, 345, 96).toTuple()
    assert reports["joint_placed"] == [[EAR, *map(pytest.approx, canvas.viewport_map().to_image(u, v))]]
    assert canvas.keypoints()[EAR, 2] == 2
    drag(canvas, screen_point(canvas, *NOWHERE), by=(0, 0), steps=1)
    assert len(reports["joint_placed"]) == 1, "one arming places one joint"


def test_armed_joint_can_be_placed_upon_another_and_panned_around(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.arm_placement(EAR)
    view = canvas.viewport_map()
    wrist = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    drag(canvas, wrist, by=(25, 0))
    assert canvas.viewport_map() == view.panned(25, 0)
    drag(canvas, wrist + QPoint(25, 0), by=(0, 0), steps=1)
    assert reports.edits() == ["joint_placed"]


def test_escape_disarms(canvas: PersonCanvas, reports: Reports) -> None:
    changes = QSignalSpy(canvas.placement_changed)
    canvas.arm_placement(EAR)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    drag(canvas, screen_point(canvas, *NOWHERE), by=(0, 0), steps=1)
    assert reports["joint_placed"] == []
    assert [changes.at(row) for row in range(changes.count())] == [[EAR], [-1]]


@pytest.mark.parametrize("units", [120, -120, 15, 720])
def test_wheel_keeps_the_pixel_under_the_pointer(canvas: PersonCanvas, units: int) -> None:
    at = QPoint(217, 431)
    before = canvas.viewport_map()
    turn_wheel(canvas, at, units)
    assert canvas.viewport_map().scale != before.scale
    assert canvas.viewport_map().to_image(217, 431) == pytest.approx(before.to_image(217, 431))
    scene_point = canvas.mapToScene(at)
    assert (scene_point.x(), scene_point.y()) == pytest.approx(before.to_image(217, 431), abs=1e-6)


def test_a_joint_may_leave_the_picture_and_is_marked(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.zoom_by(0.5)
    scale = canvas.viewport_map().scale
    x, y = canvas.keypoints()[WRIST, :2]
    start = screen_point(canvas, x, y)
    drag(canvas, start, by=(round(-(x + 20) * scale), 0))
    assert reports["joint_moved"][0][1] < 0
    assert any("outside the picture" in text for text in canvas.shown_labels())


def test_what_is_hidden_cannot_be_moved(canvas: PersonCanvas, reports: Reports) -> None:
    wrist = canvas.keypoints()[WRIST, :2]
    for hide, show in (
        (lambda: canvas.set_all_hidden(True), lambda: canvas.set_all_hidden(False)),
        (lambda: canvas.set_layers(keypoints=False), lambda: canvas.set_layers(keypoints=True)),
    ):
        hide()
        drag(canvas, screen_point(canvas, *wrist), by=(30, 0))
        drag(canvas, screen_point(canvas, *wrist), by=(30, 0), keys=ALT)
        show()
    assert reports.edits() == []


def test_drag_goes_on_when_the_same_keypoints_come_back_with_new_residuals(
    canvas: PersonCanvas, reports: Reports
) -> None:
    before = canvas.keypoints()
    start = screen_point(canvas, *before[WRIST, :2])
    press(canvas, start)
    move(canvas, start + QPoint(20, 0))
    canvas.set_keypoints(before, np.full(len(before), 1.5))
    move(canvas, start + QPoint(40, 0))
    release(canvas, start + QPoint(40, 0))
    scale = canvas.viewport_map().scale
    assert reports["joint_moved"] == [[WRIST, pytest.approx(before[WRIST, 0] + 40 / scale), before[WRIST, 1]]]


def test_drag_is_given_up_when_the_keypoints_change_underneath(canvas: PersonCanvas, reports: Reports) -> None:
    before = canvas.keypoints()
    start = screen_point(canvas, *before[WRIST, :2])
    press(canvas, start)
    move(canvas, start + QPoint(20, 0))
    changed = before.copy()
    changed[0, 0] += 3
    canvas.set_keypoints(changed)
    move(canvas, start + QPoint(40, 0))
    release(canvas, start + QPoint(40, 0))
    assert reports["joint_moved"] == []
    np.testing.assert_array_equal(canvas.keypoints(), changed)


def test_selecting_by_the_page_is_not_reported(canvas: PersonCanvas, reports: Reports) -> None:
    canvas.set_selected(WRIST)
    assert canvas.selected_joint() == WRIST
    assert reports["joint_selected"] == []


def test_hover_names_the_joint_and_its_residual(canvas: PersonCanvas) -> None:
    residuals = np.full(len(COCO), np.nan)
    residuals[WRIST] = 3.24
    canvas.set_keypoints(canvas.keypoints(), residuals)
    move(canvas, screen_point(canvas, *canvas.keypoints()[WRIST, :2]))
    assert canvas.shown_labels() == ("left wrist · 3.2 px",)
    move(canvas, screen_point(canvas, *NOWHERE))
    assert canvas.shown_labels() == ()


def test_a_missing_skeleton_or_wrong_shape_is_said(canvas: PersonCanvas) -> None:
    with pytest.raises(ValueError, match=r"\(17, 3\)"):
        canvas.set_keypoints(np.zeros((5, 3)))
