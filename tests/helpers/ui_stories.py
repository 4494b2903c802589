"""Stories at the real window, told in the annotator's words: press, drag, wait until something is seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services.batch import RunnerFactory
from app.services.project import Project
from app.settings import SettingsFile
from app.ui.crash import CrashReporter
from app.ui.main_window import MainWindow
from app.ui.pages.annotate import AnnotatePage
from app.ui.reject_dialog import RejectDialog
from app.ui.run import build_application
from app.ui.theme import ThemeKeeper
from app.ui.widgets.canvas_notices import CanvasMessage
from db.records import DecisionRecord, FitRecord, PersonId, PersonState
from tests.helpers.runners import WarmRunner

PATIENCE_MS = int(os.environ.get("EXEMPLAR_PATIENCE_MS", "200000"))
"""Only how long a story that has gone wrong is waited for."""


class Annotator:
    """Somebody at the window."""

    def __init__(self, qtbot: QtBot, window: MainWindow, crashes: CrashReporter) -> None:
        self.qtbot = qtbot
        self.window = window
        self.crashes = crashes

    @property
    def page(self) -> AnnotatePage:
        """The review page."""
        assert self.window.page is not None
        return self.window.page

    @property
    def project(self) -> Project:
        """The open project."""
        return self.page.context.project

    @property
    def person_id(self) -> PersonId:
        """Who is on screen."""
        assert self.page.view is not None
        return self.page.view.person.id

    @property
    def state(self) -> PersonState:
        """State of the person on screen, as shown."""
        assert self.page.view is not None
        return self.page.view.state

    def stored_state(self, person_id: PersonId) -> PersonState:
        """State of a person in the database."""
        with self.project.store.read() as reader:
            return reader.queue.get_head(person_id).state

    def decision(self, person_id: PersonId) -> DecisionRecord | None:
        """Current decision on a person in the database."""
        with self.project.store.read() as reader:
            return reader.decisions.current(person_id)

    def fits_of(self, person_id: PersonId) -> list[FitRecord]:
        """Fits of a person in the database."""
        with self.project.store.read() as reader:
            return list(reader.fits.history(person_id))

    def picture_message(self) -> str:
        """What the canvas says in place of a picture."""
        message = self.page.canvas.findChild(CanvasMessage)
        assert isinstance(message, CanvasMessage)
        return message.text() if message.isVisible() else ""

    def until(self, seen: Callable[[], bool]) -> None:
        """Wait for something to be seen."""
        self.qtbot.waitUntil(seen, timeout=PATIENCE_MS)

    def until_shows(self, person_id: PersonId) -> None:
        """Wait for a person on screen, painted."""
        self.until(lambda: self.page.view is not None and self.page.view.person.id == person_id)
        self.until(lambda: self.page.clock.seconds > 0)

    def until_settled(self) -> None:
        """Wait until every edit made so far is stored and shown."""
        context = self.page.context
        self.until(lambda: not context.writes.busy and not context.reads.busy)

    def press(self, *keys: str) -> None:
        """Press keys, by Qt's portable names, wherever the focus is."""
        for key in keys:
            combination = QKeySequence(key)[0]  # type: ignore[index]  # missing in PySide's stubs
            target = QApplication.focusWidget() or self.window
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def accept(self, key: str = "Return") -> None:
        """Accept, once the body can be seen from the side."""
        self.until(lambda: self.page.find_obstacle() is None)
        self.press(key)

    def type(self, text: str) -> None:
        """Type text wherever the focus is."""
        QTest.keyClicks(QApplication.focusWidget(), text)

    def joint(self, name: str) -> int:
        """Index of a joint."""
        assert self.page.view is not None
        return self.page.view.skeleton.index(name)

    def place_of(self, name: str) -> tuple[float, float]:
        """Where a joint is in the database, image pixels."""
        with self.project.store.read() as reader:
            revision = reader.keypoints.current(self.person_id)
        assert revision is not None
        x, y = revision.keypoints[self.joint(name), :2]
        return float(x), float(y)

    def drag_joint(self, name: str, by: tuple[int, int]) -> None:
        """Drag a joint by screen pixels."""
        canvas = self.page.canvas
        u, v = canvas.viewport_map().to_screen(*self.place_of(name))
        start = QPoint(round(u), round(v))
        button = Qt.MouseButton.LeftButton
        QTest.mousePress(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, start)
        for step in (0.5, 1.0):
            QTest.mouseMove(canvas.viewport(), start + QPoint(round(by[0] * step), round(by[1] * step)))
        QTest.mouseRelease(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, start + QPoint(*by))

    def reject_dialog(self) -> RejectDialog:
        """The question for reasons, once it is there."""
        self.until(lambda: isinstance(QApplication.activeModalWidget(), RejectDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, RejectDialog)
        return dialog

    def answer(self, dialog: RejectDialog, key: Qt.Key) -> None:
        """Press a key in the question for reasons, and go on at the window."""
        QTest.keyClick(dialog, key)
        self.take_place()

    def take_place(self) -> None:
        """Be the active window again, which a window manager would see to."""
        self.window.activateWindow()
        self.until(lambda: QApplication.activeWindow() is self.window)


@contextmanager
def annotator_at(
    qtbot: QtBot,
    folder: Path,
    project: Project | None,
    make_runner: RunnerFactory = WarmRunner,
    *,
    live_refit: bool | None = None,
) -> Iterator[Annotator]:
    """The real window, shown and active, with settings of its own; closed at the end.

    Args:
        qtbot: Of pytest-qt.
        folder: For the settings.
        project: Shown at once; the window closes it.
        make_runner: Where fits and pictures of bodies are made.
        live_refit: Whether the body follows a drag and a fit is made at its end; None leaves it as it is.
    """
    app = build_application()
    themes = ThemeKeeper(app)
    crashes = CrashReporter(folder / "exemplar.log")
    settings = SettingsFile(folder / "settings.json")
    if live_refit is not None:
        settings.update(live_refit=live_refit)
    themes.choose(settings.values.theme)
    window = MainWindow(settings, themes, crashes, make_runner)
    qtbot.addWidget(window)
    window.resize(1200, 800)
    with qtbot.waitExposed(window):
        window.show()
    annotator = Annotator(qtbot, window, crashes)
    annotator.take_place()
    if project is not None:
        window.show_project(project)
        annotator.until(lambda: annotator.page.clock.seconds > 0)
    try:
        yield annotator
    finally:
        if crashes.dialog is not None:
            crashes.dialog.close()
        window.close()
        themes.deleteLater()
        crashes.deleteLater()
