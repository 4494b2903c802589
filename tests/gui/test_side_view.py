"""The body from another side."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.ui.widgets.side_view import VIEWS, BodyPanel, SideView


@pytest.fixture
def side_view(qtbot: QtBot) -> SideView:
    view = SideView()
    qtbot.addWidget(view)
    view.resize(360, 380)
    with qtbot.waitExposed(view):
        view.show()
    return view


def body_layer() -> NDArray[np.uint8]:
    layer = np.zeros((200, 200, 4), dtype=np.uint8)
    layer[20:180, 80:120] = (140, 170, 217, 255)
    return layer


def pixels(view: SideView) -> NDArray[np.int64]:
    panel = view.findChild(BodyPanel)
    image = panel.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
    return values[..., 2::-1].astype(np.int64)


def button(view: SideView, title: str) -> QPushButton:
    return next(button for button in view.findChildren(QPushButton) if button.text() == title)


def test_without_a_fit_it_says_what_to_do(side_view: SideView) -> None:
    panel = side_view.findChild(BodyPanel)
    assert not panel.has_layer()
    before = pixels(side_view)
    side_view.set_message("Needs 6 labelled keypoints (has 3)")
    assert (pixels(side_view) != before).any()


def test_asking_for_another_view_is_reported_once(side_view: SideView, qtbot: QtBot) -> None:
    asked = QSignalSpy(side_view.view_requested)
    for title in ("Front", "Back", "Top", "Side"):
        qtbot.mouseClick(button(side_view, title), Qt.MouseButton.LeftButton)
    assert [asked.at(row)[0] for row in range(asked.count())] == ["front", "back", "top", "side"]
    assert side_view.view() == "side"


def test_choosing_a_view_by_the_page_is_not_reported(side_view: SideView) -> None:
    asked = QSignalSpy(side_view.view_requested)
    for view in VIEWS:
        side_view.set_view(view)
        assert button(side_view, view.capitalize()).isChecked()
    assert asked.count() == 0


def test_camera_is_not_a_side(side_view: SideView) -> None:
    with pytest.raises(ValueError, match="camera"):
        side_view.set_view("camera")


@pytest.mark.parametrize("size", [(360, 380), (240, 420), (700, 300)])
def test_body_is_scaled_whole_and_keeps_its_proportions(side_view: SideView, size: tuple[int, int]) -> None:
    side_view.resize(*size)
    side_view.set_layer(body_layer())
    shown = pixels(side_view)
    body = np.abs(shown - (140, 170, 217)).max(axis=-1) <= 3
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(4.0, rel=0.06)
    assert rows[-1] < len(shown) - 20, "the caption lies below the body"


def test_floor_lies_under_the_feet_and_not_under_a_body_seen_from_above(side_view: SideView) -> None:
    side_view.set_layer(body_layer(), "side")
    with_floor = pixels(side_view)
    side_view.set_layer(body_layer(), "top")
    differing = np.flatnonzero((with_floor != pixels(side_view)).any(axis=(1, 2)))
    body = np.abs(with_floor - (140, 170, 217)).max(axis=-1) <= 3
    feet = int(np.flatnonzero(body.any(axis=1))[-1])
    assert feet - 1 <= differing[0] <= feet + 3


def test_stale_body_loses_its_colour(side_view: SideView) -> None:
    side_view.set_layer(body_layer())
    side_view.set_stale(True)
    shown = pixels(side_view)
    grey = round(0.299 * 140 + 0.587 * 170 + 0.114 * 217)
    assert (np.abs(shown - grey).max(axis=-1) <= 2).sum() > 1000
    side_view.set_stale(False)
    assert (np.abs(pixels(side_view) - (140, 170, 217)).max(axis=-1) <= 2).sum() > 1000


def test_a_body_that_is_not_the_current_one_says_so(side_view: SideView) -> None:
    side_view.set_layer(body_layer())
    before = pixels(side_view)
    side_view.set_notice("Not the current fit: EFT")
    marked = (np.abs(pixels(side_view) - (0x5B, 0x2D, 0x90)).max(axis=-1) <= 2).sum()
    assert marked > 500
    side_view.set_notice("")
    np.testing.assert_array_equal(pixels(side_view), before)


def test_words_are_legible_in_both_themes(side_view: SideView) -> None:
    side_view.set_layer(body_layer())
    for window in ("#24272c", "#f3f4f6"):
        palette = QPalette(side_view.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor(window))
        side_view.setPalette(palette)
        shown = pixels(side_view)
        strip = shown[-30:, 12:120].mean(axis=-1)
        assert np.ptp(strip) > 110


def test_everything_has_a_name(side_view: SideView) -> None:
    assert side_view.accessibleName()
    assert all(button.accessibleName() for button in side_view.findChildren(QPushButton))
    width, height = side_view.layer_size()
    panel = side_view.findChild(BodyPanel)
    assert width == round(panel.width() * panel.devicePixelRatioF())
    assert height < width * 2
