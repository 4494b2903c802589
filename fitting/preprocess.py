"""From a job's pixels to what the network and the loss see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fitting.errors import JobError
from fitting.geometry.camera import image_to_crop
from fitting.geometry.crop import CROP_SIDE, crop_continuous, crop_exact, exact_keypoints
from fitting.guidance import drop_ignored, hint_signs, joint_factors
from fitting.losses import FitTargets, active_confidence, beside_confidence
from fitting.regressor.base import RegressorInput
from fitting.spec import JOINT_COUNT, Box, ByteImage, CropMode, EftOptions, FitJob, FloatArray
from resources.skeleton import get_skeleton

BORDER_PX = 10.0
"""An ankle this close to the lower border of the image is where the leg is cut, not where it ends."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Input normalisation of the published networks, RGB in 0-1 (eft_method.md 2.6)."""

_SPIN49 = get_skeleton("spin49")
_SIDES = tuple((_SPIN49.index(f"{side}_ankle"), _SPIN49.index(f"openpose_{side}_knee")) for side in ("right", "left"))


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One person, ready for the network: input and targets, batch 1."""

    inputs: RegressorInput
    targets: FitTargets


def build_exemplar(job: FitJob, options: EftOptions, uses_picture: bool = False) -> Exemplar:
    """Check a job's numbers, bring its keypoints, and for networks that look at it the picture, into the crop.

    Raises:
        JobError: Wrong shape, NaN, an empty box, an absurd option, no picture where one is needed, or nothing
            labelled that the loss could use.
    """
    name = job.label or str(job.job_id)
    targets = build_targets(job, options, needs_keypoints=not (job.method == "regressor" and uses_picture))
    confidence = targets.confidence
    seen = torch.where(confidence[..., None] > 0, targets.keypoints_crop, torch.zeros_like(targets.keypoints_crop))
    picture = _build_picture(job, options.crop or "continuous", name) if uses_picture else None
    return Exemplar(RegressorInput(torch.cat((seen, confidence[..., None]), -1), picture), targets)


def build_targets(job: FitJob, options: EftOptions, *, needs_keypoints: bool = True) -> FitTargets:
    """Check a job's numbers and bring its keypoints and guidance into the crop, batch 1.

    Args:
        job: The person.
        options: Options without gaps.
        needs_keypoints: Refuse a person of whom nothing is labelled that the loss could use.

    Raises:
        JobError: As :func:`build_exemplar` does.
    """
    _check_options(options)
    keypoints_px: FloatArray = np.asarray(job.keypoints_px, dtype=np.float64)
    name = job.label or str(job.job_id)
    if keypoints_px.shape != (JOINT_COUNT, 3):
        raise JobError(
            f"{name}: keypoints have shape {keypoints_px.shape}, expected ({JOINT_COUNT}, 3); import them again."
        )
    if not np.isfinite(keypoints_px).all() or not np.isfinite(job.box.center_px).all():
        raise JobError(f"{name}: a keypoint or the box is not a number; correct or clear it, then fit again.")
    if not job.box.scale > 0:
        raise JobError(f"{name}: its box has no size; draw or import a box first.")
    factors = joint_factors(job.joint_weights, name)
    if factors is not None:
        keypoints_px = drop_ignored(keypoints_px, factors)
    confidence_np = _without_cut_ankles(keypoints_px, job.image_size_px)
    exact = options.crop == "exact"
    crop = exact_keypoints(keypoints_px[:, :2], job.box) if exact else image_to_crop(keypoints_px[:, :2], job.box)
    keypoints_crop = torch.as_tensor(crop, dtype=torch.float32)[None]
    confidence = torch.as_tensor(confidence_np, dtype=torch.float32)[None]
    active = active_confidence(confidence, options)
    if needs_keypoints and not active.any():  # a network that looks can predict from the picture alone
        raise JobError(
            f"{name}: no labelled keypoint is left for the fit (hips and ankles alone do not count); label more."
        )
    if not exact:  # there an absent joint carries no place; the released code maps it like the others
        keypoints_crop[confidence <= 0] = 0
    return FitTargets(
        keypoints_crop,
        confidence,
        active,
        beside_confidence(confidence, options, factors),
        hint_signs(job.depth_hints, name),
        factors,
    )


def heeded_keypoints(job: FitJob) -> FloatArray:
    """The job's keypoints ``(49, 3)``, ignored ones not labelled."""
    keypoints_px: FloatArray = np.asarray(job.keypoints_px, dtype=np.float64)
    factors = joint_factors(job.joint_weights, job.label)
    return keypoints_px if factors is None else drop_ignored(keypoints_px, factors)


def normalise_picture(crop_rgb: FloatArray) -> torch.Tensor:
    """Crop ``(S, S, 3)``, RGB 0-255, as a network's input ``(1, 3, S, S)``."""
    unit = torch.as_tensor(np.ascontiguousarray(crop_rgb.transpose(2, 0, 1)), dtype=torch.float32)[None] / 255.0
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    return (unit - mean) / std


def _build_picture(job: FitJob, crop: CropMode, name: str) -> torch.Tensor:
    picture = job.picture_rgb
    if picture is None:
        raise JobError(f"{name}: this regressor looks at the picture and the job has none; check the folder of images.")
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or 0 in picture.shape:
        raise JobError(
            f"{name}: its picture is an array {picture.shape} of {picture.dtype}, expected height x width x 3 bytes."
        )
    try:
        return normalise_picture(_crop(picture, job.box, crop))
    except JobError as error:
        raise JobError(f"{name}: {error}") from error


def _crop(picture: ByteImage, box: Box, crop: CropMode) -> FloatArray:
    return crop_exact(picture, box) if crop == "exact" else crop_continuous(picture, box, CROP_SIDE)


def _check_options(options: EftOptions) -> None:
    rate = options.learning_rate
    if rate is not None and not (np.isfinite(rate) and rate > 0):
        raise JobError(f"The learning rate is {rate:g}, expected a positive number; leave it out to take the card's.")
    for name, value in (("stopping L2d", options.stop_l2d), ("stopping distance", options.stop_mean_px)):
        if value is not None and not (np.isfinite(value) and value >= 0):
            raise JobError(f"The {name} is {value:g}, expected a positive number, or 0 to stop at no error.")
    for name, value in (("hips", options.hip_weight), ("ankles", options.ankle_weight)):
        if value is not None and not (np.isfinite(value) and value >= 0):
            raise JobError(f"The weight of the {name} is {value:g}, expected 0 or a positive number.")


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
