"""Work off the GUI thread: one thread, first come first served, outcomes back on the GUI thread.

The window has two of these: one for everything that writes to the store, so that edits and decisions are committed
in the order in which they were made, and one for looking (queries, pictures), so that looking never waits for a write.

Errors are either *known* (the world is at fault: a sentence for people) or *bugs*. A known error goes to the
caller's ``on_error``, else to :attr:`Tasks.refused`; a bug always goes to :attr:`Tasks.crashed`.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.services.errors import ServiceError
from app.study.errors import StudyError
from db.errors import StoreError
from fitting.errors import FittingError

KNOWN_ERRORS: tuple[type[Exception], ...] = (ServiceError, StudyError, StoreError, FittingError)
"""Errors whose message is a sentence for people; everything else is a bug."""

T = TypeVar("T")


class _Task(Generic[T]):
    """One call with its way back."""

    def __init__(
        self,
        work: Callable[[], T],
        on_done: Callable[[T], None] | None,
        on_error: Callable[[Exception], None] | None,
    ) -> None:
        self._work = work
        self._on_done = on_done
        self._on_error = on_error
        self._result: T | None = None
        self.error: Exception | None = None

    def execute(self) -> None:
        """Do the work, on the worker thread."""
        try:
            self._result = self._work()
        except Exception as error:  # noqa: BLE001 -- handed to the GUI thread, which tells known errors from bugs
            self.error = error

    def deliver(self) -> bool:
        """Tell the caller, on the GUI thread; False when the error is for the window to show."""
        if self.error is None:
            if self._on_done is not None:
                self._on_done(self._result)  # type: ignore[arg-type]  # execute() has set it
            return True
        if self._on_error is not None and isinstance(self.error, KNOWN_ERRORS):
            self._on_error(self.error)
            return True
        return False


class Tasks(QObject):
    """One worker thread.

    Signals:
        refused: ``str``, the sentence of a known error that no caller took.
        crashed: ``Exception``, a bug with its traceback.
        idle: The last waiting task has been delivered.
    """

    refused = Signal(str)
    crashed = Signal(object)
    idle = Signal()
    _executed = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._outcomes: queue.SimpleQueue[_Task[Any]] = queue.SimpleQueue()
        self._waiting = 0
        self._closed = False
        self._executed.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether something runs or waits."""
        return self._waiting > 0

    def run(
        self,
        work: Callable[[], T],
        on_done: Callable[[T], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call ``work`` on the worker thread, then one of the others on the GUI thread.

        After :meth:`close` nothing is accepted any more; the call is dropped, because a window that closes has
        nobody left to tell.
        """
        if self._closed:
            return
        self._waiting += 1
        self._executor.submit(self._execute, _Task(work, on_done, on_error))

    def close(self) -> None:
        """Finish what was asked for, deliver it and end the thread."""
        self._closed = True
        self._executor.shutdown(wait=True)
        self._deliver()

    def _execute(self, task: _Task[Any]) -> None:
        task.execute()
        self._outcomes.put(task)
        self._executed.emit()

    def _deliver(self) -> None:
        while True:
            try:
                task = self._outcomes.get_nowait()
            except queue.Empty:
                return
            self._waiting -= 1
            if not task.deliver() and task.error is not None:
                self._report(task.error)
            if not self._waiting:
                self.idle.emit()

    def _report(self, error: Exception) -> None:
        if isinstance(error, KNOWN_ERRORS):
            self.refused.emit(str(error))
        else:
            self.crashed.emit(error)
