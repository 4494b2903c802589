"""The demo project, made in the background of the welcome page."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from app.services.batch import RunnerFactory
from app.services.demo import make_demo
from app.services.errors import ServiceError
from app.services.project import Project
from app.ui.tasks import Tasks


class DemoCancelledError(ServiceError):
    """People stopped the demo; what was made so far is used the next time."""


class DemoMaker(QObject):
    """Runs :func:`make_demo` on the window's task thread.

    Signals:
        progressed: ``(stage, done, total)``.
        made: :class:`Project`, open.
        failed: ``str``, why there is no demo.
    """

    progressed = Signal(str, int, int)
    made = Signal(object)
    failed = Signal(str)
    _stage = Signal(str, int, int)

    def __init__(self, tasks: Tasks, make_runner: RunnerFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._make_runner = make_runner
        self._stopping = threading.Event()
        self._stage.connect(self.progressed, Qt.ConnectionType.QueuedConnection)

    def make(self, folder: Path) -> None:
        """Begin; an unfinished demo in the folder is gone on with."""
        self._stopping.clear()
        self._tasks.run(
            lambda: make_demo(folder, self._make_runner, self._on_stage)[0],
            self._on_made,
            lambda error: self.failed.emit(str(error)),
        )

    def cancel(self) -> None:
        """Stop at the next picture or fit."""
        self._stopping.set()

    def _on_stage(self, stage: str, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise DemoCancelledError("The demo was cancelled; making it again goes on where this one stopped.")
        self._stage.emit(stage, done, total)

    def _on_made(self, project: Project) -> None:
        self.made.emit(project)
