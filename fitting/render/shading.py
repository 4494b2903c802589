"""Light on a matt body, computed a vertex at a time: the same on every machine and cheaper than a light shader."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fitting.spec import FloatArray

# Directions *towards* the lights in the layer frame (x right, y down, z away).
_KEY: Final = np.array([-0.50, -0.62, -0.60])
_FILL: Final = np.array([0.80, -0.05, -0.60])
_RIM: Final = np.array([0.62, -0.55, 0.56])


class NormalOperator:
    """Vertex normals of one topology: a sparse matrix sums the area-weighted normals of the faces around a vertex."""

    def __init__(self, faces: NDArray[np.int64], vertex_count: int) -> None:
        self._faces = faces
        rows = faces.T.ravel()
        columns = np.tile(np.arange(len(faces)), 3)
        self._sum = csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(vertex_count, len(faces))
        )

    def __call__(self, points: FloatArray) -> FloatArray:
        """Unit normals ``(V, 3)`` of points ``(V, 3)``; zero where a vertex has no area around it."""
        corners = points.astype(np.float32)[self._faces]
        face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals: FloatArray = self._sum @ face_normals
        units: FloatArray = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        return units


def shade_clay(normals: FloatArray, color_rgb: tuple[float, float, float]) -> FloatArray:
    """Colours ``(V, 3)`` in 0-1 (display values) of a matt body with normals ``(V, 3)`` in the layer frame.

    Key light from the upper left, soft fill from the right, light from sky and floor, and a rim from behind that
    parts a limb from the trunk it crosses. Grazing surfaces darken, which draws the outline.
    """
    facing = np.clip(-normals[:, 2], 0.0, 1.0)
    key = _wrapped(normals, _KEY, 0.15)
    fill = _wrapped(normals, _FILL, 0.4)
    sky = 0.5 - 0.5 * normals[:, 1]
    outline = 0.62 + 0.38 * np.sqrt(facing)
    light = (0.09 + 0.15 * sky + 0.88 * key + 0.13 * fill) * outline
    half = _unit(_unit(_KEY) + np.array([0.0, 0.0, -1.0]))
    sheen = 0.12 * np.clip(normals @ half, 0.0, 1.0) ** 14
    rim = 0.35 * np.clip(normals @ _unit(_RIM), 0.0, 1.0) ** 2 * (1.0 - facing) ** 2
    linear = np.asarray(color_rgb) ** 2.2 * light[:, None] + (sheen + rim)[:, None]
    display: FloatArray = np.clip(linear, 0.0, 1.0) ** (1 / 2.2)
    return display


def _wrapped(normals: FloatArray, direction: FloatArray, wrap: float) -> FloatArray:
    """Lambert's law reaching ``wrap`` beyond the terminator, as soft light does."""
    lit: FloatArray = np.clip((normals @ _unit(direction) + wrap) / (1.0 + wrap), 0.0, 1.0)
    return lit


def _unit(vector: FloatArray) -> FloatArray:
    return vector / np.linalg.norm(vector)
