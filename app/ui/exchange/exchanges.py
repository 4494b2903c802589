"""Opens the dialogs through which projects go in and out, one of them at a time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.services.batch import RunnerFactory
from app.ui.exchange.bundle_dialog import BundleDialog
from app.ui.exchange.check_dialog import CheckDialog
from app.ui.exchange.export_dialog import ExportDialog
from app.ui.exchange.import_dialog import ImportDialog
from app.ui.exchange.long_work import LongWork
from app.ui.exchange.restore_dialog import RestoreDialog
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.tasks import Tasks


class Exchanges(QObject):
    """The dialogs of the menu Project, beside the window that goes on.

    Args:
        tasks: Where things that are named are looked at.
        make_runner: Measures imported fits.
        window: Parent of the dialogs.

    Signals:
        changed: ``(Path, str)``, a project to open, or to open again, and what has come into it.
        closed: No dialog is there any more; the keys are the page's again.
        crashed: ``Exception``, a bug.
    """

    changed = Signal(object, str)
    closed = Signal()
    crashed = Signal(object)

    def __init__(self, tasks: Tasks, make_runner: RunnerFactory, window: QWidget) -> None:
        super().__init__(window)
        self._tasks = tasks
        self._make_runner = make_runner
        self._window = window
        self._work = LongWork("exchange", self)
        self._work.crashed.connect(self.crashed)
        self._dialog: WorkDialog | None = None

    @property
    def dialog(self) -> WorkDialog | None:
        """The dialog on screen."""
        return self._dialog

    def ask_import(self, open_project: Path | None) -> ImportDialog | None:
        """Show the dialog of imports; None while another one is at work."""
        if not isinstance(self._dialog, ImportDialog):
            if not self._make_room():
                return None
            dialog = ImportDialog(self._work, self._tasks, self._make_runner, open_project, self._window)
            dialog.imported.connect(self.changed)
            self._show(dialog)
            return dialog
        self._raise()
        return self._dialog

    def ask_restore(self) -> RestoreDialog | None:
        """Show the dialog that restores bundles; None while another one is at work."""
        if not isinstance(self._dialog, RestoreDialog):
            if not self._make_room():
                return None
            dialog = RestoreDialog(self._work, self._window)
            dialog.restored.connect(self.changed)
            self._show(dialog)
            return dialog
        self._raise()
        return self._dialog

    def ask_export(self, project: Path) -> None:
        """Show the dialog of exports."""
        if self._make_room():
            self._show(ExportDialog(self._work, self._tasks, self._make_runner, project, self._window))

    def ask_bundle(self, project: Path) -> None:
        """Show the dialog that bundles."""
        if self._make_room():
            self._show(BundleDialog(self._work, project, self._window))

    def ask_check(self, project: Path) -> None:
        """Show the dialog that checks."""
        if self._make_room():
            self._show(CheckDialog(self._work, project, self._window))

    def close(self) -> None:
        """Stop what is under way and end its thread; nobody is told any more, the window is closing."""
        self.blockSignals(True)
        self._work.close()
        if self._dialog is not None:
            self._dialog.close()

    def _make_room(self) -> bool:
        """Close the dialog before, unless it is at work: then it is shown instead."""
        if self._dialog is not None and self._work.busy:
            self._raise()
            return False
        if self._dialog is not None:
            self._dialog.close()
        return True

    def _show(self, dialog: WorkDialog) -> None:
        dialog.finished.connect(lambda _result: self._on_closed(dialog))
        self._dialog = dialog
        dialog.show()
        self._raise()

    def _raise(self) -> None:
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()

    def _on_closed(self, dialog: WorkDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None
            self.closed.emit()
