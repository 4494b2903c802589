"""Drawing a person on the canvas alone: a box, then one joint after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.services.drawing import Sketch, placing_order
from app.ui.widgets.person_canvas import PersonCanvas
from app.ui.widgets.sketch_tool import SketchTool
from resources.skeleton import get_skeleton
from tests.helpers.canvas_hands import ALT, SHIFT, canvas_in_window, click, drag, move, screen_point, turn_wheel

COCO = get_skeleton("coco17")
ORDER = placing_order(COCO)
CORNER, FAR = (200.0, 100.0), (330.0, 400.0)


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[PersonCanvas]:
    with canvas_in_window(qtbot) as canvas:
        yield canvas


@pytest.fixture
def tool(canvas: PersonCanvas) -> SketchTool:
    canvas.sketch.begin(COCO)
    return canvas.sketch


class Heard:
    """What the tool reports."""

    def __init__(self, tool: SketchTool) -> None:
        self.finished: list[Sketch] = []
        self.cancelled = 0
        tool.finished.connect(self.finished.append)
        tool.cancelled.connect(self._on_cancelled)

    def _on_cancelled(self) -> None:
        self.cancelled += 1


def draw_box(canvas: PersonCanvas, start: tuple[float, float] = CORNER, end: tuple[float, float] = FAR) -> None:
    at, to = screen_point(canvas, *start), screen_point(canvas, *end)
    drag(canvas, at, (to.x() - at.x(), to.y() - at.y()))


def press(canvas: PersonCanvas, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(canvas, key, keys)


def sketch_of(tool: SketchTool) -> Sketch:
    assert tool.sketch is not None
    return tool.sketch


def test_a_box_is_asked_for_and_dragged(canvas: PersonCanvas, tool: SketchTool) -> None:
    assert canvas.hint().startswith("Drag a box around the person")
    assert not canvas.keypoints().any()
    draw_box(canvas, FAR, CORNER)  # from any corner
    pixel = 1.0 / canvas.viewport_map().scale
    assert sketch_of(tool).bbox_xywh == pytest.approx((200, 100, 130, 300), abs=2 * pixel)
    assert canvas.armed_joint() == ORDER[0]
    assert canvas.hint().startswith("Nose (1 of 17): click where it is")


def test_what_is_no_box_is_asked_for_again(canvas: PersonCanvas, tool: SketchTool) -> None:
    click(canvas, screen_point(canvas, 300, 200))
    assert tool.sketch is None
    assert canvas.hint().startswith("That was no box")
    draw_box(canvas, (-90.0, -90.0), (-10.0, 300.0))
    assert tool.sketch is None
    draw_box(canvas, (-50.0, 300.0), (100.0, 900.0))
    assert sketch_of(tool).bbox_xywh == pytest.approx((0, 300, 100, 180), abs=2)


def test_the_middle_button_and_space_pan_while_a_box_is_asked_for(canvas: PersonCanvas, tool: SketchTool) -> None:
    before = canvas.viewport_map()
    drag(canvas, QPoint(300, 300), (40, 20), button=Qt.MouseButton.MiddleButton)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    for _ in range(2):
        drag(canvas, QPoint(300, 300), (40, 20))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    after = canvas.viewport_map()
    assert (after.offset_x - before.offset_x, after.offset_y - before.offset_y) == pytest.approx((120, 60))
    assert tool.is_active
    assert tool.sketch is None


def test_joints_are_placed_one_by_one_and_the_last_ends_it(canvas: PersonCanvas, tool: SketchTool) -> None:
    heard = Heard(tool)
    draw_box(canvas)
    for number, joint in enumerate(ORDER):
        assert canvas.armed_joint() == joint
        click(
            canvas,
            screen_point(canvas, 220.0 + 5 * number, 120.0 + 14 * number),
            SHIFT if number == 3 else Qt.KeyboardModifier.NoModifier,
        )
    (sketch,) = heard.finished
    assert sketch.placed == 17
    pixel = 1.0 / canvas.viewport_map().scale
    for number, joint in enumerate(ORDER):
        x, y, visibility = sketch.keypoints[joint]
        assert (x, y) == pytest.approx((220.0 + 5 * number, 120.0 + 14 * number), abs=pixel)
        assert visibility == (1 if number == 3 else 2)
    assert not tool.is_active
    assert canvas.armed_joint() is None
    assert canvas.hint() == ""


def test_space_skips_backspace_takes_back_enter_ends(canvas: PersonCanvas, tool: SketchTool) -> None:
    heard = Heard(tool)
    press(canvas, Qt.Key.Key_Return)  # nothing to end yet
    draw_box(canvas)
    at = screen_point(canvas, 260, 200)
    click(canvas, at)
    press(canvas, Qt.Key.Key_Space)
    click(canvas, at)
    assert canvas.armed_joint() == ORDER[3]
    assert (sketch_of(tool).asked, sketch_of(tool).placed) == (3, 2)
    press(canvas, Qt.Key.Key_Backspace)
    assert canvas.armed_joint() == ORDER[2]
    assert canvas.keypoints()[ORDER[2], 2] == 0
    press(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert canvas.armed_joint() == ORDER[1]
    press(canvas, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    (sketch,) = heard.finished
    assert np.flatnonzero(sketch.keypoints[:, 2]).tolist() == [ORDER[0]]
    assert heard.cancelled == 0


def test_a_drag_with_space_pans_and_skips_nothing(canvas: PersonCanvas, tool: SketchTool) -> None:
    draw_box(canvas)
    before = canvas.viewport_map().offset_x
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, QPoint(300, 300), (30, 0))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.viewport_map().offset_x == pytest.approx(before + 30)
    assert canvas.armed_joint() == ORDER[0]
    drag(canvas, QPoint(300, 300), (-30, 0))  # a plain drag pans as well
    assert canvas.viewport_map().offset_x == pytest.approx(before)
    assert sketch_of(tool).asked == 0
    press(canvas, Qt.Key.Key_Space)
    assert canvas.armed_joint() == ORDER[1]


def test_a_narrow_canvas_keeps_its_legs_in_sight(canvas: PersonCanvas, tool: SketchTool) -> None:
    draw_box(canvas)
    assert canvas.hint().endswith("Esc cancels")
    canvas.window().resize(300, 500)
    press(canvas, Qt.Key.Key_Space)
    assert canvas.hint() == "Left eye (2 of 17)\nSpace skips, Enter ends"


def test_taking_back_before_the_first_joint_asks_for_another_box(canvas: PersonCanvas, tool: SketchTool) -> None:
    draw_box(canvas)
    press(canvas, Qt.Key.Key_Backspace)
    assert tool.is_active
    assert tool.sketch is None
    assert canvas.armed_joint() is None
    assert canvas.hint().startswith("Drag a box")
    draw_box(canvas)
    assert canvas.armed_joint() == ORDER[0]


def test_there_is_no_body_to_move_or_turn_yet(canvas: PersonCanvas, tool: SketchTool) -> None:
    draw_box(canvas)
    for x in (240, 260, 280):
        click(canvas, screen_point(canvas, x, 200))
    before, view = canvas.keypoints(), canvas.viewport_map()
    drag(canvas, screen_point(canvas, 260, 200), (60, 40), ALT)
    turn_wheel(canvas, screen_point(canvas, 260, 200), 240, ALT)
    assert np.array_equal(canvas.live_keypoints(), before)
    assert np.array_equal(sketch_of(tool).keypoints, before)
    assert canvas.viewport_map() == view
    turn_wheel(canvas, screen_point(canvas, 260, 200), 240)
    assert canvas.viewport_map().scale > view.scale


def test_a_box_whose_end_is_not_seen_is_dropped(canvas: PersonCanvas, tool: SketchTool) -> None:
    at = screen_point(canvas, *CORNER)
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    move(canvas, screen_point(canvas, *FAR))
    canvas.clearFocus()
    move(canvas, screen_point(canvas, 500, 300))
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert tool.is_active
    assert tool.sketch is None


@pytest.mark.parametrize("boxed", [False, True])
def test_escape_gives_it_up(canvas: PersonCanvas, tool: SketchTool, *, boxed: bool) -> None:
    heard = Heard(tool)
    if boxed:
        draw_box(canvas)
        click(canvas, screen_point(canvas, 260, 200))
    press(canvas, Qt.Key.Key_Escape)
    assert (heard.cancelled, heard.finished) == (1, [])
    assert not tool.is_active
    assert canvas.armed_joint() is None
    assert not canvas.keypoints().any()
    assert canvas.hint() == ""
    assert not tool.cancel()
    assert not tool.take_back()


def test_the_name_of_the_joint_goes_with_the_pointer(canvas: PersonCanvas, tool: SketchTool) -> None:
    draw_box(canvas)
    note = next(label for label in canvas.viewport().children() if getattr(label, "text", lambda: "")() == "nose")
    for at in (QPoint(300, 300), QPoint(canvas.viewport().width() - 3, canvas.viewport().height() - 3)):
        move(canvas, at)
        assert note.isVisible()  # type: ignore[attr-defined]
        assert canvas.viewport().rect().contains(note.geometry())  # type: ignore[attr-defined]
        assert not note.geometry().contains(at)  # type: ignore[attr-defined]
    tool.take()
    assert not note.isVisible()  # type: ignore[attr-defined]
