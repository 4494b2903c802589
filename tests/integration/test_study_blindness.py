"""Blindness, tried by a program: it has all that raters have, is told answers as no rater is, and still cannot guess.

Two real fits of each person, equally far from the truth, are given to the methods by a coin; whatever goes with a
method in a real project goes with it here (ids, cameras, boxes, options, losses). So whoever guesses the methods better
than a coin has found a leak. Leaks planted on purpose are found by the same program.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.services.project import Project
from app.services.study.opening import open_study
from app.services.study.records import get_study, plan_of
from app.settings import SettingsFile
from app.study.design import CatchRule, ColourRule, PeopleRule, StimulusRule
from app.study.plan import StudyPlan
from app.ui.session.window import SessionWindow
from db.rater_package.package import RaterPackage
from fitting.runners import InlineRunner
from tests.helpers.blind_guesser import (
    SeenTrial,
    Table,
    count_words,
    describe_pixels,
    find_leaks,
    read_trials,
    see_files,
    see_pixels,
    see_rows,
    try_to_guess,
)
from tests.helpers.session_rater import HandClock, ScriptedRater
from tests.helpers.study_projects import add_study, build_design, build_duel

pytestmark = pytest.mark.timeout(1800)  # the long run draws 700 people before its first test
SEAT = 40
"""Trials of a seat at most."""
SIZES = (96, pytest.param(672, marks=pytest.mark.slow))
"""People; 672 give more than 500 guesses."""


@dataclass(frozen=True)
class Opened:
    """A study open to raters, and what nobody but the researcher knows."""

    package: Path
    plan: StudyPlan
    trials: list[SeenTrial]

    @classmethod
    def look(cls, package: Path, plan: StudyPlan) -> Opened:
        kinds = ("practice", "catch")
        main = [
            trial for trial in read_trials(package) if plan.seats[trial.seat][trial.position].kind not in kinds
        ]  # a catch has no methods to guess
        return cls(package, plan, main)

    @property
    def answers(self) -> NDArray[np.int64]:
        left = [self.plan.seats[trial.seat][trial.position].left for trial in self.trials]
        return np.array([1 if name == "eft" else -1 for name in left])

    def evidence(self) -> dict[str, Table]:
        return {
            "rows": see_rows(self.trials),
            "files": see_files(self.package, self.trials),
            "pixels": see_pixels(self.package, self.trials),
        }


@pytest.fixture(scope="module", params=SIZES)
def people(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def project(people: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made, _ = build_duel(tmp_path_factory.mktemp("duel"), people + 6, seed=people)
    with made:
        yield made


def open_duel(project: Project, people: int, name: str, colours: ColourRule = "equal") -> Opened:
    design = build_design(
        people,
        name=name,
        raters=-(-people // SEAT),
        people=PeopleRule(count=people, seed=7),
        stimuli=StimulusRule(views=("overlay", "side"), size_px=128, colours=colours),
        catches=CatchRule(count=5, pass_at_least=5),
    )
    add_study(project, design, f"{name:x<32}")
    report = open_study(project, name, InlineRunner)
    return Opened.look(report.package, plan_of(get_study(project, name)))


@pytest.fixture(scope="module")
def opened(project: Project, people: int) -> Opened:
    return open_duel(project, people, "equal")


def test_nobody_can_guess_the_method_from_what_a_package_holds(opened: Opened, people: int) -> None:
    tried = try_to_guess(opened.evidence(), opened.answers)
    assert tried[0].count >= 0.74 * people
    assert not find_leaks(tried), tried[:3]


def test_nobody_can_guess_the_method_from_the_window_and_its_log(
    opened: Opened, people: int, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the quick run at one seat, in the long one at all of them."""
    seats = range(len(opened.plan.seats) if people > 500 else 1)
    seen = watch_session(opened, len(seats), qtbot, tmp_path, caplog)
    at = {(trial.seat, trial.position): number for number, trial in enumerate(opened.trials)}
    answers = opened.answers[[at[place] for place in seen["places"]]]
    tried = try_to_guess({kind: np.array(seen[kind]) for kind in ("screen", "widgets", "log")}, answers)
    assert tried[0].count >= 0.74 * (people if people > 500 else people // len(opened.plan.seats))
    assert not find_leaks(tried), tried[:3]
    # The same program sees a method that two words in the window tell.
    told = [count_words(["a", *("bd" if answer > 0 else "ce")]) for answer in answers]
    assert find_leaks(try_to_guess({"widgets": seen["widgets"] + np.array(told)}, answers))


def test_the_published_colours_give_the_method_away(project: Project, people: int) -> None:
    if people > 500:
        pytest.skip("some people show it")
    opened = open_duel(project, people // 2, "released", "released")
    leaks = find_leaks(try_to_guess(opened.evidence(), opened.answers))
    assert leaks[0].evidence == "pixels"
    assert leaks[0].right > 0.95 * leaks[0].count


def plant_time(package: Path, of_method: dict[str, str]) -> None:
    for name, method in of_method.items():
        os.utime(package / "stimuli" / name, (0, 0 if method == "eft" else 60))


def plant_order(package: Path, of_method: dict[str, str]) -> None:
    """Write the files of one method after those of the other: only the disk's own numbers tell."""
    for name in sorted(of_method, key=lambda name: of_method[name]):
        path = package / "stimuli" / name
        content, times = path.read_bytes(), path.stat()
        path.unlink()
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def plant_text(package: Path, of_method: dict[str, str]) -> None:
    text = b"tEXt" + b"Software\0SPIN"
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    for name, method in of_method.items():
        path = package / "stimuli" / name
        if method == "eft":
            path.write_bytes(path.read_bytes()[:-12] + chunk + path.read_bytes()[-12:])


def plant_rows(package: Path, of_method: dict[str, str]) -> None:
    """Trials are stored by the method on their left."""
    database = sqlite3.connect(package / "session.db")
    table = database.execute("SELECT * FROM rater_trials").fetchall()
    columns = [row[1] for row in database.execute("PRAGMA table_info(rater_trials)")]
    left, key = columns.index("left_pictures"), 0
    keys = sorted(row[key] for row in table)
    table.sort(key=lambda row: of_method.get(json.loads(row[left])[0], ""))
    database.execute("DELETE FROM rater_trials")
    marks = ", ".join("?" * len(columns))
    numbered = [(number, *row[1:]) for number, row in zip(keys, table, strict=True)]
    database.executemany(f"INSERT INTO rater_trials VALUES ({marks})", numbered)
    database.commit()
    database.close()


def plant_name(package: Path, of_method: dict[str, str]) -> None:
    """Names that begin with the method's number."""
    new = {name: f"{'0' if method == 'eft' else '8'}{name[1:]}" for name, method in of_method.items()}
    for name, other in new.items():
        (package / "stimuli" / name).rename(package / "stimuli" / other)
    database = sqlite3.connect(package / "session.db")
    for column in ("left_pictures", "right_pictures"):
        for place, names in database.execute(f"SELECT rowid, {column} FROM rater_trials").fetchall():
            renamed = json.dumps([new.get(name, name) for name in json.loads(names)])
            database.execute(f"UPDATE rater_trials SET {column} = ? WHERE rowid = ?", (renamed, place))
    database.commit()
    database.close()


@pytest.mark.parametrize(
    ("plant", "where"),
    [
        (plant_time, "files"),
        (plant_order, "files"),
        (plant_text, "files"),
        (plant_name, "files"),
        (plant_rows, "rows"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_planted_leak_is_found(
    opened: Opened, people: int, plant: Callable[[Path, dict[str, str]], None], where: str, tmp_path: Path
) -> None:
    if people > 500:
        pytest.skip("some people show it")
    package = tmp_path / "package"
    shutil.copytree(opened.package, package)
    of_method: dict[str, str] = {}
    for trial in opened.trials:
        planned = opened.plan.seats[trial.seat][trial.position]
        for names, method in ((trial.left, planned.left), (trial.right, planned.right)):
            of_method |= dict.fromkeys(names, method)
    plant(package, of_method)
    leaky = Opened.look(package, opened.plan)
    evidence = {"rows": see_rows(leaky.trials), "files": see_files(package, leaky.trials)}
    leaks = find_leaks(try_to_guess(evidence, leaky.answers))
    assert leaks
    assert leaks[0].evidence == where


def watch_session(
    opened: Opened, seats: int, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> dict[str, list[Any]]:
    """Sit at so many seats, and note of every main trial what is on screen, in the widgets and in the log."""
    seen: dict[str, list[Any]] = {"places": [], "screen": [], "widgets": [], "log": []}
    main = {(trial.seat, trial.position) for trial in opened.trials}
    copy = tmp_path / "package"
    shutil.copytree(opened.package, copy)
    caplog.set_level(logging.DEBUG)
    for number in range(seats):
        clock = HandClock()
        window = SessionWindow(
            RaterPackage.open(copy), SettingsFile(tmp_path / "settings.json"), f"rater {number}", clock
        )
        window.resize(900, 600)
        window.show()
        try:
            _watch(window, ScriptedRater(qtbot, window, clock), main, seen, caplog)
        finally:
            window.close()
            window.deleteLater()
    return seen


def _watch(
    window: SessionWindow,
    rater: ScriptedRater,
    main: set[tuple[int, int]],
    seen: dict[str, list[Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    rater.begin()
    while True:
        rater.until(rater.can_act)
        if window.stage == "thanks":
            return
        if window.stage != "trial":
            before = window.stage
            rater.press(Qt.Key.Key_Return)
            rater.until(lambda before=before: window.stage != before)
            continue
        trial = window.trial
        assert trial is not None
        is_main = (trial.seat, trial.position) in main
        if is_main:
            seen["places"].append((trial.seat, trial.position))
            seen["screen"].append(_see_screen(window))
            seen["widgets"].append(count_words(_list_widgets(window)))
        caplog.clear()
        rater.answer("left")
        if is_main:
            seen["log"].append(count_words(record.getMessage() for record in caplog.records))


def _see_screen(window: SessionWindow) -> Table:
    grabbed = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    small = grabbed.scaled(
        QSize(300, 200), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    buffer = np.frombuffer(small.constBits(), np.uint8).reshape(small.height(), small.bytesPerLine())
    picture = np.ascontiguousarray(buffer[:, : 3 * small.width()].reshape(small.height(), small.width(), 3))
    left, right = (describe_pixels(np.ascontiguousarray(half)) for half in (picture[:, :150], picture[:, 150:]))
    return np.concatenate((left - right, np.sign(left - right), left, right))


def _list_widgets(window: SessionWindow) -> list[str]:
    """Everything a program can read of a window without looking at its pixels."""
    texts = [window.windowTitle()]
    for widget in window.findChildren(QWidget):
        words = (
            widget.objectName(), widget.toolTip(), widget.statusTip(), widget.whatsThis(), widget.windowTitle(),
            widget.accessibleName(), widget.accessibleDescription(), str(widget.property("text")),
            *(f"{name}={widget.property(name)}" for name in _own_properties(widget)),
        )  # fmt: skip
        texts += [f"{type(widget).__name__}: {word}" for word in words if word]
    return texts


def _own_properties(widget: QWidget) -> list[str]:
    names = (bytes(name.data()).decode() for name in widget.dynamicPropertyNames())
    return [name for name in names if not name.startswith("_")]  # those are Qt's, some of no type Python has
