"""From a picture and its keypoints to the square crop a network sees (eft_method.md 2.6 and 2.7).

Two maps. *Continuous*: picture, keypoints and overlay share ``k = (x - c) / (100 b)`` to the last digit. *Exact*: the
released code's, whose window begins and ends at whole pixels and whose keypoints are cut to whole crop pixels and
shifted by one; whoever wants its numbers needs its rounding. Image pixels have their origin at the top-left corner
of the top-left pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fitting.errors import JobError
from fitting.spec import Box, ByteImage, FloatArray

CROP_SIDE = 224
LARGEST_SIDE_PX = 15_000
"""The released code gives up on larger windows, and fits a black picture then; we say so instead."""


@dataclass(frozen=True, slots=True)
class PixelWindow:
    """Whole-pixel window of an image: ``[left, right) x [top, bottom)``; it may reach outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def zoom(self) -> float:
        """Crop pixels per image pixel, by the height alone as in the released code (``o2n``)."""
        return CROP_SIDE / (self.bottom - self.top)


def exact_window(box: Box) -> PixelWindow:
    """The released code's window: corners cut towards zero, through the inverse of its crop matrix.

    The inverse matters: corners that should be whole numbers may come out a hair below, and be cut one lower.

    Raises:
        JobError: The window is empty or absurdly large.
    """
    inverse = np.linalg.inv(_crop_matrix(box))
    left, top = (inverse @ (0.0, 0.0, 1.0))[:2].astype(int)
    right, bottom = (inverse @ (float(CROP_SIDE), float(CROP_SIDE), 1.0))[:2].astype(int)
    window = PixelWindow(int(left), int(top), int(right), int(bottom))
    if min(window.right - window.left, window.bottom - window.top) < 1:
        raise JobError(f"The box of {box.side_px:.3g} px holds no whole pixel; draw a larger box.")
    if max(window.right - window.left, window.bottom - window.top) > LARGEST_SIDE_PX:
        raise JobError(f"The box of {box.side_px:.3g} px is larger than {LARGEST_SIDE_PX} px; draw a smaller box.")
    return window


def exact_keypoints(points_px: FloatArray, box: Box) -> FloatArray:
    """Image pixels ``(..., 2)`` to normalised crop coordinates, cut to whole crop pixels and shifted by one.

    Absent joints at (0, 0) are mapped like all others, as in the released code; their confidence keeps them out.
    """
    matrix = _crop_matrix(box)
    points = np.asarray(points_px, dtype=np.float64) + 1 - 1  # its detour through 1-based pixels, last digit included
    crop_px = points @ matrix[:2, :2].T + matrix[:2, 2]
    return 2.0 * (np.trunc(crop_px) + 1) / CROP_SIDE - 1.0


def crop_exact(picture_rgb: ByteImage, box: Box) -> NDArray[np.float32]:
    """The released code's crop ``(224, 224, 3)``, RGB 0-255, not rounded to bytes; black outside the picture.

    Raises:
        JobError: The box does not touch the picture, or :func:`exact_window` refuses it.
    """
    window = exact_window(box)
    _require_overlap(window, picture_rgb)
    columns = _resized_positions(window.left, window.right)
    rows = _resized_positions(window.top, window.bottom)
    return _sample(picture_rgb, rows, columns)


def crop_continuous(picture_rgb: ByteImage, box: Box, side: int = CROP_SIDE) -> NDArray[np.float32]:
    """Crop ``(side, side, 3)``, RGB 0-255, by the continuous map; averaged where it shrinks the picture.

    Raises:
        JobError: The box does not touch the picture.
    """
    center = np.asarray(box.center_px, dtype=np.float64)
    low, high = np.floor(center - 100 * box.scale).astype(int), np.ceil(center + 100 * box.scale).astype(int)
    _require_overlap(PixelWindow(int(low[0]), int(low[1]), int(high[0]), int(high[1])), picture_rgb)
    shrink = max(1, int(box.side_px / side))
    height, width = (max(1, extent // shrink) for extent in picture_rgb.shape[:2])
    small = picture_rgb if shrink == 1 else cv2.resize(picture_rgb, (width, height), interpolation=cv2.INTER_AREA)
    ratio = np.array([picture_rgb.shape[1] / width, picture_rgb.shape[0] / height])
    # Crop pixel i has its centre at i + 0.5; so has the picture's.
    step = box.side_px / side / ratio
    start = (center - 100 * box.scale) / ratio + 0.5 * step - 0.5
    matrix = np.array([[step[0], 0, start[0]], [0, step[1], start[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(small, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_CONSTANT).astype(np.float32)


def _crop_matrix(box: Box) -> NDArray[np.float64]:
    """Homogeneous map from image pixels to crop pixels ``(3, 3)``, written in the released code's order of terms."""
    side = 200 * box.scale
    matrix = np.eye(3)
    matrix[0, 0] = matrix[1, 1] = CROP_SIDE / side
    matrix[0, 2] = CROP_SIDE * (-float(box.center_px[0]) / side + 0.5)
    matrix[1, 2] = CROP_SIDE * (-float(box.center_px[1]) / side + 0.5)
    return matrix


def _require_overlap(window: PixelWindow, picture: ByteImage) -> None:
    height, width = picture.shape[:2]
    if window.right <= 0 or window.bottom <= 0 or window.left >= width or window.top >= height:
        raise JobError(f"The box lies outside the picture of {width} x {height}; move it onto the person.")


def _resized_positions(start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """For each crop pixel its two neighbours along one axis of the picture and the weight of the second.

    Bilinear resizing as in OpenCV: pixel centres at a half, neighbours beyond the window repeat its edge.
    """
    extent = stop - start
    place = (np.arange(CROP_SIDE) + 0.5) * (extent / CROP_SIDE) - 0.5
    first = np.floor(place).astype(np.int64)
    weight = (place - first).astype(np.float32)
    beyond = (first < 0) | (first >= extent - 1)
    weight[beyond] = 0
    first = np.clip(first, 0, extent - 1)
    second = np.minimum(first + 1, extent - 1)
    return start + first, start + second, weight


_Positions = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]


def _sample(picture: ByteImage, rows: _Positions, columns: _Positions) -> NDArray[np.float32]:
    """Bilinear samples on the grid ``rows x columns``; only the pixels needed are touched, so large boxes are cheap."""
    upper, lower, down = rows
    left, right, across = columns
    across_, down_ = across[None, :, None], down[:, None, None]
    one = np.float32(1)
    top = _gather(picture, upper, left) * (one - across_) + _gather(picture, upper, right) * across_
    bottom = _gather(picture, lower, left) * (one - across_) + _gather(picture, lower, right) * across_
    sampled: NDArray[np.float32] = (top * (one - down_) + bottom * down_).astype(np.float32, copy=False)
    return sampled


def _gather(picture: ByteImage, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
    """``picture[rows][:, columns]`` as float32, zero outside the picture."""
    height, width = picture.shape[:2]
    inside_rows, inside_columns = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    found = picture[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)].astype(np.float32)
    found *= (inside_rows[:, None] & inside_columns[None, :])[..., None]
    return found
