"""Measuring methods: one job for each method on each set, then the report. Results are files, so a run can go on.

What is heavy happens in workers (``fitting.spec.EvaluateJob``); here is decided what to run, and progress is added up.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from app.services.fitting import new_job_id
from app.services.places import make_folder
from fitting.runners import Runner
from fitting.spec import (
    CameraConvention,
    EftOptions,
    EvaluatedMethod,
    EvaluateJob,
    EvaluateResult,
    EvaluationReportJob,
    EvaluationReportResult,
    Event,
    Job,
    JobAdvanced,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobId,
    JobResult,
    PhotographSource,
    SmplifyOptions,
    SyntheticSource,
    choose_smplify,
)

EVALUATED_METHODS: Final[tuple[EvaluatedMethod, ...]] = ("regressor", "eft", "smplify", "smplify-mean")
TRUNCATION_LEVELS: Final = (0, 1, 2, 4, 7)
"""The levels of the published benchmark: 0 the head alone, 7 the whole body."""


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What to measure.

    Attributes:
        folder: Where results and report go; results that are there already are used again.
        sources: The sets.
        methods: The methods.
        body: Body file.
        regressor: Weights file.
        options: Options of EFT.
        smplify: Options of SMPLify; None takes those that were tuned for the prior and the start (docs/smplify.md).
        prior: SMPLify's pose prior; None takes the mannequin's.
        camera: Camera convention of a published checkpoint.
        limit: Only this many people of each set.
        seed: Of the intervals' bootstrap.
    """

    folder: Path
    sources: tuple[SyntheticSource | PhotographSource, ...]
    methods: tuple[EvaluatedMethod, ...]
    body: Path
    regressor: Path
    options: EftOptions = field(default_factory=EftOptions)
    smplify: SmplifyOptions | None = None
    prior: Path | None = None
    camera: CameraConvention = "eft"
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationOutcome:
    """What came of it.

    Attributes:
        report: Tables and plots; None after a cancel.
        failed: Set, method, person and sentence of everybody a method failed for.
        reused: How many of the results were there already.
    """

    report: EvaluationReportResult | None
    failed: tuple[tuple[str, str, str, str], ...] = ()
    reused: int = 0


def list_sources(
    synthetic: Path | None, levels: Sequence[int], photographs: PhotographSource | None
) -> tuple[SyntheticSource | PhotographSource, ...]:
    """The sets of an evaluation: held-out people as they are and at truncation levels, then photographs.

    Raises:
        ServiceError: There is nobody to measure on.
    """
    sources: list[SyntheticSource | PhotographSource] = []
    if synthetic is not None:
        sources += [SyntheticSource(synthetic), *(SyntheticSource(synthetic, level) for level in levels)]
    if photographs is not None:
        sources.append(photographs)
    if not sources:
        raise ServiceError(
            "There is nobody to evaluate on; name held-out people (--synthetic) or photographs (--coco)."
        )
    return tuple(sources)


def evaluate_methods(
    plan: EvaluationPlan, make_runner: RunnerFactory, on_done: Callable[[int, int], None] = lambda done, total: None
) -> EvaluationOutcome:
    """Run every method on every set, then write the report.

    Args:
        plan: What to measure.
        make_runner: Called once with the listener for events.
        on_done: Called with the people done and how many there are, over all methods and sets; until each set has
            been read their number is a guess.

    A ``KeyboardInterrupt`` stops what is running; what was measured stays, and the same plan goes on from there.

    Raises:
        ServiceError: A set, a body or weights cannot be used; results of what ran before stay.
    """
    folder = make_folder(plan.folder)
    jobs = [_build_job(plan, folder, source, method) for source in plan.sources for method in plan.methods]
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    runner = make_runner(events.put)
    try:
        results = _run(runner, events, jobs, on_done)
        units = [result for result in results if isinstance(result, EvaluateResult)]
        numbers = tuple(unit.numbers for unit in units)
        report_job = EvaluationReportJob(new_job_id(), numbers, folder, plan.limit, plan.seed)
        (report,) = _run(runner, events, [report_job], lambda done, total: None)
    except KeyboardInterrupt:
        return EvaluationOutcome(None)
    finally:
        runner.close()
    if not isinstance(report, EvaluationReportResult):
        raise TypeError(f"a report was expected, a {type(report).__name__} came")
    failed = tuple(
        (_name(job.source), job.method, person, reason)
        for job, unit in zip(jobs, units, strict=True)
        for person, reason in unit.failed
    )
    return EvaluationOutcome(report, failed, sum(unit.reused for unit in units))


def _build_job(
    plan: EvaluationPlan, folder: Path, source: SyntheticSource | PhotographSource, method: EvaluatedMethod
) -> EvaluateJob:
    return EvaluateJob(
        job_id=new_job_id(),
        source=source,
        method=method,
        folder=folder / "people",
        body=plan.body,
        regressor=plan.regressor,
        options=plan.options,
        smplify=plan.smplify or choose_smplify(plan.prior, from_mean=method == "smplify-mean"),
        prior=plan.prior,
        camera=plan.camera,
        limit=plan.limit,
    )


def _name(source: SyntheticSource | PhotographSource) -> str:
    if isinstance(source, PhotographSource):
        return "photographs"
    return "synthetic" if source.level is None else f"synthetic level {source.level}"


def _run(
    runner: Runner, events: queue.SimpleQueue[Event], jobs: Sequence[Job], on_done: Callable[[int, int], None]
) -> list[JobResult]:
    """Results in the order of the jobs."""
    finished: dict[JobId, JobResult] = {}
    progress: dict[JobId, tuple[int, int]] = {}
    for job in jobs:
        runner.submit(job)
    while len(finished) < len(jobs):
        match events.get():
            case JobAdvanced(job_id=job_id, done=done, total=total):
                progress[job_id] = (done, total)
                on_done(sum(each[0] for each in progress.values()), _guess_total(jobs, progress))
            case JobFinished(job_id=job_id, result=result):
                finished[job_id] = result
            case JobFailed(message=message, details=details):
                raise ServiceError(f"{message}\n{details}" if details else message)
            case JobCancelled():
                raise ServiceError("The evaluation was cancelled.")
            case _:
                pass
    return [finished[job.job_id] for job in jobs]


def _guess_total(jobs: Sequence[Job], progress: Mapping[JobId, tuple[int, int]]) -> int:
    """People of all jobs; of a job that has not begun, as many as another on the same kind of set has."""
    totals: dict[object, int] = {}
    for job in jobs:
        if isinstance(job, EvaluateJob) and job.job_id in progress:
            totals[type(job.source)] = progress[job.job_id][1]
    return sum(totals.get(type(job.source), 0) for job in jobs if isinstance(job, EvaluateJob))
