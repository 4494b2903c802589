"""One fit without a project: for scripts, for comparing implementations, and for reports of bugs."""

from __future__ import annotations

import dataclasses
import json
import queue
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from app.services.places import resolve_place
from db.formats.parts.arrays import write_npz
from db.formats.parts.files import replacing
from fitting.spec import (
    Event,
    FitJob,
    FitResult,
    IterationStep,
    JobFailed,
    JobFinished,
    JobProgressed,
    LossTerms,
)

TRACE_NOTE = (
    "loss_*: unweighted terms, loss_total weighted; rotations body to camera axes, root first; camera [s, tx, ty] "
    "scale first; joints_crop: 49 joints of spin49, normalised crop coordinates, s*X + tx; every row belongs to the "
    "weights (or body) before that iteration's update"
)


def fit_one(
    job: FitJob, make_runner: RunnerFactory, on_step: Callable[[IterationStep], None] = lambda step: None
) -> tuple[FitResult, list[IterationStep]]:
    """Run one job and keep every iteration.

    Raises:
        ServiceError: The job failed.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    steps: list[IterationStep] = []
    runner = make_runner(events.put)
    try:
        runner.submit(job)
        while True:
            match events.get():
                case JobProgressed(step=step):
                    steps.append(step)
                    on_step(step)
                case JobFinished(result=FitResult() as result):
                    return result, steps
                case JobFailed(message=message, details=details):
                    raise ServiceError(f"{message}\n{details}" if details else message)
                case _:
                    continue
    finally:
        runner.close()


def check_trace_place(path: Path, inputs: Sequence[Path | None]) -> None:
    """Raise ServiceError if a trace at ``path`` would replace one of the inputs, or a file that is no ``.npz``."""
    place = resolve_place(path)
    if place in {resolve_place(source) for source in inputs if source is not None}:
        raise ServiceError(f"{path} is an input of this fit; name another file for the trace.")
    if place.is_file() and place.suffix != ".npz":
        raise ServiceError(f"{path} is there already and no trace; name another file, ending in .npz.")


def write_trace(path: Path, job: FitJob, result: FitResult, steps: Sequence[IterationStep]) -> None:
    """Write every iteration as an ``.npz`` of plain arrays, T iterations: the losses ``(T,)``, ``rotations``
    ``(T, 24, 3, 3)``, ``betas`` ``(T, 10)``, ``camera`` ``(T, 3)``, ``joints_crop`` ``(T, 49, 2)``.

    ``about`` holds as JSON what was fitted and how; further terms of a method are named ``term_…``.

    Raises:
        FormatError: The file cannot be written; an older one stays as it was.
    """
    arrays: dict[str, Any] = {"iteration": np.array([step.iteration for step in steps])}
    for field in dataclasses.fields(LossTerms):
        arrays[f"loss_{field.name}"] = np.array([getattr(step.losses, field.name) for step in steps])
    for name in sorted({name for step in steps for name in step.terms}):
        arrays[f"term_{name}"] = np.array([step.terms.get(name, np.nan) for step in steps])
    arrays["rotations"] = np.stack([step.fit.rotations for step in steps])
    arrays["betas"] = np.stack([step.fit.betas for step in steps])
    arrays["camera"] = np.stack([step.fit.camera for step in steps])
    arrays["joints_crop"] = np.stack([step.joints_crop for step in steps])
    arrays["keypoints_px"] = np.asarray(job.keypoints_px)
    arrays["box"] = np.array([*job.box.center_px, job.box.scale])
    arrays["about"] = np.array(json.dumps(describe(result), sort_keys=True))
    with replacing(path) as (file, _):
        write_npz(file, arrays)


def describe(result: FitResult) -> dict[str, Any]:
    """A fit in plain types, for JSON: the body, its losses, and what made it."""
    return {
        "method": result.method,
        "rotations": result.final.rotations.tolist(),
        "betas": result.final.betas.tolist(),
        "camera": result.final.camera.tolist(),
        "box": {"center": np.asarray(result.box.center_px).tolist(), "scale": result.box.scale},
        "joints_px": result.joints_px.tolist(),
        "losses_initial": dataclasses.asdict(result.initial_losses),
        "losses": dataclasses.asdict(result.final_losses),
        "rms_px": result.rms_px,
        "flags": dict(result.flags),
        "iterations": len(result.trace),
        "kept_iteration": result.kept_iteration,
        "stop_reason": result.stop_reason,
        "options": dataclasses.asdict(result.options),
        "body_sha256": result.body_hash,
        "regressor_sha256": result.regressor_hash,
        "prior_sha256": result.prior_hash,
        "seconds": result.seconds,
        "device": result.device,
        "code_version": result.code_version,
        "note": TRACE_NOTE,
    }
