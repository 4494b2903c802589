"""The methods under test, each on one person or a group, through the jobs that users' fits go through."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import numpy as np
import torch
from PIL import Image

from fitting.body.model import load_body
from fitting.body.pose_prior import load_prior_asset
from fitting.eft import FitCancelled
from fitting.errors import AssetError, JobError
from fitting.evaluation.people_sets import LEAST_KEYPOINTS, TOO_FEW, EvaluatedPerson, coco_to_spin49
from fitting.fit import run_fit_job, run_fit_many_job
from fitting.geometry.camera import image_to_crop
from fitting.geometry.rotations import axis_angle_to_matrix
from fitting.losses import active_confidence
from fitting.regressor.loading import load_regressor
from fitting.spec import (
    BodyFit,
    ByteImage,
    EvaluateJob,
    FitJob,
    FitManyJob,
    FitResult,
    FloatArray,
    JobId,
)
from resources import default_prior

GROUP = 16
"""Bodies that SMPLify moves at once (docs/smplify.md)."""
YAWS: Final = (0.0, 90.0, 180.0, 270.0)
"""Degrees about the vertical that SMPLify without a regressor starts from; the lowest final energy is kept."""

Outcome: TypeAlias = FitResult | str
"""A fit, or the sentence that says why there is none."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Stands for a job that could not be made."""

    sentence: str


def group_size(job: EvaluateJob) -> int:
    """People of one call of :func:`fit_group`."""
    return {"regressor": 8, "eft": 1, "smplify": GROUP, "smplify-mean": GROUP // len(YAWS)}[job.method]


def fit_group(
    job: EvaluateJob, people: Sequence[EvaluatedPerson], is_cancelled: Callable[[], bool] = lambda: False
) -> list[Outcome]:
    """Outcome of the job's method for each of some people; one person's trouble is that person's sentence.

    Raises:
        AssetError: Body, regressor or prior cannot be read: that is nobody's trouble but everybody's.
        FitCancelled: ``is_cancelled`` said so.
    """
    if job.method == "smplify-mean":
        return _fit_from_mean(job, people, is_cancelled)
    jobs = [_guard(partial(build_job, job, person)) for person in people]
    if job.method == "smplify":
        return _fit_together(jobs, is_cancelled)
    return [
        each.sentence if isinstance(each, _Refusal) else _attempt(partial(run_fit_job, each, is_cancelled=is_cancelled))
        for each in jobs
    ]


def mean_starts(job: EvaluateJob, person: EvaluatedPerson) -> list[BodyFit]:
    """The prior's mean pose, upright and turned by each yaw, its camera laid on the box of the labelled keypoints."""
    pose = _mean_pose(job.prior or default_prior())
    fits = []
    for yaw in YAWS:
        turn = axis_angle_to_matrix(torch.tensor([0.0, math.radians(yaw), 0.0]))  # about the body's own vertical
        rotations = pose.clone()
        rotations[0] = torch.diag(torch.tensor([1.0, -1.0, -1.0])) @ turn
        start = BodyFit(rotations.numpy(), np.zeros(10, dtype=np.float32), np.array([0.9, 0.0, 0.0]))
        joints_cam = load_body(job.body).joints_of(start)
        fits.append(BodyFit(start.rotations, start.betas, camera_on_keypoints(joints_cam, person)))
    return fits


def camera_on_keypoints(joints_cam: FloatArray, person: EvaluatedPerson) -> FloatArray:
    """Camera that lays the box of a body's joints on that of the labelled keypoints, joint for joint.

    Args:
        joints_cam: ``(49, 3)``.
        person: Whose keypoints.
    """
    keypoints = coco_to_spin49(person.keypoints_px)
    labelled = keypoints[:, 2] > 0
    wanted, have = image_to_crop(keypoints[labelled, :2], person.box), joints_cam[labelled, :2]
    if not len(wanted):
        return np.array([0.9, 0.0, 0.0])
    extents = [float(np.ptp(points, axis=0).max()) for points in (wanted, have)]
    scale = extents[0] / extents[1] if min(extents) > 0 else 0.9
    middles = [(points.min(0) + points.max(0)) / 2 for points in (wanted, have)]
    return np.array([scale, *(middles[0] - scale * middles[1])])


def _fit_from_mean(
    job: EvaluateJob, people: Sequence[EvaluatedPerson], is_cancelled: Callable[[], bool]
) -> list[Outcome]:
    jobs: list[FitJob | _Refusal] = []
    for person in people:
        for start in mean_starts(job, person):
            jobs.append(_guard(partial(build_job, job, person, start)))
    outcomes = _fit_together(jobs, is_cancelled)
    return [_least_energy(outcomes[first : first + len(YAWS)]) for first in range(0, len(outcomes), len(YAWS))]


def _least_energy(outcomes: Sequence[Outcome]) -> Outcome:
    fits = [outcome for outcome in outcomes if isinstance(outcome, FitResult)]
    if not fits:
        return outcomes[0]
    best = min(fits, key=lambda fit: fit.final_losses.total)
    return dataclasses.replace(best, seconds=sum(fit.seconds for fit in fits))


def _fit_together(jobs: Sequence[FitJob | _Refusal], is_cancelled: Callable[[], bool]) -> list[Outcome]:
    sound = [each for each in jobs if isinstance(each, FitJob)]
    if not sound:
        return [each.sentence for each in jobs if isinstance(each, _Refusal)]
    many = FitManyJob(JobId("group"), tuple(sound))
    together = _attempt(lambda: run_fit_many_job(many, is_cancelled))
    if isinstance(together, str):  # the group's trouble may be one person's: each alone
        results: list[Outcome] = [_attempt(partial(run_fit_job, each, is_cancelled=is_cancelled)) for each in sound]
    else:
        results = list(together.results)
    waiting = iter(results)
    return [each.sentence if isinstance(each, _Refusal) else next(waiting) for each in jobs]


def _attempt(fit: Callable[[], Result]) -> Result | str:
    """What ``fit`` returns, or one sentence."""
    try:
        return fit()
    except JobError as error:
        return str(error)
    except (AssetError, FitCancelled):
        raise
    except Exception as error:  # noqa: BLE001 - a bug that strikes one person is listed with the person; the rest goes on
        return f"The method hit a bug ({type(error).__name__}: {error})."


def _guard(build: Callable[[], FitJob]) -> FitJob | _Refusal:
    job = _attempt(build)
    return _Refusal(job) if isinstance(job, str) else job


def build_job(job: EvaluateJob, person: EvaluatedPerson, start: BodyFit | None = None) -> FitJob:
    """The ordinary fit of one person; raises JobError for whom it makes no sense."""
    method = "smplify" if job.method == "smplify-mean" else job.method
    uses_picture = load_regressor(job.regressor, job.camera).uses_picture
    if not _has_enough(job, person):
        raise JobError(f"{person.label}: {TOO_FEW}.")
    return FitJob(
        job_id=JobId(person.label),
        method=method,
        keypoints_px=coco_to_spin49(person.keypoints_px),
        box=person.box,
        body=job.body,
        regressor=job.regressor,
        options=job.options,
        smplify=job.smplify,
        prior=job.prior,
        start=start,
        camera=job.camera,
        image_size_px=person.picture_size_px,
        picture_rgb=_load_picture(person) if uses_picture else None,
        label=person.label,
    )


def _has_enough(job: EvaluateJob, person: EvaluatedPerson) -> bool:
    """Whether a method has anything to go by: three keypoints to fit, one to predict from, none with a picture."""
    if job.method == "regressor" and load_regressor(job.regressor, job.camera).uses_picture:
        return True
    if job.method != "regressor" and person.labelled < LEAST_KEYPOINTS:
        return False
    confidence = torch.as_tensor(coco_to_spin49(person.keypoints_px)[None, :, 2])
    return bool(active_confidence(confidence, job.options).any())  # hips and ankles alone are no ground to stand on


def _load_picture(person: EvaluatedPerson) -> ByteImage:
    try:
        return _read_picture(person.picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise JobError(f"{person.label}: {person.picture} cannot be read ({error}); restore the picture.") from error


@lru_cache(maxsize=4)
def _read_picture(path: Path) -> ByteImage:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


@lru_cache(maxsize=2)
def _mean_pose(prior: Path) -> torch.Tensor:
    """Rotations ``(24, 3, 3)`` of the mixture's mean, where the published SMPLify starts."""
    asset = load_prior_asset(prior)
    mean = torch.as_tensor(asset.weights @ asset.means, dtype=torch.float32).view(23, 3)
    return torch.cat((torch.eye(3)[None], axis_angle_to_matrix(mean)))
