"""Hands for tests of the canvas: presses, drags and wheels as the window system would send them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from app.ui.widgets.person_canvas import PersonCanvas
from fitting.spec import Window
from resources.skeleton import Skeleton, get_skeleton

PICTURE_SIZE = (640, 480)
LEFT_BUTTON = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def checker_picture(size: tuple[int, int] = PICTURE_SIZE) -> NDArray[np.uint8]:
    """Picture ``(H, W, 3)`` in which no two neighbouring patches are alike."""
    width, height = size
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([columns % 256, rows % 256, (columns // 8 + rows // 8) % 2 * 255], axis=-1).astype(np.uint8)


def standing_person(skeleton: Skeleton) -> NDArray[np.float64]:
    """Keypoints ``(17, 3)`` of an upright person in the middle of the picture; the left ear is not labelled."""
    rows = {"nose": (320, 100), "eye": (12, 92), "ear": (24, 96), "shoulder": (45, 150), "elbow": (60, 210)}
    rows |= {"wrist": (64, 265), "hip": (28, 270), "knee": (30, 350), "ankle": (31, 430)}
    keypoints = np.full((len(skeleton), 3), 2.0)
    for joint in range(len(skeleton)):
        across, y = rows[skeleton.part(joint)]
        side = skeleton.side(joint)
        x = across if side == "middle" else 320 + across if side == "left" else 320 - across
        keypoints[joint, :2] = x, y
    keypoints[skeleton.index("left_ear")] = 0.0
    keypoints[skeleton.index("right_knee"), 2] = 1.0
    return keypoints


def show_person(canvas: PersonCanvas) -> NDArray[np.float64]:
    """Give a canvas a picture and a person; returns the keypoints."""
    skeleton = get_skeleton("coco17")
    keypoints = standing_person(skeleton)
    canvas.set_picture(checker_picture())
    canvas.set_skeleton(skeleton)
    canvas.set_keypoints(keypoints, np.full(len(skeleton), np.nan))
    canvas.set_box(Window(240.0, 80.0, 160.0, 370.0))
    return keypoints


def screen_point(canvas: PersonCanvas, x: float, y: float) -> QPoint:
    """Nearest pixel of the canvas to an image point."""
    u, v = canvas.viewport_map().to_screen(x, y)
    return QPoint(round(u), round(v))


def press(canvas: PersonCanvas, at: QPoint, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    """Press the left button."""
    QTest.mousePress(canvas.viewport(), LEFT_BUTTON, keys, at)


def drag(
    canvas: PersonCanvas,
    start: QPoint,
    by: tuple[int, int],
    keys: Qt.KeyboardModifier = NO_KEYS,
    button: Qt.MouseButton = LEFT_BUTTON,
    steps: int = 5,
) -> None:
    """Press, move in steps, release."""
    QTest.mousePress(canvas.viewport(), button, keys, start)
    for step in range(1, steps + 1):
        move(canvas, start + QPoint(by[0] * step // steps, by[1] * step // steps))
    QTest.mouseRelease(canvas.viewport(), button, keys, start + QPoint(*by))


def move(canvas: PersonCanvas, to: QPoint) -> None:
    """Move the pointer; unlike :meth:`QTest.mouseMove`, also to where an earlier test has left it."""
    viewport = canvas.viewport()
    buttons = Qt.MouseButton.NoButton
    place = QPointF(to)
    event = QMouseEvent(QEvent.Type.MouseMove, place, viewport.mapToGlobal(place), buttons, buttons, NO_KEYS)
    QApplication.sendEvent(viewport, event)


def click(canvas: PersonCanvas, at: QPoint, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    """Press and release the left button."""
    QTest.mouseClick(canvas.viewport(), LEFT_BUTTON, keys, at)


def release(canvas: PersonCanvas, at: QPoint) -> None:
    """Release the left button."""
    QTest.mouseRelease(canvas.viewport(), LEFT_BUTTON, NO_KEYS, at)


def turn_wheel(
    canvas: PersonCanvas, at: QPoint, units: int, keys: Qt.KeyboardModifier = NO_KEYS, sideways: bool = False
) -> None:
    """Turn the wheel over the canvas; 120 units are one notch."""
    viewport = canvas.viewport()
    event = QWheelEvent(
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(units, 0) if sideways else QPoint(0, units),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


@contextmanager
def canvas_shown(qtbot: QtBot) -> Iterator[PersonCanvas]:
    """A canvas alone on the screen, with a person."""
    canvas = PersonCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    with qtbot.waitExposed(canvas):
        canvas.show()
    show_person(canvas)
    yield canvas
    canvas.close()


@contextmanager
def canvas_in_window(qtbot: QtBot) -> Iterator[PersonCanvas]:
    """A canvas with a person and the focus of an active window, so that keys reach it."""
    window = QMainWindow()
    qtbot.addWidget(window)
    canvas = PersonCanvas(window)
    window.setCentralWidget(canvas)
    window.resize(900, 700)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    canvas.setFocus()
    show_person(canvas)
    yield canvas
    window.close()


class Reports:
    """Everything a canvas reports, in the order in which it does."""

    EDITS = (
        "joint_moved",
        "joint_placed",
        "selection_moved",
        "selection_rotated",
        "selection_scaled",
        "body_moved",
        "body_rotated",
        "body_scaled",
    )
    LIVE = ("drag_began", "joint_dragging", "joints_dragging", "drag_ended")
    CHOICES = ("joint_selected", "joints_selected", "placement_changed")

    def __init__(self, canvas: PersonCanvas) -> None:
        self.all: list[tuple[str, list[Any]]] = []
        for name in (*self.EDITS, *self.LIVE, *self.CHOICES):
            getattr(canvas, name).connect(self._listener(name))

    def __getitem__(self, name: str) -> list[list[Any]]:
        return [arguments for reported, arguments in self.all if reported == name]

    def edits(self) -> list[str]:
        """Names of the reports that change keypoints, in order."""
        return [name for name, _ in self.all if name in self.EDITS]

    def names(self) -> list[str]:
        """Names of the reports of gestures, in order."""
        return [name for name, _ in self.all if name not in self.CHOICES]

    def _listener(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.all.append((name, list(arguments)))
