"""One fit job from pixels to result, by any method. The worker calls this; so can a script."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from fitting import CODE_VERSION
from fitting.body.assets import load_body_asset
from fitting.body.model import load_body
from fitting.body.pose_prior import load_prior, load_prior_asset
from fitting.eft import ExemplarFineTuner, Tuning
from fitting.errors import JobError
from fitting.geometry.camera import project_to_crop, project_to_image
from fitting.losses import stack_targets
from fitting.preprocess import Exemplar, build_exemplar, heeded_keypoints
from fitting.regressor.loading import load_regressor
from fitting.sanity import Sighting, find_flags
from fitting.signs import measure_fit
from fitting.smplify import SmplifyFitter
from fitting.smplify import count_steps as count_smplify_steps
from fitting.spec import (
    BodyFit,
    CameraConvention,
    EftOptions,
    FitJob,
    FitManyJob,
    FitManyResult,
    FitResult,
    IterationStep,
    SignName,
)
from fitting.swaps import SwapGroup, find_swaps, read_both_ways
from resources import default_prior


def run_fit_job(
    job: FitJob,
    on_step: Callable[[IterationStep], None] = lambda step: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> FitResult:
    """Fit one person.

    Raises:
        JobError: The job's numbers cannot be fitted, or the fit runs away from all numbers.
        AssetError: The body or the regressor cannot be read.
        FitCancelled: ``is_cancelled`` said so.
    """
    tuner = load_tuner(job.body, job.regressor, job.camera)
    started = time.perf_counter()
    resolved = tuner.resolve(job.options, bool(job.depth_hints))
    options = resolved.as_options()
    exemplar = build_exemplar(job, options, tuner.regressor.uses_picture)

    def on_sound_step(step: IterationStep) -> None:
        require_finite(step, job, resolved.learning_rate)
        on_step(step)

    match job.method:
        case "eft":
            tuning = tuner.tune(exemplar, resolved, on_sound_step, is_cancelled)
        case "smplify":
            start = job.start or tuner.predict(exemplar, options).fit
            fitter = _load_fitter(job.body, job.prior or default_prior())
            tuning = fitter.fit(start, exemplar.targets, job.smplify, options.weights, on_sound_step, is_cancelled)
        case "regressor":
            step = tuner.predict(exemplar, options)
            on_sound_step(step)
            tuning = Tuning((step,), 0, "plain")
    seconds = time.perf_counter() - started
    return _result(job, tuner, options, exemplar, tuning, seconds)


def run_fit_many_job(job: FitManyJob, is_cancelled: Callable[[], bool] = lambda: False) -> FitManyResult:
    """Fit people by SMPLify at once; one person's trouble is told in that person's place.

    Raises:
        JobError: The jobs differ in more than their people.
        AssetError: The body, the regressor or the prior cannot be read.
        FitCancelled: ``is_cancelled`` said so.
    """
    first = _shared_job(job)
    tuner = load_tuner(first.body, first.regressor, first.camera)
    fitter = _load_fitter(first.body, first.prior or default_prior())
    started = time.perf_counter()
    options = tuner.resolve(first.options).as_options()
    results: list[FitResult | str] = [""] * len(job.jobs)
    exemplars: dict[int, Exemplar] = {}
    for place, person in enumerate(job.jobs):
        try:
            exemplars[place] = build_exemplar(person, options, tuner.regressor.uses_picture)
        except JobError as error:
            results[place] = str(error)
    if exemplars:
        starts = [
            job.jobs[place].start or tuner.predict(exemplar, options).fit for place, exemplar in exemplars.items()
        ]
        targets = stack_targets([exemplar.targets for exemplar in exemplars.values()])
        tunings = fitter.fit_many(starts, targets, first.smplify, options.weights, is_cancelled=is_cancelled)
        seconds = (time.perf_counter() - started) / len(exemplars)
        for (place, exemplar), tuning in zip(exemplars.items(), tunings, strict=True):
            person = job.jobs[place]
            try:
                for step in tuning.steps:
                    require_finite(step, person, first.smplify.learning_rate)
                results[place] = _result(person, tuner, options, exemplar, tuning, seconds)
            except JobError as error:
                results[place] = str(error)
    return FitManyResult(job.job_id, tuple(results))


def count_steps(job: FitJob) -> int:
    """Bodies that a job reports at most, for its progress."""
    if job.method == "regressor":
        return 1
    if job.method == "smplify":
        return count_smplify_steps(job.smplify)
    return load_tuner(job.body, job.regressor, job.camera).resolve(job.options, bool(job.depth_hints)).max_iterations


def _shared_job(job: FitManyJob) -> FitJob:
    first = job.jobs[0] if job.jobs else None
    shared = ("method", "body", "regressor", "camera", "prior", "options", "smplify")
    same = first is not None and all(getattr(other, key) == getattr(first, key) for other in job.jobs for key in shared)
    if first is None or not same or first.method != "smplify":
        raise JobError(
            "Only people who share method (SMPLify), options and files can be fitted at once; fit each alone."
        )
    return first


@lru_cache(maxsize=2)
def load_tuner(body: Path, regressor: Path, camera: CameraConvention) -> ExemplarFineTuner:
    """Network, body and the copy of the pretrained weights: loaded once a process."""
    return ExemplarFineTuner(load_regressor(regressor, camera), load_body(body).kinematics)


@lru_cache(maxsize=2)
def _load_fitter(body: Path, prior: Path) -> SmplifyFitter:
    return SmplifyFitter(load_body(body).kinematics, load_prior(prior))


def require_finite(step: IterationStep, job: FitJob, learning_rate: float) -> None:
    """Stop a fit whose numbers have run away: nothing after it could be believed, and nothing of it may be stored."""
    numbers = (dataclasses.astuple(step.losses), step.fit.rotations, step.fit.betas, step.fit.camera)
    if all(np.isfinite(values).all() for values in numbers):
        return
    name = job.label or str(job.job_id)
    if step.iteration == 0:
        raise JobError(
            f"{name}: the regressor's prediction is not a number; check its file, the body {job.body.name} and the box."
        )
    if job.method == "smplify":
        raise JobError(f"{name}: SMPLify ran away in step {step.iteration + 1}; use a learning rate below its own.")
    raise JobError(
        f"{name}: the fit ran away in iteration {step.iteration + 1};"
        f" use a learning rate smaller than {learning_rate:g}, or leave it out to take the card's."
    )


def _result(
    job: FitJob, tuner: ExemplarFineTuner, options: EftOptions, exemplar: Exemplar, tuning: Tuning, seconds: float
) -> FitResult:
    first, kept = tuning.steps[0], tuning.steps[tuning.kept]
    joints_cam = load_body(job.body).joints_of(kept.fit)
    sighting = Sighting(
        joints_cam, kept.fit.camera, job.box, heeded_keypoints(job), job.rectangle_px, job.image_size_px
    )
    return FitResult(
        job_id=job.job_id,
        method=job.method,
        box=job.box,
        initial=first.fit,
        final=kept.fit,
        initial_losses=first.losses,
        final_losses=kept.losses,
        trace=tuple(step.losses for step in tuning.steps),
        kept_iteration=tuning.kept,
        stop_reason=tuning.stop_reason,
        joints_px=project_to_image(joints_cam, kept.fit.camera, job.box),
        rms_px=_rms_px(kept.fit, joints_cam, exemplar, job.box.scale),
        options=job.smplify if job.method == "smplify" else options,
        body_hash=load_body_asset(job.body).sha256,
        regressor_hash=load_regressor(job.regressor, job.camera).sha256,
        seconds=seconds,
        device="cpu",
        code_version=CODE_VERSION,
        prior_hash=_prior_hash(job),
        flags=find_flags(sighting),
        signs=_find_signs(job, tuner, exemplar, kept),
    )


def _find_signs(
    job: FitJob, tuner: ExemplarFineTuner, exemplar: Exemplar, kept: IterationStep
) -> dict[SignName, float]:
    """What else is to be noticed: by the mannequin's prior, so that the numbers of all methods compare."""
    prior = load_prior(default_prior())
    seen = torch.cat((exemplar.targets.keypoints_crop[0], exemplar.targets.confidence[0, :, None]), -1)
    signs = measure_fit(kept.fit, seen.double().numpy(), np.asarray(kept.joints_crop), prior)
    swaps = find_swaps(read_both_ways(tuner.regressor, load_body(job.body), prior, exemplar.inputs))
    names: dict[SwapGroup, SignName] = {"body": "swap_body", "arms": "swap_arms", "legs": "swap_legs"}
    signs.update({names[group]: odds for group, odds in swaps.items()})
    return signs


def _prior_hash(job: FitJob) -> str:
    if job.method != "smplify" or not job.smplify.use_pose_prior:
        return ""
    return load_prior_asset(job.prior or default_prior()).sha256


def _rms_px(fit: BodyFit, joints_cam: np.ndarray, exemplar: Exemplar, scale: float) -> float | None:
    """RMS distance over the joints active in L2d, image pixels: unlike L2d it does not loosen with fewer joints."""
    active = exemplar.targets.active[0].numpy() > 0
    if not active.any():
        return None
    projected = project_to_crop(joints_cam, fit.camera)
    distance = projected[active] - exemplar.targets.keypoints_crop[0].numpy()[active]
    return float(100 * scale * np.sqrt((distance**2).sum(-1).mean()))
