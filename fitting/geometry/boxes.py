"""Boxes around people (eft_method.md 6.2)."""

from __future__ import annotations

import numpy as np

from fitting.errors import JobError
from fitting.spec import Box, FloatArray

MARGIN = 1.2
"""A box is this much larger than the person, in every set of EFT but H36M's evaluation."""


def box_around_rectangle(x: float, y: float, width: float, height: float) -> Box:
    """Box of an annotated rectangle in pixels: its centre, ``1.2 * max(w, h) / 200``."""
    return Box(np.array([x + width / 2, y + height / 2]), MARGIN * max(width, height) / 200)


def box_around_points(points_px: FloatArray) -> Box:
    """Box of the extent of points ``(N, 2)`` px.

    Raises:
        JobError: No points, or all in one place.
    """
    if len(points_px) == 0:
        raise JobError("A box needs at least one labelled keypoint; label some keypoints first.")
    low, high = points_px.min(0), points_px.max(0)
    if not (high - low).max() > 0:
        raise JobError(
            "All labelled keypoints lie in one place, so no box can be drawn around them; spread them first."
        )
    return box_around_rectangle(*low, *(high - low))
