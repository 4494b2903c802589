"""The main job through the real ``main()``: open, repair, re-fit, accept, close; then export from the terminal."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.paths import HOME_VARIABLE
from app.services.batch import fit_people
from app.services.person_view import load_person_view
from app.services.project import Project
from app.ui.crash import CrashReporter
from app.ui.main_window import MainWindow
from fitting.runners import InlineRunner
from main import main
from tests.helpers.builders import build_project, people_of, person_keypoints
from tests.helpers.ui_stories import Annotator


@pytest.fixture(autouse=True)
def program_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings and log in a folder of their own; what ``main()`` hooks into the process is taken back."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def run_story(qtbot: QtBot, arguments: list[str], story: Callable[[Annotator], None]) -> int:
    """Run ``main()`` and, once its window is there, the story in its event loop; the exit code."""
    wrong: list[BaseException] = []

    def tell() -> None:
        window = next(
            widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow) and widget.isVisible()
        )
        try:
            annotator = Annotator(qtbot, window, CrashReporter(None))
            annotator.take_place()
            story(annotator)
        except BaseException as error:  # noqa: BLE001 - raised below, outside Qt's event loop
            wrong.append(error)
        finally:
            window.close()

    QTimer.singleShot(0, tell)
    code = main(arguments)
    if wrong:
        raise wrong[0]
    return code


def test_repair_a_person_accept_and_export(qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = person_keypoints(0)
    faulty[9, :2] += (150, -90)
    with build_project(tmp_path, [faulty, person_keypoints(1)]) as project:
        folder, (first, second) = project.folder, people_of(project)
        fit_people(project, [first, second], InlineRunner)
        l2d_before = load_person_view(project, first).fit.l2d  # type: ignore[union-attr]

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until_shows(first)
        scale = annotator.page.canvas.viewport_map().scale
        annotator.drag_joint("left_wrist", by=(round(-150 * scale), round(90 * scale)))
        annotator.until(lambda: annotator.state == "stale")
        annotator.press("R")
        annotator.until(lambda: annotator.state == "fitted")
        annotator.accept()
        annotator.until_shows(second)

    assert run_story(qtbot, [str(folder)], story) == 0

    with Project.open(folder) as project:
        view = load_person_view(project, first)
        assert view.state == "accepted"
        assert view.fit is not None
        assert view.fit.l2d < l2d_before
        assert np.allclose(view.revision.keypoints[9, :2], person_keypoints(0)[9, :2], atol=2)
    assert main(["export", "eft-json", str(tmp_path / "out.json"), "--project", str(folder)]) == 0
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["data"]) == 1
    assert "Wrote 1 fits" in capsys.readouterr().out


def test_a_folder_without_a_project_says_so_on_the_welcome_page(qtbot: QtBot, tmp_path: Path) -> None:
    said: list[str] = []

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.messages.text != "")
        said.append(annotator.window.messages.text)
        assert annotator.window.page is None

    assert run_story(qtbot, [str(tmp_path)], story) == 0
    assert "holds no project" in said[0]


def test_the_last_project_opens_without_being_named(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 2) as project:
        folder, (first, second) = project.folder, people_of(project)

    def visit(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until_shows(first)

    assert run_story(qtbot, [str(folder)], visit) == 0
    assert run_story(qtbot, [], visit) == 0
    assert second != first
