"""Runners of every kind for contract suites, and a listener that waits for what they tell."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fitting.runners import InlineRunner, OnEvent, ProcessRunner, Runner
from fitting.spec import EftOptions, Event, Job, JobCancelled, JobFailed, JobFinished

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
