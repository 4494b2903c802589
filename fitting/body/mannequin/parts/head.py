"""Neck, skull and face."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from fitting.body.mannequin.anatomy import SOLE_DEPTH
from fitting.body.mannequin.field import Part, ball, cone
from fitting.body.mannequin.primitives import Loft, Primitive, Station

# Height, half-width, back, front, superellipse power.
_FACE_SECTIONS = (
    (1.507, 0.016, 0.020, 0.066, 2.0),
    (1.515, 0.029, 0.004, 0.080, 2.0),
    (1.530, 0.040, -0.005, 0.087, 2.0),
    (1.550, 0.048, -0.012, 0.086, 2.0),
    (1.570, 0.054, -0.020, 0.088, 2.0),
    (1.590, 0.061, -0.030, 0.087, 2.1),
    (1.610, 0.064, -0.040, 0.086, 2.2),
    (1.630, 0.067, -0.050, 0.086, 2.3),
    (1.650, 0.067, -0.050, 0.089, 2.3),
    (1.670, 0.064, -0.050, 0.086, 2.2),
)
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
Blended = tuple[Primitive, float]


def head_parts() -> list[Part]:
    """Neck, cranium and jaw first, then the features of the face."""
    face = Loft([Station(height - SOLE_DEPTH, *section) for height, *section in _FACE_SECTIONS], _AXES)
    return [
        Part(cone((0.0, 1.455, -0.036), (0.0, 1.570, -0.014), 0.055, 0.050), "neck", 0.030, paired=False),
        Part(cone((0.016, 1.425, 0.036), (0.043, 1.552, -0.020), 0.008, 0.008), "neck", 0.028),
        Part(ball((0.0, 1.645, -0.003), (0.0745, 0.086, 0.096)), "head", 0.025, paired=False),
        Part(ball((0.0, 1.661, -0.010), (0.068, 0.0755, 0.090)), "head", 0.020, paired=False),
        Part(face, "head", 0.020, paired=False),
        *(Part(solid, "head", blend) for solid, blend in _bones()),
        *_eyes(),
        *(Part(solid, "head", blend, paired=False) for solid, blend in _nose_and_mouth()),
        Part(ball((0.0115, 1.5995, 0.0990), (0.0068, 0.0070, 0.0095)), "head", 0.006),
        Part(ball((0.0, 1.5740, 0.0830), (0.0230, 0.0065, 0.0125)), "head", 0.010, paired=False),
        Part(ball((0.0, 1.5610, 0.0820), (0.0215, 0.0072, 0.0125)), "head", 0.012, paired=False),
        Part(cone((0.0, 1.5678, 0.1010), (0.0270, 1.5672, 0.0905), 0.0010, 0.0010), "head", 0.007, carves=True),
        *_ear(),
    ]


def _bones() -> list[Blended]:
    """Cheekbone, brow, and the jaw from the ear over its angle to the chin, each with its blend."""
    return [
        (ball((0.050, 1.610, 0.052), (0.016, 0.012, 0.022)), 0.025),
        (cone((0.012, 1.652, 0.082), (0.044, 1.654, 0.068), 0.007, 0.006), 0.018),
        (cone((0.055, 1.595, 0.006), (0.045, 1.556, 0.014), 0.010, 0.009), 0.025),
        (cone((0.045, 1.556, 0.014), (0.012, 1.523, 0.074), 0.009, 0.010), 0.022),
    ]


def _eyes() -> list[Part]:
    """A shallow socket with the eyeball in it."""
    return [
        Part(ball((0.032, 1.634, 0.103), (0.020, 0.0125, 0.023)), "head", 0.010, carves=True),
        Part(ball((0.0320, 1.6335, 0.0705), (0.0150, 0.0100, 0.0125)), "head", 0.003),
    ]


def _nose_and_mouth() -> list[Blended]:
    """Bridge to tip, the dental arch and the chin, each with its blend."""
    return [
        (cone((0.0, 1.641, 0.085), (0.0, 1.604, 0.1065), 0.0070, 0.0110), 0.014),
        (ball((0.0, 1.567, 0.062), (0.036, 0.026, 0.026)), 0.025),
        (ball((0.0, 1.530, 0.076), (0.020, 0.015, 0.017)), 0.016),
    ]


def _ear() -> list[Part]:
    turn = Rotation.from_euler("yzx", [-22, -10, -8], degrees=True).as_matrix().T
    return [
        Part(ball((0.0765, 1.618, -0.005), (0.0075, 0.0310, 0.0180), turn), "head", 0.006),
        Part(ball((0.0850, 1.617, 0.002), (0.0060, 0.0150, 0.0085), turn), "head", 0.005, carves=True),
    ]
