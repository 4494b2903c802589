"""Reports of a gesture under way, at most one in a turn of the event loop.

A mouse reports up to a thousand moves a second; who fits a body to them must not be asked for each.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class LiveReports(QObject):
    """Holds the newest report until the event loop comes round.

    A report is a call that emits; what it says is read when it is made, so the last one before the turn counts.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: Callable[[], None] | None = None
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self.flush)

    def offer(self, report: Callable[[], None]) -> None:
        """Report soon, in place of what has waited."""
        self._waiting = report
        if not self._turn.isActive():
            self._turn.start()

    def flush(self) -> None:
        """Report what waits now: the gesture ends."""
        self._turn.stop()
        report, self._waiting = self._waiting, None
        if report is not None:
            report()

    def drop(self) -> None:
        """Forget what waits: the gesture was given up."""
        self._turn.stop()
        self._waiting = None
