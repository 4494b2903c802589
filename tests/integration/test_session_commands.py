"""``study rate``: through the real ``main()``, and in a process that is killed."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli.program import run_program
from app.cli.windows import Windows
from app.paths import HOME_VARIABLE, log_file
from db.rater_package.package import RaterPackage
from main import main
from tests.helpers.session_packages import make_session_package
from tests.helpers.session_rater import ScriptedRater, run_session_story
from tests.helpers.stories import program_state, read_until

__all__ = ["program_state"]

_ROOT = Path(__file__).parents[2]


def test_the_command_opens_the_window_it_is_given(tmp_path: Path) -> None:
    asked: list[object] = []
    windows = Windows(
        project=lambda _folder: 1,
        session=lambda package, rater, full_screen: asked.append((package, rater, full_screen)) or 0,
    )
    assert run_program(["study", "rate", "some/package"], windows) == 0
    assert run_program(["study", "rate", "p", "--rater", "anna", "--full-screen"], windows) == 0
    assert asked == [(Path("some/package"), None, False), (Path("p"), "anna", True)]


def test_a_folder_that_is_no_package_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], program_state: None
) -> None:
    assert main(["study", "rate", str(tmp_path / "nothing")]) == 2
    assert "There is no rater package at" in capsys.readouterr().err


def test_a_session_on_the_full_screen_from_the_command_to_the_thanks(
    qtbot: QtBot, tmp_path: Path, program_state: None
) -> None:
    folder = tmp_path / "package"
    make_session_package(folder, trials=3, min_exposure_s=0.02).close()
    seen: list[bool] = []

    def story(rater: ScriptedRater) -> None:
        seen.append(rater.window.isFullScreen())
        rater.begin()
        for choice in ("left", "right", "left"):
            rater.answer(choice)  # type: ignore[arg-type]
        rater.until(lambda: rater.window.stage == "thanks")

    assert run_session_story(qtbot, [str(folder), "--rater", "berta", "--full-screen"], story) == 0
    assert seen == [True]
    with RaterPackage.open(folder) as package:
        votes = package.votes()
        assert [(vote.rater, vote.choice) for vote in votes] == [
            ("berta", "left"),
            ("berta", "right"),
            ("berta", "left"),
        ]
        assert all(vote.response_s >= 0.02 for vote in votes)
        assert [seat.present for seat in package.status()] == [False]
        names = {path.stem[:12] for path in (folder / "stimuli").iterdir()}
    logging.getLogger().handlers[-1].flush()
    written = log_file().read_text(encoding="utf-8")
    assert "seat 1: 0 of 3 trials are answered" in written
    assert not [name for name in names if name in written]


def test_a_killed_session_goes_on_at_the_next_trial(qtbot: QtBot, tmp_path: Path, program_state: None) -> None:
    folder = tmp_path / "package"
    make_session_package(folder, trials=4, min_exposure_s=0.02).close()
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), HOME_VARIABLE: str(tmp_path / "other")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.session_rater", str(folder), "2"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=_ROOT, env=environment,
    )  # fmt: skip
    read_until(process, "VOTED")
    process.kill()
    process.communicate()
    seen: list[int] = []

    def story(rater: ScriptedRater) -> None:
        rater.begin("anna")
        assert rater.window.stage == "back"
        QApplication.processEvents()
        rater.window.words.button.click()
        rater.until_painted()
        assert rater.window.trial is not None
        seen.append(rater.window.trial.position)
        rater.answer("left")

    assert run_session_story(qtbot, [str(folder)], story) == 0
    assert seen == [2]
    with RaterPackage.open(folder) as package:
        assert [(vote.position, vote.choice) for vote in package.votes()] == [(0, "right"), (1, "right"), (2, "left")]
