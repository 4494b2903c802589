"""Bugs: written to the log, shown once with the way to the log, and the window goes on."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from app.ui.crash_dialog import CrashDialog

log = logging.getLogger(__name__)


class CrashReporter(QObject):
    """Where every unexpected exception of the program ends, from whatever thread.

    Args:
        log_path: The log file, None when there is none.

    Attributes:
        list_actions: Says what was asked for lately; the window sets it.

    Signals:
        reported: ``str``, the traceback, on the GUI thread.
    """

    reported = Signal(str)
    _arrived = Signal(str)

    def __init__(self, log_path: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_path = log_path
        self._dialog: CrashDialog | None = None
        self.list_actions: Callable[[], list[str]] = list
        self._arrived.connect(self._show, Qt.ConnectionType.QueuedConnection)

    @property
    def dialog(self) -> CrashDialog | None:
        """The dialog on screen."""
        return self._dialog

    def install(self) -> None:
        """Take over from the interpreter, which would only print."""
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def report(self, error: BaseException) -> None:
        """Report an exception; any thread may call."""
        self.report_details("".join(traceback.format_exception(error)))

    def report_details(self, details: str) -> None:
        """Report a traceback that came as text, from a worker process."""
        log.error("unexpected error\n%s", details)
        self._arrived.emit(details)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        self.report_details("".join(traceback.format_exception(kind, error, trace)))

    def _show(self, details: str) -> None:
        self.reported.emit(details)
        if self._dialog is not None:
            return  # one dialog is enough; the log has them all
        dialog = CrashDialog(details, self._log_path, self.list_actions, QApplication.activeWindow())
        dialog.finished.connect(self._on_closed)
        self._dialog = dialog
        dialog.open()

    def _on_closed(self) -> None:
        self._dialog = None
