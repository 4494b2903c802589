"""Thigh, shank and foot."""

from __future__ import annotations

import numpy as np

from fitting.body.mannequin.anatomy import SOLE_DEPTH
from fitting.body.mannequin.field import Part, ball, cone
from fitting.body.mannequin.primitives import Loft, Station

# Height, half-width, back, front, superellipse power, x of the middle.
_LEG_SECTIONS = (
    (0.965, 0.055, -0.050, 0.050, 2.0, 0.096),
    (0.910, 0.078, -0.078, 0.076, 2.0, 0.097),
    (0.860, 0.083, -0.089, 0.084, 2.1, 0.098),
    (0.800, 0.083, -0.090, 0.087, 2.1, 0.097),
    (0.740, 0.079, -0.084, 0.085, 2.1, 0.096),
    (0.660, 0.071, -0.074, 0.077, 2.1, 0.095),
    (0.580, 0.061, -0.062, 0.065, 2.1, 0.094),
    (0.530, 0.055, -0.054, 0.057, 2.1, 0.094),
    (0.497, 0.053, -0.052, 0.055, 2.2, 0.094),
    (0.460, 0.051, -0.055, 0.049, 2.2, 0.094),
    (0.430, 0.053, -0.064, 0.044, 2.1, 0.095),
    (0.390, 0.056, -0.074, 0.040, 2.1, 0.096),
    (0.350, 0.055, -0.077, 0.036, 2.1, 0.096),
    (0.300, 0.050, -0.073, 0.031, 2.1, 0.095),
    (0.240, 0.042, -0.066, 0.024, 2.1, 0.094),
    (0.180, 0.035, -0.062, 0.017, 2.1, 0.094),
    (0.120, 0.032, -0.066, 0.010, 2.1, 0.094),
    (0.080, 0.033, -0.072, 0.012, 2.1, 0.094),
    (0.050, 0.030, -0.070, 0.010, 2.1, 0.093),
)
_KNEE_OVERLAP = (0.470, 0.525)
_LEG_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])

# z, half-width, sole, instep, superellipse power, x of the middle.
_FOOT_SECTIONS = (
    (-0.089, 0.012, 0.014, 0.040, 2.0, 0.090),
    (-0.080, 0.023, 0.004, 0.056, 2.2, 0.090),
    (-0.060, 0.030, 0.000, 0.078, 2.3, 0.091),
    (-0.030, 0.033, 0.000, 0.092, 2.3, 0.092),
    (0.000, 0.035, 0.000, 0.088, 2.3, 0.095),
    (0.030, 0.038, 0.001, 0.073, 2.4, 0.100),
    (0.060, 0.042, 0.001, 0.057, 2.4, 0.105),
    (0.090, 0.045, 0.000, 0.042, 2.4, 0.111),
    (0.115, 0.044, 0.000, 0.032, 2.4, 0.114),
    (0.132, 0.036, 0.002, 0.026, 2.2, 0.112),
)
_FOOT_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

# Root (x, height, z), end (x, height, z), radius at root and end.
_TOES = (
    ((0.093, 0.018, 0.110), (0.094, 0.015, 0.158), 0.0165, 0.0130),
    ((0.113, 0.016, 0.112), (0.117, 0.011, 0.158), 0.0110, 0.0090),
    ((0.126, 0.015, 0.108), (0.131, 0.010, 0.147), 0.0105, 0.0085),
    ((0.138, 0.014, 0.102), (0.143, 0.010, 0.133), 0.0100, 0.0085),
    ((0.147, 0.013, 0.090), (0.152, 0.010, 0.114), 0.0105, 0.0085),
)


def leg_parts() -> list[Part]:
    """Thigh and shank are two stretches of one loft that overlap at the knee; then ankle bones, foot and toes."""
    stations = [Station(height - SOLE_DEPTH, *section) for height, *section in reversed(_LEG_SECTIONS)]
    low, high = (height - SOLE_DEPTH for height in _KNEE_OVERLAP)
    thigh = Loft(stations, _LEG_AXES, span=(low, stations[-1].at))
    shank = Loft(stations, _LEG_AXES, span=(stations[0].at, high))
    foot = [
        Station(z, half, sole - SOLE_DEPTH, instep - SOLE_DEPTH, power, x)
        for z, half, sole, instep, power, x in _FOOT_SECTIONS
    ]
    return [
        Part(thigh, "left_hip", 0.045),
        Part(shank, "left_knee", 0.001),
        Part(Loft(foot, _FOOT_AXES), "left_ankle", 0.028),
        Part(ball((0.068, 0.086, -0.030), (0.011, 0.014, 0.014)), "left_ankle", 0.014),
        Part(ball((0.122, 0.078, -0.038), (0.010, 0.014, 0.014)), "left_ankle", 0.014),
        *(Part(cone(*toe), "left_foot", 0.007) for toe in _TOES),
    ]
