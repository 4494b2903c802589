"""Fitting many people: submit, store as they finish, list what failed, stop cleanly when asked.

Cost grows with people divided by workers; memory does not grow with people, since each result is stored and dropped.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from app.services.errors import ServiceError
from app.services.fitting import FitRecipe, PendingFit, build_fit_job, store_fit
from app.services.project import Project
from db.errors import NotFoundError, StaleWriteError, StoreLockedError
from db.records import PersonId
from fitting.runners import OnEvent, Runner
from fitting.spec import EftOptions, Event, FitResult, JobFailed, JobFinished, JobId, MethodName

RunnerFactory: TypeAlias = Callable[[OnEvent], Runner]


@dataclass(frozen=True, slots=True)
class Failure:
    """A person that could not be fitted, and why."""

    person_id: PersonId
    reason: str


@dataclass(slots=True)
class BatchReport:
    """What a batch did. ``fitted`` people have a stored fit, whatever happened afterwards."""

    fitted: list[PersonId] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    cancelled: bool = False


def fit_people(
    project: Project,
    people: Sequence[PersonId],
    make_runner: RunnerFactory,
    method: MethodName = "eft",
    options: EftOptions | None = None,
    on_done: Callable[[int], None] = lambda done: None,
    ahead: int = 4,
    *,
    recipe: FitRecipe | None = None,
) -> BatchReport:
    """Fit people and store each fit as soon as it is there.

    Args:
        project: Open project.
        people: Whom to fit.
        make_runner: Called once with the listener for events.
        method: Name of the method.
        options: Options of EFT.
        on_done: Called with the number of people finished or failed so far.
        ahead: Jobs kept waiting in the runner, so that no worker idles and nothing piles up.
        recipe: Everything about the fits at once, instead of ``method`` and ``options``.

    One person's trouble (too few keypoints, a row somebody holds or has taken away) is listed and the rest goes on; a
    full or broken disk ends the batch with its error. A ``KeyboardInterrupt`` cancels what is running, keeps what is
    stored and returns a report that says so.
    """
    recipe = recipe or FitRecipe(method, options or EftOptions())
    report = BatchReport()
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    pending: dict[JobId, PendingFit] = {}
    waiting = iter(people)
    runner = make_runner(events.put)
    try:
        exhausted = False
        while pending or not exhausted:
            while not exhausted and len(pending) < ahead:
                person_id = next(waiting, None)
                if person_id is None:
                    exhausted = True
                else:
                    _submit(project, person_id, recipe, runner, pending, report)
                    on_done(len(report.fitted) + len(report.failed))
            if pending:
                _handle(project, events.get(), pending, report)
                on_done(len(report.fitted) + len(report.failed))
    except KeyboardInterrupt:
        report.cancelled = True
    finally:
        runner.close()
    return report


def _submit(
    project: Project,
    person_id: PersonId,
    recipe: FitRecipe,
    runner: Runner,
    pending: dict[JobId, PendingFit],
    report: BatchReport,
) -> None:
    try:
        job = build_fit_job(project, person_id, recipe=recipe)
    except (ServiceError, NotFoundError) as error:
        report.failed.append(Failure(person_id, str(error)))
        return
    pending[job.job.job_id] = job
    runner.submit(job.job)


def _handle(project: Project, event: Event, pending: dict[JobId, PendingFit], report: BatchReport) -> None:
    if isinstance(event, JobFinished) and isinstance(event.result, FitResult):
        job = pending.pop(event.job_id)
        try:
            store_fit(project, job, event.result)
        except (StoreLockedError, StaleWriteError, NotFoundError) as error:
            report.failed.append(Failure(job.person_id, str(error)))
        else:
            report.fitted.append(job.person_id)
    elif isinstance(event, JobFailed):
        job = pending.pop(event.job_id)
        reason = event.message if not event.details else f"{event.message}\n{event.details}"
        report.failed.append(Failure(job.person_id, reason))
