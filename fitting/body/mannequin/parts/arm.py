"""Shoulder, arm and hand; palm down, thumb forward."""

from __future__ import annotations

import numpy as np

from fitting.body.mannequin.anatomy import SOLE_DEPTH
from fitting.body.mannequin.field import Part, ball, cone
from fitting.body.mannequin.primitives import Loft, Primitive, RoundCone, Station

# x, half-width along z, lower and upper height, superellipse power, z of the middle.
_ARM_SECTIONS = (
    (0.150, 0.048, 1.366, 1.453, 2.1, -0.018),
    (0.190, 0.058, 1.352, 1.463, 2.1, -0.018),
    (0.230, 0.053, 1.356, 1.460, 2.1, -0.019),
    (0.280, 0.044, 1.362, 1.452, 2.1, -0.021),
    (0.340, 0.039, 1.366, 1.448, 2.1, -0.023),
    (0.400, 0.037, 1.369, 1.444, 2.1, -0.024),
    (0.456, 0.039, 1.375, 1.439, 2.3, -0.024),
    (0.500, 0.042, 1.374, 1.442, 2.1, -0.023),
    (0.540, 0.042, 1.375, 1.441, 2.1, -0.022),
    (0.600, 0.036, 1.381, 1.435, 2.1, -0.022),
    (0.660, 0.030, 1.387, 1.429, 2.1, -0.022),
    (0.700, 0.027, 1.390, 1.426, 2.2, -0.022),
    (0.740, 0.029, 1.391, 1.424, 2.3, -0.021),
)
_PALM_SECTIONS = (
    (0.700, 0.026, 1.392, 1.425, 2.3, -0.022),
    (0.740, 0.033, 1.391, 1.422, 2.5, -0.020),
    (0.780, 0.041, 1.390, 1.418, 2.8, -0.020),
    (0.800, 0.043, 1.390, 1.416, 2.8, -0.020),
    (0.815, 0.040, 1.392, 1.413, 2.6, -0.020),
    (0.825, 0.030, 1.396, 1.409, 2.4, -0.020),
)
_ELBOW_OVERLAP = (0.430, 0.480)
# First across (z), second up, swept along x.
_AXES = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])

# Root (x, height, z), end (x, height, z), radius at root and end.
_FINGERS = (
    ((0.800, 1.404, 0.011), (0.878, 1.396, 0.021), 0.0100, 0.0078),
    ((0.806, 1.405, -0.010), (0.889, 1.397, -0.010), 0.0100, 0.0080),
    ((0.800, 1.404, -0.031), (0.880, 1.396, -0.040), 0.0098, 0.0078),
    ((0.788, 1.402, -0.050), (0.858, 1.394, -0.067), 0.0088, 0.0070),
)
_THUMB = (
    ((0.738, 1.400, 0.002), (0.780, 1.388, 0.042), 0.0170, 0.0120),
    ((0.780, 1.388, 0.042), (0.809, 1.380, 0.058), 0.0115, 0.0088),
)


def _stations(table: tuple[tuple[float, ...], ...]) -> list[Station]:
    return [Station(x, half, low - SOLE_DEPTH, high - SOLE_DEPTH, power, z) for x, half, low, high, power, z in table]


def arm_parts() -> list[Part]:
    """Upper arm and forearm are two stretches of one loft, with a ball in the elbow; then palm, thumb and fingers."""
    arm = _stations(_ARM_SECTIONS)
    near, far = _ELBOW_OVERLAP
    return [
        Part(Loft(arm, _AXES, span=(arm[0].at, far)), "left_shoulder", 0.045),
        Part(Loft(arm, _AXES, span=(near, arm[-1].at)), "left_elbow", 0.001),
        Part(ball((0.458, 1.407, -0.025), (0.034, 0.032, 0.038)), "left_shoulder", 0.008),
        *(Part(solid, "left_shoulder", blend) for solid, blend in _upper_arm_solids()),
        *(Part(fold, "spine3", 0.030, far_bone="left_shoulder") for fold in _armpit_folds()),
        *(Part(solid, "left_elbow", blend) for solid, blend in _forearm_solids()),
        Part(Loft(_stations(_PALM_SECTIONS), _AXES), "left_wrist", 0.020),
        *(Part(cone(*bone), "left_wrist", 0.012) for bone in _THUMB),
        *(Part(cone(*finger), "left_hand", 0.006) for finger in _FINGERS),
    ]


def _upper_arm_solids() -> list[tuple[Primitive, float]]:
    """Deltoid, biceps (in front, since the elbow bends forward) and triceps, each with its blend."""
    return [
        (ball((0.224, 1.417, -0.018), (0.068, 0.046, 0.056)), 0.030),
        (ball((0.335, 1.406, 0.002), (0.080, 0.034, 0.026)), 0.030),
        (ball((0.320, 1.406, -0.046), (0.085, 0.036, 0.026)), 0.030),
    ]


def _armpit_folds() -> list[RoundCone]:
    """Pectoral fold in front and latissimus fold behind: they stretch between chest and raised arm."""
    return [
        cone((0.112, 1.345, 0.055), (0.268, 1.403, 0.004), 0.030, 0.028),
        cone((0.138, 1.325, -0.045), (0.268, 1.398, -0.032), 0.032, 0.028),
    ]


def _forearm_solids() -> list[tuple[Primitive, float]]:
    """Point of the elbow and the outer forearm's muscle, each with its blend."""
    return [
        (ball((0.460, 1.406, -0.054), (0.018, 0.014, 0.012)), 0.020),
        (ball((0.515, 1.416, 0.002), (0.065, 0.024, 0.020)), 0.030),
    ]
