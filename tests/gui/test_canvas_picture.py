"""Tone, overview, loupe and crosshair on the real canvas, read back from its pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets.canvas_notices import CanvasHint
from app.ui.widgets.person_canvas import PersonCanvas
from app.ui.widgets.picture_tone import PictureTone
from fitting.spec import Window
from resources.skeleton import get_skeleton
from tests.helpers.canvas_hands import canvas_shown, checker_picture, move, press, release, screen_point

COCO = get_skeleton("coco17")
WRIST, EAR = COCO.index("left_wrist"), COCO.index("left_ear")
DARKER = PictureTone(brightness=-40, contrast=20, gamma=10)
LARGE = (2000, 1500)


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[PersonCanvas]:
    with canvas_shown(qtbot) as canvas:
        yield canvas


def pixels(widget: QWidget) -> NDArray[np.uint8]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
    return values[..., 2::-1].copy()


def bare(canvas: PersonCanvas) -> None:
    canvas.set_layers(keypoints=False, bones=False)
    canvas.set_box(None)
    canvas.aids.set_overview_on(False)


def show_large_picture(canvas: PersonCanvas) -> None:
    canvas.set_picture(checker_picture(LARGE))
    canvas.set_box(Window(240.0, 80.0, 160.0, 370.0))
    canvas.fit_image()


# ---- tone


def test_the_tone_is_that_of_the_table_and_goes_away_pixel_by_pixel(canvas: PersonCanvas) -> None:
    bare(canvas)
    canvas.set_picture(np.full((480, 640, 3), (30, 110, 200), dtype=np.uint8))
    plain = pixels(canvas)
    canvas.set_tone(DARKER)
    shown = pixels(canvas)[300:400, 400:500]
    np.testing.assert_array_equal(np.unique(shown.reshape(-1, 3), axis=0), [DARKER.build_table()[[30, 110, 200]]])
    canvas.set_tone(PictureTone())
    np.testing.assert_array_equal(pixels(canvas), plain)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.3, 9.0])
def test_the_toned_picture_lies_where_the_plain_one_does(canvas: PersonCanvas, zoom: float) -> None:
    bare(canvas)
    canvas.zoom_by(zoom)
    canvas.pan_by(13.4, -7.7)
    plain = pixels(canvas)
    canvas.set_tone(DARKER)
    toned = pixels(canvas)
    expected = DARKER.build_table()[plain].astype(int)
    inside = _picture_pixels(canvas)
    assert inside.sum() > 10_000
    assert np.abs(toned.astype(int) - expected)[inside].max() <= 3
    np.testing.assert_array_equal(toned[~_picture_pixels(canvas, grow=2)], plain[~_picture_pixels(canvas, grow=2)])


def test_a_patch_is_toned_like_the_whole(canvas: PersonCanvas) -> None:
    canvas.set_tone(DARKER)
    start = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    press(canvas, start)
    for by in (30, 70, 110):
        move(canvas, start + QPoint(by, by // 2))
        QApplication.processEvents()
    release(canvas, start + QPoint(110, 55))
    patched = pixels(canvas)
    canvas.viewport().update()
    np.testing.assert_array_equal(pixels(canvas), patched)


def test_what_lies_over_the_photograph_keeps_its_colours(canvas: PersonCanvas) -> None:
    layer = np.full((40, 40, 4), (90, 120, 220, 255), dtype=np.uint8)
    canvas.set_overlay(layer, Window(200.0, 60.0, 240.0, 400.0))
    canvas.set_overlay_opacity(1.0)
    canvas.set_layers(keypoints=False, bones=False)
    at = screen_point(canvas, 300, 300)
    before = pixels(canvas)[at.y(), at.x()]
    canvas.set_tone(DARKER)
    np.testing.assert_array_equal(pixels(canvas)[at.y(), at.x()], before)


def test_auto_goes_by_the_person(canvas: PersonCanvas) -> None:
    picture = np.full((480, 640, 3), 240, dtype=np.uint8)
    picture[80:450, 240:400] = np.random.default_rng(0).integers(10, 60, (370, 160, 1))
    canvas.set_picture(picture)
    canvas.set_box(Window(260.0, 110.0, 120.0, 310.0))
    shown = canvas.find_auto_tone().build_table()
    assert shown[12] < 40
    assert shown[55] > 200
    canvas.set_picture(None, "gone")
    assert canvas.find_auto_tone().is_neutral


# ---- overview


def test_the_overview_is_there_when_part_of_the_picture_is_out_of_sight(canvas: PersonCanvas) -> None:
    overview = canvas.aids.overview
    canvas.fit_image()
    assert not overview.isVisible()
    canvas.zoom_by(3.0)
    assert overview.isVisible()
    assert canvas.viewport().geometry().contains(overview.geometry())
    canvas.aids.set_overview_on(False)
    assert not overview.isVisible()
    canvas.aids.set_overview_on(True)
    canvas.set_all_hidden(True)
    assert not overview.isVisible()
    canvas.set_all_hidden(False)
    assert overview.isVisible()
    canvas.set_picture(None, "gone")
    assert not overview.isVisible()


def test_the_frame_is_what_the_canvas_shows(canvas: PersonCanvas) -> None:
    canvas.zoom_by(4.0)
    overview = canvas.aids.overview
    left, top = canvas.viewport_map().to_image(0, 0)
    right, bottom = canvas.viewport_map().to_image(900, 700)
    frame, (width, height) = overview.frame(), overview.size().toTuple()
    across, down = (width - 2) / 640, (height - 2) / 480
    assert (frame.left() - 1, frame.right() - 1) == pytest.approx((left * across, right * across))
    assert (frame.top() - 1, frame.bottom() - 1) == pytest.approx((top * down, bottom * down))
    assert width / height == pytest.approx(640 / 480, abs=0.03)


def test_dragging_the_frame_pans_and_moves_no_joint(canvas: PersonCanvas) -> None:
    canvas.zoom_by(4.0)
    before, overview = canvas.keypoints(), canvas.aids.overview
    view = canvas.viewport_map()
    grip = overview.frame().center().toPoint()
    QTest.mousePress(overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip)
    QTest.mouseMove(overview, grip + QPoint(-20, 12))
    QTest.mouseRelease(overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip + QPoint(-20, 12))
    px = 640 / (overview.width() - 2)
    moved = canvas.viewport_map()
    assert moved.scale == view.scale
    assert moved.offset_x - view.offset_x == pytest.approx(20 * px * view.scale, abs=px * view.scale)
    assert moved.offset_y - view.offset_y == pytest.approx(-12 * px * view.scale, abs=px * view.scale)
    np.testing.assert_array_equal(canvas.keypoints(), before)


def test_a_click_beside_the_frame_goes_there(canvas: PersonCanvas) -> None:
    canvas.zoom_by(6.0)
    overview = canvas.aids.overview
    corner = QPoint(4, 4)
    QTest.mouseClick(overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corner)
    middle = canvas.viewport_map().to_image(450, 350)
    px = 640 / (overview.width() - 2)
    assert middle == pytest.approx((3.5 * px, 3.5 * px), abs=px)


def test_the_overview_shows_the_picture_in_its_tone(canvas: PersonCanvas) -> None:
    canvas.set_picture(np.full((480, 640, 3), 110, dtype=np.uint8))
    canvas.zoom_by(4.0)
    overview = canvas.aids.overview
    middle = overview.frame().center().toPoint()
    assert pixels(overview)[middle.y(), middle.x()].tolist() == [110] * 3
    canvas.set_tone(DARKER)
    assert pixels(overview)[middle.y(), middle.x()].tolist() == [DARKER.build_table()[110]] * 3


def test_on_a_small_canvas_the_overview_is_small_or_stays_away(canvas: PersonCanvas) -> None:
    canvas.zoom_by(6.0)
    large = canvas.aids.overview.width()
    canvas.resize(380, 420)
    assert canvas.aids.overview.isVisible()
    assert canvas.aids.overview.width() < 0.4 * 380 < large
    assert canvas.viewport().geometry().contains(canvas.aids.overview.geometry())
    canvas.resize(300, 280)
    assert not canvas.aids.overview.isVisible()


# ---- loupe and crosshair


def test_the_loupe_magnifies_what_is_under_a_dragged_joint(canvas: PersonCanvas) -> None:
    show_large_picture(canvas)
    loupe = canvas.aids.loupe
    start = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    press(canvas, start)
    assert not loupe.isVisible(), "a press alone shows nothing"
    move(canvas, start + QPoint(60, 40))
    QApplication.processEvents()
    assert loupe.isVisible()
    x, y = canvas.live_keypoints()[WRIST, :2]
    shown, zoom = pixels(loupe), loupe.zoom()
    assert zoom >= 3
    for dx, dy in ((3, 3), (-6, 4), (7, -5)):
        column, row = (round(84 + (floor + 0.5 - at) * zoom) for floor, at in ((int(x) + dx, x), (int(y) + dy, y)))
        np.testing.assert_array_equal(shown[row, column], checker_picture(LARGE)[int(y) + dy, int(x) + dx])
    release(canvas, start + QPoint(60, 40))
    assert not loupe.isVisible()


def test_the_loupe_keeps_away_from_the_joint_and_can_be_off(canvas: PersonCanvas) -> None:
    show_large_picture(canvas)
    loupe = canvas.aids.loupe
    start = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    for goal in (QPoint(60, 90), QPoint(850, 90), QPoint(450, 600)):
        press(canvas, screen_point(canvas, *canvas.keypoints()[WRIST, :2]))
        move(canvas, goal)
        QApplication.processEvents()
        assert loupe.isVisible()
        assert not loupe.geometry().adjusted(-20, -20, 20, 20).contains(goal)
        assert canvas.viewport().geometry().contains(loupe.geometry())
        release(canvas, goal)
    canvas.aids.set_loupe_on(False)
    press(canvas, screen_point(canvas, *canvas.keypoints()[WRIST, :2]))
    move(canvas, start)
    QApplication.processEvents()
    assert not loupe.isVisible()


def test_no_loupe_where_the_canvas_shows_single_pixels(canvas: PersonCanvas) -> None:
    canvas.fit_person()
    canvas.zoom_by(2.0 / canvas.viewport_map().scale)
    start = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    press(canvas, start)
    move(canvas, start + QPoint(30, 0))
    QApplication.processEvents()
    assert not canvas.aids.loupe.isVisible()


def test_hair_lines_cross_where_a_joint_will_be_placed(canvas: PersonCanvas) -> None:
    canvas.set_picture(np.full((480, 640, 3), 60, dtype=np.uint8))
    canvas.set_layers(keypoints=False, bones=False)
    plain = pixels(canvas)
    canvas.aids.set_crosshair_on(True)
    canvas.arm_placement(EAR)
    move(canvas, QPoint(333, 222))
    shown = pixels(canvas)
    columns = np.flatnonzero((shown != plain).any(axis=-1)[100, :])
    rows = np.flatnonzero((shown != plain).any(axis=-1)[:, 700])
    assert abs(columns.mean() - 333) <= 1 and len(columns) <= 5
    assert abs(rows.mean() - 222) <= 1 and len(rows) <= 5
    assert (shown[218:227, 329:338] == plain[218:227, 329:338]).all(), "open where one looks"
    canvas.arm_placement(None)
    np.testing.assert_array_equal(pixels(canvas), plain)


def test_without_the_option_there_are_no_hair_lines(canvas: PersonCanvas) -> None:
    canvas.arm_placement(EAR)
    plain = pixels(canvas)
    move(canvas, QPoint(60, 500))
    np.testing.assert_array_equal(pixels(canvas), plain)


def _picture_pixels(canvas: PersonCanvas, grow: int = -2) -> NDArray[np.bool_]:
    """Pixels of the screen within the picture, grown or shrunk by its border."""
    left, top = canvas.viewport_map().to_screen(0, 0)
    right, bottom = canvas.viewport_map().to_screen(640, 480)
    rows, columns = np.indices((canvas.height(), canvas.width()))
    across = (columns >= left - grow) & (columns < right + grow)
    return across & (rows >= top - grow) & (rows < bottom + grow)


@pytest.mark.parametrize("width", [900, 560])
def test_the_hint_and_the_overview_do_not_cover_each_other(canvas: PersonCanvas, width: int) -> None:
    canvas.resize(width, 700)
    canvas.zoom_by(4.0)
    canvas.set_selection((5, 6, 7, 8))
    hint = canvas.findChild(CanvasHint)
    assert hint.isVisible()
    assert canvas.aids.overview.isVisible()
    assert hint.geometry().intersected(canvas.aids.overview.geometry()).isEmpty()
    assert canvas.viewport().geometry().contains(hint.geometry())
    canvas.fit_image()
    assert abs(hint.geometry().center().x() - width // 2) <= 1


def test_on_a_narrow_canvas_the_hint_is_broken_into_lines_above_the_corner(canvas: PersonCanvas) -> None:
    canvas.resize(370, 600)
    canvas.set_selection((5, 6, 7, 8))
    hint = canvas.findChild(CanvasHint)
    assert canvas.viewport().geometry().contains(hint.geometry())
    assert hint.height() >= hint.heightForWidth(hint.width())
    assert hint.height() > 1.8 * hint.fontMetrics().height()
    assert hint.geometry().bottom() < 600 - 12 - 30, "the button in the corner stays free"
