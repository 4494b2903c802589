"""The main job through the real ``main()``: open, repair, re-fit, accept, close; then export from the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.services.batch import fit_people
from app.services.person_view import load_person_view
from app.services.project import Project
from fitting.runners import InlineRunner
from main import main
from tests.helpers.builders import build_project, people_of, person_keypoints
from tests.helpers.stories import run_story
from tests.helpers.ui_stories import Annotator

pytestmark = pytest.mark.usefixtures("program_state")


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


def test_refit_by_smplify_look_at_the_earlier_fit_use_it_and_undo(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        folder, (person_id,) = project.folder, people_of(project)
        fit_people(project, [person_id], InlineRunner)

    def story(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until_shows(person_id)
        annotator.window.actions_table["fit_with.smplify"].trigger()
        annotator.press("R")
        annotator.until(lambda: len(annotator.page.column.plot.values()) > 0)  # it can be watched
        annotator.until(lambda: len(annotator.fits_of(person_id)) == 2 and not annotator.page.fitting)
        history = annotator.page.history
        annotator.until(lambda: history.shown is not None and history.shown.fit.method == "smplify")
        annotator.press("B")
        annotator.until(lambda: annotator.page.display.is_drawn)
        assert history.shown is not None
        earlier = history.shown.fit
        assert earlier.method == "eft"
        assert not annotator.window.toolbar.accept.isEnabled()
        annotator.press("U")
        annotator.until(lambda: len(annotator.fits_of(person_id)) == 3)
        annotator.until(lambda: history.shown is not None and history.shown.is_current)
        assert annotator.fits_of(person_id)[-1].options["restored_from"] == earlier.id
        annotator.until(annotator.window.toolbar.accept.isEnabled)
        annotator.press("Ctrl+Z")
        annotator.until(lambda: history.shown is not None and history.shown.fit.method == "smplify")
        annotator.press("Ctrl+Y")
        annotator.until(lambda: history.shown is not None and history.shown.fit.method == "eft")
        annotator.accept()
        annotator.until(lambda: annotator.stored_state(person_id) == "accepted")

    assert run_story(qtbot, [str(folder)], story) == 0
    with Project.open(folder) as project:
        view = load_person_view(project, person_id)
    assert [fit.method for fit in view.fits] == ["eft", "smplify", "eft"]
    assert view.fit is not None
    assert np.array_equal(view.fits[0].rotations, view.fits[2].rotations)


@pytest.mark.parametrize("platform", ["offscreen", None])
def test_a_place_that_holds_no_project_ends_with_a_sentence(
    platform: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if platform is not None:
        monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    for place in (tmp_path, tmp_path / "nowhere"):
        assert main([str(place)]) == 2
        said = capsys.readouterr()
        assert said.err == f"error: {place} holds no project; make one with 'python main.py new {place}'.\n"
        assert said.out == ""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_without_a_display_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build_project(tmp_path, 1).close()
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([str(tmp_path / "project")]) == 2
    assert "There is no display" in capsys.readouterr().err


def test_the_last_project_opens_without_being_named(qtbot: QtBot, tmp_path: Path) -> None:
    with build_project(tmp_path, 2) as project:
        folder, (first, second) = project.folder, people_of(project)

    def visit(annotator: Annotator) -> None:
        annotator.until(lambda: annotator.window.page is not None)
        annotator.until_shows(first)

    assert run_story(qtbot, [str(folder)], visit) == 0
    assert run_story(qtbot, [], visit) == 0
    assert second != first
