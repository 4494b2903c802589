"""Numpy pictures become Qt pictures; the one place that knows about strides and formats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

# Rec. 601 luma, the weights people expect of "greyscale".
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def image_from_rgb(rgb: NDArray[np.uint8]) -> QImage:
    """Opaque QImage of an ``(H, W, 3)`` uint8 picture; owns its pixels."""
    return _image(rgb, channels=3, image_format=QImage.Format.Format_RGB888).convertToFormat(QImage.Format.Format_RGB32)


def image_from_rgba(rgba: NDArray[np.uint8]) -> QImage:
    """QImage of an ``(H, W, 4)`` uint8 layer with straight alpha; owns its pixels."""
    return _image(rgba, channels=4, image_format=QImage.Format.Format_RGBA8888).convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied
    )


def desaturate(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey version of an ``(H, W, 4)`` layer, alpha kept."""
    grey = rgba.copy()
    grey[..., :3] = (rgba[..., :3].astype(np.float32) @ _LUMA).round().astype(np.uint8)[..., None]
    return grey


def _image(pixels: NDArray[np.uint8], channels: int, image_format: QImage.Format) -> QImage:
    if pixels.ndim != 3 or pixels.shape[2] != channels or pixels.dtype != np.uint8:
        raise ValueError(
            f"a picture of shape {pixels.shape} and type {pixels.dtype} was given; expected (H, W, {channels}) uint8"
        )
    contiguous = np.ascontiguousarray(pixels)
    height, width = contiguous.shape[:2]
    return QImage(contiguous.data, width, height, width * channels, image_format)
