"""A rater's way through the window: welcome, practice, breaks, thanks; and everything that can go wrong on it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.settings import SettingsFile
from app.ui.session.window import SessionWindow
from app.ui.shortcuts_sheet import ShortcutsSheet
from db.errors import DiskFullError
from db.rater_package.files import STIMULI
from db.rater_package.package import RaterPackage
from tests.helpers.session_packages import QUESTION, make_session_package
from tests.helpers.session_rater import HandClock, ScriptedRater, rate_package


class Sitting:
    """A window on a package, not begun."""

    def __init__(self, qtbot: QtBot, package: RaterPackage, settings: Path, rater: str | None) -> None:
        self.qtbot = qtbot
        self.package = package
        self.clock = HandClock()
        self.window = SessionWindow(package, SettingsFile(settings), rater, self.clock)
        self.crashed: list[object] = []
        self.window.crashed.connect(self.crashed.append)
        self.window.show()
        self.rater = ScriptedRater(qtbot, self.window, self.clock)

    @property
    def cover(self) -> str:
        """What lies over the pictures."""
        cover = self.window.trial_page.cover
        return f"{cover.heading.text()} {cover.words.text()}" if cover.isVisible() else ""

    @property
    def positions(self) -> list[int]:
        return [vote.position for vote in self.package.votes()]

    def rate(self, stop_after: int | None = None) -> list[int]:
        choices = ("left", "right")
        return rate_package(
            self.qtbot,
            self.window,
            lambda _seat, position: choices[position % 2],  # type: ignore[arg-type,return-value]
            name="anna",
            clock=self.clock,
            stop_after=stop_after,
        )

    def at_trial(self, position: int) -> bool:
        page = self.window.trial_page
        return page.loaded is not None and page.loaded.trial.position == position and page.clock.running


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Sitting]]:
    sittings: list[Sitting] = []

    def open_it(package: RaterPackage | Path, rater: str | None = None) -> Sitting:
        opened = RaterPackage.open(package) if isinstance(package, Path) else package
        sittings.append(Sitting(qtbot, opened, tmp_path / "settings.json", rater))
        return sittings[-1]

    yield open_it
    for sitting in sittings:
        sitting.window.close()
        sitting.window.close()  # an answer that could not be stored is told about first
        assert sitting.crashed == []
        sitting.window.deleteLater()


def test_a_rater_goes_from_the_welcome_to_the_thanks(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    sitting = open_window(make_session_package(tmp_path / "package", trials=9, practice=2, break_every=3))
    stages: list[str] = []
    show = sitting.window._show
    sitting.window._show = lambda stage, page: (stages.append(stage), show(stage, page))  # type: ignore[func-returns-value,method-assign,assignment]
    assert QUESTION in sitting.window.welcome.heading.text()
    assert sitting.rate() == list(range(9))
    assert stages == ["trial", "trial", "counts", *["trial"] * 3, "break", *["trial"] * 3, "break", "trial", "thanks"]
    assert sitting.positions == list(range(9))
    assert "All 7 answers are stored." in [label.text() for label in sitting.window.thanks.findChildren(QLabel)]
    assert sitting.window.thanks.place.text() == str(tmp_path / "package")
    sitting.window.thanks.write_button.click()
    sitting.rater.until(sitting.window.thanks.outcome.isVisible)
    assert len(json.loads((tmp_path / "package" / "votes.json").read_text())["votes"]) == 9


def test_practice_says_which_side_was_better(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    sitting = open_window(make_session_package(tmp_path / "package", trials=3, practice=2))
    page, rater = sitting.window.trial_page, sitting.rater
    rater.begin("anna")
    rater.answer("left")
    assert "Right: the left body is better." in page.feedback.text()
    assert [panel.shows for panel in page.pair.panels] == [True, True]
    assert (page.pair.left._marked, page.pair.right._marked) == (True, False)
    assert page.progress_text.text() == "Practice · 1 of 2"
    rater.press(Qt.Key.Key_Return)
    rater.answer("left")
    assert "Not this time: the right body is better." in page.feedback.text()
    rater.press(Qt.Key.Key_Return)
    assert "Now it counts" in sitting.window.words.words()
    assert "with a break" not in sitting.window.words.words()  # none comes
    rater.press(Qt.Key.Key_Return)
    rater.until_painted()
    assert page.progress_text.text() == "1 of 1"
    assert not any(panel._marked for panel in page.pair.panels)
    assert page.feedback.text() == ""


@pytest.mark.parametrize(("break_every", "told"), [(2, True), (4, False)])
def test_breaks_are_promised_only_where_they_come(
    open_window: Callable[..., Sitting], tmp_path: Path, break_every: int, told: bool
) -> None:
    sitting = open_window(make_session_package(tmp_path / "package", trials=5, practice=1, break_every=break_every))
    sitting.rater.begin("anna")
    sitting.rater.answer("left")
    sitting.rater.press(Qt.Key.Key_Return)
    assert "There are 4 comparisons" in sitting.window.words.words()
    assert (f"with a break every {break_every}." in sitting.window.words.words()) is told


def test_closing_in_the_middle_and_opening_again_goes_on_at_the_next(
    open_window: Callable[..., Sitting], tmp_path: Path
) -> None:
    folder = tmp_path / "package"
    first = open_window(make_session_package(folder, trials=6, practice=1))
    assert first.rate(stop_after=3) == [0, 1, 2]
    first.window.close()
    again = open_window(folder)
    assert again.window.welcome.name.text() == "anna"  # remembered for this package
    again.rater.begin()
    assert "Welcome back, anna" in again.window.words.words()
    assert "2 of 5 comparisons are done" in again.window.words.words()
    again.rater.press(Qt.Key.Key_Return)
    again.rater.until_painted()
    assert again.at_trial(3)
    again.rater.answer("left")
    assert again.positions == [0, 1, 2, 3]


def test_somebody_who_is_done_sees_the_thanks(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    folder = tmp_path / "package"
    first = open_window(make_session_package(folder, trials=2))
    first.rate()
    first.window.close()
    again = open_window(folder, "anna")
    again.rater.begin()
    again.rater.until(lambda: again.window.stage == "thanks")
    assert "All 2 answers are stored." in [label.text() for label in again.window.thanks.findChildren(QLabel)]


def test_a_name_is_suggested_and_another_one_too(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    sitting = open_window(make_session_package(tmp_path / "package"))
    name = sitting.window.welcome.name.text()
    assert name.count("-") == 2
    for _ in range(5):
        sitting.window.welcome.another.click()
    assert sitting.window.welcome.name.text() != name


def test_no_seat_is_a_sentence_on_the_welcome_page(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    package = make_session_package(tmp_path / "package")
    package.sit_down("berta")
    sitting = open_window(package)
    sitting.rater.begin("anna")
    assert "no free seat for 'anna'" in sitting.window.welcome.fault.text()
    sitting.rater.begin("berta")
    sitting.rater.until_painted()
    assert sitting.window.place is not None
    assert sitting.window.place.rater == "berta"


def test_a_failed_commit_keeps_the_answer_until_it_is_stored(
    open_window: Callable[..., Sitting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = make_session_package(tmp_path / "package", trials=3)
    sitting = open_window(package)
    sitting.rater.begin("anna")
    sitting.rater.until_ready()
    store = package.vote
    full = DiskFullError("The disk is full; free some space.")
    calls: list[Any] = []

    def refuse(*words: Any, **more: Any) -> None:
        calls.append((words, more))
        raise full

    monkeypatch.setattr(package, "vote", refuse)
    sitting.clock.pass_by(0.25)
    sitting.rater.press(Qt.Key.Key_Right)
    sitting.rater.until(lambda: "free some space" in sitting.cover)
    assert "Nothing is lost" in sitting.cover
    sitting.rater.press(Qt.Key.Key_Left)  # no second answer to the same trial
    sitting.rater.press(Qt.Key.Key_Return)
    sitting.rater.until(lambda: len(calls) == 2 and bool(sitting.cover))
    assert sitting.positions == []
    sitting.window.close()
    assert sitting.window.isVisible()
    assert "not stored yet" in sitting.cover
    monkeypatch.setattr(package, "vote", store)
    sitting.rater.press(Qt.Key.Key_Return)
    sitting.rater.until(lambda: sitting.at_trial(1))
    assert [(v.position, v.choice, v.response_s) for v in package.votes()] == [(0, "right", pytest.approx(1.251))]
    assert calls[0] == calls[1]


def test_closing_waits_for_the_answer_that_is_on_its_way(
    open_window: Callable[..., Sitting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "package"
    package = make_session_package(folder, trials=3)
    sitting = open_window(package)
    sitting.rater.begin("anna")
    sitting.rater.until_ready()
    store, let_go = package.vote, threading.Event()

    def slowly(*words: Any, **more: Any) -> None:
        assert let_go.wait(60)
        store(*words, **more)

    monkeypatch.setattr(package, "vote", slowly)
    sitting.rater.press(Qt.Key.Key_Left)
    sitting.window.close()
    assert sitting.window.isVisible()
    let_go.set()
    sitting.rater.until(lambda: not sitting.window.isVisible())
    with RaterPackage.open(folder) as again:
        assert [vote.choice for vote in again.votes()] == ["left"]


def test_an_answer_that_was_stored_though_the_word_was_lost_is_not_stored_twice(
    open_window: Callable[..., Sitting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = make_session_package(tmp_path / "package", trials=3)
    sitting = open_window(package)
    sitting.rater.begin("anna")
    sitting.rater.until_ready()
    store = package.vote

    def lose(*words: Any, **more: Any) -> None:
        store(*words, **more)
        raise DiskFullError("The server does not answer.")

    monkeypatch.setattr(package, "vote", lose)
    sitting.rater.press(Qt.Key.Key_Right)
    sitting.rater.until(lambda: bool(sitting.cover))
    sitting.rater.press(Qt.Key.Key_Return)
    sitting.rater.until(lambda: sitting.at_trial(1))
    assert sitting.positions == [0]


def test_the_next_trial_is_not_shown_before_the_answer_is_stored(
    open_window: Callable[..., Sitting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = make_session_package(tmp_path / "package", trials=4)
    sitting = open_window(package)
    stored_when_shown: list[int] = []
    sitting.window.trial_page.shown.connect(lambda: stored_when_shown.append(len(package.votes())))
    sitting.rate(stop_after=4)
    assert stored_when_shown == [0, 1, 2, 3]


def test_a_window_whose_seat_was_taken_over_ends_with_a_sentence(
    open_window: Callable[..., Sitting], tmp_path: Path
) -> None:
    folder = tmp_path / "package"
    sitting = open_window(make_session_package(folder, trials=3))
    sitting.rate(stop_after=1)
    sitting.rater.until(lambda: sitting.at_trial(1))
    with RaterPackage.open(folder) as other:
        other.sit_down("anna")
        sitting.rater.until_ready()
        sitting.rater.press(Qt.Key.Key_Left)
        sitting.rater.until(lambda: sitting.window.stage == "over")
        assert "another window" in sitting.window.words.words()
        assert not sitting.window.words.button.isVisible()
        assert [vote.position for vote in other.votes()] == [0]


def test_a_heartbeat_finds_that_the_seat_is_gone_and_that_the_study_is_closed(
    open_window: Callable[..., Sitting], tmp_path: Path
) -> None:
    folder = tmp_path / "package"
    sitting = open_window(make_session_package(folder, trials=3))
    sitting.rater.begin("anna")
    sitting.rater.until_painted()
    with RaterPackage.open(folder) as other:
        sitting.window.rating._beat()
        sitting.rater.until(lambda: not sitting.window.rating.busy)
        assert sitting.window.stage == "trial"
        other.sit_down("anna")
        sitting.window.rating._beat()
        sitting.rater.until(lambda: sitting.window.stage == "over")


def test_a_closed_study_takes_no_answer_and_says_so(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    folder = tmp_path / "package"
    sitting = open_window(make_session_package(folder, trials=3))
    sitting.rater.begin("anna")
    sitting.rater.until_ready()
    with RaterPackage.open(folder) as other:
        other.stop()
    sitting.rater.press(Qt.Key.Key_Left)
    sitting.rater.until(lambda: sitting.window.stage == "over")
    assert "closed" in sitting.window.words.words()
    assert sitting.positions == []


@pytest.mark.parametrize("damage", ["missing", "damaged"])
@pytest.mark.parametrize("position", [0, 1])
def test_a_picture_that_cannot_be_shown_makes_the_trial_wait(
    open_window: Callable[..., Sitting], tmp_path: Path, position: int, damage: str
) -> None:
    folder = tmp_path / "package"
    package = make_session_package(folder, trials=3)
    trial = package.peek(package.sit_down("anna"), position)
    assert trial is not None
    picture = folder / STIMULI / trial.right[-1]
    whole = picture.read_bytes()
    if damage == "missing":
        picture.unlink()
    else:
        picture.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
    sitting = open_window(package)
    sitting.rater.begin("anna")
    for _ in range(position):
        sitting.rater.answer("left")
    sitting.rater.until(lambda: "missing or damaged" in sitting.cover)
    assert trial.right[-1][:12] not in sitting.cover
    sitting.clock.pass_by(60)
    sitting.rater.press(Qt.Key.Key_Left)
    sitting.rater.press(Qt.Key.Key_Return)
    sitting.rater.until(lambda: not sitting.window.rating.busy and "missing or damaged" in sitting.cover)
    assert sitting.positions == list(range(position))
    picture.write_bytes(whole)
    sitting.rater.press(Qt.Key.Key_Return)
    sitting.rater.until(lambda: sitting.at_trial(position))
    sitting.rater.answer("right")
    assert sitting.positions == list(range(position + 1))


def test_help_pauses_and_says_that_answers_are_final(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    sitting = open_window(make_session_package(tmp_path / "package", trials=2))
    sitting.rater.begin("anna")
    sitting.rater.until_ready()
    sitting.rater.press(Qt.Key.Key_F1)
    sheet = sitting.window.findChild(ShortcutsSheet)
    assert isinstance(sheet, ShortcutsSheet)
    assert sitting.window.trial_page.paused
    assert {"vote.left", "vote.right", "session.pause"} <= set(sheet.shown_ids())
    assert "joint.next" not in sheet.shown_ids()
    assert any("An answer is final" in label.text() for label in sheet.findChildren(QLabel))
    sheet.close()
    sitting.rater.take_place()
    sitting.rater.press(Qt.Key.Key_Return)
    sitting.rater.until_ready()


def test_f11_is_the_whole_screen_and_back(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    sitting = open_window(make_session_package(tmp_path / "package"))
    sitting.rater.take_place()
    sitting.rater.press(Qt.Key.Key_F11)
    assert sitting.window.isFullScreen()
    sitting.rater.press(Qt.Key.Key_F11)
    assert not sitting.window.isFullScreen()


def _words_of(window: QWidget) -> str:
    """Everything that widgets say or are called."""
    said = [window.windowTitle()]
    for widget in [window, *window.findChildren(QObject)]:
        said.append(widget.objectName())
        if isinstance(widget, QWidget):
            said += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.whatsThis()]
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            said.append(widget.text())
    return "\n".join(said)


def test_nothing_but_positions_is_told_in_widgets_and_log(
    open_window: Callable[..., Sitting], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    package = make_session_package(tmp_path / "package", trials=5)
    names = {path.stem[:8] for path in (tmp_path / "package" / STIMULI).iterdir()}
    sitting = open_window(package)
    said = ""
    by_trial = set()

    def note() -> None:
        nonlocal said
        words = _words_of(sitting.window)
        said += words
        by_trial.add(words.replace(sitting.window.trial_page.progress_text.text(), ""))

    sitting.window.trial_page.shown.connect(note)
    with caplog.at_level(logging.DEBUG):
        sitting.rate(stop_after=4)
    assert len(by_trial) == 1  # whatever the trial, every widget is called and says the same
    said += caplog.text
    assert not [name for name in names if name in said]
    assert ".png" not in said
    left, right = sitting.window.trial_page.pair.panels
    assert left.accessibleName().replace("Left", "Right") == right.accessibleName()
    assert left.objectName().replace("left", "right") == right.objectName()
    buttons = sitting.window.trial_page.buttons
    assert buttons["left"].size() == buttons["right"].size() == buttons["neither"].size()


def test_both_answers_look_the_same_whatever_the_trial(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    sitting = open_window(make_session_package(tmp_path / "package", trials=3, min_exposure_s=0.05))
    page = sitting.window.trial_page
    page.buttons["left"].setText("x")
    page.buttons["right"].setText("x")
    sitting.rater.begin("anna")
    for _ in range(2):
        sitting.rater.until_ready()
        sitting.rater.until(page.buttons["left"].isEnabled)
        left, right = (page.buttons[side].grab().toImage() for side in ("left", "right"))  # type: ignore[index]
        assert left == right
        sitting.rater.answer("right")
    assert all(button.focusPolicy() == Qt.FocusPolicy.NoFocus for button in page.buttons.values())


def test_every_control_has_an_accessible_name(open_window: Callable[..., Sitting], tmp_path: Path) -> None:
    sitting = open_window(make_session_package(tmp_path / "package", trials=2, cannot_decide=True))
    nameless = [
        widget.objectName() or type(widget).__name__
        for widget in sitting.window.findChildren(QWidget)
        if isinstance(widget, QAbstractButton | QLineEdit)
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and (widget.text() or widget is sitting.window.words.button))
    ]
    # The cover and the page of words get the words of their buttons when they come up.
    assert [name for name in nameless if name != "QPushButton"] == []
