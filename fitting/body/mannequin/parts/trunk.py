"""Pelvis, belly, chest and the muscles that cover them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from fitting.body.mannequin.anatomy import SOLE_DEPTH
from fitting.body.mannequin.field import Part, ball, cone
from fitting.body.mannequin.primitives import Loft, Primitive, Station

FloatArray = NDArray[np.float64]

# Height, half-width, back, front, superellipse power.
_SECTIONS = (
    (0.830, 0.045, -0.050, 0.045, 2.0),
    (0.870, 0.100, -0.082, 0.070, 2.1),
    (0.905, 0.146, -0.098, 0.083, 2.2),
    (0.940, 0.162, -0.104, 0.091, 2.3),
    (0.985, 0.160, -0.102, 0.097, 2.4),
    (1.040, 0.151, -0.090, 0.099, 2.4),
    (1.090, 0.141, -0.082, 0.096, 2.3),
    (1.130, 0.136, -0.081, 0.095, 2.3),
    (1.180, 0.138, -0.087, 0.098, 2.3),
    (1.240, 0.147, -0.102, 0.106, 2.4),
    (1.300, 0.157, -0.116, 0.114, 2.5),
    (1.350, 0.161, -0.122, 0.113, 2.5),
    (1.390, 0.155, -0.120, 0.100, 2.4),
    (1.420, 0.132, -0.112, 0.078, 2.3),
    (1.445, 0.096, -0.102, 0.056, 2.2),
    (1.465, 0.066, -0.092, 0.036, 2.1),
    (1.485, 0.045, -0.080, 0.020, 2.0),
)
# Which bone carries which stretch of the trunk; the stretches overlap so that a bent spine shows no gap.
_STRETCHES = (("pelvis", 0.830, 1.090), ("spine1", 1.040, 1.190), ("spine2", 1.150, 1.300), ("spine3", 1.240, 1.485))
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def trunk_parts() -> list[Part]:
    """The trunk's loft in four stretches, then neck slope, chest, back and seat."""
    stations = [Station(height - SOLE_DEPTH, *section) for height, *section in _SECTIONS]
    lofts = [
        Part(Loft(stations, _AXES, span=(low - SOLE_DEPTH, high - SOLE_DEPTH)), bone, 0.001, paired=False)
        for bone, low, high in _STRETCHES
    ]
    chest_turn = Rotation.from_euler("zy", [20, -25], degrees=True).as_matrix()
    return [
        *lofts,
        *(Part(solid, "spine3", blend) for solid, blend in _chest_solids(chest_turn)),
        *(Part(solid, "left_collar", blend) for solid, blend in _shoulder_solids()),
        Part(cone((0.036, 1.020, 0.064), (0.042, 1.240, 0.074), 0.023, 0.025), "spine1", 0.025),
        Part(ball((0.074, 0.878, -0.026), (0.058, 0.060, 0.060)), "pelvis", 0.020),
        Part(ball((0.076, 0.918, -0.058), (0.072, 0.078, 0.062)), "pelvis", 0.045),
        *(Part(solid, "spine2", blend, carves=True, paired=False) for solid, blend in _grooves()),
    ]


def _chest_solids(chest_turn: FloatArray) -> list[tuple[Primitive, float]]:
    """Pectoral, latissimus and shoulder blade, each with its blend."""
    return [
        (ball((0.076, 1.336, 0.070), (0.072, 0.050, 0.036), chest_turn), 0.042),
        (cone((0.084, 1.060, -0.030), (0.140, 1.350, -0.040), 0.024, 0.034), 0.050),
        (ball((0.086, 1.355, -0.074), (0.058, 0.085, 0.040)), 0.040),
    ]


def _shoulder_solids() -> list[tuple[Primitive, float]]:
    """Neck slope (trapezius), flesh under the collar bone, the bone, the cap over the joint, each with its blend."""
    return [
        (cone((0.018, 1.492, -0.045), (0.150, 1.432, -0.034), 0.034, 0.026), 0.035),
        (ball((0.118, 1.408, 0.028), (0.055, 0.034, 0.030)), 0.045),
        (cone((0.018, 1.416, 0.044), (0.150, 1.446, 0.004), 0.008, 0.008), 0.030),
        (ball((0.174, 1.419, -0.016), (0.046, 0.041, 0.050)), 0.030),
    ]


def _grooves() -> list[tuple[Primitive, float]]:
    """What is carved along the midline: between the belly's muscles and along the spine, each with its blend."""
    return [
        (cone((0.0, 1.080, 0.113), (0.0, 1.270, 0.127), 0.006, 0.006), 0.026),
        (cone((0.0, 1.110, -0.100), (0.0, 1.360, -0.145), 0.010, 0.012), 0.050),
    ]
