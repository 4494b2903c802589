"""What comes into the window from outside: things dropped on it, files to import."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.services.arriving import Arrival, look_at
from app.ui.import_dialog import ImportDialog, describe_import
from app.ui.import_maker import ImportMaker
from app.ui.tasks import Tasks
from db.formats.base import ImportReport


class Arrivals(QObject):
    """Opens, imports, or says in a sentence what is needed instead.

    Args:
        tasks: Where things are looked at.
        window: Parent of the dialog.

    Signals:
        project_wanted: ``Path``, a project folder to open.
        imported: ``(Path, str)``, a project folder to open again and what has come into it.
        said: ``(str, Severity)``, for the message bar.
        crashed: ``Exception``, a bug.
    """

    project_wanted = Signal(object)
    imported = Signal(object, str)
    said = Signal(str, str)
    crashed = Signal(object)

    def __init__(self, tasks: Tasks, window: QWidget) -> None:
        super().__init__(window)
        self._tasks = tasks
        self._window = window
        self._maker = ImportMaker(self)
        self._maker.crashed.connect(self.crashed)
        self._dialog: ImportDialog | None = None

    @property
    def dialog(self) -> ImportDialog | None:
        """The import dialog on screen."""
        return self._dialog

    def take(self, path: Path, open_project: Path | None) -> None:
        """Do what a dropped file or folder is good for."""
        self.said.emit(self.tr("Looking at {0}…").format(path.name), "info")
        self._tasks.run(
            lambda: look_at(path),
            lambda arrival: self._on_looked(arrival, open_project),
            lambda error: self.said.emit(str(error), "warning"),
        )

    def ask(self, open_project: Path | None) -> ImportDialog:
        """Show the import dialog."""
        if self._dialog is None:
            dialog = ImportDialog(self._maker, self._tasks, open_project, self._window)
            dialog.imported.connect(self._on_imported)
            dialog.finished.connect(self._on_closed)
            self._dialog = dialog
            dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()
        return self._dialog

    def close(self) -> None:
        """Stop an import and end its thread."""
        self._maker.close()
        if self._dialog is not None:
            self._dialog.close()

    def _on_looked(self, arrival: Arrival, open_project: Path | None) -> None:
        if arrival.kind == "project":
            self.project_wanted.emit(arrival.path)
        elif arrival.kind == "annotations":
            self.said.emit("", "info")
            self.ask(open_project).fill(arrival.path, arrival.images)
        else:
            self.said.emit(arrival.sentence, "warning")

    def _on_imported(self, folder: Path, report: ImportReport) -> None:
        self.imported.emit(folder, describe_import(report))

    def _on_closed(self) -> None:
        self._dialog = None


def find_dropped(mime: QMimeData) -> Path | None:
    """The one local file or folder that is dragged; None for anything else."""
    urls = mime.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
