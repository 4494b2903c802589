"""Lens, sensor and file: what happens to a picture between the scene and the disk."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from fitting.errors import JobError
from fitting.spec import ByteImage, GallerySettings


def develop(display: NDArray[Any], rng: Generator, settings: GallerySettings) -> ByteImage:
    """Blur, motion, exposure, cast, grain; RGB 0-1 ``(H, W, 3)`` to bytes."""
    picture: NDArray[Any] = display
    lot = rng.random()
    if lot < 0.35:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 1.4)))
    elif lot < 0.45:
        picture = cv2.filter2D(picture, -1, _motion(rng))
    if rng.random() < 0.3:  # a small picture, enlarged
        shrink = float(rng.uniform(0.35, 0.8))
        small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    contrast, brightness = rng.uniform(0.65, 1.3), rng.uniform(-0.12, 0.12)
    cast = (1 + 0.12 * rng.uniform(-1, 1, 3)).astype(np.float32)
    picture = np.clip((picture - 0.5) * contrast + 0.5 + brightness, 0, 1) ** rng.uniform(0.75, 1.35) * cast
    if rng.random() < settings.grey:
        picture = np.repeat(picture.mean(-1, keepdims=True), 3, -1)
    grain = rng.uniform(0, 0.03)
    picture = picture + grain * rng.standard_normal(picture.shape, dtype=np.float32)
    developed: ByteImage = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    return developed


def encode_jpeg(picture_rgb: ByteImage, rng: Generator) -> bytes:
    """JPEG of a quality by lot."""
    quality = int(rng.integers(45, 96))
    done, encoded = cv2.imencode(".jpg", picture_rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise JobError(f"A picture of {picture_rgb.shape} could not be encoded; report this with the seed.")
    return encoded.tobytes()


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """PNG of one channel."""
    done, encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 4])
    if not done:
        raise JobError(f"A map of {picture.shape} could not be encoded; report this with the seed.")
    return encoded.tobytes()


def _motion(rng: Generator) -> NDArray[Any]:
    """Kernel of a short movement of the camera."""
    side = int(rng.choice((3, 5, 7)))
    kernel = np.zeros((side, side), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = side // 2
    offset = np.rint(reach * np.array([np.cos(angle), np.sin(angle)])).astype(int)
    cv2.line(kernel, (reach - offset[0], reach - offset[1]), (reach + offset[0], reach + offset[1]), 1.0)
    normalised: NDArray[Any] = kernel / kernel.sum()
    return normalised
