"""Signs of a finished fit: what suspicion is made of and only a worker can measure (docs/suspicion.md)."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from fitting.body.pose_prior import PosePrior
from fitting.geometry.rotations import matrix_to_axis_angle
from fitting.spec import BodyFit, FloatArray, SignName

NATURAL_ENERGY: Final = (88.9, 113.7)
"""Median and 99th percentile of the mannequin prior's energy over the held-out people's true poses."""


def find_outlier(distances: FloatArray) -> float:
    """How far the worst of some joints lies from its keypoint beyond twice the median; 0 for fewer than four.

    Args:
        distances: ``(N,)`` of the labelled joints, in any unit, which is also that of the answer.
    """
    if len(distances) < 4:
        return 0.0
    return max(float(distances.max() - 2 * np.median(distances)), 0.0)


@torch.no_grad()
def find_odd_pose(fit: BodyFit, prior: PosePrior) -> float:
    """How unlikely a pose is: 0 for the median of natural poses, 1 for their 99th percentile, more beyond."""
    rotations = torch.as_tensor(np.asarray(fit.rotations[1:], dtype=np.float32))
    energy = float(prior(matrix_to_axis_angle(rotations).reshape(1, -1))[0])
    median, high = NATURAL_ENERGY
    return (energy - median) / (high - median)


def measure_fit(
    fit: BodyFit, keypoints_crop: FloatArray, projected_crop: FloatArray, prior: PosePrior
) -> dict[SignName, float]:
    """Signs that need no regressor.

    Args:
        fit: The body.
        keypoints_crop: ``(49, 3)`` normalised crop x, y and confidence.
        projected_crop: ``(49, 2)`` joints of the body.
        prior: What natural poses are.
    """
    labelled = keypoints_crop[:, 2] > 0
    distances = np.linalg.norm(projected_crop[labelled] - keypoints_crop[labelled, :2], axis=-1)
    return {"outlier": find_outlier(distances), "pose": find_odd_pose(fit, prior)}
