"""Errors of 3D joints and vertices against truth, and of projected keypoints against annotations.

Joints come in metres and errors leave in millimetres, ``(B,)``: one number for each person, so that methods can be
compared on the same people. Vertices are points like any others: ``vertex_error_mm`` only takes the root from
elsewhere, and ``pa_mpjpe_mm`` of vertices is the error after the best similarity transform of the mesh.

*Wrong-way limbs* are what 2D cannot show. A limb is an upper or lower arm or leg, from its joint nearer the trunk to
the farther one; its depth difference is z of the far joint minus z of the near one. Only limbs whose true difference
exceeds 5 cm are judged: what lies nearly across the view has no way to point. A judged limb counts as wrong when the
predicted difference has the other sign, *however small*: with a threshold on the prediction too, a method that
flattens every limb would never be wrong. How many of them are wrong by more than 5 cm is told besides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.spec import FloatArray
from resources.skeleton import get_skeleton

MM = 1000.0
DEPTH_THRESHOLD_M = 0.05
"""Limbs whose ends differ less in depth point neither way."""

_LIMB_ENDS = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
LIMBS = tuple(
    (f"openpose_{side}_{near}", f"openpose_{side}_{far}") for side in ("left", "right") for near, far in _LIMB_ENDS
)
"""The eight limbs by the kinematic joints at their ends, near and far: upper arm, forearm, thigh and shin a side."""
_SPIN49 = get_skeleton("spin49")
_NEAR, _FAR = (tuple(_SPIN49.index(limb[end]) for limb in LIMBS) for end in (0, 1))


@dataclass(frozen=True, slots=True, eq=False)
class LimbDirections:
    """For each person and limb, ``(B, 8)``: whether it is judged, points the wrong way, and does so beyond 5 cm."""

    judged: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    wrong_beyond: NDArray[np.bool_]


def mpjpe_mm(
    predicted_cam: FloatArray, true_cam: FloatArray, root: tuple[int, ...], counted: int | None = None
) -> FloatArray:
    """Mean per-joint position error after both skeletons are centred on a root.

    Args:
        predicted_cam: ``(B, J, 3)`` metres.
        true_cam: ``(B, J, 3)`` metres.
        root: Joints whose mean is the root, usually both hips.
        counted: Joints that count, from the first; the root may lie beyond them. None counts all.
    """
    moved = predicted_cam - predicted_cam[:, list(root)].mean(1, keepdims=True)
    truth = true_cam - true_cam[:, list(root)].mean(1, keepdims=True)
    return _mean_distance_mm(moved[:, :counted], truth[:, :counted])


def pa_mpjpe_mm(predicted_cam: FloatArray, true_cam: FloatArray) -> FloatArray:
    """Mean per-joint position error after the best similarity transform of each prediction (PA-MPJPE).

    Args:
        predicted_cam: ``(B, J, 3)`` metres.
        true_cam: ``(B, J, 3)`` metres.
    """
    return _mean_distance_mm(align_by_similarity(predicted_cam, true_cam), true_cam)


def vertex_error_mm(
    predicted_cam: FloatArray, true_cam: FloatArray, predicted_root: FloatArray, true_root: FloatArray
) -> FloatArray:
    """Mean distance of vertices after both meshes are centred on a root (PVE).

    Args:
        predicted_cam: ``(B, V, 3)`` metres.
        true_cam: ``(B, V, 3)`` metres.
        predicted_root: ``(B, 3)``, usually the middle of the hips.
        true_root: ``(B, 3)``.
    """
    return _mean_distance_mm(predicted_cam - predicted_root[:, None], true_cam - true_root[:, None])


def wrong_way_limbs(predicted_cam: FloatArray, true_cam: FloatArray) -> LimbDirections:
    """Which limbs point away from the camera where they should point towards it, or the other way round.

    Args:
        predicted_cam: ``(B, 49, 3)`` joints of spin49, metres, z away from the camera.
        true_cam: ``(B, 49, 3)``.
    """
    predicted, true = (joints[:, _FAR, 2] - joints[:, _NEAR, 2] for joints in (predicted_cam, true_cam))
    judged = np.abs(true) > DEPTH_THRESHOLD_M
    wrong = judged & (predicted * np.sign(true) < 0)
    return LimbDirections(judged, wrong, wrong & (np.abs(predicted) > DEPTH_THRESHOLD_M))


def align_by_similarity(points: FloatArray, target: FloatArray) -> FloatArray:
    """Scale, turn and move each point set onto its target, least squares, no mirroring.

    Umeyama (1991), "Least-squares estimation of transformation parameters between two point patterns", equations
    34-42.

    Args:
        points: ``(B, J, 3)``.
        target: ``(B, J, 3)``.

    Returns:
        ``(B, J, 3)``. Points that all lie in one place are moved onto the target's mean.
    """
    mean, target_mean = points.mean(1, keepdims=True), target.mean(1, keepdims=True)
    centred, target_centred = points - mean, target - target_mean
    left, stretch, right = np.linalg.svd(target_centred.swapaxes(1, 2) @ centred)
    sign = np.ones_like(stretch)
    sign[:, -1] = np.where(np.linalg.det(left) * np.linalg.det(right) < 0, -1.0, 1.0)
    rotation = (left * sign[:, None]) @ right
    variance = (centred**2).sum((1, 2))
    scale = (stretch * sign).sum(1) / np.where(variance > 0, variance, 1.0)
    aligned: FloatArray = scale[:, None, None] * centred @ rotation.swapaxes(1, 2) + target_mean
    return aligned


def pck(predicted: FloatArray, annotated: FloatArray, confidence: FloatArray, threshold: float) -> NDArray[np.floating]:
    """Share of labelled keypoints nearer than a threshold, ``(B,)``; NaN for people without any.

    Args:
        predicted: ``(B, J, 2)``.
        annotated: ``(B, J, 2)`` in the same units.
        confidence: ``(B, J)``, above 0 where labelled.
        threshold: Distance in the same units.
    """
    labelled = confidence > 0
    hits = labelled & (np.linalg.norm(predicted - annotated, axis=-1) < threshold)
    counts = labelled.sum(1)
    return np.where(counts > 0, hits.sum(1) / np.maximum(counts, 1), np.nan)


def mean_distance(predicted: FloatArray, annotated: FloatArray, confidence: FloatArray) -> NDArray[np.floating]:
    """Mean distance over the labelled keypoints, ``(B,)`` in the keypoints' unit; NaN for people without any.

    Args:
        predicted: ``(B, J, 2)``.
        annotated: ``(B, J, 2)`` in the same units.
        confidence: ``(B, J)``, above 0 where labelled.
    """
    labelled = confidence > 0
    distance = np.where(labelled, np.linalg.norm(predicted - annotated, axis=-1), 0.0)
    counts = labelled.sum(1)
    return np.where(counts > 0, distance.sum(1) / np.maximum(counts, 1), np.nan)


def _mean_distance_mm(first: FloatArray, second: FloatArray) -> FloatArray:
    error: FloatArray = MM * np.linalg.norm(first - second, axis=-1).mean(-1)
    return error
