"""The keypoint canvas on a photograph of 12 megapixels in a window of 1600×1000: what a hand feels."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from app.ui.widgets.person_canvas import PersonCanvas
from app.ui.widgets.picture_tone import PictureTone
from app.ui.widgets.prepared_picture import PreparedPicture, prepare_picture
from fitting.body.model import load_body
from fitting.geometry.camera import project_to_image
from fitting.spec import Box, Window
from resources import default_body
from resources.skeleton import get_skeleton
from tests.bench.measure import Figure
from tests.helpers.canvas_hands import checker_picture, move, press, release, screen_point
from tests.helpers.fits import standing_body

_SIZE = (4000, 3000)
_MOVES = 200
_CAMERA = (standing_body().camera, Box(np.array([2000.0, 1500.0]), 11.0))
_DRAGGED = "left_wrist"


def measure_canvas() -> Iterator[Figure]:
    """Rows about the canvas; a move is the event and the painting that follows it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    pixels = checker_picture(_SIZE)
    started = time.perf_counter()
    picture = prepare_picture(pixels)
    taken = 1000 * (time.perf_counter() - started)
    yield Figure("canvas: 12 MP photograph made ready", taken, taken)
    canvas = _show_person(picture)
    app.processEvents()
    yield _time_drag(canvas, "canvas: drag a joint of 49, person fitted")
    canvas.set_layers(names=True)
    yield _time_drag(canvas, "canvas: the same with all names on")
    canvas.set_layers(names=False)
    canvas.set_selection(range(49))
    yield _time_drag(canvas, "canvas: drag all 49 joints")
    canvas.set_selection(())
    yield _time_tone(canvas, "canvas: a step of brightness, 12 MP, person fitted")
    canvas.set_tone(PictureTone())
    canvas.actual_size()
    yield _time_drag(canvas, "canvas: drag a joint of 49 at 100 %")
    yield _time_tone(canvas, "canvas: a step of brightness, 12 MP at 100 %")
    canvas.set_tone(PictureTone(20, 10, 10))
    yield _time_drag(canvas, "canvas: drag a joint in another tone")
    canvas.close()


def _time_tone(canvas: PersonCanvas, name: str) -> Figure:
    def step(number: int) -> None:
        canvas.set_tone(PictureTone(1 + number % 90, 10, 10))

    return dataclasses.replace(_time_moves(name, step), target="p95 <= 50")


def _show_person(picture: PreparedPicture) -> PersonCanvas:
    skeleton = get_skeleton("spin49")
    canvas = PersonCanvas()
    canvas.resize(1600, 1000)
    canvas.show()
    random = np.random.default_rng(0)
    keypoints = np.full((len(skeleton), 3), 2.0)
    keypoints[:, :2] = project_to_image(load_body(default_body()).joints_of(standing_body()), *_CAMERA)
    keypoints[::5, 2] = 1
    canvas.set_picture(picture)
    canvas.set_skeleton(skeleton)
    canvas.set_keypoints(keypoints, np.full(len(skeleton), 9.0))
    canvas.set_fit_joints(keypoints[:, :2] + random.normal(0, 30, (len(skeleton), 2)))
    layer = random.integers(0, 255, (720, 720, 4)).astype(np.uint8)
    canvas.set_overlay(layer, Window(900.0, 400.0, 2200.0, 2200.0))
    canvas.set_box(Window(900.0, 400.0, 2200.0, 2200.0))
    canvas.fit_person()
    return canvas


def _time_drag(canvas: PersonCanvas, name: str) -> Figure:
    x, y = canvas.keypoints()[get_skeleton("spin49").index(_DRAGGED), :2]
    at = screen_point(canvas, x, y)
    if not canvas.viewport().rect().contains(at):
        middle = canvas.viewport().rect().center()
        canvas.pan_by(middle.x() - at.x(), middle.y() - at.y())
        at = screen_point(canvas, x, y)
    press(canvas, at)
    figure = _time_moves(name, lambda step: move(canvas, at + _on_a_circle(step)))
    release(canvas, at)
    return figure


def _time_moves(name: str, act: Callable[[int], None]) -> Figure:
    taken = []
    for step in range(_MOVES):
        started = time.perf_counter()
        act(step)
        QApplication.processEvents()
        taken.append(1000 * (time.perf_counter() - started))
    return Figure(name, float(np.median(taken)), float(np.percentile(taken, 95)), "p95 <= 16")


def _on_a_circle(step: int) -> QPoint:
    angle = 2 * np.pi * step / 60
    return QPoint(round(90 * np.cos(angle)), round(90 * np.sin(angle)))
