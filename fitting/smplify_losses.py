"""SMPLify's energy, term by term (eft_method.md section 7). Every term keeps the batch: ``(B,)`` out.

Lengths are pixels of the 224 crop unless a name says ``_crop`` (normalised, 112 pixels to the unit), as the weights of
the method were chosen for. The terms come unweighted; :class:`SmplifyOptions` holds the square roots of what they are
multiplied by, the numbers that the literature tells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from fitting.body.pose_prior import PosePrior
from fitting.losses import FitTargets
from fitting.spec import SmplifyOptions
from resources.skeleton import get_skeleton

CROP_UNIT_PX = 112.0
"""Pixels of the 224 crop to one normalised unit."""

_SPIN49 = get_skeleton("spin49")
_SMPL24 = get_skeleton("smpl24")
_OPENPOSE_JOINTS = 25
_HIPS = tuple(_SPIN49.index(name) for name in ("right_hip", "left_hip"))
_ANKLES = tuple(_SPIN49.index(name) for name in ("right_ankle", "left_ankle"))
_TORSO = tuple(_SPIN49.index(name) for name in ("right_hip", "left_hip", "right_shoulder", "left_shoulder"))


PIN_WEIGHT = 100.0**2
"""Of the third camera entry, stage 1: meant for depth, in this camera the vertical translation."""
ROBUST_PX = 100.0
"""Residuals far beyond this count as this squared."""


@dataclass(frozen=True, slots=True)
class Energy:
    """What a stage minimises, ``(B,)``, and its terms, unweighted; a term that is not part of the stage is zero."""

    total: Tensor
    torso: Tensor
    depth: Tensor
    reprojection: Tensor
    pose_prior: Tensor
    angle_prior: Tensor
    shape: Tensor
    depth_hints: Tensor


def _bend(joint: str, axis: int, sign: float) -> tuple[int, float]:
    """Index within the 69 pose numbers of a joint's axis, and the sign of its wrong direction."""
    return 3 * (_SMPL24.index(joint) - 1) + axis, sign


_BENDS = (
    _bend("left_elbow", 1, 1.0),
    _bend("right_elbow", 1, -1.0),
    _bend("left_knee", 0, -1.0),
    _bend("right_knee", 0, -1.0),
)
_BEND_INDICES = [index for index, _ in _BENDS]
_TWICE_WRONG = torch.tensor([2 * sign for _, sign in _BENDS], dtype=torch.float64)


def smplify_confidence(confidence: Tensor, options: SmplifyOptions) -> Tensor:
    """Confidences ``(B, 49)`` that enter the energy, squared: the OpenPose block does not, hips and ankles as told.

    The published method leaves annotated hips out. Unlike EFT's L2d it keeps pelvis and ankles.
    """
    counted = confidence.clone()
    counted[:, :_OPENPOSE_JOINTS] = 0
    counted[:, _HIPS] *= math.sqrt(options.hip_weight)
    counted[:, _ANKLES] *= math.sqrt(options.ankle_weight)
    return counted


def geman_mcclure(residual: Tensor, sigma: float) -> Tensor:
    """``sigma^2 x^2 / (sigma^2 + x^2)``: a square for small residuals, never more than ``sigma^2``."""
    squared = residual.square()
    return sigma**2 * squared / (sigma**2 + squared)


def reprojection_energy(projected_crop: Tensor, keypoints_crop: Tensor, counted: Tensor) -> Tensor:
    """Robust squared distances times squared confidences, summed over the joints, square pixels, ``(B,)``.

    Args:
        projected_crop: ``(B, 49, 2)``.
        keypoints_crop: ``(B, 49, 2)``.
        counted: ``(B, 49)``, see :func:`smplify_confidence`.
    """
    residual_px = CROP_UNIT_PX * (projected_crop - keypoints_crop)
    return (counted.square() * geman_mcclure(residual_px, ROBUST_PX).sum(-1)).sum(-1)


def angle_prior(body_pose: Tensor) -> Tensor:
    """``exp`` of twice the wrong bend of elbows and knees, of poses ``(B, 69)``; 4 for straight limbs."""
    return (_TWICE_WRONG.to(body_pose) * body_pose[:, _BEND_INDICES]).exp().sum(-1)


def shape_prior(betas: Tensor) -> Tensor:
    """Sum of squared betas ``(B, 10)``."""
    return betas.square().sum(-1)


def torso_loss(projected_crop: Tensor, keypoints_crop: Tensor, confidence: Tensor | None) -> Tensor:
    """Camera stage: squared distance of hips and shoulders, normalised units, ``(B,)``.

    Args:
        projected_crop: ``(B, 49, 2)``.
        keypoints_crop: ``(B, 49, 2)``.
        confidence: ``(B, 49)`` enters squared, as in the energy; None counts every joint in full, labelled or not.
    """
    squared = (projected_crop[:, _TORSO] - keypoints_crop[:, _TORSO]).square().sum(-1)
    return squared.sum(-1) if confidence is None else (confidence[:, _TORSO].square() * squared).sum(-1)


def pinned_ty(camera: Tensor, initial: Tensor) -> Tensor:
    """Squared change of the third camera entry, ``(B,)`` of ``(B, 3)``.

    SMPLify pins the depth of a perspective camera with it; in ``[s, tx, ty]`` the entry is the vertical translation.
    """
    return (camera[:, 2] - initial[:, 2]).square()


def camera_energy(
    projected_crop: Tensor,
    camera: Tensor,
    initial_camera: Tensor,
    targets: FitTargets,
    options: SmplifyOptions,
) -> Energy:
    """Stage 1, of projected joints ``(B, 49, 2)`` and cameras ``(B, 3)``."""
    torso = torso_loss(
        projected_crop, targets.keypoints_crop, targets.confidence if options.camera_confidence else None
    )
    zero = torch.zeros_like(torso)
    depth = pinned_ty(camera, initial_camera) if options.pin_ty else zero
    return Energy(torso + PIN_WEIGHT * depth, torso, depth, zero, zero, zero, zero, zero)


def body_energy(
    projected_crop: Tensor,
    body_pose: Tensor,
    betas: Tensor,
    targets: FitTargets,
    prior: PosePrior | None,
    options: SmplifyOptions,
    missing_m2: Tensor | None = None,
) -> Energy:
    """Stage 2, of projected joints ``(B, 49, 2)``, poses ``(B, 69)`` and betas ``(B, 10)``; no prior, no pose term.

    ``missing_m2`` ``(B,)`` is what hinted limbs lack in depth, squared (:func:`fitting.guidance.depth_hint_loss`).
    """
    counted = smplify_confidence(targets.confidence, options)
    if targets.pins is not None:
        counted = counted * targets.pins.sqrt()  # it counts squared
    reprojection = reprojection_energy(projected_crop, targets.keypoints_crop, counted)
    zero = torch.zeros_like(reprojection)
    pose = zero if prior is None or not options.use_pose_prior else prior(body_pose)
    angle = angle_prior(body_pose) if options.use_angle_prior else zero
    shape = shape_prior(betas)
    priors = options.pose_weight**2 * pose + options.angle_weight**2 * angle + options.shape_weight**2 * shape
    total = reprojection + priors
    if missing_m2 is None:
        return Energy(total, zero, zero, reprojection, pose, angle, shape, zero)
    total = total + options.depth_hints.weight * missing_m2
    return Energy(total, zero, zero, reprojection, pose, angle, shape, missing_m2)
