"""Pictures as somebody sees them who sees no colours, or no difference between red and green."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Machado, Oliveira and Fernandes 2009, deuteranopia, severity 1.0; on linear RGB.
_DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
_LUMA = np.array([0.2126, 0.7152, 0.0722])


def seen_in_grey(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """``(H, W, 3)`` 0-255 with the luminance of a picture in all channels."""
    linear = _to_linear(rgb) @ _LUMA
    return np.repeat(_to_srgb(linear)[..., None], 3, axis=-1)


def seen_by_deuteranopes(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """``(H, W, 3)`` 0-255 without the difference that the middle cones make."""
    return _to_srgb(np.clip(_to_linear(rgb) @ _DEUTERANOPIA.T, 0.0, 1.0))


def _to_linear(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    value = rgb / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _to_srgb(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return 255.0 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)
