"""A scripted rater: drives the real window of a session by its keys, from the welcome to the thanks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qt_compat import qt_api
from pytestqt.qtbot import QtBot

from app.ui.session.window import SessionWindow
from db.records.studies import VoteChoice
from main import main

PATIENCE_MS = int(os.environ.get("EXEMPLAR_PATIENCE_MS", "200000"))
"""Only how long a rater who has gone wrong is waited for."""
KEYS: Final[dict[VoteChoice, Qt.Key]] = {
    "left": Qt.Key.Key_Left,
    "right": Qt.Key.Key_Right,
    "neither": Qt.Key.Key_Down,
}
_PAGES: Final = frozenset({"back", "feedback", "counts", "break"})


class HandClock:
    """Monotonic seconds that pass only when somebody says so; for :class:`SessionWindow`'s ``now``."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


class ScriptedRater:
    """Somebody at the window of a session.

    Args:
        qtbot: Of pytest-qt.
        window: Shown.
        clock: The window's, if it is a :class:`HandClock`; else the rater waits as long as the study asks for.
    """

    def __init__(self, qtbot: QtBot, window: SessionWindow, clock: HandClock | None = None) -> None:
        self.qtbot = qtbot
        self.window = window
        self.clock = clock

    def until(self, seen: Callable[[], bool]) -> None:
        """Wait for something to be seen."""
        self.qtbot.waitUntil(seen, timeout=PATIENCE_MS)

    def take_place(self) -> None:
        """Be the active window, which a window manager would see to."""
        self.window.activateWindow()
        self.until(lambda: QApplication.activeWindow() is self.window)

    def press(self, key: Qt.Key) -> None:
        """Press and release a key wherever the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key)

    def begin(self, name: str | None = None) -> None:
        """Sit down under a name, or under the one suggested."""
        self.take_place()
        if name is not None:
            self.window.welcome.name.selectAll()
            QTest.keyClicks(self.window.welcome.name, name)
        self.press(Qt.Key.Key_Return)
        self.until(lambda: self.window.stage != "welcome" or self.window.welcome.fault.isVisible())

    def until_painted(self) -> None:
        """Wait until both sides of a trial are on screen."""
        self.until(lambda: self.window.trial_page.clock.running)

    def until_ready(self) -> None:
        """Wait until an answer counts; a hand clock is moved on."""
        self.until_painted()
        clock = self.window.trial_page.clock
        if self.clock is not None:
            self.clock.pass_by(clock.remaining_s + 0.001)
        self.until(lambda: clock.ready)

    def answer(self, choice: VoteChoice) -> None:
        """Answer the trial on screen by its key, and wait until that is stored."""
        self.until_ready()
        self.press(KEYS[choice])
        self.until(lambda: not self.window.rating.unstored)

    def can_act(self) -> bool:
        """Whether the window waits for the rater."""
        stage = self.window.stage
        if stage == "trial":
            return self.window.trial_page.clock.running
        return stage in ("thanks", "over") or (stage in _PAGES and not self.window.rating.unstored)


def rate_package(
    qtbot: QtBot,
    window: SessionWindow,
    choose: Callable[[int, int], VoteChoice],
    *,
    name: str | None = None,
    clock: HandClock | None = None,
    stop_after: int | None = None,
) -> list[int]:
    """Work through a package in its window, by keys alone.

    Args:
        qtbot: Of pytest-qt.
        window: Shown, on its welcome page.
        choose: The answer to a trial, by seat and position.
        name: Pseudonym; None takes the suggested one.
        clock: The window's, if it is one of these; else the rater waits for as long as the study asks.
        stop_after: Leave after so many answers; None goes on to the thanks.

    Returns:
        Positions of the trials that were answered, in order.
    """
    rater = ScriptedRater(qtbot, window, clock)
    rater.begin(name)
    answered: list[int] = []
    while stop_after is None or len(answered) < stop_after:
        rater.until(rater.can_act)
        if window.stage in ("thanks", "over"):
            break
        if window.stage in _PAGES:
            before = window.stage
            rater.press(Qt.Key.Key_Return)
            rater.until(lambda before=before: window.stage != before)
            continue
        trial = window.trial
        assert trial is not None
        rater.answer(choose(trial.seat, trial.position))
        answered.append(trial.position)
    return answered


def run_session_story(qtbot: QtBot, words: Sequence[str], story: Callable[[ScriptedRater], None]) -> int:
    """Run ``main.py study rate`` and, once its window is there, the story in its event loop.

    Args:
        qtbot: Of pytest-qt.
        words: What follows ``study rate``.
        story: Told by a rater who waits for real time.

    Returns:
        The exit code.
    """
    wrong: list[BaseException] = []

    def tell() -> None:
        window = next(
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, SessionWindow) and widget.isVisible()
        )
        try:
            story(ScriptedRater(qtbot, window))
        except BaseException as error:  # noqa: BLE001 - raised below, outside Qt's event loop
            wrong.append(error)
        finally:
            window.close()

    QTimer.singleShot(0, tell)
    code = main(["study", "rate", *words])
    if wrong:
        raise wrong[0]
    return code


def _vote_and_wait(folder: str, votes: int) -> int:
    """Answer so many trials, say so, and look at the next one until somebody ends the process."""

    def story(rater: ScriptedRater) -> None:
        rater.begin("anna")
        for _ in range(votes):
            rater.answer("right")
        rater.until_painted()
        print("VOTED", flush=True)
        rater.qtbot.waitUntil(lambda: False, timeout=PATIENCE_MS)

    qt_api.set_qt_api("pyside6")  # which pytest would have done
    return run_session_story(QtBot(None), [folder], story)


if __name__ == "__main__":
    sys.exit(_vote_and_wait(sys.argv[1], int(sys.argv[2])))
