"""The window around the pages: welcome, opening and closing, messages, crashes, what is remembered."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.services.project import DATABASE_NAME, Project
from app.ui.crash_dialog import CrashDialog
from app.ui.shortcuts_sheet import ShortcutsSheet
from tests.helpers.builders import build_project
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def newcomer(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """At the welcome page."""
    with annotator_at(qtbot, tmp_path / "home", None) as annotator:
        yield annotator


def test_a_project_is_opened_and_remembered(newcomer: Annotator, tmp_path: Path) -> None:
    build_project(tmp_path).close()
    folder = tmp_path / "project"
    newcomer.window.open_folder(folder)
    newcomer.until(lambda: newcomer.window.page is not None)
    assert newcomer.window.windowTitle() == "project — Exemplar"
    newcomer.until(lambda: newcomer.page.clock.seconds > 0)
    newcomer.press("Ctrl+W")
    assert newcomer.window.page is None
    assert newcomer.window.windowTitle() == "Exemplar"
    recent = newcomer.window.welcome.findChildren(QAbstractButton)
    assert any(button.toolTip() == str(folder) for button in recent)


def test_folders_that_hold_no_project_get_a_sentence(newcomer: Annotator, tmp_path: Path) -> None:
    newcomer.window.open_folder(tmp_path)
    newcomer.until(lambda: "holds no project" in newcomer.window.messages.text)
    assert newcomer.window.page is None


def test_a_database_that_is_none_gets_a_sentence(newcomer: Annotator, tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"This is a shopping list, not a database. " * 50)
    newcomer.window.open_folder(tmp_path)
    newcomer.until(lambda: DATABASE_NAME in newcomer.window.messages.text)
    assert newcomer.window.page is None


def test_review_keys_do_nothing_without_a_project(newcomer: Annotator) -> None:
    newcomer.press("R", "X", "Return", "D", "Ctrl+Z", "Tab", "F6")
    assert QApplication.activeModalWidget() is None


def test_another_project_takes_the_place_of_the_first(newcomer: Annotator, tmp_path: Path) -> None:
    for name in ("one", "two"):
        newcomer.window.show_project(build_project(tmp_path / name, people=1))
        newcomer.until(lambda: newcomer.page.clock.seconds > 0)
    assert newcomer.project.folder == tmp_path / "two" / "project"


def test_opening_and_closing_many_times(newcomer: Annotator, tmp_path: Path) -> None:
    build_project(tmp_path, people=1).close()
    for _ in range(5):
        newcomer.window.show_project(Project.open(tmp_path / "project"))
        newcomer.until(lambda: newcomer.page.clock.seconds > 0)
        newcomer.window.close_project()
    QApplication.processEvents()
    assert len(newcomer.window.findChildren(QWidget, "fitColumn")) == 0


def test_a_bug_in_a_task_is_shown_with_the_log_and_the_window_goes_on(
    qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with annotator_at(qtbot, tmp_path, build_project(tmp_path)) as annotator:
        annotator.window.actions_table["view.top"].trigger()

        def work() -> None:
            raise ZeroDivisionError("planted")

        with caplog.at_level(logging.ERROR), qtbot.waitSignal(annotator.crashes.reported):
            annotator.page.context.writes.run(work)
        dialog = annotator.crashes.dialog
        assert isinstance(dialog, CrashDialog)
        assert "exemplar.log" in dialog.where.text()
        assert "planted" in dialog.details.toPlainText()
        assert "planted" in caplog.text
        dialog.save_bundle(tmp_path / "bug.zip")
        assert dialog.outcome.text() == f"Saved as {tmp_path / 'bug.zip'}."
        with zipfile.ZipFile(tmp_path / "bug.zip") as bundle:
            assert b"planted" in bundle.read("error.txt")
            assert b"view.top on" in bundle.read("actions.txt")
        dialog.save_bundle(tmp_path / "nowhere" / "bug.zip")
        assert "cannot be used" in dialog.outcome.text()
        dialog.accept()
        annotator.take_place()
        annotator.press("D")
        annotator.until(lambda: annotator.window.page is not None and annotator.page.view is not None)


def test_the_sheet_of_keys_can_be_searched(newcomer: Annotator) -> None:
    newcomer.press("Shift+F1")
    sheet = newcomer.window.findChild(ShortcutsSheet)
    assert isinstance(sheet, ShortcutsSheet)
    assert sheet.isVisible()
    newcomer.qtbot.keyClicks(sheet.search, "re-fit")
    assert "fit.refit" in sheet.shown_ids()
    newcomer.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_the_message_bar_stays_inside_and_leaves(newcomer: Annotator) -> None:
    messages = newcomer.window.messages
    messages.show_message("A sentence that is rather long and says what happened, " * 4, "error")
    assert messages.isVisible()
    assert messages.parentWidget().rect().contains(messages.geometry())
    newcomer.window.resize(700, 500)
    assert messages.parentWidget().rect().contains(messages.geometry())
    messages.show_message("Short.", "info")
    assert messages.text == "Short."
    messages.findChild(QAbstractButton).click()
    assert not messages.isVisible()


def test_f6_goes_round_the_parts_of_the_page(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path, build_project(tmp_path)) as annotator:
        assert annotator.page.canvas.hasFocus()
        seen = []
        for _ in range(5):
            annotator.press("F6")
            seen.append(QApplication.focusWidget())
        assert len(set(seen)) == 5
        assert seen[-1] is annotator.page.canvas


def test_a_project_opens_at_the_person_who_was_on_screen_last(newcomer: Annotator, tmp_path: Path) -> None:
    build_project(tmp_path, 3).close()
    newcomer.window.show_project(Project.open(tmp_path / "project"))
    newcomer.until(lambda: newcomer.page.clock.seconds > 0)
    first = newcomer.person_id
    newcomer.press("End")
    newcomer.until(lambda: newcomer.page.view is not None and newcomer.person_id != first)
    last = newcomer.person_id
    newcomer.press("Ctrl+W")
    newcomer.window.show_project(Project.open(tmp_path / "project"))
    newcomer.until_shows(last)


def test_projects_that_are_gone_are_marked_and_can_be_forgotten(newcomer: Annotator, tmp_path: Path) -> None:
    build_project(tmp_path, 1).close()
    newcomer.window.show_project(Project.open(tmp_path / "project"))
    gone = tmp_path / "gone"
    (tmp_path / "project").rename(gone)
    newcomer.window.close_project()
    welcome = newcomer.window.welcome
    folder = tmp_path / "project"
    newcomer.until(lambda: welcome.notes()[folder].startswith("the folder is gone"))
    forget = next(b for b in welcome.findChildren(QAbstractButton) if b.text() == "Forget")
    forget.click()
    assert welcome.notes() == {}


def test_a_hint_leaves_with_its_cause_and_an_error_stays_to_be_read(qtbot: QtBot, tmp_path: Path) -> None:
    with annotator_at(qtbot, tmp_path, build_project(tmp_path, 2)) as annotator:
        messages = annotator.window.messages
        annotator.press("Return")
        annotator.until(messages.isVisible)
        assert "no fit to accept" in messages.text
        annotator.press("D")
        annotator.until(lambda: not messages.isVisible())
        annotator.until(lambda: annotator.page.view is not None)
        messages.show_message("The disk is full.", "error")
        annotator.press("A")
        annotator.until(lambda: annotator.page.view is not None)
        assert messages.isVisible()
