"""Doing one job in whatever process this is. Imports torch and pyrender only when a job needs them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

from fitting.errors import FittingError
from fitting.runners.base import OnEvent
from fitting.runners.inbox import Inbox
from fitting.spec import (
    JOINT_COUNT,
    BodyFit,
    Box,
    ConvertJob,
    EftOptions,
    EstimateJob,
    EvaluateJob,
    EvaluationReportJob,
    FitJob,
    FitManyJob,
    GalleryJob,
    Job,
    JobAdvanced,
    JobCancelled,
    JobFailed,
    JobFinished,
    JobProgressed,
    JobResult,
    JobStarted,
    LiveJob,
    MeasureJob,
    MeshJob,
    RenderJob,
    RenderManyJob,
    RenderManyResult,
    SyntheticJob,
    TrainJob,
    TruthJob,
    WarmUpJob,
    WarmUpResult,
)


def perform(job: Job, on_event: OnEvent, is_cancelled: Callable[[], bool], inbox: Inbox | None = None) -> None:
    """Run a job and report it; never raises for the job's sake. ``inbox`` is where messages to a session arrive.

    A :class:`FittingError` is the world's fault and becomes one sentence. Anything else is a bug: it is reported with
    its traceback, and the worker lives on for the next job.
    """
    on_event(JobStarted(job.job_id))
    if is_cancelled():
        on_event(JobCancelled(job.job_id))
        return
    try:
        result = (
            _follow(job, on_event, is_cancelled, inbox or Inbox())
            if isinstance(job, LiveJob)
            else _dispatch(job, on_event, is_cancelled)
        )
    except FittingError as error:
        on_event(JobFailed(job.job_id, str(error)))
    except Exception as error:  # noqa: BLE001 - the border of the worker: reported in full, never swallowed
        details = traceback.format_exc()
        on_event(JobFailed(job.job_id, f"The worker hit a bug ({type(error).__name__}: {error}).", details))
    else:
        on_event(JobCancelled(job.job_id) if result is None else JobFinished(job.job_id, result))


def _dispatch(job: Job, on_event: OnEvent, is_cancelled: Callable[[], bool]) -> JobResult | None:
    """The job's result, or None when it was cancelled."""
    result: JobResult | None
    match job:
        case FitJob():
            result = _fit(job, on_event, is_cancelled)
        case FitManyJob():
            result = _fit_many(job, is_cancelled)
        case RenderJob():
            from fitting.render.pyrender_backend import get_renderer

            result = get_renderer().render(job)
        case RenderManyJob():
            result = _render_many(job)
        case SyntheticJob():
            from fitting.synthetic.photograph import make_photograph

            result = make_photograph(job)
        case WarmUpJob():
            result = _warm_up(job)
        case MeasureJob():
            from fitting.measure import run_measure_job

            result = run_measure_job(job)
        case MeshJob():
            from fitting.mesh import run_mesh_job

            result = run_mesh_job(job)
        case ConvertJob():
            from fitting.convert import run_convert_job

            result = run_convert_job(job)
        case _:
            result = _dispatch_research(job, on_event, is_cancelled)
    return result


def _dispatch_research(job: Job, on_event: OnEvent, is_cancelled: Callable[[], bool]) -> JobResult | None:
    """Jobs of ``synth``, ``train`` and ``evaluate``."""
    match job:
        case EvaluateJob():
            return _evaluate(job, on_event, is_cancelled)
        case EvaluationReportJob():
            from fitting.evaluation.report import run_report_job

            return run_report_job(job)
        case GalleryJob():
            return _draw_gallery(job, is_cancelled)
        case TruthJob():
            from fitting.evaluation.truth import run_truth_job

            return run_truth_job(job)
        case EstimateJob():
            from fitting.evaluation.truth import run_estimate_job

            return run_estimate_job(job)
        case TrainJob():
            return _train(job, on_event, is_cancelled)
        case _:
            raise TypeError(f"no handler for {type(job).__name__}")


def _fit(job: FitJob, on_event: OnEvent, is_cancelled: Callable[[], bool]) -> JobResult | None:
    from fitting.eft import FitCancelled
    from fitting.fit import count_steps, run_fit_job

    limit = count_steps(job)
    try:
        return run_fit_job(job, lambda step: on_event(JobProgressed(job.job_id, step, limit)), is_cancelled)
    except FitCancelled:
        return None


def _render_many(job: RenderManyJob) -> RenderManyResult:
    from fitting.render.pyrender_backend import get_renderer

    renderer = get_renderer()
    return RenderManyResult(job.job_id, tuple(renderer.render(layer) for layer in job.jobs))


def _follow(job: LiveJob, on_event: OnEvent, is_cancelled: Callable[[], bool], inbox: Inbox) -> JobResult | None:
    from fitting.eft import FitCancelled
    from fitting.live import run_live_job

    try:
        return run_live_job(job, inbox, on_event, is_cancelled)
    except FitCancelled:
        return None


def _fit_many(job: FitManyJob, is_cancelled: Callable[[], bool]) -> JobResult | None:
    from fitting.eft import FitCancelled
    from fitting.fit import run_fit_many_job

    try:
        return run_fit_many_job(job, is_cancelled)
    except FitCancelled:
        return None


def _evaluate(job: EvaluateJob, on_event: OnEvent, is_cancelled: Callable[[], bool]) -> JobResult | None:
    from fitting.eft import FitCancelled
    from fitting.evaluation.run import run_evaluate_job

    def on_done(done: int, total: int) -> None:
        on_event(JobAdvanced(job.job_id, done, total))

    try:
        return run_evaluate_job(job, on_done, is_cancelled)
    except FitCancelled:
        return None


def _draw_gallery(job: GalleryJob, is_cancelled: Callable[[], bool]) -> JobResult | None:
    from fitting.errors import WorkCancelled
    from fitting.synthetic.gallery.produce import run_gallery_job

    try:
        return run_gallery_job(job, is_cancelled)
    except WorkCancelled:
        return None


def _train(job: TrainJob, on_event: OnEvent, is_cancelled: Callable[[], bool]) -> JobResult | None:
    from fitting.errors import WorkCancelled
    from fitting.training.job import run_train_job

    def on_done(done: int, total: int) -> None:
        on_event(JobAdvanced(job.job_id, done, total))

    try:
        return run_train_job(job, on_done, is_cancelled)
    except WorkCancelled:
        return None


def _warm_up(job: WarmUpJob) -> WarmUpResult:
    """Do a whole small job of each kind: importing alone leaves half of the first job's delay."""
    import numpy as np

    started = time.perf_counter()
    box = Box(np.array([100.0, 100.0]), 1.0)
    upright = np.tile(np.eye(3), (24, 1, 1))
    upright[0] = np.diag([1.0, -1.0, -1.0])
    if job.regressor is not None:
        from fitting.fit import run_fit_job

        keypoints_px = np.tile([100.0, 100.0, 1.0], (JOINT_COUNT, 1))
        options = EftOptions(max_iterations=2)
        black = np.zeros((200, 200, 3), dtype=np.uint8)  # only networks that look at the picture use it
        fit_job = FitJob(job.job_id, "eft", keypoints_px, box, job.body, job.regressor, options, picture_rgb=black)
        run_fit_job(fit_job)
    if job.renderer:
        from fitting.render.pyrender_backend import get_renderer

        fit = BodyFit(upright, np.zeros(10), np.array([0.9, 0.0, 0.0]))
        get_renderer().render(RenderJob(job.job_id, fit, box, "side", (64, 64), job.body))
    return WarmUpResult(job.job_id, time.perf_counter() - started)
