"""EFT's loss, term by term (eft_method.md 1.2). Every function keeps the batch: ``(B,)`` out, float32 or float64.

``L2d`` is divided by 98 = 49 joints x 2 coordinates whatever is labelled, because the published thresholds (1e-4 to
stop, 5e-4 to export) are in that unit; ``rms`` over the labelled joints stands beside it wherever people read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fitting.spec import JOINT_COUNT, EftOptions, LossWeights
from resources.skeleton import get_skeleton

LEG_THRESHOLD = 0.0089
"""Annotated lower legs shorter than this (normalised crop units, 1 px of 224) give no direction."""

_SPIN49 = get_skeleton("spin49")
_OPENPOSE_JOINTS = 25
_HIPS = tuple(_SPIN49.index(name) for name in ("right_hip", "left_hip", "pelvis"))
_ANKLES = tuple(_SPIN49.index(name) for name in ("right_ankle", "left_ankle"))
_KNEES = tuple(_SPIN49.index(name) for name in ("right_knee", "left_knee"))


@dataclass(frozen=True, slots=True)
class FitTargets:
    """What the projected joints are compared with.

    Attributes:
        keypoints_crop: ``(B, 49, 2)`` normalised crop coordinates.
        confidence: ``(B, 49)`` as annotated.
        active: ``(B, 49)`` confidences that enter L2d (see :func:`active_confidence`).
        beside: ``(B, 49)`` weighted confidences of hips, ankles and pins beside L2d, None without any
            (see :func:`beside_confidence`).
        hints: ``(B, 8)`` which way limbs point in depth (:func:`fitting.guidance.hint_signs`), None without any.
        pins: ``(B, 49)`` factors on joints, 1 where nobody said anything, None without any. EFT has them in
            ``beside``; methods with a reprojection of their own read them here.
    """

    keypoints_crop: Tensor
    confidence: Tensor
    active: Tensor
    beside: Tensor | None = None
    hints: Tensor | None = None
    pins: Tensor | None = None

    @property
    def guided(self) -> bool:
        """Whether anybody gave hints or pins."""
        return self.hints is not None or self.pins is not None


def stack_targets(targets: Sequence[FitTargets]) -> FitTargets:
    """Targets of several people as one batch."""
    return FitTargets(
        torch.cat([each.keypoints_crop for each in targets]),
        torch.cat([each.confidence for each in targets]),
        torch.cat([each.active for each in targets]),
        _stack([each.beside for each in targets], 0.0),
        _stack([each.hints for each in targets], 0.0),
        _stack([each.pins for each in targets], 1.0),
    )


def _stack(parts: Sequence[Tensor | None], absent: float) -> Tensor | None:
    """Rows of some people, those without any filled; None where nobody has any."""
    given = next((part for part in parts if part is not None), None)
    if given is None:
        return None
    filled = [torch.full_like(given, absent) if part is None else part for part in parts]
    return torch.cat(filled)


@dataclass(frozen=True, slots=True)
class BatchLosses:
    """Terms ``(B,)``, unweighted, and their weighted total.

    ``beside`` is the like of L2d over hips, ankles and pins that L2d leaves out; None without any.
    """

    total: Tensor
    l2d: Tensor
    betas: Tensor
    camera: Tensor
    leg: Tensor
    beside: Tensor | None = None


def active_confidence(confidence: Tensor, options: EftOptions) -> Tensor:
    """Confidences ``(B, 49)`` that enter L2d (eft_method.md 1.3).

    The OpenPose block weighs nothing; annotated hips and pelvis are noisy and not SMPL's hips; ankles are noisy in
    manual annotation, of them only the direction of the lower leg is used.
    """
    active = confidence.clone()
    active[:, :_OPENPOSE_JOINTS] = 0
    if not options.use_hips:
        active[:, _HIPS] = 0
    if not options.use_ankles:
        active[:, _ANKLES] = 0
    return active


def beside_confidence(confidence: Tensor, options: EftOptions, pins: Tensor | None = None) -> Tensor | None:
    """Weighted confidences ``(B, 49)`` of what pulls beside L2d; None where nothing does.

    These are the hips and ankles that L2d leaves out, and the pull of pinned joints beyond what L2d gives them: a joint
    of L2d with weight ``w`` pulls ``w`` times in all. A pinned hip or ankle is one that its annotator trusts, so its
    pin pulls though L2d leaves it out.

    Hips and ankles carry much of the third dimension where the body's joints lie where annotators put theirs, which
    the card of a regressor knows; L2d itself stays what published thresholds mean (docs/open_regressor.md).
    """
    hips, ankles = options.hip_weight or 0.0, options.ankle_weight or 0.0
    beside = torch.zeros_like(confidence)
    if not options.use_hips:
        beside[:, _HIPS] = hips * confidence[:, _HIPS]
    if not options.use_ankles:
        beside[:, _ANKLES] = ankles * confidence[:, _ANKLES]
    if pins is not None:
        inside = active_confidence(confidence, options) > 0
        more = (pins - 1) * confidence * (inside | (pins > 1))
        more[:, :_OPENPOSE_JOINTS] = 0
        return torch.where(inside, beside, beside * pins.clamp_max(1)) + more
    return beside if hips > 0 or ankles > 0 else None


def reprojection_loss(projected_crop: Tensor, keypoints_crop: Tensor, active: Tensor) -> Tensor:
    """L2d: confidence-weighted squared distance over all 98 coordinates, ``(B,)``.

    Args:
        projected_crop: ``(B, 49, 2)``.
        keypoints_crop: ``(B, 49, 2)``.
        active: ``(B, 49)``.
    """
    squared = (projected_crop - keypoints_crop).square().sum(-1)
    return (active * squared).sum(-1) / (2 * JOINT_COUNT)


def shape_loss(betas: Tensor) -> Tensor:
    """Mean square of betas ``(B, 10)``, ``(B,)``."""
    return betas.square().mean(-1)


def camera_loss(camera: Tensor) -> Tensor:
    """``exp(-10 s)^2`` of cameras ``(B, 3)``: keeps the scale positive, ``(B,)``."""
    return torch.exp(-20 * camera[:, 0])


def leg_loss(projected_crop: Tensor, keypoints_crop: Tensor, confidence: Tensor) -> Tensor:
    """Direction of the lower legs, ``sum over legs of v (1 - cos)``, ``(B,)``.

    Args:
        projected_crop: ``(B, 49, 2)``.
        keypoints_crop: ``(B, 49, 2)``.
        confidence: ``(B, 49)`` as annotated, ankles included; ``v`` is the product of knee and ankle.
    """
    annotated = keypoints_crop[:, _ANKLES] - keypoints_crop[:, _KNEES]
    projected = projected_crop[:, _ANKLES] - projected_crop[:, _KNEES]
    valid = confidence[:, _ANKLES] * confidence[:, _KNEES]
    valid = torch.where(annotated.norm(dim=-1) > LEG_THRESHOLD, valid, torch.zeros_like(valid))
    cosine = (functional.normalize(annotated, dim=-1) * functional.normalize(projected, dim=-1)).sum(-1)
    return (valid * (1 - cosine)).sum(-1)


def eft_losses(
    projected_crop: Tensor, betas: Tensor, camera: Tensor, targets: FitTargets, weights: LossWeights
) -> BatchLosses:
    """All terms of one forward pass.

    Args:
        projected_crop: ``(B, 49, 2)`` model joints in normalised crop coordinates.
        betas: ``(B, 10)``.
        camera: ``(B, 3)``.
        targets: Keypoints and confidences.
        weights: Weights of the terms.
    """
    l2d = reprojection_loss(projected_crop, targets.keypoints_crop, targets.active)
    shape = shape_loss(betas)
    scale = camera_loss(camera)
    leg = leg_loss(projected_crop, targets.keypoints_crop, targets.confidence)
    pulled = l2d
    beside = None
    if targets.beside is not None:
        beside = reprojection_loss(projected_crop, targets.keypoints_crop, targets.beside)
        pulled = l2d + beside
    total = weights.keypoints * pulled + weights.betas * shape + weights.camera * scale + weights.leg * leg
    return BatchLosses(weights.overall * total, l2d, shape, scale, leg, beside)
