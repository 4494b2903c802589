"""What the canvas shows, read back from its pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QFont, QImage, QPalette
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets.canvas_notices import CanvasHint, CanvasMessage, CanvasNotice, StaleRibbon
from app.ui.widgets.keypoint_items import ResidualItem
from app.ui.widgets.person_canvas import PersonCanvas
from fitting.spec import Window
from resources.skeleton import get_skeleton
from tests.helpers.canvas_hands import canvas_shown, checker_picture, drag, screen_point, show_person

COCO = get_skeleton("coco17")
LAYER_WINDOW = Window(200.0, 60.0, 240.0, 400.0)


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[PersonCanvas]:
    with canvas_shown(qtbot) as canvas:
        yield canvas


def body_layer() -> NDArray[np.uint8]:
    """Layer ``(80, 48, 4)`` with a blue block in its middle."""
    layer = np.zeros((80, 48, 4), dtype=np.uint8)
    layer[10:70, 8:40] = (90, 120, 220, 255)
    return layer


def pixels(widget: QWidget) -> NDArray[np.uint8]:
    """Pixels ``(H, W, 3)`` of a widget as painted."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
    return values[..., 2::-1].copy()


def patch(canvas: PersonCanvas, x: float, y: float, reach: int = 9) -> NDArray[np.uint8]:
    """Pixels around an image point."""
    at = screen_point(canvas, x, y)
    return pixels(canvas)[at.y() - reach : at.y() + reach + 1, at.x() - reach : at.x() + reach + 1]


def test_zero_opacity_is_the_bare_picture_pixel_by_pixel(canvas: PersonCanvas) -> None:
    bare = pixels(canvas)
    canvas.set_overlay(body_layer(), LAYER_WINDOW)
    assert (pixels(canvas) != bare).any()
    canvas.set_overlay_opacity(0.0)
    np.testing.assert_array_equal(pixels(canvas), bare)


def test_hold_to_peek_hides_everything_and_gives_it_back(canvas: PersonCanvas, qtbot: QtBot) -> None:
    canvas.set_overlay(body_layer(), LAYER_WINDOW)
    canvas.set_stale(True)
    shown = pixels(canvas)
    canvas.set_all_hidden(True)
    hidden = pixels(canvas)
    canvas.set_all_hidden(False)
    np.testing.assert_array_equal(pixels(canvas), shown)

    bare = PersonCanvas()
    qtbot.addWidget(bare)
    bare.resize(canvas.size())
    bare.set_picture(checker_picture())
    bare.set_viewport_map(canvas.viewport_map())
    np.testing.assert_array_equal(hidden, pixels(bare))


@pytest.mark.parametrize("layer", ["keypoints", "bones", "body", "residuals", "names"])
def test_each_layer_switch_changes_the_picture_and_back(canvas: PersonCanvas, layer: str) -> None:
    canvas.set_overlay(body_layer(), LAYER_WINDOW)
    canvas.set_fit_joints(canvas.keypoints()[:, :2] + 8.0)
    canvas.set_layers(names=True)
    full = pixels(canvas)
    canvas.set_layers(**{layer: False})
    assert (pixels(canvas) != full).any()
    canvas.set_layers(**{layer: True})
    np.testing.assert_array_equal(pixels(canvas), full)


def test_stale_body_loses_its_colour_and_says_so(canvas: PersonCanvas) -> None:
    canvas.set_overlay(body_layer(), LAYER_WINDOW)
    canvas.set_overlay_opacity(1.0)
    canvas.set_layers(keypoints=False, bones=False)
    coloured = patch(canvas, 300, 300).astype(int)
    assert (coloured[..., 2] - coloured[..., 0] > 60).all()
    canvas.set_stale(True)
    grey = patch(canvas, 300, 300).astype(int)
    assert (np.ptp(grey, axis=-1) <= 1).all()
    assert canvas.findChild(StaleRibbon).isVisible()


@pytest.mark.parametrize("width", [300, 901])
def test_a_notice_takes_the_ribbons_place_and_lies_within_the_canvas(canvas: PersonCanvas, width: int) -> None:
    notice = canvas.findChild(CanvasNotice)
    canvas.set_stale(True)
    canvas.resize(width, 700)
    before = pixels(canvas)
    canvas.set_notice("Not the current fit: a method with a rather long label, 12:34:56")
    assert notice.isVisible()
    assert not canvas.findChild(StaleRibbon).isVisible()
    assert canvas.viewport().geometry().contains(notice.geometry())
    assert notice.heightForWidth(notice.width()) <= notice.height()
    canvas.set_all_hidden(True)
    assert not notice.isVisible()
    canvas.set_all_hidden(False)
    canvas.set_notice("")
    np.testing.assert_array_equal(pixels(canvas), before)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_ribbon_is_as_long_as_its_text_needs(canvas: PersonCanvas, factor: float) -> None:
    ribbon = canvas.findChild(StaleRibbon)
    font = QFont(ribbon.font())
    font.setPointSizeF(font.pointSizeF() * factor)
    ribbon.setFont(font)
    canvas.set_stale(True)
    canvas.resize(901, 700)
    assert ribbon.text_width() + 8 <= ribbon.free_length()
    assert ribbon.geometry().right() == canvas.viewport().geometry().right()
    assert ribbon.geometry().top() == 0


@pytest.mark.parametrize("visibility", [1, 2])
def test_left_and_right_are_told_apart_in_greyscale(canvas: PersonCanvas, visibility: int) -> None:
    canvas.set_picture(np.full((480, 640, 3), 110, dtype=np.uint8))
    canvas.set_layers(bones=False)
    keypoints = canvas.keypoints()
    keypoints[keypoints[:, 2] > 0, 2] = visibility
    canvas.set_keypoints(keypoints)

    def inside(name: str) -> float:
        """Mean grey of a mark's core, off the line that strikes an occluded ring through."""
        grey = patch(canvas, *keypoints[COCO.index(name), :2]).mean(axis=-1)
        rows, columns = np.indices(grey.shape) - grey.shape[0] // 2
        return float(grey[(np.hypot(rows, columns) < 2.5) & (rows == columns)].mean())

    assert inside("left_wrist") - inside("right_wrist") > 30


def test_occluded_looks_unlike_visible_and_not_labelled_is_not_drawn(canvas: PersonCanvas) -> None:
    canvas.set_layers(bones=False)
    wrist = COCO.index("left_wrist")
    keypoints = canvas.keypoints()
    looks = []
    for visibility in (0, 1, 2):
        keypoints[wrist, 2] = visibility
        canvas.set_keypoints(keypoints)
        looks.append(patch(canvas, *keypoints[wrist, :2]).astype(int))
    canvas.set_layers(keypoints=False)
    bare = patch(canvas, *keypoints[wrist, :2]).astype(int)
    np.testing.assert_array_equal(looks[0], bare)
    assert np.abs(looks[1] - looks[2]).sum(axis=-1).max() > 120
    assert np.abs(looks[1] - bare).sum(axis=-1).max() > 120


def test_marks_have_the_same_size_at_every_zoom(canvas: PersonCanvas) -> None:
    canvas.set_picture(np.full((480, 640, 3), 20, dtype=np.uint8))
    canvas.set_layers(bones=False)
    wrist = canvas.keypoints()[COCO.index("left_wrist"), :2]
    sizes = []
    for factor in (1.0, 5.0):
        canvas.zoom_by(factor)
        u, v = canvas.viewport_map().to_screen(*wrist)
        canvas.pan_by(400 - u, 300 - v)
        sizes.append(int((patch(canvas, *wrist).max(axis=-1) > 150).sum()))
    assert sizes[0] == sizes[1] > 40


def test_residual_lines_only_where_they_say_something(canvas: PersonCanvas) -> None:
    target = canvas.keypoints()[:, :2].copy()
    far, near = COCO.index("left_wrist"), COCO.index("right_wrist")
    target[far] += (6, 0)
    target[near] += (1.5, 0)
    canvas.set_fit_joints(target)
    lines = [item for item in canvas.scene().items() if isinstance(item, ResidualItem) and item.isVisible()]
    assert [line.line_px.length() for line in lines] == [pytest.approx(6.0)]


def test_a_drag_rebuilds_no_item(canvas: PersonCanvas) -> None:
    canvas.set_layers(names=True)
    before = {id(item) for item in canvas.scene().items()}
    drag(canvas, screen_point(canvas, *canvas.keypoints()[COCO.index("left_wrist"), :2]), by=(60, 30))
    assert {id(item) for item in canvas.scene().items()} == before


def test_a_dragged_patch_is_painted_like_the_whole(canvas: PersonCanvas) -> None:
    """Partial repaints leave no trace: after a drag there and back the canvas is as before."""
    wrist = canvas.keypoints()[COCO.index("left_wrist"), :2]
    drag(canvas, screen_point(canvas, *wrist), by=(80, 40))
    moved = pixels(canvas)
    canvas.viewport().update()
    np.testing.assert_array_equal(pixels(canvas), moved)


def test_single_pixels_show_above_400_percent(canvas: PersonCanvas) -> None:
    canvas.set_layers(keypoints=False, bones=False)
    canvas.zoom_by(8.0 / canvas.viewport_map().scale, canvas.viewport().rect().center().toPointF())
    x, y = (int(value) for value in canvas.viewport_map().to_image(200, 200))
    u, v = canvas.viewport_map().to_screen(x, y)
    block = pixels(canvas)[round(v) + 1 : round(v) + 7, round(u) + 1 : round(u) + 7]
    np.testing.assert_array_equal(block, np.broadcast_to(checker_picture()[y, x], block.shape))


def test_shrinking_averages_instead_of_skipping_pixels(canvas: PersonCanvas) -> None:
    rows, columns = np.indices((1600, 2400))
    fine = np.where((rows + columns) % 2 == 0, 255, 0).astype(np.uint8)
    canvas.set_layers(keypoints=False, bones=False)
    canvas.set_picture(np.repeat(fine[..., None], 3, axis=2))
    assert canvas.viewport_map().scale < 0.5
    middle = pixels(canvas)[300:400, 400:500].astype(int)
    assert np.abs(middle - 127).max() < 30


def test_a_missing_picture_says_why_in_place(canvas: PersonCanvas) -> None:
    canvas.set_overlay(body_layer(), LAYER_WINDOW)
    canvas.set_stale(True)
    canvas.set_picture(None, "The image a.jpg is missing; re-link the images folder.")
    message = canvas.findChild(CanvasMessage)
    assert message.isVisible()
    assert "a.jpg" in message.text()
    assert not canvas.findChild(StaleRibbon).isVisible()
    canvas.set_picture(checker_picture())
    assert not message.isVisible()


def test_zoom_mode_image_shows_all_of_it_and_keeps_doing_so(canvas: PersonCanvas) -> None:
    canvas.fit_image()
    canvas.resize(500, 640)
    left, top = canvas.viewport_map().to_screen(0, 0)
    right, bottom = canvas.viewport_map().to_screen(640, 480)
    assert left >= 0 and top >= 0 and right <= 500 and bottom <= 640
    assert right - left > 450


def test_zoom_mode_person_goes_to_the_next_person(canvas: PersonCanvas) -> None:
    canvas.set_zoom_mode("person")
    canvas.set_box(Window(500.0, 300.0, 80.0, 100.0))
    middle = canvas.viewport_map().to_image(canvas.viewport().width() / 2, canvas.viewport().height() / 2)
    assert middle == pytest.approx((540.0, 350.0))
    assert canvas.viewport_map().scale > 4


def test_zoom_mode_keep_leaves_scale_and_centre_over_twenty_pictures(canvas: PersonCanvas) -> None:
    canvas.set_zoom_mode("keep")
    canvas.fit_person()
    view = canvas.viewport_map()
    for change in range(20):
        canvas.set_picture(checker_picture((300 + 40 * change, 700 - 20 * change)))
        canvas.set_box(Window(10.0 * change, 20.0, 50.0, 90.0))
        assert canvas.viewport_map() == view


def test_actual_size_is_one_pixel_for_one(canvas: PersonCanvas) -> None:
    canvas.actual_size()
    assert canvas.zoom_percent() == pytest.approx(100.0)


def test_surroundings_follow_the_theme(canvas: PersonCanvas) -> None:
    levels = []
    for window in ("#24272c", "#f3f4f6"):
        palette = QPalette(canvas.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor(window))
        canvas.setPalette(palette)
        corner = pixels(canvas)[2, 2]
        assert np.ptp(corner) == 0
        levels.append(int(corner[0]))
    assert levels[0] < 60
    assert levels[1] > 180


def test_people_reading_the_screen_hear_what_the_canvas_is(canvas: PersonCanvas) -> None:
    assert canvas.accessibleName()
    assert canvas.accessibleDescription()


def test_hint_names_the_joint_to_place_and_fits(canvas: PersonCanvas) -> None:
    canvas.arm_placement(COCO.index("left_ear"))
    hint = canvas.findChild(CanvasHint)
    assert hint.isVisible()
    assert "left ear" in hint.text()
    assert canvas.rect().contains(hint.geometry())
    assert hint.width() >= hint.fontMetrics().horizontalAdvance(hint.text()) + 24, "in one line"
    assert hint.geometry().bottom() < canvas.height() - 5
    assert canvas.childAt(hint.geometry().center()) is not None
    assert canvas.childAt(QPoint(3, 3)) is canvas.viewport()


def test_a_tiny_person_is_shown_with_the_surroundings(canvas: PersonCanvas) -> None:
    show_person(canvas)
    canvas.set_box(Window(40, 40, 6, 9))
    canvas.fit_person()
    assert canvas.viewport_map().scale == pytest.approx(6.0)
    middle = canvas.viewport_map().to_screen(43, 44.5)
    assert middle == pytest.approx((canvas.viewport().width() / 2, canvas.viewport().height() / 2), abs=1)
