"""Jobs in the calling thread: for scripts, tests and debugging."""

from __future__ import annotations

from fitting.runners.base import OnEvent
from fitting.runners.inbox import Inbox
from fitting.runners.worker import perform
from fitting.spec import Job, JobId, LiveMessage


class InlineRunner:
    """Runs each job before ``submit`` returns; a job can be cancelled, and sent to, from within its own events."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._cancelled: set[JobId] = set()
        self._inboxes: dict[JobId, Inbox] = {}
        self._closed = False

    def submit(self, job: Job) -> None:
        """Run the job now."""
        if self._closed:
            raise RuntimeError("the runner is closed")
        inbox = self._inboxes[job.job_id] = Inbox()
        perform(job, self._on_event, lambda: job.job_id in self._cancelled, inbox)
        del self._inboxes[job.job_id]
        self._cancelled.discard(job.job_id)

    def cancel(self, job_id: JobId) -> None:
        """Stop the running job at its next iteration."""
        self._cancelled.add(job_id)
        if (inbox := self._inboxes.get(job_id)) is not None:
            inbox.wake()

    def send(self, message: LiveMessage) -> None:
        """Leave a message for the running session."""
        if (inbox := self._inboxes.get(message.job_id)) is not None:
            inbox.put(message)

    def close(self) -> None:
        """Nothing runs, so nothing is to be ended."""
        self._closed = True
