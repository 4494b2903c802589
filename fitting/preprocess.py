"""From a job's pixels to what the network and the loss see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fitting.errors import JobError
from fitting.geometry.camera import image_to_crop
from fitting.losses import FitTargets, active_confidence
from fitting.regressor.base import RegressorInput
from fitting.spec import JOINT_COUNT, EftOptions, FitJob, FloatArray
from resources.skeleton import get_skeleton

BORDER_PX = 10.0
"""An ankle this close to the lower border of the image is where the leg is cut, not where it ends."""

_SPIN49 = get_skeleton("spin49")
_SIDES = tuple((_SPIN49.index(f"{side}_ankle"), _SPIN49.index(f"openpose_{side}_knee")) for side in ("right", "left"))


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One person, ready for the network: input and targets, batch 1."""

    inputs: RegressorInput
    targets: FitTargets


def build_exemplar(job: FitJob, options: EftOptions) -> Exemplar:
    """Check a job's numbers and normalise its keypoints.

    Raises:
        JobError: Wrong shape, NaN, an empty box, an absurd option, or nothing labelled that the loss could use.
    """
    _check_options(options)
    keypoints_px = np.asarray(job.keypoints_px, dtype=np.float64)
    name = job.label or str(job.job_id)
    if keypoints_px.shape != (JOINT_COUNT, 3):
        raise JobError(
            f"{name}: keypoints have shape {keypoints_px.shape}, expected ({JOINT_COUNT}, 3); import them again."
        )
    if not np.isfinite(keypoints_px).all() or not np.isfinite(job.box.center_px).all():
        raise JobError(f"{name}: a keypoint or the box is not a number; correct or clear it, then fit again.")
    if not job.box.scale > 0:
        raise JobError(f"{name}: its box has no size; draw or import a box first.")
    confidence_np = _without_cut_ankles(keypoints_px, job.image_size_px)
    crop = image_to_crop(keypoints_px[:, :2], job.box)
    crop[confidence_np <= 0] = 0  # an absent joint must not carry whatever its coordinates happen to be
    keypoints_crop = torch.as_tensor(crop, dtype=torch.float32)[None]
    confidence = torch.as_tensor(confidence_np, dtype=torch.float32)[None]
    active = active_confidence(confidence, options)
    if not active.any():
        raise JobError(
            f"{name}: no labelled keypoint is left for the fit (hips and ankles alone do not count); label more."
        )
    inputs = RegressorInput(torch.cat((keypoints_crop, confidence[..., None]), -1), None)
    return Exemplar(inputs, FitTargets(keypoints_crop, confidence, active))


def _check_options(options: EftOptions) -> None:
    for name, value in (("learning rate", options.learning_rate), ("stopping L2d", options.stop_l2d)):
        if value is not None and not (np.isfinite(value) and value > 0):
            raise JobError(f"The {name} is {value:g}, expected a positive number; leave it out to take the card's.")


def _without_cut_ankles(keypoints_px: FloatArray, image_size_px: tuple[int, int] | None) -> FloatArray:
    """Confidences ``(49,)`` with ankles at the lower image border switched off (eft_method.md 1.3, last row)."""
    confidence = keypoints_px[:, 2].copy()
    if image_size_px is None:
        return confidence
    for ankle, openpose_knee in _SIDES:
        at_border = keypoints_px[ankle, 1] > image_size_px[1] - BORDER_PX
        if at_border and confidence[openpose_knee] < 0.1:
            confidence[ankle] = 0
    return confidence
