"""A runner for callers that wait: submit a job, get its result or its error."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from fitting.spec import Event, Job, JobCancelled, JobFailed, JobFinished, JobId, JobResult

Result = TypeVar("Result", bound=JobResult)


class BlockingJobs:
    """Runs jobs and waits for them, a few at a time, in the order they were given. Use in a ``with``."""

    def __init__(self, make_runner: RunnerFactory, ahead: int = 3) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._runner = make_runner(self._events.put)
        self._ahead = ahead

    def __enter__(self) -> BlockingJobs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.close()

    def run(self, job: Job, kind: type[Result]) -> Result:
        """Result of one job, which is of ``kind``.

        Raises:
            ServiceError: The job failed.
        """
        return next(self.run_all([job], kind))

    def run_all(self, jobs: Iterable[Job], kind: type[Result]) -> Iterator[Result]:
        """Results in the order of the jobs; the next jobs run while the caller uses a result.

        Raises:
            ServiceError: A job failed.
        """
        waiting = iter(jobs)
        order: list[JobId] = []
        finished: dict[JobId, JobResult] = {}
        exhausted = False
        while order or not exhausted:
            while not exhausted and len(order) < self._ahead:
                job = next(waiting, None)
                if job is None:
                    exhausted = True
                else:
                    order.append(job.job_id)
                    self._runner.submit(job)
            if not order:
                return
            while order[0] not in finished:
                event = self._events.get()
                if event.job_id in order:  # others belong to a call that its caller has left
                    self._take(event, finished)
            result = finished.pop(order.pop(0))
            if not isinstance(result, kind):
                raise TypeError(f"a {kind.__name__} was expected, a {type(result).__name__} came")
            yield result

    @staticmethod
    def _take(event: Event, finished: dict[JobId, JobResult]) -> None:
        if isinstance(event, JobFinished):
            finished[event.job_id] = event.result
        elif isinstance(event, JobFailed):
            raise ServiceError(event.message if not event.details else f"{event.message}\n{event.details}")
        elif isinstance(event, JobCancelled):
            raise ServiceError("The job was cancelled.")
