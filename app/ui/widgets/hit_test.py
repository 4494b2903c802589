"""What lies under the pointer: pure functions of points, scale and tolerance.

Keypoints are ``(J, 3)``: x, y in image pixels and the visibility (0 not labelled, 1 occluded, 2 visible). Joints with
visibility 0 are not drawn and therefore cannot be hit. Tolerances are screen pixels, so that aiming is equally easy
at every zoom.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

JOINT_TOLERANCE = 12.0
"""Screen pixels within which a joint is hit."""

BONE_TOLERANCE = 6.0
"""Screen pixels within which a bone is hit."""

SELECTED_ADVANTAGE = 4.0
"""Screen pixels by which the selected joint counts as nearer: among crowded joints the one in work wins."""


def find_joint(
    keypoints_px: NDArray[np.floating],
    at_px: tuple[float, float],
    scale: float,
    selected: int | None = None,
    tolerance: float = JOINT_TOLERANCE,
) -> int | None:
    """Labelled joint nearest to a point, None when none is within the tolerance.

    Args:
        keypoints_px: ``(J, 3)`` keypoints.
        at_px: Pointer in image pixels.
        scale: Screen pixels for one image pixel.
        selected: Joint that wins when it is about as near as another.
        tolerance: Screen pixels.
    """
    if len(keypoints_px) == 0:
        return None
    distances = np.hypot(keypoints_px[:, 0] - at_px[0], keypoints_px[:, 1] - at_px[1]) * scale
    reachable = (keypoints_px[:, 2] > 0) & (distances <= tolerance)
    if not reachable.any():
        return None
    if selected is not None and 0 <= selected < len(distances):
        distances[selected] -= SELECTED_ADVANTAGE
    return int(np.argmin(np.where(reachable, distances, np.inf)))


def find_bone(
    keypoints_px: NDArray[np.floating],
    bones: Sequence[tuple[int, int]],
    at_px: tuple[float, float],
    scale: float,
    tolerance: float = BONE_TOLERANCE,
) -> int | None:
    """Index of the nearest drawn bone (both ends labelled), None when none is within the tolerance."""
    if not bones:
        return None
    ends = np.asarray(bones, dtype=np.intp)
    start, stop = keypoints_px[ends[:, 0]], keypoints_px[ends[:, 1]]
    distances = _distances_to_segments(np.asarray(at_px, dtype=np.float64), start[:, :2], stop[:, :2]) * scale
    reachable = (start[:, 2] > 0) & (stop[:, 2] > 0) & (distances <= tolerance)
    return int(np.argmin(np.where(reachable, distances, np.inf))) if reachable.any() else None


def find_target(
    keypoints_px: NDArray[np.floating],
    bones: Sequence[tuple[int, int]],
    at_px: tuple[float, float],
    scale: float,
    selected: int | None = None,
) -> int | None:
    """Joint a click means: the joint hit, else the nearer end of the bone hit, else None."""
    joint = find_joint(keypoints_px, at_px, scale, selected)
    if joint is not None:
        return joint
    bone = find_bone(keypoints_px, bones, at_px, scale)
    if bone is None:
        return None
    first, second = bones[bone]
    distances = np.hypot(keypoints_px[[first, second], 0] - at_px[0], keypoints_px[[first, second], 1] - at_px[1])
    return first if distances[0] <= distances[1] else second


def _distances_to_segments(
    point: NDArray[np.float64], start: NDArray[np.floating], stop: NDArray[np.floating]
) -> NDArray[np.float64]:
    along = stop - start
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((point - start) * along).sum(axis=1) / squared, 0.0, 1.0)
    nearest = start + share[:, None] * along
    distances: NDArray[np.float64] = np.hypot(*(point - nearest).T)
    return distances
