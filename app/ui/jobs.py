"""Runners on the window's side: events, which arrive on a reader thread, become calls on the GUI thread.

The window owns two of these, one for fits and one for pictures of bodies, so that a picture never waits for a fit.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

from app.services.batch import RunnerFactory
from fitting.runners import Runner
from fitting.spec import (
    Event,
    Job,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobId,
    JobProgressed,
    JobResult,
    JobStarted,
    LiveMessage,
    LiveProgressed,
)


@dataclass(frozen=True, slots=True)
class JobHandlers:
    """Who hears what becomes of a job; each is called on the GUI thread, exactly one of the last three once."""

    on_finished: Callable[[JobResult], None]
    on_failed: Callable[[JobFailed], None]
    on_progressed: Callable[[JobProgressed], None] | None = None
    on_cancelled: Callable[[], None] | None = None
    on_live: Callable[[LiveProgressed], None] | None = None


class JobLine(QObject):
    """One runner, made when the first job comes.

    Args:
        make_runner: Called with the listener for events; :class:`~fitting.runners.process.ProcessRunner` in the
            window, another runner in tests.
    """

    _arrived = Signal()

    def __init__(self, make_runner: RunnerFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_runner = make_runner
        self._runner: Runner | None = None
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._handlers: dict[JobId, JobHandlers] = {}
        self._closed = False
        self._arrived.connect(self._dispatch, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether any job has not ended yet."""
        return bool(self._handlers)

    def submit(self, job: Job, handlers: JobHandlers) -> None:
        """Queue a job. After :meth:`close` it is dropped: nobody is left to look at the result."""
        if self._closed:
            return
        if self._runner is None:
            self._runner = self._make_runner(self._listen)
        self._handlers[job.job_id] = handlers
        self._runner.submit(job)

    def cancel(self, job_id: JobId) -> None:
        """Ask a job to stop; its ``on_cancelled`` follows, unless it ends first."""
        if self._runner is not None and job_id in self._handlers:
            self._runner.cancel(job_id)

    def send(self, message: LiveMessage) -> None:
        """Tell a live session something; one that has ended hears nothing."""
        if self._runner is not None and message.job_id in self._handlers:
            self._runner.send(message)

    def close(self) -> None:
        """End the runner; jobs that have not ended are dropped without a call."""
        self._closed = True
        if self._runner is not None:
            self._runner.close()
        self._handlers.clear()

    def _listen(self, event: Event) -> None:
        self._events.put(event)
        self._arrived.emit()

    def _dispatch(self) -> None:
        while True:
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                return
            self._handle(event)

    def _handle(self, event: Event) -> None:
        handlers = self._handlers.get(event.job_id)
        if handlers is None or isinstance(event, JobStarted):
            return
        if isinstance(event, JobProgressed):
            if handlers.on_progressed is not None:
                handlers.on_progressed(event)
            return
        if isinstance(event, LiveProgressed):
            if handlers.on_live is not None:
                handlers.on_live(event)
            return
        del self._handlers[event.job_id]
        if isinstance(event, JobFinished):
            handlers.on_finished(event.result)
        elif isinstance(event, JobFailed):
            handlers.on_failed(event)
        elif isinstance(event, JobCancelled) and handlers.on_cancelled is not None:
            handlers.on_cancelled()
