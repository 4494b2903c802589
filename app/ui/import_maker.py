"""Annotations into a new or an open project, in the background of the window."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from app.services.errors import ServiceError
from app.services.importing import import_dataset
from app.services.project import DATABASE_NAME, Project, holds_project
from app.ui.tasks import Tasks
from db.formats.base import ImportReport
from db.formats.errors import FormatError


class ImportCancelledError(ServiceError):
    """People stopped the import; nothing was stored."""


class ImportMaker(QObject):
    """Runs :func:`import_dataset` on a thread of its own, one import at a time.

    Signals:
        progressed: ``int``, people read so far.
        made: ``(Path, ImportReport)``, project folder and what was imported; nothing is open.
        failed: ``str``, why nothing was imported.
        crashed: ``Exception``, a bug.
    """

    progressed = Signal(int)
    made = Signal(object, object)
    failed = Signal(str)
    crashed = Signal(object)
    _read = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks("imports", self)
        self._tasks.crashed.connect(self.crashed)
        self._stopping = threading.Event()
        self._read.connect(self.progressed, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether an import is under way."""
        return self._tasks.busy

    def make(self, source: Path, images: Path, folder: Path) -> None:
        """Begin: into a new project in ``folder``, or into the one that is there."""
        self._stopping.clear()
        self._tasks.run(
            lambda: self._import(source, images, folder),
            lambda outcome: self.made.emit(*outcome),
            lambda error: self.failed.emit(str(error)),
        )

    def cancel(self) -> None:
        """Stop while the file is read; what is being written is finished."""
        self._stopping.set()

    def close(self) -> None:
        """Stop and end the thread."""
        self.cancel()
        self._tasks.close()

    def _import(self, source: Path, images: Path, folder: Path) -> tuple[Path, ImportReport]:
        is_new = not holds_project(folder)
        was_there = folder.is_dir()
        project = Project.create(folder) if is_new else Project.open(folder, with_files=False)
        try:
            report = import_dataset(project, "coco", source, images, on_progress=self._on_progress)
            if is_new and not report.people.new:
                raise ServiceError(f"{source.name} has no people whose pictures are in {images}; nothing was imported.")
        except BaseException as error:
            project.close()
            if is_new:
                _remove(project.folder, was_there=was_there)
            if isinstance(error, FormatError):
                raise ServiceError(str(error)) from error
            raise
        project.close()
        return project.folder, report

    def _on_progress(self, people: int, share: float) -> None:  # noqa: ARG002
        if self._stopping.is_set():
            raise ImportCancelledError("The import was cancelled; import again to go on from there.")
        self._read.emit(people)


def _remove(folder: Path, *, was_there: bool) -> None:
    """Take a project that holds nothing away again."""
    for leftover in folder.glob(f"{DATABASE_NAME}*"):
        leftover.unlink()
    if not was_there:
        folder.rmdir()
