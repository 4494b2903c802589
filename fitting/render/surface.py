"""Which point of a mesh each pixel shows: turns a picture of face numbers into places on the surface.

A graphics card gives colours of eight bits; anything finer (a rest position, a depth, a normal) is interpolated here
from the face number and the corners, exactly, for orthographic pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.spec import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The visible surface; N pixels show something.

    Attributes:
        rows, columns: ``(N,)`` the pixels.
        corners: ``(N, 3)`` vertex indices of the face a pixel shows.
        weights: ``(N, 3)`` barycentric coordinates of the pixel's centre.
        shape: Height and width of the picture.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    corners: NDArray[np.int64]
    weights: FloatArray
    shape: tuple[int, int]

    def interpolate(self, values: FloatArray) -> FloatArray:
        """Values ``(V, C)`` or ``(V,)`` of the vertices at the pixels, ``(N, C)`` or ``(N,)``."""
        weights = self.weights if values.ndim == 1 else self.weights[..., None]
        at_pixels: FloatArray = (values[self.corners] * weights).sum(axis=1)
        return at_pixels

    def spread(self, values: FloatArray, empty: float) -> FloatArray:
        """Values ``(N,)`` or ``(N, C)`` of the pixels as a picture, ``empty`` where nothing is shown."""
        picture = np.full(self.shape + values.shape[1:], empty, dtype=np.float64)
        picture[self.rows, self.columns] = values
        return picture


def locate_surface(face_ids: NDArray[np.int64], points_px: FloatArray, faces: NDArray[np.int64]) -> Surface:
    """Surface of a picture of face numbers.

    Args:
        face_ids: ``(H, W)``, -1 for nothing (``PyrenderRenderer.draw_face_ids``).
        points_px: ``(V, 3)`` layer coordinates the picture was drawn from.
        faces: ``(F, 3)``.
    """
    rows, columns = np.nonzero(face_ids >= 0)
    corners = faces[face_ids[rows, columns]]
    a, b, c = (points_px[corners[:, i], :2] for i in range(3))
    center = np.stack((columns + 0.5, rows + 0.5), axis=1)
    area = _cross(b - a, c - a)
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    second = _cross(center - a, c - a) / area
    third = _cross(b - a, center - a) / area
    # A rasteriser's fixed-point corners let a centre lie a hair outside its triangle.
    weights = np.clip(np.stack((1.0 - second - third, second, third), axis=1), 0.0, 1.0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    return Surface(rows, columns, corners, weights, (face_ids.shape[0], face_ids.shape[1]))


def _cross(first: FloatArray, second: FloatArray) -> FloatArray:
    product: FloatArray = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return product
