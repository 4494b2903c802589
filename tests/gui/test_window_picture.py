"""The photograph's tone and the aids of the canvas at the real window: keys, panel, memory; the file stays as it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.settings import Settings, SettingsFile
from app.ui.widgets.picture_tone import PictureTone
from app.ui.widgets.tone_panel import ToneButton, TonePanel
from tests.helpers.builders import build_project, people_of
from tests.helpers.ui_stories import Annotator, annotator_at


def read_settings(folder: Path) -> Settings:
    return SettingsFile(folder / "settings.json").values


def panel_of(annotator: Annotator) -> TonePanel:
    panel = annotator.page.canvas.findChild(TonePanel)
    assert isinstance(panel, TonePanel)
    return panel


def test_keys_change_the_picture_on_screen_and_never_the_file(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, 2)
    files = sorted((tmp_path / "pictures").iterdir())
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    with annotator_at(qtbot, tmp_path, project) as annotator:
        canvas = annotator.page.canvas
        annotator.press("Alt+Up", "Alt+Up", "Alt+Left", "Alt+PgUp")
        assert canvas.tone() == PictureTone(8, -4, 4)
        annotator.press("Alt+Down", "Alt+Right", "Alt+PgDown")
        assert canvas.tone() == PictureTone(4, 0, 0)
        annotator.press("Shift+G")
        assert canvas.tone() == canvas.find_auto_tone()
        assert not canvas.tone().is_neutral
        annotator.press("D")
        annotator.until_shows(people_of(annotator.project)[1])
        annotator.press("Ctrl+G")
        assert canvas.tone().is_neutral
    assert [hashlib.sha256(file.read_bytes()).hexdigest() for file in files] == hashes


def test_the_panel_opens_by_key_moves_by_arrows_and_closes_by_escape(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path, build_project(tmp_path, 1)) as annotator:
        canvas, panel = annotator.page.canvas, panel_of(annotator)
        annotator.press("G")
        assert panel.isVisible()
        QTest.keyClick(panel.brightness, Qt.Key.Key_Right)
        QTest.keyClick(panel.contrast, Qt.Key.Key_PageUp)
        panel.gamma.setValue(25)
        assert canvas.tone() == PictureTone(1, 10, 25)
        panel.auto.click()
        assert canvas.tone() == canvas.find_auto_tone()
        assert (panel.brightness.value(), panel.contrast.value()) == (
            canvas.tone().brightness,
            canvas.tone().contrast,
        )
        panel.reset.click()
        assert canvas.tone().is_neutral
        assert not panel.reset.isEnabled()
        QTest.keyClick(panel, Qt.Key.Key_Escape)
        assert not panel.isVisible()


def test_the_button_opens_the_panel_and_says_when_the_picture_is_adjusted(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path, build_project(tmp_path, 1)) as annotator:
        canvas = annotator.page.canvas
        button = canvas.findChild(ToneButton)
        assert isinstance(button, ToneButton)
        assert "as it is" in button.accessibleName()
        plain = button.width()
        annotator.press("Alt+Up")
        assert "adjusted" in button.accessibleName()
        assert button.width() > plain
        assert canvas.viewport().geometry().contains(button.geometry())
        assert (
            button.geometry().intersected(canvas.aids.overview.geometry()).isEmpty()
            or not canvas.aids.overview.isVisible()
        )
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert panel_of(annotator).isVisible()


def test_the_tone_is_kept_for_the_next_picture_and_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, 2)
    with annotator_at(qtbot, tmp_path, project) as annotator:
        annotator.press("Alt+Up", "Alt+Right")
        annotator.press("D")
        annotator.until_shows(people_of(annotator.project)[1])
        assert annotator.page.canvas.tone() == PictureTone(4, 4, 0)
    assert (read_settings(tmp_path).tone_brightness, read_settings(tmp_path).tone_contrast) == (4, 4)
    with annotator_at(qtbot, tmp_path, type(project).open(project.folder)) as annotator:
        assert annotator.page.canvas.tone() == PictureTone(4, 4, 0)
        assert panel_of(annotator).brightness.value() == 4


def test_not_kept_the_next_picture_is_shown_as_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, 3, per_image=2)
    first, second, third = people_of(project)
    with annotator_at(qtbot, tmp_path, project) as annotator:
        canvas = annotator.page.canvas
        annotator.window.actions_table["tone.keep"].trigger()
        assert not panel_of(annotator).keep.isChecked()
        annotator.press("Alt+Up")
        annotator.press("D")
        annotator.until_shows(second)
        assert canvas.tone() == PictureTone(4), "the same picture, another person"
        annotator.press("D")
        annotator.until_shows(third)
        assert canvas.tone().is_neutral
        annotator.press("Alt+Up")
    assert not read_settings(tmp_path).keep_tone
    assert read_settings(tmp_path).tone_brightness == 0
    assert first != second


@pytest.mark.parametrize(
    ("action", "setting"),
    [("aid.overview", "show_overview"), ("aid.loupe", "show_loupe"), ("aid.crosshair", "show_crosshair")],
)
def test_the_aids_are_remembered(qtbot: QtBot, tmp_path: Path, action: str, setting: str) -> None:
    project = build_project(tmp_path, 1)
    with annotator_at(qtbot, tmp_path, project) as annotator:
        before = annotator.window.actions_table[action].isChecked()
        annotator.page.canvas.zoom_by(4.0)
        shown = annotator.page.canvas.aids.overview.isVisible()
        annotator.window.actions_table[action].trigger()
        assert annotator.page.canvas.aids.overview.isVisible() == (shown and action != "aid.overview")
    assert getattr(read_settings(tmp_path), setting) is not before
    with annotator_at(qtbot, tmp_path, type(project).open(project.folder)) as annotator:
        assert annotator.window.actions_table[action].isChecked() is not before
        annotator.page.canvas.zoom_by(4.0)
        assert annotator.page.canvas.aids.overview.isVisible() == (action != "aid.overview")
