"""Ten ways in which people differ, one standard deviation each, as displacement fields over the rest body.

Lengths and breadths are fields over space, so joints move exactly as the surface around them; girths push along the
normals and leave the joints. The pelvis joint stays where it is. Sizes follow the spread of adults in ANSUR II
(Gordon et al. 2014): stature about 8 cm, mass about 12 kg, biacromial breadth about 2 cm, and so on, each direction
with the others held still.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from fitting.body.mannequin.anatomy import JOINT_NAMES, SOLE_DEPTH, build_joints
from fitting.body.mannequin.skinning import head_share
from fitting.body.mannequin.surface import Mesh, neighbour_mean

FloatArray = NDArray[np.float64]

SHAPE_NAMES = (
    "stature", "mass", "leg length", "arm length", "shoulder width",
    "hip width", "head size", "torso length", "muscle", "belly",
)  # fmt: skip

_STATURE = 0.045
_HEAD = 0.035
# Growth along a line: (coordinate, shift in metres), constant beyond both ends.
_LEG_GROWTH = ((0.077, -0.024), (0.497, -0.012), (0.908, 0.0))
_ARM_GROWTH = ((0.178, 0.0), (0.456, 0.010), (0.718, 0.019), (0.895, 0.023))
_TORSO_GROWTH = ((0.990, 0.0), (1.468, 0.016))
_SHOULDER_GROWTH = ((0.020, 0.0), (0.062, 0.004), (0.178, 0.011))
_SHOULDER_HEIGHTS = ((1.10, 0.0), (1.36, 1.0), (1.47, 1.0), (1.54, 0.0))
_HIP_GROWTH = ((0.0, 0.0), (0.086, 0.0055), (0.165, 0.011))
_HIP_HEIGHTS = ((0.03, 0.25), (0.50, 0.40), (0.88, 1.0), (1.00, 1.0), (1.20, 0.0))

# Girth in millimetres along the normal: trunk and legs over the height, arms over |x|.
_MASS_TRUNK = (
    (0.85, 9.0), (0.95, 11.0), (1.05, 13.0), (1.15, 12.5), (1.25, 10.5), (1.35, 8.0), (1.42, 6.0), (1.48, 4.5),
    (1.53, 3.5), (1.58, 2.0), (1.65, 0.8), (1.74, 0.3),
)  # fmt: skip
_MASS_LEGS = ((0.0, 0.2), (0.06, 0.6), (0.12, 1.2), (0.20, 2.2), (0.36, 4.5), (0.50, 3.8), (0.62, 6.5), (0.86, 9.0))
_MASS_ARMS = ((0.19, 6.5), (0.30, 6.2), (0.40, 4.5), (0.46, 3.0), (0.53, 3.6), (0.62, 2.6), (0.71, 1.0), (0.90, 0.3))
_MUSCLE_TRUNK = (
    (0.85, 2.5), (0.95, 2.0), (1.05, 0.0), (1.12, -1.0), (1.20, 2.0), (1.30, 5.5), (1.38, 6.0), (1.44, 6.0),
    (1.50, 5.0), (1.55, 1.5), (1.60, 0.0),
)  # fmt: skip
_MUSCLE_LEGS = ((0.12, 0.0), (0.25, 1.5), (0.38, 4.5), (0.50, 0.3), (0.60, 3.0), (0.76, 5.5), (0.86, 3.5))
_MUSCLE_ARMS = ((0.18, 6.5), (0.24, 7.5), (0.34, 6.5), (0.42, 2.5), (0.46, 1.2), (0.53, 4.5), (0.62, 2.0), (0.70, 0.0))

_BELLY = 0.017
_BELLY_HEIGHT = 1.075
_BELLY_REACH = (0.075, 0.110)
_SMOOTHING_ROUNDS = 12
_MIDLINE_GAP = 0.001


def build_shape_directions(mesh: Mesh, normals: FloatArray) -> FloatArray:
    """Displacements ``(V, 3, 10)`` in metres per standard deviation; mirror-symmetric."""
    fields = shape_fields(mesh.vertices)
    fields[..., SHAPE_NAMES.index("mass")] = normals * _girth(mesh.vertices, _MASS_TRUNK, _MASS_LEGS, _MASS_ARMS)
    fields[..., SHAPE_NAMES.index("muscle")] = normals * _girth(
        mesh.vertices, _MUSCLE_TRUNK, _MUSCLE_LEGS, _MUSCLE_ARMS
    )
    fields[..., SHAPE_NAMES.index("belly")] = _belly(mesh.vertices)
    mean = neighbour_mean(mesh.faces, len(mesh.vertices))
    for name in ("mass", "muscle", "belly"):
        column = SHAPE_NAMES.index(name)
        for _ in range(_SMOOTHING_ROUNDS):
            fields[..., column] = 0.5 * fields[..., column] + 0.5 * (mean @ fields[..., column])
        fields[:, 0, column] = _kept_apart(mesh.vertices, fields[:, 0, column])
    return np.asarray(0.5 * (fields + fields[mesh.twins] * np.array([-1.0, 1.0, 1.0])[:, None]))


def shape_fields(points: FloatArray) -> FloatArray:
    """Displacements ``(N, 3, 10)`` of points in the body by lengths and breadths; girths are 0 here."""
    fields = np.zeros((len(points), 3, len(SHAPE_NAMES)))
    height = points[:, 1] + SOLE_DEPTH
    breadth, side = np.abs(points[:, 0]), np.sign(points[:, 0])
    pelvis, head = (build_joints()[JOINT_NAMES.index(name)] for name in ("pelvis", "head"))
    arms = _ramp(breadth, 0.14, 0.20) * _ramp(height, 1.20, 1.30)
    fields[..., 0] = _STATURE * (points - pelvis)
    fields[:, 1, 2] = _along(height, _LEG_GROWTH)
    fields[:, 0, 3] = side * _along(breadth, _ARM_GROWTH) * _ramp(height, 1.20, 1.30)
    reach = _along(height, _SHOULDER_HEIGHTS)
    fields[:, 0, 4] = side * _along(breadth, _SHOULDER_GROWTH) * np.maximum(reach, arms)
    fields[:, 0, 5] = side * _along(breadth, _HIP_GROWTH) * _along(height, _HIP_HEIGHTS) * (1.0 - arms)
    fields[..., 6] = _HEAD * head_share(points)[:, None] * (points - head)
    fields[:, 1, 7] = _along(height, _TORSO_GROWTH)
    return fields


def _along(values: FloatArray, table: tuple[tuple[float, float], ...]) -> FloatArray:
    knots = np.array(table)
    return np.asarray(np.interp(values, knots[:, 0], knots[:, 1]))


def _ramp(values: FloatArray, low: float, high: float) -> FloatArray:
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


def _profile(values: FloatArray, table: tuple[tuple[float, float], ...]) -> FloatArray:
    knots = np.array(table)
    return np.asarray(PchipInterpolator(knots[:, 0], knots[:, 1])(np.clip(values, knots[0, 0], knots[-1, 0])))


def _girth(
    points: FloatArray,
    trunk: tuple[tuple[float, float], ...],
    legs: tuple[tuple[float, float], ...],
    arms: tuple[tuple[float, float], ...],
) -> FloatArray:
    height, breadth = points[:, 1] + SOLE_DEPTH, np.abs(points[:, 0])
    arm_share = _ramp(breadth, 0.15, 0.21) * _ramp(height, 1.25, 1.33)
    leg_share = _ramp(-height, -0.92, -0.82)
    body = leg_share * _profile(height, legs) + (1.0 - leg_share) * _profile(height, trunk)
    return np.asarray(1e-3 * (arm_share * _profile(breadth, arms) + (1.0 - arm_share) * body)[:, None])


def _kept_apart(points: FloatArray, sideways: FloatArray) -> FloatArray:
    """Shifts ``(N,)`` along x held short of the midline at 3 standard deviations: thighs touch, they do not cut."""
    side = np.sign(points[:, 0])
    most = np.maximum(np.abs(points[:, 0]) - _MIDLINE_GAP, 0.0) / 3.0
    return np.asarray(side * np.maximum(side * sideways, -most))


def _belly(points: FloatArray) -> FloatArray:
    height, breadth = points[:, 1] + SOLE_DEPTH, np.abs(points[:, 0])
    offset = height - _BELLY_HEIGHT
    reach = np.where(offset < 0.0, *_BELLY_REACH)
    amount = _BELLY * np.exp(-0.5 * (offset / reach) ** 2) * _ramp(-breadth, -0.24, -0.17)
    angle = np.arctan2(breadth, points[:, 2] + 0.02)
    front = 0.06 + 0.94 * _ramp(-angle, -2.3, -0.2)
    outward = np.stack([0.6 * np.sin(angle) * np.sign(points[:, 0]), -0.12 * np.ones(len(points)), np.cos(angle)], -1)
    return np.asarray((amount * front)[:, None] * outward)
