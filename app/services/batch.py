"""Fitting many people: submit, store as they finish, list what failed, stop cleanly when asked.

Cost grows with people divided by workers; memory does not grow with people, since each result is stored and dropped.
SMPLify takes people in groups, which cost little more than one person.
"""

from __future__ import annotations

import math
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from app.services.errors import ServiceError
from app.services.fitting import FitRecipe, PendingFit, build_fit_job, new_job_id, store_fit
from app.services.project import Project
from db.errors import NotFoundError, StaleWriteError, StoreLockedError
from db.records import PersonId
from fitting.runners import OnEvent, Runner
from fitting.spec import (
    EftOptions,
    Event,
    FitManyJob,
    FitManyResult,
    FitResult,
    JobFailed,
    JobFinished,
    JobId,
    MethodName,
)

RunnerFactory: TypeAlias = Callable[[OnEvent], Runner]

GROUP = 16
"""People whom SMPLify fits at once, at most: 30 ms a person on one thread, against 360 ms alone (docs/smplify.md)."""

_Pending: TypeAlias = dict[JobId, list[PendingFit]]


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
    pending: _Pending = {}
    waiting = iter(people)
    group_size = min(GROUP, math.ceil(len(people) / ahead)) if recipe.method == "smplify" else 1
    runner = make_runner(events.put)
    try:
        exhausted = False
        while pending or not exhausted:
            while not exhausted and len(pending) < ahead:
                group = list(islice(waiting, group_size))
                exhausted = not group
                _submit(project, group, recipe, runner, pending, report)
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
    people: Sequence[PersonId],
    recipe: FitRecipe,
    runner: Runner,
    pending: _Pending,
    report: BatchReport,
) -> None:
    fits = []
    for person_id in people:
        try:
            fits.append(build_fit_job(project, person_id, recipe=recipe))
        except (ServiceError, NotFoundError) as error:
            report.failed.append(Failure(person_id, str(error)))
    if not fits:
        return
    job = fits[0].job if len(fits) == 1 else FitManyJob(new_job_id(), tuple(fit.job for fit in fits))
    pending[job.job_id] = fits
    runner.submit(job)


def _handle(project: Project, event: Event, pending: _Pending, report: BatchReport) -> None:
    match event:
        case JobFinished(job_id=job_id, result=FitResult() as result):
            outcomes: Sequence[FitResult | str] = (result,)
        case JobFinished(job_id=job_id, result=FitManyResult(results=results)):
            outcomes = results
        case JobFailed(job_id=job_id, message=message, details=details):
            outcomes = [f"{message}\n{details}" if details else message] * len(pending[job_id])
        case _:
            return
    for fit, outcome in zip(pending.pop(job_id), outcomes, strict=True):
        _store(project, fit, outcome, report)


def _store(project: Project, fit: PendingFit, outcome: FitResult | str, report: BatchReport) -> None:
    if isinstance(outcome, str):
        report.failed.append(Failure(fit.person_id, outcome))
        return
    try:
        store_fit(project, fit, outcome)
    except (StoreLockedError, StaleWriteError, NotFoundError) as error:
        report.failed.append(Failure(fit.person_id, str(error)))
    else:
        report.fitted.append(fit.person_id)
