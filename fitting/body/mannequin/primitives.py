"""Signed distance fields the figure is made of: ellipsoids, round cones and lofts, joined smoothly.

Distances are negative inside. Those of ellipsoids and lofts are exact only on the surface and of first order near it,
which is enough where the surface is found by Newton steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

FloatArray = NDArray[np.float64]


class Primitive(Protocol):
    """A solid with a signed distance and a box around it."""

    def distance(self, points: FloatArray) -> FloatArray:
        """Signed distance ``(N,)`` of points ``(N, 3)``, metres, negative inside."""
        ...

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper corner ``(3,)`` of a box that holds the solid."""
        ...


class Ellipsoid:
    """An ellipsoid of radii ``(3,)`` about ``center (3,)``, turned by ``axes (3, 3)`` (rows are its own axes)."""

    def __init__(self, center: FloatArray, radii: FloatArray, axes: FloatArray | None = None) -> None:
        self._center = np.asarray(center, float)
        self._radii = np.asarray(radii, float)
        self._axes = np.eye(3) if axes is None else np.asarray(axes, float)

    def distance(self, points: FloatArray) -> FloatArray:
        """First-order distance ``k0 (k0 - 1) / k1`` (Quilez, "ellipsoid SDF")."""
        local = (points - self._center) @ self._axes.T
        k0 = np.linalg.norm(local / self._radii, axis=-1)
        k1 = np.linalg.norm(local / self._radii**2, axis=-1)
        result: FloatArray = k0 * (k0 - 1.0) / np.maximum(k1, 1e-9)
        return result

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """The axis-aligned box of the turned ellipsoid."""
        reach = np.sqrt(((self._axes * self._radii[:, None]) ** 2).sum(0))
        return self._center - reach, self._center + reach


class RoundCone:
    """The hull of two spheres: from ``start`` with ``start_radius`` to ``end`` with ``end_radius``."""

    def __init__(self, start: FloatArray, end: FloatArray, start_radius: float, end_radius: float) -> None:
        self._start, self._end = np.asarray(start, float), np.asarray(end, float)
        self._radii = (start_radius, end_radius)

    def stretched(self, near: FloatArray, far: FloatArray, mirrored: bool) -> RoundCone:
        """The cone with its start moved by ``near (3, 4)`` and its end by ``far (3, 4)``: a fold between two bones.

        Args:
            near: Rigid motion of the start.
            far: Rigid motion of the end.
            mirrored: True to take the cone of the other side (x negated) before it is moved.
        """
        side = np.array([-1.0 if mirrored else 1.0, 1.0, 1.0])
        start, end = self._start * side, self._end * side
        return RoundCone(near[:, :3] @ start + near[:, 3], far[:, :3] @ end + far[:, 3], *self._radii)

    def distance(self, points: FloatArray) -> FloatArray:
        """Exact distance, by the half-plane of the axis (Quilez, "round cone SDF")."""
        axis = self._end - self._start
        length = max(float(np.linalg.norm(axis)), abs(self._radii[0] - self._radii[1]) + 1e-6)
        r0, r1 = self._radii
        offset = points - self._start
        along = offset @ axis / length
        across = np.sqrt(np.maximum((offset**2).sum(-1) - along**2, 0.0))
        slope = (r0 - r1) / length
        rise = np.sqrt(1.0 - slope**2)
        side = rise * along - slope * across
        result: FloatArray = np.where(
            side < 0.0,
            np.hypot(across, along) - r0,
            np.where(side > rise * length, np.hypot(across, along - length) - r1, across * rise + along * slope - r0),
        )
        return result

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """The box around both spheres."""
        r0, r1 = self._radii
        return np.minimum(self._start - r0, self._end - r1), np.maximum(self._start + r0, self._end + r1)


@dataclass(frozen=True, slots=True)
class Station:
    """One cross-section of a loft: place along the axis, half-width, extent to either side across, superellipse power.

    ``lower`` and ``upper`` are coordinates of the outline on the second axis, not radii: the table of a trunk can be
    read off a profile drawing. ``shift`` moves the section along the first axis.
    """

    at: float
    half_width: float
    lower: float
    upper: float
    power: float = 2.2
    shift: float = 0.0


class Loft:
    """A body swept along a straight axis through superelliptic sections, interpolated monotonically (PCHIP).

    ``axes`` rows: first and second axis of the sections, then the direction of the sweep; right-handed or not.
    ``span`` cuts a piece out of a longer table; cut ends are closed by the distance to the end plane.
    """

    def __init__(
        self,
        stations: Sequence[Station],
        axes: FloatArray,
        origin: FloatArray | None = None,
        span: tuple[float, float] | None = None,
    ) -> None:
        table = np.array([(s.at, s.half_width, s.lower, s.upper, s.power, s.shift) for s in stations])
        self._sections = PchipInterpolator(table[:, 0], table[:, 1:])
        self._span = span or (float(table[0, 0]), float(table[-1, 0]))
        self._axes = np.asarray(axes, float)
        self._origin = np.zeros(3) if origin is None else np.asarray(origin, float)

    def distance(self, points: FloatArray) -> FloatArray:
        """First-order distance: superellipse norm over its gradient in the section, joined with the end planes."""
        first, second, along = ((points - self._origin) @ self._axes.T).T
        half, lower, upper, power, shift = self._sections(np.clip(along, *self._span)).T
        middle = 0.5 * (lower + upper)
        radius = 0.5 * (upper - lower)
        u = (first - shift) / half
        v = (second - middle) / radius
        au, av = np.abs(u) + 1e-9, np.abs(v) + 1e-9
        norm = (au**power + av**power) ** (1.0 / power)
        gradient = np.hypot((au / norm) ** (power - 1.0) / half, (av / norm) ** (power - 1.0) / radius)
        section = (norm - 1.0) / gradient
        beyond = np.maximum(self._span[0] - along, along - self._span[1])
        outside = np.hypot(np.maximum(section, 0.0), beyond)
        result: FloatArray = np.where(beyond > 0.0, outside, np.maximum(section, beyond))
        return result

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """The box around all sections, sampled densely."""
        along = np.linspace(*self._span, 33)
        half, lower, upper, _, shift = self._sections(along).T
        corners = [
            np.stack([first, second, along], -1) for first in (shift - half, shift + half) for second in (lower, upper)
        ]
        world = np.concatenate(corners) @ self._axes + self._origin
        return world.min(0), world.max(0)


def smooth_union(first: FloatArray, second: FloatArray, blend: float) -> FloatArray:
    """Polynomial smooth minimum; ``blend`` metres is the width over which the two surfaces melt."""
    near = np.maximum(blend - np.abs(first - second), 0.0)
    result: FloatArray = np.minimum(first, second) - near * near / (4.0 * blend)
    return result


def smooth_subtract(solid: FloatArray, tool: FloatArray, blend: float) -> FloatArray:
    """``solid`` without ``tool``, with an edge rounded over ``blend`` metres."""
    return -smooth_union(-solid, tool, blend)
