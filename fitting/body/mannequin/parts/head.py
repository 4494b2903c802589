"""Neck, skull and face."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from fitting.body.mannequin.anatomy import SOLE_DEPTH
from fitting.body.mannequin.field import Part, ball, cone
from fitting.body.mannequin.primitives import Loft, Station

# Height, half-width, back, front, superellipse power.
_FACE_SECTIONS = (
    (1.506, 0.022, 0.010, 0.070, 2.0),
    (1.515, 0.034, -0.008, 0.088, 2.0),
    (1.530, 0.043, -0.012, 0.095, 2.1),
    (1.550, 0.052, -0.020, 0.094, 2.2),
    (1.575, 0.059, -0.030, 0.092, 2.3),
    (1.600, 0.064, -0.040, 0.091, 2.3),
    (1.630, 0.068, -0.050, 0.090, 2.4),
    (1.650, 0.070, -0.050, 0.092, 2.4),
    (1.670, 0.068, -0.050, 0.090, 2.3),
)
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def head_parts() -> list[Part]:
    """Neck, cranium and jaw first, then the features of the face."""
    face = Loft([Station(height - SOLE_DEPTH, *section) for height, *section in _FACE_SECTIONS], _AXES)
    ear_turn = Rotation.from_euler("yx", [-20, -8], degrees=True).as_matrix().T
    return [
        Part(cone((0.0, 1.455, -0.036), (0.0, 1.570, -0.012), 0.062, 0.056), "neck", 0.035, paired=False),
        Part(ball((0.0, 1.650, -0.003), (0.0755, 0.090, 0.098)), "head", 0.020, paired=False),
        Part(face, "head", 0.025, paired=False),
        Part(ball((0.048, 1.605, 0.062), (0.018, 0.016, 0.018)), "head", 0.020),
        Part(cone((0.012, 1.651, 0.086), (0.046, 1.650, 0.070), 0.009, 0.007), "head", 0.020),
        Part(ball((0.033, 1.632, 0.104), (0.019, 0.012, 0.018)), "head", 0.014, carves=True),
        Part(ball((0.032, 1.633, 0.072), (0.0135, 0.0115, 0.0125)), "head", 0.004),
        Part(cone((0.0, 1.642, 0.088), (0.0, 1.604, 0.108), 0.0085, 0.0125), "head", 0.012, paired=False),
        Part(ball((0.012, 1.598, 0.100), (0.009, 0.008, 0.011)), "head", 0.006),
        Part(ball((0.0, 1.5675, 0.088), (0.024, 0.006, 0.010)), "head", 0.006, paired=False),
        Part(ball((0.0, 1.5570, 0.086), (0.020, 0.007, 0.010)), "head", 0.006, paired=False),
        Part(ball((0.0, 1.530, 0.084), (0.024, 0.017, 0.017)), "head", 0.016, paired=False),
        Part(ball((0.077, 1.618, -0.006), (0.007, 0.031, 0.017), ear_turn), "head", 0.007),
    ]
