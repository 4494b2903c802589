"""How a camera sees a flat world: what the painters of places stand on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from fitting.spec import FloatArray
from fitting.synthetic.lighting import Light


@dataclass(frozen=True, slots=True, eq=False)
class Vista:
    """A level camera's view of a flat world, matched to the person.

    Attributes:
        size_px: Width and height.
        contact_px: Pixel ``(2,)`` of the ground under the person.
        pixels_per_metre: At the person.
        camera_height: Above the ground, metres.
        distance: From the camera to the person, metres.
    """

    size_px: tuple[int, int]
    contact_px: FloatArray
    pixels_per_metre: float
    camera_height: float
    distance: float

    @property
    def horizon(self) -> float:
        """Row of the horizon."""
        return float(self.contact_px[1]) - self.pixels_per_metre * self.camera_height

    def pixels(self) -> tuple[FloatArray, FloatArray]:
        """Columns ``(1, W)`` and rows ``(H, 1)`` of the pixel centres."""
        return np.arange(self.size_px[0])[None] + 0.5, np.arange(self.size_px[1])[:, None] + 0.5

    def row_at(self, beyond: float) -> float:
        """Row where the ground lies ``beyond`` metres behind the person."""
        drop = self.pixels_per_metre * self.camera_height
        return self.horizon + drop * self.distance / (self.distance + beyond)

    def ground(self) -> tuple[FloatArray, FloatArray]:
        """Metres right of and behind the person where each pixel's ray meets the ground, ``(H, W)``; far if above."""
        columns, rows = self.pixels()
        drop = np.maximum(rows - self.horizon, 0.5)
        away = self.pixels_per_metre * self.camera_height * self.distance / drop
        right = (columns - self.contact_px[0]) * away / (self.pixels_per_metre * self.distance)
        return right, np.broadcast_to(away - self.distance, right.shape)

    def wall(self, beyond: float) -> tuple[FloatArray, FloatArray]:
        """Metres right of the person and above the ground on an upright wall ``beyond`` metres behind, ``(H, W)``."""
        columns, rows = self.pixels()
        scale = self.pixels_per_metre * self.distance / (self.distance + beyond)
        right, up = (columns - self.contact_px[0]) / scale, (self.row_at(beyond) - rows) / scale
        return np.broadcast_to(right, (self.size_px[1], self.size_px[0])), np.broadcast_to(
            up, (self.size_px[1], self.size_px[0])
        )

    def grain(self) -> FloatArray:
        """Metres of ground a pixel covers in depth, ``(H, W)``: textures finer than this must fade."""
        _, rows = self.pixels()
        drop = np.maximum(rows - self.horizon, 0.5)
        depth = self.pixels_per_metre * self.camera_height * self.distance / drop**2
        return np.broadcast_to(depth, (self.size_px[1], self.size_px[0]))


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A painted place: display RGB ``(H, W, 3)`` in 0-1, its light, and the row where the floor ends."""

    picture: FloatArray
    light: Light
    floor_top: float


def from_a_side(rng: Generator, low: float, high: float) -> float:
    """An azimuth between ``low`` and ``high`` degrees to the left or right of the camera."""
    return float(rng.choice((-1, 1)) * rng.uniform(low, high))


def paint_over(picture: FloatArray, mask: NDArray[np.bool_], color: FloatArray) -> FloatArray:
    """``color`` where the mask says so."""
    return np.where(mask[..., None], color, picture)
