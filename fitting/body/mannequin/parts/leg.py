"""Thigh, shank and foot."""

from __future__ import annotations

import numpy as np

from fitting.body.mannequin.anatomy import SOLE_DEPTH
from fitting.body.mannequin.field import Part, ball, cone
from fitting.body.mannequin.primitives import Loft, Primitive, Station

# Height, half-width, back, front, superellipse power, x of the middle.
_LEG_SECTIONS = (
    (0.965, 0.053, -0.050, 0.050, 2.0, 0.094),
    (0.910, 0.076, -0.077, 0.076, 2.0, 0.095),
    (0.860, 0.080, -0.088, 0.084, 2.1, 0.0965),
    (0.800, 0.080, -0.089, 0.087, 2.1, 0.0965),
    (0.740, 0.077, -0.084, 0.085, 2.1, 0.096),
    (0.660, 0.069, -0.074, 0.077, 2.1, 0.095),
    (0.580, 0.058, -0.062, 0.063, 2.1, 0.094),
    (0.530, 0.051, -0.053, 0.053, 2.2, 0.093),
    (0.497, 0.050, -0.050, 0.049, 2.3, 0.093),
    (0.460, 0.048, -0.050, 0.044, 2.3, 0.093),
    (0.430, 0.047, -0.053, 0.040, 2.1, 0.094),
    (0.390, 0.048, -0.057, 0.037, 2.1, 0.095),
    (0.350, 0.047, -0.060, 0.034, 2.1, 0.095),
    (0.300, 0.043, -0.062, 0.030, 2.1, 0.095),
    (0.240, 0.037, -0.061, 0.024, 2.1, 0.094),
    (0.180, 0.034, -0.061, 0.018, 2.1, 0.094),
    (0.120, 0.032, -0.064, 0.012, 2.1, 0.094),
    (0.080, 0.032, -0.070, 0.012, 2.1, 0.094),
    (0.050, 0.030, -0.070, 0.010, 2.1, 0.093),
)
_KNEE_OVERLAP = (0.470, 0.525)
_LEG_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])

# z, half-width, sole, instep, superellipse power, x of the middle.
_FOOT_SECTIONS = (
    (-0.089, 0.013, 0.014, 0.042, 2.2, 0.091),
    (-0.080, 0.025, 0.004, 0.060, 2.5, 0.091),
    (-0.060, 0.032, 0.000, 0.080, 2.8, 0.092),
    (-0.030, 0.034, 0.000, 0.092, 2.6, 0.093),
    (0.000, 0.035, 0.000, 0.088, 2.5, 0.096),
    (0.030, 0.038, 0.001, 0.073, 2.5, 0.101),
    (0.060, 0.042, 0.001, 0.057, 2.6, 0.106),
    (0.090, 0.045, 0.000, 0.042, 2.6, 0.111),
    (0.115, 0.044, 0.000, 0.032, 2.5, 0.114),
    (0.132, 0.036, 0.002, 0.026, 2.3, 0.112),
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
    """Thigh and shank are two stretches of one loft; balls in knee and hip keep them round when bent; then the foot."""
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
        Part(ball((0.0925, 0.498, 0.000), (0.048, 0.048, 0.049)), "left_hip", 0.008),
        Part(ball((0.096, 0.897, -0.004), (0.076, 0.076, 0.080)), "left_hip", 0.020),
        *(Part(solid, "left_hip", blend) for solid, blend in _thigh_solids()),
        *(Part(solid, "left_knee", blend) for solid, blend in _shank_solids()),
        Part(Loft(foot, _FOOT_AXES), "left_ankle", 0.028),
        Part(ball((0.069, 0.086, -0.030), (0.009, 0.014, 0.014)), "left_ankle", 0.014),
        Part(ball((0.121, 0.078, -0.038), (0.009, 0.014, 0.014)), "left_ankle", 0.014),
        *(Part(cone(*toe), "left_foot", 0.007) for toe in _TOES),
    ]


def _thigh_solids() -> list[tuple[Primitive, float]]:
    """The two vasti above the knee and the kneecap, each with its blend."""
    return [
        (ball((0.072, 0.572, 0.034), (0.022, 0.044, 0.022)), 0.030),
        (ball((0.120, 0.620, 0.028), (0.024, 0.085, 0.032)), 0.040),
        (ball((0.092, 0.503, 0.040), (0.023, 0.027, 0.017)), 0.022),
    ]


def _shank_solids() -> list[tuple[Primitive, float]]:
    """The two heads of the calf and the root of the kneecap's tendon, each with its blend."""
    return [
        (ball((0.076, 0.366, -0.040), (0.029, 0.082, 0.036)), 0.035),
        (ball((0.115, 0.380, -0.040), (0.027, 0.074, 0.034)), 0.035),
        (ball((0.094, 0.452, 0.036), (0.014, 0.022, 0.012)), 0.022),
    ]
