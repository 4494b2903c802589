"""EFT's weak-perspective camera, in numpy and torch alike (eft_method.md section 4).

``[s, tx, ty]`` scales first and translates second: ``k = s * (X, Y) + (tx, ty)`` in normalised crop coordinates
[-1, 1]; a box with centre ``c`` px and scale ``b`` (side / 200) turns them into image pixels, ``u = c + 100 b k``.
SPIN's triple translates first; :func:`spin_to_eft_camera` converts.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from fitting.spec import Box, FloatArray

ArrayOrTensor = TypeVar("ArrayOrTensor", FloatArray, Tensor)


def project_to_crop(points_cam: ArrayOrTensor, camera: ArrayOrTensor) -> ArrayOrTensor:
    """Project to normalised crop coordinates.

    Args:
        points_cam: ``(..., N, 3)`` metres.
        camera: ``(..., 3)`` = ``[s, tx, ty]``.

    Returns:
        ``(..., N, 2)``, [-1, 1] inside the crop.
    """
    return camera[..., None, :1] * points_cam[..., :2] + camera[..., None, 1:]


def crop_to_image(points_crop: FloatArray, box: Box) -> FloatArray:
    """Normalised crop coordinates ``(..., 2)`` to image pixels."""
    return np.asarray(box.center_px) + 100.0 * box.scale * points_crop


def image_to_crop(points_px: FloatArray, box: Box) -> FloatArray:
    """Image pixels ``(..., 2)`` to normalised crop coordinates (continuous form, no rounding)."""
    return (points_px - np.asarray(box.center_px)) / (100.0 * box.scale)


def project_to_image(points_cam: FloatArray, camera: FloatArray, box: Box) -> FloatArray:
    """Camera metres ``(..., N, 3)`` to image pixels ``(..., N, 2)``."""
    return crop_to_image(project_to_crop(points_cam, camera), box)


def spin_to_eft_camera(camera: ArrayOrTensor) -> ArrayOrTensor:
    """SPIN's ``s * (X + t)`` to EFT's ``s * X + t``: ``(s, s tx, s ty)``, shape ``(..., 3)`` kept."""
    scale, shift = camera[..., :1], camera[..., :1] * camera[..., 1:]
    if isinstance(camera, Tensor):
        return torch.cat((scale, shift), -1)
    return np.concatenate((scale, shift), axis=-1)
