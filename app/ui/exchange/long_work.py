"""Work of minutes beside the window: one piece at a time on a thread of its own, with progress, and to be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal

from app.services.errors import ServiceError
from app.ui.tasks import Tasks
from db.formats.errors import FormatError

_EVERY_S: Final = 0.05
_SETTLED_S: Final = 1.0
"""Time after which a rate says something."""


class WorkCancelledError(ServiceError):
    """People stopped the work."""


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How far the work is.

    Attributes:
        stage: What goes on, in words.
        done: Items done in this stage.
        total: Items of this stage, None if that is not known.
        share: Share of the stage, 0 to 1; None if that is not known.
        rate: Items a second; None while it is too early to tell.
        left_s: Seconds left of this stage; None if that is not known.
    """

    stage: str
    done: int
    total: int | None
    share: float | None
    rate: float | None
    left_s: float | None


class Meter:
    """What the work is given: it says how far it is, and hears here that it is not wanted any more.

    Args:
        tell: Takes the progress.
        clock: Seconds.
    """

    def __init__(self, tell: Callable[[WorkProgress], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._stopping = threading.Event()
        self._stage = ""
        self._began = self._told = clock()

    @property
    def stopping(self) -> bool:
        """Whether the work is to end."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Let the work end at its next step."""
        self._stopping.set()

    def show(self, stage: str, done: int, total: int) -> None:
        """Say how many are done, of how many (0: nobody knows).

        Raises:
            WorkCancelledError: The work is not wanted any more.
        """
        self.show_share(stage, done, done / total if total else None, total or None)
        if self.stopping:
            raise WorkCancelledError("It was cancelled; nothing was left behind.")

    def show_share(self, stage: str, done: int, share: float | None, total: int | None = None) -> None:
        """Say how many are done, and which share of the whole that is, without ending the work."""
        now = self._clock()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._began = stage, now
        if not is_new and share != 1.0 and now - self._told < _EVERY_S:
            return
        self._told = now
        spent = now - self._began
        rate = left_s = None
        if spent >= _SETTLED_S and done:
            rate = done / spent
            left_s = spent / share * (1 - share) if share else None
        self._tell(WorkProgress(stage, done, total, share, rate, left_s))


class LongWork(QObject):
    """Does one thing at a time.

    Signals:
        progressed: :class:`WorkProgress`.
        done: What the work gave.
        failed: ``str``, why there is nothing, a sentence.
        crashed: ``Exception``, a bug.
    """

    progressed = Signal(object)
    done = Signal(object)
    failed = Signal(str)
    crashed = Signal(object)
    _told = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(name, self)
        self._tasks.crashed.connect(self.crashed)
        self._meter: Meter | None = None
        self._told.connect(self.progressed, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._tasks.busy

    def run(self, work: Callable[[Meter], object]) -> None:
        """Begin; what is under way must have ended."""
        meter = self._meter = Meter(self._told.emit)
        self._tasks.run(lambda: _translated(work, meter), self.done.emit, lambda error: self.failed.emit(str(error)))

    def cancel(self) -> None:
        """Let what is under way end at its next step."""
        if self._meter is not None:
            self._meter.stop()

    def close(self) -> None:
        """Stop and end the thread."""
        self.cancel()
        self._tasks.close()


def _translated(work: Callable[[Meter], object], meter: Meter) -> object:
    try:
        return work(meter)
    except FormatError as error:
        raise ServiceError(f"{error}.".replace("..", ".")) from error
