"""The square crop around a person: centre in pixels and scale = side / 200 (eft_method.md 6.2)."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Bbox: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""

NO_EXTENT_PX = 0.01
"""A box this narrow holds nothing to look at."""

_MARGIN = 1.2


def coco_box(bbox_xywh: Bbox) -> tuple[tuple[float, float], float]:
    """Crop of a bounding box: its centre, and 1.2 times its longer side (eft_method.md 6.2, first row).

    Returns:
        ``((cx, cy), scale)``, pixels and side / 200.
    """
    left, top, width, height = bbox_xywh
    return (left + width / 2, top + height / 2), _MARGIN * max(width, height) / 200


def keypoint_box(points_px: NDArray[np.float64]) -> tuple[tuple[float, float], float]:
    """Crop of detected keypoints: their mean, and 1.2 times their longer extent (eft_method.md 6.2, fourth row).

    Args:
        points_px: ``(N, 2)`` the joints that were found for certain.

    Returns:
        ``((cx, cy), scale)``, pixels and side / 200.
    """
    x, y = (float(value) for value in points_px.mean(axis=0))
    return (x, y), _MARGIN * float(np.ptp(points_px, axis=0).max()) / 200


def find_keypoint_bbox(keypoints_px: NDArray[np.float64]) -> Bbox | None:
    """Tight box of the labelled keypoints, None if they span no area to look at.

    Args:
        keypoints_px: ``(J, 3)`` x, y in pixels and visibility; joints of visibility 0 do not count.
    """
    labelled = keypoints_px[keypoints_px[:, 2] > 0, :2]
    if len(labelled) < 2:
        return None
    left, top = (float(value) for value in labelled.min(axis=0))
    width, height = (float(value) for value in np.ptp(labelled, axis=0))
    return (left, top, width, height) if max(width, height) > NO_EXTENT_PX else None


def overlap(one: Bbox, other: Bbox) -> float:
    """Intersection over union of two boxes."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one[2] * one[3] + other[2] * other[3] - common)
