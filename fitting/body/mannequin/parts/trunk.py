"""Pelvis, belly, chest and the muscles that cover them."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from fitting.body.mannequin.anatomy import SOLE_DEPTH
from fitting.body.mannequin.field import Part, ball, cone
from fitting.body.mannequin.primitives import Loft, Station

# Height, half-width, back, front, superellipse power.
_SECTIONS = (
    (0.830, 0.045, -0.050, 0.045, 2.0),
    (0.870, 0.100, -0.082, 0.070, 2.1),
    (0.905, 0.134, -0.098, 0.083, 2.2),
    (0.940, 0.152, -0.104, 0.091, 2.3),
    (0.985, 0.158, -0.102, 0.097, 2.4),
    (1.040, 0.151, -0.090, 0.099, 2.4),
    (1.090, 0.141, -0.082, 0.096, 2.3),
    (1.130, 0.136, -0.081, 0.095, 2.3),
    (1.180, 0.138, -0.087, 0.098, 2.3),
    (1.240, 0.147, -0.102, 0.106, 2.4),
    (1.300, 0.157, -0.116, 0.114, 2.5),
    (1.350, 0.161, -0.122, 0.113, 2.5),
    (1.390, 0.155, -0.120, 0.100, 2.4),
    (1.420, 0.138, -0.113, 0.082, 2.3),
    (1.450, 0.105, -0.101, 0.060, 2.2),
    (1.475, 0.075, -0.090, 0.042, 2.1),
    (1.500, 0.055, -0.078, 0.030, 2.0),
)
# Which bone carries which stretch of the trunk; the stretches overlap so that a bent spine shows no gap.
_STRETCHES = (("pelvis", 0.830, 1.090), ("spine1", 1.040, 1.190), ("spine2", 1.150, 1.300), ("spine3", 1.240, 1.500))
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def trunk_parts() -> list[Part]:
    """The trunk's loft in four stretches, then neck slope, chest, back and seat."""
    stations = [Station(height - SOLE_DEPTH, *section) for height, *section in _SECTIONS]
    lofts = [
        Part(Loft(stations, _AXES, span=(low - SOLE_DEPTH, high - SOLE_DEPTH)), bone, 0.001, paired=False)
        for bone, low, high in _STRETCHES
    ]
    chest_turn = Rotation.from_euler("zy", [25, -20], degrees=True).as_matrix()
    return [
        *lofts,
        Part(cone((0.030, 1.505, -0.038), (0.150, 1.436, -0.030), 0.040, 0.030), "spine3", 0.040),
        Part(ball((0.074, 1.335, 0.078), (0.072, 0.052, 0.036), chest_turn), "spine3", 0.040),
        Part(ball((0.130, 1.275, -0.040), (0.034, 0.100, 0.058)), "spine3", 0.040),
        Part(ball((0.088, 1.365, -0.100), (0.055, 0.070, 0.022)), "spine3", 0.040),
        Part(ball((0.076, 0.915, -0.062), (0.074, 0.082, 0.062)), "pelvis", 0.045),
    ]
