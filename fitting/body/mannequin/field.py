"""The distance field of the whole figure: parts joined in order, at rest or with its bones posed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.body.mannequin.anatomy import JOINT_NAMES, SOLE_DEPTH, mirrored_name
from fitting.body.mannequin.primitives import Ellipsoid, Primitive, RoundCone, smooth_subtract, smooth_union

FloatArray = NDArray[np.float64]

FAR = 1.0
"""Distance, in metres, where no part has been met yet."""
_MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True)
class Part:
    """One solid of the figure.

    Attributes:
        solid: Its shape in the rest pose; for paired parts the left one (x > 0).
        bone: Name of the joint that carries it; "left_..." makes it a paired part.
        blend: Width in metres over which it melts into the parts before it.
        carves: True if it is taken away instead of added.
        paired: True if there is a mirror image at x < 0.
        far_bone: Joint that carries the end of a round cone, where skin spans two bones (the folds of the armpit).
    """

    solid: Primitive
    bone: str
    blend: float
    carves: bool = False
    paired: bool = True
    far_bone: str | None = None


def place(x: float, height: float, z: float) -> FloatArray:
    """A point ``(3,)`` of the body frame from x, height above the sole and z, metres."""
    return np.array([x, height - SOLE_DEPTH, z])


def ball(
    center: tuple[float, float, float], radii: tuple[float, float, float], turn: FloatArray | None = None
) -> Ellipsoid:
    """An ellipsoid at ``(x, height, z)``."""
    return Ellipsoid(place(*center), np.array(radii), turn)


def cone(
    start: tuple[float, float, float], end: tuple[float, float, float], start_radius: float, end_radius: float
) -> RoundCone:
    """A round cone between two places ``(x, height, z)``."""
    return RoundCone(place(*start), place(*end), start_radius, end_radius)


def _join(field: FloatArray, distance: FloatArray, part: Part) -> FloatArray:
    if part.carves:
        return smooth_subtract(field, distance, part.blend)
    return smooth_union(field, distance, part.blend)


def rest_distance(parts: Sequence[Part], points: FloatArray) -> FloatArray:
    """Signed distance ``(N,)`` of points ``(N, 3)`` from the figure at rest; exactly mirror-symmetric."""
    halved = points * np.where(points[:, :1] < 0.0, _MIRROR, 1.0)
    field = np.full(len(points), FAR)
    for part in parts:
        low, high = part.solid.bounds()
        reach = 2.0 * part.blend + 0.03
        near = ((halved > low - reach) & (halved < high + reach)).all(-1)
        field[near] = _join(field[near], part.solid.distance(halved[near]), part)
    return field


def posed_distance(parts: Sequence[Part], points: FloatArray, transforms: FloatArray) -> FloatArray:
    """Signed distance ``(N,)`` of posed points ``(N, 3)`` from the figure with its bones moved rigidly.

    Args:
        parts: The figure.
        points: Posed points, body frame.
        transforms: ``(24, 3, 4)`` from rest to posed position of each bone.
    """
    field = np.full(len(points), FAR)
    for part in parts:
        for mirrored in (False, True) if part.paired else (False,):
            solid, local = _posed_solid(part, points, transforms, mirrored)
            low, high = solid.bounds()
            reach = 2.0 * part.blend + 0.03
            near = ((local > low - reach) & (local < high + reach)).all(-1)
            field[near] = _join(field[near], solid.distance(local[near]), part)
    return field


def _posed_solid(
    part: Part, points: FloatArray, transforms: FloatArray, mirrored: bool
) -> tuple[Primitive, FloatArray]:
    """A part's solid and the points as its bone sees them; a solid between two bones is stretched instead."""
    bone = transforms[_carrier(part.bone, mirrored)]
    if part.far_bone is not None and isinstance(part.solid, RoundCone):
        return part.solid.stretched(bone, transforms[_carrier(part.far_bone, mirrored)], mirrored), points
    local = (points - bone[:, 3]) @ bone[:, :3]
    return part.solid, local * _MIRROR if mirrored else local


def _carrier(name: str, mirrored: bool) -> int:
    return JOINT_NAMES.index(mirrored_name(name) if mirrored else name)


def rest_gradient(parts: Sequence[Part], points: FloatArray, step: float = 4e-4) -> FloatArray:
    """Central differences ``(N, 3)`` of the distance at rest."""
    columns = []
    for axis in np.eye(3) * step:
        columns.append(rest_distance(parts, points + axis) - rest_distance(parts, points - axis))
    return np.stack(columns, -1) / (2.0 * step)
