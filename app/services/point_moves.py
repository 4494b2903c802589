"""Points on their way: the arithmetic behind every gesture that moves joints, for the canvas and for what is stored.

Keypoints are ``(J, 3)``: x, y in image pixels and the visibility. Only labelled joints among those named move; about
their mean where there is a middle. Nothing given is changed.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from db.records import FloatArray


def find_labelled(keypoints_px: FloatArray, joints: Collection[int] | None = None) -> tuple[int, ...]:
    """Labelled joints, of those named or of all, in order."""
    labelled = np.flatnonzero(keypoints_px[:, 2] > 0).tolist()
    return tuple(labelled if joints is None else (joint for joint in labelled if joint in joints))


def shift_points(keypoints_px: FloatArray, joints: Collection[int], dx: float, dy: float) -> FloatArray:
    """Shifted by pixels."""
    moved = keypoints_px.copy()
    moved[list(find_labelled(keypoints_px, joints)), :2] += (dx, dy)
    return moved


def rotate_points(keypoints_px: FloatArray, joints: Collection[int], degrees: float) -> FloatArray:
    """Turned about their middle, clockwise on the screen when positive."""
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    return _about_the_middle(keypoints_px, joints, np.array([[cosine, sine], [-sine, cosine]]))


def scale_points(keypoints_px: FloatArray, joints: Collection[int], factor: float) -> FloatArray:
    """Moved away from their middle, or towards it when the factor is below 1."""
    return _about_the_middle(keypoints_px, joints, np.eye(2) * factor)


def _about_the_middle(keypoints_px: FloatArray, joints: Collection[int], matrix: FloatArray) -> FloatArray:
    moved = keypoints_px.copy()
    rows = list(find_labelled(keypoints_px, joints))
    if rows:
        points = keypoints_px[rows, :2]
        middle = points.mean(axis=0)
        moved[rows, :2] = (points - middle) @ matrix + middle
    return moved
