"""Sun, sky and shadow on a mesh, from pictures of it taken from where the light comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from fitting.render.pyrender_backend import PyrenderRenderer
from fitting.render.surface import locate_surface
from fitting.spec import FloatArray
from fitting.synthetic.scene import Ground

_BIAS_M = 0.012


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Points ``(V, 3)`` in the camera frame, outward unit normals ``(V, 3)``, faces ``(F, 3)``."""

    points_cam: FloatArray
    normals: FloatArray
    faces: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """One sun (or lamp, or window) and the light from everywhere else; linear RGB.

    Attributes:
        azimuth, elevation: Of the sun, degrees (:meth:`Ground.direction`).
        spread: Half-width of the sun in degrees: large for a window, small for the sun.
        sun, sky, bounce: Colour times strength; ``bounce`` comes from below.
    """

    azimuth: float
    elevation: float
    spread: float
    sun: tuple[float, float, float]
    sky: tuple[float, float, float]
    bounce: tuple[float, float, float]


def sun_directions(light: Light, ground: Ground, count: int = 5) -> list[FloatArray]:
    """Directions over the sun's face, camera frame: several of them make shadows soft."""
    turns = np.arange(count) * 2.399963  # golden angle
    radii = np.sqrt((np.arange(count) + 0.5) / count) * light.spread
    return [
        ground.direction(light.azimuth + r * np.cos(t), light.elevation + r * np.sin(t))
        for r, t in zip(radii, turns, strict=True)
    ]


def sky_directions(ground: Ground, count: int = 12) -> list[FloatArray]:
    """Directions spread evenly over the sky."""
    heights = (np.arange(count) + 0.5) / count
    return [
        ground.direction(float(np.rad2deg(k * 2.399963)), float(np.rad2deg(np.arcsin(height))))
        for k, height in enumerate(heights)
    ]


def seen_from(
    renderer: PyrenderRenderer, mesh: Mesh, direction: FloatArray, points_cam: FloatArray, size: int
) -> FloatArray:
    """How far light from ``direction`` reaches points ``(N, 3)`` past the mesh: 0 shadow, 1 lit, ``(N,)``."""
    basis = _basis(-direction)
    low, high = (mesh.points_cam @ basis.T).min(0), (mesh.points_cam @ basis.T).max(0)
    scale = (size - 4) / max(high[0] - low[0], high[1] - low[1])
    offset = np.array([2.0, 2.0, 0.0]) - scale * low

    def place(points: FloatArray) -> FloatArray:
        placed_points: FloatArray = points @ basis.T * scale + offset
        return placed_points

    placed = place(mesh.points_cam)
    surface = locate_surface(renderer.draw_face_ids(placed, mesh.faces, (size, size)), placed, mesh.faces)
    nearest = surface.spread(surface.interpolate(placed[:, 2]), np.inf)
    at = place(points_cam)
    limit = at[:, 2] - _BIAS_M * scale
    column = np.clip(at[:, 0] - 0.5, 0, size - 1.001)
    row = np.clip(at[:, 1] - 0.5, 0, size - 1.001)
    i, j = row.astype(int), column.astype(int)
    fy, fx = row - i, column - j
    lit: FloatArray = (
        (nearest[i, j] >= limit) * (1 - fy) * (1 - fx)
        + (nearest[i, j + 1] >= limit) * (1 - fy) * fx
        + (nearest[i + 1, j] >= limit) * fy * (1 - fx)
        + (nearest[i + 1, j + 1] >= limit) * fy * fx
    )
    return lit


def open_sky(renderer: PyrenderRenderer, mesh: Mesh, ground: Ground) -> FloatArray:
    """Share of the sky's light that reaches each vertex ``(V,)``, weighed by the angle it falls at."""
    total, seen = np.full(len(mesh.points_cam), 1e-3), np.full(len(mesh.points_cam), 1e-3)
    for direction in sky_directions(ground):
        weight = np.clip(mesh.normals @ direction + 0.25, 0.0, None)
        total += weight
        seen += weight * seen_from(renderer, mesh, direction, mesh.points_cam, 128)
    share: FloatArray = seen / total
    return share


def ground_shadow(
    renderer: PyrenderRenderer,
    mesh: Mesh,
    ground: Ground,
    directions: list[FloatArray],
    to_layer: tuple[float, FloatArray],
    size_px: tuple[int, int],
) -> FloatArray:
    """Share ``(H, W)`` of the light from ``directions`` that the mesh keeps from the ground.

    Args:
        renderer: Draws the shadows.
        mesh: What throws them.
        ground: What they fall on.
        directions: Towards the light, camera frame.
        to_layer: Pixels a metre and the pixel ``(2,)`` of the camera frame's origin.
        size_px: Width and height of the picture; shadows are drawn at half of it.
    """
    scale, origin_px = to_layer
    half = (max(size_px[0] // 2, 1), max(size_px[1] // 2, 1))
    total = np.zeros((half[1], half[0]))
    for direction in directions:
        fallen = ground.shadow_of(mesh.points_cam, direction)
        placed = np.concatenate((fallen[:, :2] * scale + origin_px, fallen[:, 2:]), axis=1)
        placed[:, :2] *= np.array(half) / np.array(size_px)
        total += renderer.draw_face_ids(placed, mesh.faces, half) >= 0
    rows = np.clip((np.arange(size_px[1]) + 0.5) / 2 - 0.5, 0, half[1] - 1).round().astype(int)
    columns = np.clip((np.arange(size_px[0]) + 0.5) / 2 - 0.5, 0, half[0] - 1).round().astype(int)
    share: FloatArray = gaussian_filter((total / len(directions))[np.ix_(rows, columns)], 2.5)
    return share


def _basis(forward: FloatArray) -> FloatArray:
    """Rows right, down, forward of a viewer that looks along ``forward``."""
    helper = np.array([0.0, 1.0, 0.0]) if abs(forward[1]) < 0.9 else np.array([0.0, 0.0, 1.0])
    right = np.cross(helper, forward)
    right /= np.linalg.norm(right)
    return np.stack((right, np.cross(forward, right), forward))
