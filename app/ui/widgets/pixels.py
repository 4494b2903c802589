"""Numpy pictures become Qt pictures; the one place that knows about strides and formats."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage

from app.ui.widgets.picture_tone import PictureTone

ToneTable: TypeAlias = list[int]
"""Four times 256 greys, one table for each channel."""

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


def build_tone_table(tone: PictureTone) -> ToneTable:
    """Table for :func:`apply_table`: the three colours alike, the fourth channel as it is."""
    return [*tone.build_table().tolist() * 3, *range(256)]


def apply_table(image: QImage, table: ToneTable) -> QImage:
    """Copy of a 32-bit picture with each channel looked up in the table."""
    width, height = image.width(), image.height()
    channels = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(height, width, 4)
    looked_up = Image.fromarray(channels).point(table).tobytes()
    # The copy owns its pixels; Qt would only borrow those of the bytes.
    return QImage(looked_up, width, height, 4 * width, image.format()).copy()


def grey_of(image: QImage) -> NDArray[np.uint8]:
    """``(H, W)`` greys of a picture."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), dtype=np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].copy()


def _image(pixels: NDArray[np.uint8], channels: int, image_format: QImage.Format) -> QImage:
    if pixels.ndim != 3 or pixels.shape[2] != channels or pixels.dtype != np.uint8:
        raise ValueError(
            f"a picture of shape {pixels.shape} and type {pixels.dtype} was given; expected (H, W, {channels}) uint8"
        )
    contiguous = np.ascontiguousarray(pixels)
    height, width = contiguous.shape[:2]
    return QImage(contiguous.data, width, height, width * channels, image_format)
