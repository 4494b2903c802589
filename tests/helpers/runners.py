"""Runners of every kind for contract suites, and a listener that waits for what they tell."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from fitting.runners import InlineRunner, OnEvent, ProcessRunner, Runner
from fitting.spec import (
    EftOptions,
    Event,
    Job,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobId,
    JobStarted,
    LiveMessage,
    WarmUpJob,
    WarmUpResult,
)

SHORT = EftOptions(max_iterations=4, stop_l2d=1e-12)
ENDLESS = EftOptions(max_iterations=100_000, stop_l2d=1e-12)
ENDS = (JobFinished, JobFailed, JobCancelled)


class Listener:
    """Collects events and waits for them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._arrived = threading.Condition()
        self.react: Callable[[Event], None] = lambda event: None

    def __call__(self, event: Event) -> None:
        with self._arrived:
            self.events.append(event)
            self._arrived.notify_all()
        self.react(event)

    def wait_for(self, condition: Callable[[list[Event]], bool], seconds: float = 60) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: condition(self.events), seconds), self.events

    def end_of(self, job: Job) -> Event:
        self.wait_for(lambda events: any(isinstance(e, ENDS) and e.job_id == job.job_id for e in events))
        return next(e for e in self.events if isinstance(e, ENDS) and e.job_id == job.job_id)


class Switch:
    """A runner lives for a module, since its workers load torch; each test listens anew."""

    def __init__(self) -> None:
        self.listener = Listener()

    def __call__(self, event: Event) -> None:
        self.listener(event)


RUNNERS: dict[str, Callable[[OnEvent], Runner]] = {
    "inline": InlineRunner,
    "process": ProcessRunner,
    "two processes": lambda on_event: ProcessRunner(on_event, workers=2),
}


class WarmRunner(InlineRunner):
    """Jobs in the calling thread, which warms up once: what it has loaded stays loaded for the next window."""

    _warm: ClassVar[set[tuple[Path, Path | None, bool]]] = set()

    def __init__(self, on_event: OnEvent) -> None:
        super().__init__(self._note)
        self._tell = on_event
        self._warming: WarmUpJob | None = None

    def submit(self, job: Job) -> None:
        if not isinstance(job, WarmUpJob):
            super().submit(job)
        elif self._loads(job) in self._warm:
            self._tell(JobStarted(job.job_id))
            self._tell(JobFinished(job.job_id, WarmUpResult(job.job_id, 0.0)))
        else:
            self._warming = job
            super().submit(job)

    def _note(self, event: Event) -> None:
        if self._warming is not None and isinstance(event, JobFinished) and event.job_id == self._warming.job_id:
            self._warm.add(self._loads(self._warming))
        self._tell(event)

    @staticmethod
    def _loads(job: WarmUpJob) -> tuple[Path, Path | None, bool]:
        return job.body, job.regressor, job.renderer


class KeptWorkers:
    """Worker processes for windows that come and go, since each process needs seconds to load torch.

    Called like :class:`ProcessRunner`. A window that closes hands its worker on, free of jobs and unheard; whoever
    needs more workers at once than there are gets one of its own.
    """

    def __init__(self, count: int = 2) -> None:
        self._all = [_Kept() for _ in range(count)]

    def __call__(self, on_event: OnEvent) -> Runner:
        kept = next((kept for kept in self._all if kept.is_free), None)
        if kept is None:
            return ProcessRunner(on_event)
        kept.begin(on_event)
        return kept

    def close(self) -> None:
        """End the processes."""
        for kept in self._all:
            kept.end()


class _Kept:
    """A runner that outlives those who use it, one after the other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: set[JobId] = set()
        self._listen: OnEvent | None = None
        self._runner = ProcessRunner(self._pass_on)

    @property
    def is_free(self) -> bool:
        return self._listen is None

    def begin(self, listen: OnEvent) -> None:
        self._listen = listen

    def submit(self, job: Job) -> None:
        with self._changed:
            self._open.add(job.job_id)
        self._runner.submit(job)

    def cancel(self, job_id: JobId) -> None:
        self._runner.cancel(job_id)

    def send(self, message: LiveMessage) -> None:
        self._runner.send(message)

    def close(self) -> None:
        with self._changed:
            self._listen = None
            left = list(self._open)
        for job_id in left:
            self._runner.cancel(job_id)
        with self._changed:
            assert self._changed.wait_for(lambda: not self._open, 60), "a cancelled job goes on"

    def end(self) -> None:
        self._runner.close()

    def _pass_on(self, event: Event) -> None:
        with self._changed:
            if self._listen is not None:
                self._listen(event)
            if isinstance(event, ENDS):
                self._open.discard(event.job_id)
                self._changed.notify_all()
