"""Settings and shortcuts at the window: live, searchable, resettable, remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QLabel, QPushButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from app.settings import SettingsFile, setting_rows
from app.ui.key_capture import KeyCapture
from app.ui.settings_dialog import SettingsDialog
from app.ui.shortcut_editor import ShortcutEditor
from app.ui.shortcuts_sheet import ShortcutsSheet
from tests.helpers.builders import build_project
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def reviewer(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At the review page."""
    with annotator_at(qtbot, tmp_path, build_project(tmp_path, 2)) as annotator:
        yield annotator


def dialog_of(annotator: Annotator, kind: type[QDialog]) -> QDialog:
    """The dialog of a kind that is on screen, in front."""
    found = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()]
    assert len(found) == 1
    found[0].activateWindow()
    annotator.until(lambda: QApplication.activeWindow() is found[0])
    return found[0]


def settings_dialog(annotator: Annotator) -> SettingsDialog:
    annotator.press("F2")
    dialog = dialog_of(annotator, SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    return dialog


def shortcut_editor(annotator: Annotator, action_id: str) -> ShortcutEditor:
    annotator.window.actions_table["program.edit_shortcuts"].trigger()
    editor = dialog_of(annotator, ShortcutEditor)
    assert isinstance(editor, ShortcutEditor)
    editor.choose(action_id)
    return editor


def press_key(capture: KeyCapture, key: str) -> None:
    capture.click()
    assert capture.waiting
    combination = QKeySequence(key)[0]  # type: ignore[index]
    QTest.keyClick(capture, combination.key(), combination.keyboardModifiers())
    assert not capture.waiting


def test_every_setting_with_words_has_a_row(reviewer: Annotator) -> None:
    dialog = settings_dialog(reviewer)
    assert dialog.shown_names() == [row.name for row in setting_rows()]
    dialog.close()


def test_a_change_shows_at_once_and_is_remembered(reviewer: Annotator, tmp_path: Path) -> None:
    dialog = settings_dialog(reviewer)
    box = dialog.rows["theme"].editor.findChild(QComboBox)
    box.setCurrentIndex(box.findData("dark"))
    assert reviewer.window.actions_table["theme.dark"].isChecked()
    assert reviewer.window.palette().window().color().lightness() < 80
    slider = dialog.rows["overlay_opacity"].editor.findChild(QSlider)
    slider.setValue(25)
    assert reviewer.window.toolbar.opacity.value() == 25
    names = dialog.rows["show_names"].editor.findChild(QCheckBox)
    names.click()
    assert reviewer.window.actions_table["layer.names"].isChecked()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    stored = SettingsFile(tmp_path / "settings.json").values
    assert (stored.theme, stored.overlay_opacity, stored.show_names) == ("dark", 0.25, True)


def test_what_a_menu_changes_shows_in_the_dialog(reviewer: Annotator) -> None:
    dialog = settings_dialog(reviewer)
    reviewer.window.actions_table["view.top"].trigger()
    assert dialog.rows["side_view"].editor.findChild(QComboBox).currentData() == "top"
    assert dialog.rows["side_view"].is_changed
    dialog.close()


def test_one_setting_and_all_can_be_reset(reviewer: Annotator) -> None:
    dialog = settings_dialog(reviewer)
    settings = reviewer.page.context.settings
    settings.update(theme="dark", zoom_mode="keep", overlay_opacity=0.1)
    reset = next(
        button
        for button in dialog.rows["zoom_mode"].findChildren(QWidget)
        if button.accessibleName() == "Reset When the person changes"
    )
    QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert settings.values.zoom_mode == "person"
    assert settings.values.theme == "dark"
    reset_all = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Reset all")
    reset_all.click()
    assert (settings.values.theme, settings.values.overlay_opacity) == ("system", 0.7)
    assert not reset_all.isEnabled()
    dialog.close()


def test_typing_searches_the_settings(reviewer: Annotator) -> None:
    dialog = settings_dialog(reviewer)
    QTest.keyClicks(dialog.search, "smplify")
    assert dialog.shown_names() == ["refit_with"]
    QTest.keyClicks(dialog.search, " nothing")
    assert dialog.shown_names() == []
    dialog.close()


def test_a_value_that_does_not_fit_is_said_beside_it(reviewer: Annotator) -> None:
    dialog = settings_dialog(reviewer)
    row = dialog.rows["zoom_mode"]
    row.editor.edited.emit("upside down")
    assert row.problem.isVisible()
    assert "does not fit" in row.problem.text()
    assert reviewer.page.context.settings.values.zoom_mode == "person"
    dialog.close()


def test_a_new_key_works_in_the_window_its_menus_and_its_sheet(reviewer: Annotator, tmp_path: Path) -> None:
    editor = shortcut_editor(reviewer, "decide.second_look")
    press_key(editor.panel.capture, "V")
    assert editor.panel.keys_on_show() == ["V", "F"]
    editor.panel.remove("F")
    editor.accept()
    window = reviewer.window
    assert "(V)" in window.actions_table["decide.second_look"].toolTip()
    sheet = ShortcutsSheet(window, window.actions_table.keymap)
    sheet.search.setText("second look")
    assert "V" in [label.text() for label in sheet.findChildren(QLabel) if label.property("key")]
    sheet.close()
    stored = json.loads((tmp_path / "settings.json").read_text(encoding="utf-8"))
    assert stored["shortcuts"] == {"decide.second_look": ["V"]}
    reviewer.take_place()
    reviewer.page.canvas.setFocus()
    first = reviewer.person_id
    reviewer.press("F")
    assert reviewer.stored_state(first) == "unfitted"
    reviewer.press("V")
    reviewer.until(lambda: reviewer.stored_state(first) == "second_look")


def test_a_text_field_keeps_the_new_letter(reviewer: Annotator) -> None:
    settings = reviewer.page.context.settings
    settings.update(shortcuts={"edit.undo": ("Z",), "decide.second_look": ("V",)})
    field = reviewer.page.people_column.filter_box
    field.setFocus()
    first = reviewer.person_id
    QTest.keyClicks(field, "zv")
    assert field.text() == "zv"
    assert reviewer.stored_state(first) == "unfitted"


def test_a_held_key_can_be_another_one(reviewer: Annotator) -> None:
    reviewer.page.context.settings.update(shortcuts={"layer.hide": ("V",)})
    heard: list[bool] = []
    reviewer.window.actions_table.hidden.connect(heard.append)
    canvas = reviewer.page.canvas
    canvas.setFocus()
    QTest.keyPress(canvas, Qt.Key.Key_V)
    assert heard == [True]
    QTest.keyRelease(canvas, Qt.Key.Key_V)
    assert heard == [True, False]


def test_a_taken_key_is_refused_by_name_until_it_is_taken_over(reviewer: Annotator) -> None:
    editor = shortcut_editor(reviewer, "swap.body")
    press_key(editor.panel.capture, "R")
    assert "R is the key of “Re-fit”" in editor.panel.message.text()
    assert editor.keymap.keys("fit.refit") == ("R",)
    assert editor.panel.take_over.isVisible()
    editor.panel.take_over.click()
    assert editor.keymap.keys("swap.body") == ("R", "M")
    assert editor.keymap.keys("fit.refit") == ()
    editor.choose("fit.refit")
    editor.panel.reset.click()
    assert "Swap left and right" in editor.panel.message.text()
    editor.choose("swap.body")
    editor.panel.reset.click()
    editor.choose("fit.refit")
    editor.panel.reset.click()
    assert editor.keymap.changed == {}
    editor.accept()


def test_a_capture_takes_tab_and_enter_and_lets_the_keyboard_pass(qtbot: QtBot) -> None:
    capture = KeyCapture()
    qtbot.addWidget(capture)
    capture.show()
    capture.setFocus()
    heard: list[str] = []
    capture.captured.connect(heard.append)
    for key in ("Shift+Tab", "Return", "Ctrl+Shift+K", "Space"):
        press_key(capture, key)
    assert heard == ["Shift+Tab", "Return", "Ctrl+Shift+K", "Space"]
    press_key(capture, "Esc")
    assert len(heard) == 4
    QTest.keyClick(capture, Qt.Key.Key_X)
    assert len(heard) == 4


def test_presets_and_files_change_every_key(reviewer: Annotator, tmp_path: Path) -> None:
    editor = shortcut_editor(reviewer, "person.next")
    editor.presets.setCurrentIndex(editor.presets.findData("cvat"))
    assert editor.panel.keys_on_show() == ["F", "PgDown"]
    editor.export_file(tmp_path / "keys.json")
    editor.presets.setCurrentIndex(editor.presets.findData("labelme"))
    assert editor.panel.keys_on_show() == ["D", "PgDown"]
    editor.import_file(tmp_path / "keys.json")
    assert editor.panel.keys_on_show() == ["F", "PgDown"]
    (tmp_path / "other.json").write_text("{}")
    editor.import_file(tmp_path / "other.json")
    assert "holds no shortcuts" in editor.panel.message.text()
    editor.accept()
    reviewer.take_place()
    reviewer.page.canvas.setFocus()
    first = reviewer.person_id
    reviewer.press("F")
    reviewer.until(lambda: reviewer.page.view is not None and reviewer.person_id != first)
    assert reviewer.stored_state(first) == "unfitted"


def test_typing_searches_the_shortcuts(reviewer: Annotator) -> None:
    editor = shortcut_editor(reviewer, "fit.refit")
    QTest.keyClicks(editor.search, "swap")
    shown = [action_id for action_id, item in editor._items.items() if not item.isHidden()]
    assert shown == ["swap.body", "swap.legs", "swap.arms", "swap.pair"]
    editor.accept()
