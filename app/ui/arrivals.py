"""What is dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.services.arriving import Arrival, look_at
from app.ui.exchange.exchanges import Exchanges
from app.ui.tasks import Tasks


class Arrivals(QObject):
    """Opens, imports, restores, or says in a sentence what is needed instead.

    Args:
        tasks: Where things are looked at.
        exchanges: The dialogs.
        window: Of the program.

    Signals:
        project_wanted: ``Path``, a project folder to open.
        said: ``(str, Severity)``, for the message bar.
    """

    project_wanted = Signal(object)
    said = Signal(str, str)

    def __init__(self, tasks: Tasks, exchanges: Exchanges, window: QWidget) -> None:
        super().__init__(window)
        self._tasks = tasks
        self._exchanges = exchanges

    def take(self, path: Path, open_project: Path | None) -> None:
        """Do what a dropped file or folder is good for."""
        self.said.emit(self.tr("Looking at {0}…").format(path.name), "info")
        self._tasks.run(
            lambda: look_at(path),
            lambda arrival: self._on_looked(arrival, open_project),
            lambda error: self.said.emit(str(error), "warning"),
        )

    def _on_looked(self, arrival: Arrival, open_project: Path | None) -> None:
        if arrival.kind == "other":
            self.said.emit(arrival.sentence, "warning")
            return
        self.said.emit("", "info")
        if arrival.kind == "project":
            self.project_wanted.emit(arrival.path)
        elif arrival.kind == "bundle":
            if (restore := self._exchanges.ask_restore()) is not None:
                restore.fill(arrival.path)
        elif (dialog := self._exchanges.ask_import(open_project)) is not None:
            dialog.fill(arrival.path, arrival.images, arrival.guess)


def find_dropped(mime: QMimeData) -> Path | None:
    """The one local file or folder that is dragged; None for anything else."""
    urls = mime.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
