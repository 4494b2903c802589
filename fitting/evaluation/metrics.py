"""Errors of 3D joints against truth, and of projected keypoints against annotations.

Joints come in metres and errors leave in millimetres, ``(B,)``: one number for each person, so that methods can be
compared on the same people.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fitting.spec import FloatArray

MM = 1000.0


def mpjpe_mm(predicted_cam: FloatArray, true_cam: FloatArray, root: tuple[int, ...]) -> FloatArray:
    """Mean per-joint position error after both skeletons are centred on a root.

    Args:
        predicted_cam: ``(B, J, 3)`` metres.
        true_cam: ``(B, J, 3)`` metres.
        root: Joints whose mean is the root, usually both hips.
    """
    moved = predicted_cam - predicted_cam[:, list(root)].mean(1, keepdims=True)
    truth = true_cam - true_cam[:, list(root)].mean(1, keepdims=True)
    return _mean_distance_mm(moved, truth)


def pa_mpjpe_mm(predicted_cam: FloatArray, true_cam: FloatArray) -> FloatArray:
    """Mean per-joint position error after the best similarity transform of each prediction (PA-MPJPE).

    Args:
        predicted_cam: ``(B, J, 3)`` metres.
        true_cam: ``(B, J, 3)`` metres.
    """
    return _mean_distance_mm(align_by_similarity(predicted_cam, true_cam), true_cam)


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


def _mean_distance_mm(first: FloatArray, second: FloatArray) -> FloatArray:
    error: FloatArray = MM * np.linalg.norm(first - second, axis=-1).mean(-1)
    return error
