"""Every kind of job, and what a runner tells of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from fitting.spec.bodies import (
    ConvertJob,
    ConvertResult,
    MeasureJob,
    MeasureResult,
    MeshJob,
    MeshResult,
    WarmUpJob,
    WarmUpResult,
)
from fitting.spec.body import JobId
from fitting.spec.drawing import RenderJob, RenderManyJob, RenderManyResult, RenderResult
from fitting.spec.evaluation import EvaluateJob, EvaluateResult, EvaluationReportJob, EvaluationReportResult
from fitting.spec.fits import FitJob, FitManyJob, FitManyResult, FitResult, IterationStep
from fitting.spec.gallery import GalleryJob, GalleryResult
from fitting.spec.live import LiveJob, LiveProgressed, LiveResult
from fitting.spec.synthesis import SyntheticJob, SyntheticResult
from fitting.spec.training import TrainJob, TrainResult
from fitting.spec.truth import EstimateJob, EstimateResult, TruthJob, TruthResult

Job: TypeAlias = (
    FitJob
    | FitManyJob
    | LiveJob
    | RenderJob
    | RenderManyJob
    | SyntheticJob
    | WarmUpJob
    | MeasureJob
    | MeshJob
    | ConvertJob
    | EvaluateJob
    | EvaluationReportJob
    | GalleryJob
    | TrainJob
    | TruthJob
    | EstimateJob
)
JobResult: TypeAlias = (
    FitResult
    | FitManyResult
    | LiveResult
    | RenderResult
    | RenderManyResult
    | SyntheticResult
    | WarmUpResult
    | MeasureResult
    | MeshResult
    | ConvertResult
    | EvaluateResult
    | EvaluationReportResult
    | GalleryResult
    | TrainResult
    | TruthResult
    | EstimateResult
)


@dataclass(frozen=True, slots=True)
class JobStarted:
    """The worker began with the job."""

    job_id: JobId


@dataclass(frozen=True, slots=True, eq=False)
class JobProgressed:
    """One more iteration of a fit."""

    job_id: JobId
    step: IterationStep
    max_iterations: int


@dataclass(frozen=True, slots=True)
class JobAdvanced:
    """A job over many items has done some of them."""

    job_id: JobId
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class JobFinished:
    """The job's result."""

    job_id: JobId
    result: JobResult


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job failed; ``message`` is one sentence for people, ``details`` the traceback of a bug, else empty."""

    job_id: JobId
    message: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """The job was cancelled before it finished; nothing was produced."""

    job_id: JobId


Event: TypeAlias = JobStarted | JobProgressed | LiveProgressed | JobAdvanced | JobFinished | JobFailed | JobCancelled
