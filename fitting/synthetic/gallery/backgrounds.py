"""Backgrounds in a millisecond: patches, gradients, planks and clutter, or a piece of a picture the user gave."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from fitting.errors import AssetError
from fitting.spec import GallerySettings

Picture: TypeAlias = NDArray[Any]
"""RGB 0-1, ``(H, W, 3)``."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
_KEPT_SIDE = 480
_KEPT = 400
_MOST_PIXELS = 150_000_000


class Backdrops:
    """Source of backgrounds; pictures of the user are read once, small, and at most some hundred of them."""

    def __init__(self, settings: GallerySettings) -> None:
        self._settings = settings
        folder = settings.backgrounds
        self._photographs = _read_photographs(list_pictures(folder)) if folder else []

    def draw(self, size_px: tuple[int, int], rng: Generator) -> Picture:
        """A background of ``(width, height)`` pixels."""
        lot = rng.random()
        if self._photographs and lot < self._settings.background_share:
            return _cut_out(self._photographs[rng.integers(len(self._photographs))], size_px, rng)
        if rng.random() < self._settings.blank:
            plain: Picture = np.ones((size_px[1], size_px[0], 3), np.float32) * _color(rng)
            return plain
        picture = _patches(size_px, rng)
        if rng.random() < 0.6:
            picture = _with_ground(picture, rng)
        if rng.random() < 0.25:
            picture = _with_stripes(picture, rng)
        for _ in range(int(rng.integers(0, 14))):
            draw_thing(picture, rng, float(rng.uniform(0.05, 0.5)))
        blur = rng.uniform(0.0, 2.5)
        return picture if blur < 0.6 else cv2.GaussianBlur(picture, (0, 0), blur)


def list_pictures(folder: Path) -> tuple[Path, ...]:
    """Pictures within a folder, in the order of their names.

    Raises:
        AssetError: The folder is missing or holds none.
    """
    if not folder.is_dir():
        raise AssetError(f"The folder of backgrounds {folder} is missing; check the name.")
    found = tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()))
    if not found:
        raise AssetError(f"The folder of backgrounds {folder} holds no picture; give one with JPEG or PNG files.")
    return found


def draw_thing(picture: Picture, rng: Generator, share: float) -> NDArray[np.bool_]:
    """Paint a coloured thing over a place by lot, in place; returns the mask ``(H, W)`` of what it covers.

    Args:
        picture: What is painted over.
        rng: Source of chance.
        share: Size of the thing relative to the picture.
    """
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    center = (int(rng.integers(0, width)), int(rng.integers(0, height)))
    reach = max(2, int(share * max(height, width) / 2))
    half = (int(reach * rng.uniform(0.25, 1.0)) + 1, int(reach * rng.uniform(0.25, 1.0)) + 1)
    angle = float(rng.uniform(0, 180)) if rng.random() < 0.4 else 0.0
    kind = int(rng.integers(4))
    if kind == 0:
        cv2.ellipse(mask, center, half, angle, 0, 360, 1, -1)
    elif kind == 3:
        end = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        cv2.line(mask, center, end, 1, max(1, reach // 6))
    else:
        corners = cv2.boxPoints((center, (2.0 * half[0], 2.0 * half[1]), angle))
        cv2.fillConvexPoly(mask, np.rint(corners).astype(np.int32), 1)
    covered = mask.astype(bool)
    top, bottom = rng.uniform(0.75, 1.15, 2)
    shade = np.linspace(top, bottom, height, dtype=np.float32)[:, None, None]
    paint = np.clip(_color(rng) * shade + rng.uniform(0, 0.1) * _noise((width, height), rng), 0, 1)
    picture[covered] = np.broadcast_to(paint, picture.shape)[covered]
    return covered


def _color(rng: Generator) -> NDArray[Any]:
    """A display colour; most things are not vivid."""
    grey = rng.uniform(0.05, 0.95)
    vivid = rng.random() ** 2
    return np.clip(grey + vivid * 0.5 * rng.uniform(-1, 1, 3), 0.0, 1.0).astype(np.float32)


def _noise(size_px: tuple[int, int], rng: Generator) -> Picture:
    """Soft grey noise around 0, one channel, of a coarseness by lot."""
    cells = int(rng.integers(3, 40))
    coarse = rng.standard_normal((cells, cells), dtype=np.float32)
    noise: Picture = cv2.resize(coarse, size_px, interpolation=cv2.INTER_LINEAR)[..., None]
    return noise


def _patches(size_px: tuple[int, int], rng: Generator) -> Picture:
    """Soft coloured patches of two coarsenesses."""
    picture = np.zeros((size_px[1], size_px[0], 3), np.float32) + _color(rng)
    for cells, strength in ((int(rng.integers(2, 7)), 0.25), (int(rng.integers(8, 30)), 0.10)):
        coarse = rng.standard_normal((cells, cells, 1), dtype=np.float32)
        tint = rng.standard_normal((cells, cells, 3), dtype=np.float32)
        soft = cv2.resize(coarse + rng.uniform(0, 0.8) * tint, size_px, interpolation=cv2.INTER_LINEAR)
        picture += rng.uniform(0, strength) * soft
    picture += rng.uniform(0, 0.06) * rng.standard_normal(picture.shape, dtype=np.float32)
    patched: Picture = np.clip(picture, 0, 1)
    return patched


def _with_ground(picture: Picture, rng: Generator) -> Picture:
    """A floor below a horizon that need not be level."""
    height, width = picture.shape[:2]
    horizon = rng.uniform(0.3, 1.0) * height + rng.uniform(-0.15, 0.15) * (np.arange(width) - width / 2)
    below = np.arange(height)[:, None] > horizon[None]
    floor = _color(rng) + rng.uniform(0, 0.15) * _noise((width, height), rng)
    grounded: Picture = np.where(below[..., None], np.clip(floor, 0, 1), picture).astype(np.float32)
    return grounded


def _with_stripes(picture: Picture, rng: Generator) -> Picture:
    """Planks, tiles, blinds: bands across."""
    height, width = picture.shape[:2]
    along = np.arange(width if rng.random() < 0.5 else height)
    bands = (np.sin(along * (2 * np.pi / rng.uniform(6, 60)) + rng.uniform(0, 6)) > rng.uniform(-0.5, 0.9)) * 1.0
    strength = rng.uniform(-0.25, 0.25)
    pattern = bands[None, :, None] if len(along) == width else bands[:, None, None]
    striped: Picture = np.clip(picture + strength * pattern, 0, 1).astype(np.float32)
    return striped


def _cut_out(photograph: NDArray[np.uint8], size_px: tuple[int, int], rng: Generator) -> Picture:
    """A piece by lot of a photograph, at a scale by lot, perhaps mirrored."""
    height, width = photograph.shape[:2]
    scale = max(size_px[0] / width, size_px[1] / height) * rng.uniform(1.0, 2.0)
    large = cv2.resize(photograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    left = int(rng.integers(0, max(1, large.shape[1] - size_px[0] + 1)))
    top = int(rng.integers(0, max(1, large.shape[0] - size_px[1] + 1)))
    piece = large[top : top + size_px[1], left : left + size_px[0]]
    if piece.shape[:2] != (size_px[1], size_px[0]):
        piece = cv2.resize(piece, size_px)
    piece = piece[:, ::-1] if rng.random() < 0.5 else piece
    return np.ascontiguousarray(piece).astype(np.float32) / 255


def _read_photographs(paths: Sequence[Path]) -> list[NDArray[np.uint8]]:
    """Small copies, RGB; a file that is no picture is an error, since a gallery must not depend on luck."""
    stride = max(1, len(paths) // _KEPT)
    photographs: list[NDArray[np.uint8]] = []
    for path in paths[::stride]:
        try:
            encoded = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        except OSError as error:
            raise AssetError(f"Background {path} cannot be read ({error.strerror}); check the file.") from error
        read = _decode(path, encoded)
        if read is None:
            raise AssetError(f"Background {path} is not a picture, or is damaged; remove it from the folder.")
        shrink = min(1.0, _KEPT_SIDE / max(read.shape[:2]))
        small = cv2.resize(read, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        photographs.append(np.ascontiguousarray(small[:, :, ::-1], dtype=np.uint8))
    return photographs


def _decode(path: Path, encoded: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """A picture, BGR, or None where the bytes are none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures; ours is the limit below
            with Image.open(io.BytesIO(encoded.tobytes())) as picture:  # reads the header alone
                is_huge = picture.width * picture.height > _MOST_PIXELS
    except Image.DecompressionBombError:
        is_huge = True
    except (OSError, ValueError, SyntaxError):
        return None
    if is_huge:
        raise AssetError(
            f"Background {path} has more than {_MOST_PIXELS // 1_000_000} million pixels; make it smaller or remove it"
            " from the folder."
        )
    try:
        read = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    return None if read is None else np.asarray(read, dtype=np.uint8)
