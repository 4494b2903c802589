"""Keypoints in the crop as the released EFT code keeps them, rounding included (eft_method.md 2.7)."""

from __future__ import annotations

import numpy as np

from db.formats.fits import FloatArray

_SIDE = 224


def crop_keypoints(keypoints_px: FloatArray, center_px: FloatArray, scale: float) -> FloatArray:
    """Keypoints in crop coordinates [-1, 1], cut to whole crop pixels and shifted by one.

    Absent joints are moved like all others and so are not (0, 0); their validity tells them apart.

    Args:
        keypoints_px: ``(J, 3)`` x, y in pixels of the picture and validity.
        center_px: ``(2,)`` centre of the box.
        scale: Side of the box / 200.

    Returns:
        ``(J, 3)`` x, y and the same validity.
    """
    side_px = 200 * scale
    cropped = np.array(keypoints_px, dtype=np.float64)
    crop_px = cropped[:, :2] * (_SIDE / side_px) + _SIDE * (0.5 - np.asarray(center_px) / side_px)
    cropped[:, :2] = 2.0 * (np.trunc(crop_px) + 1) / _SIDE - 1.0
    return cropped
