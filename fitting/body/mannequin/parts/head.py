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
        Part(cone((0.016, 1.425, 0.036), (0.048, 1.572, -0.024), 0.008, 0.008), "neck", 0.028),
        Part(ball((0.0, 1.645, -0.003), (0.0745, 0.086, 0.096)), "head", 0.025, paired=False),
        Part(ball((0.0, 1.661, -0.010), (0.0705, 0.0755, 0.090)), "head", 0.020, paired=False),
        Part(face, "head", 0.020, paired=False),
        *(Part(solid, "head", blend) for solid, blend in _bones()),
        *_eyes(),
        *(Part(solid, "head", blend, paired=False) for solid, blend in _nose_and_mouth()),
        *_nostrils(),
        *_lips(),
        *_ear(),
    ]


def _bones() -> list[Blended]:
    """Cheekbone, cheek, brow, and the jaw from the ear over its angle to the chin, each with its blend."""
    return [
        (ball((0.049, 1.608, 0.050), (0.017, 0.014, 0.023)), 0.030),
        (ball((0.038, 1.576, 0.047), (0.022, 0.030, 0.028)), 0.035),
        (cone((0.012, 1.652, 0.082), (0.044, 1.654, 0.068), 0.007, 0.006), 0.018),
        (cone((0.055, 1.595, 0.006), (0.045, 1.556, 0.014), 0.010, 0.009), 0.025),
        (cone((0.045, 1.556, 0.014), (0.012, 1.523, 0.074), 0.009, 0.010), 0.022),
    ]


def _eyes() -> list[Part]:
    """A socket with the eyeball in it, almond-shaped under its lids; triangles of 4 mm cannot show lids themselves."""
    outward = Rotation.from_euler("y", -16, degrees=True).as_matrix()
    return [
        Part(ball((0.0335, 1.6345, 0.1005), (0.0230, 0.0135, 0.0255)), "head", 0.009, carves=True),
        Part(ball((0.0325, 1.6335, 0.0690), (0.0168, 0.0088, 0.0144), outward), "head", 0.0025),
    ]


def _nose_and_mouth() -> list[Blended]:
    """Bridge to tip, the dental arch and the chin, each with its blend."""
    return [
        (cone((0.0, 1.641, 0.085), (0.0, 1.604, 0.1065), 0.0070, 0.0110), 0.014),
        (ball((0.0, 1.567, 0.064), (0.034, 0.026, 0.026)), 0.025),
        (ball((0.0, 1.529, 0.076), (0.023, 0.017, 0.0165)), 0.022),
    ]


def _nostrils() -> list[Part]:
    """Tip and wings of the nose, and the openings between them."""
    return [
        Part(ball((0.0, 1.6025, 0.1040), (0.0105, 0.0090, 0.0115)), "head", 0.006, paired=False),
        Part(ball((0.0120, 1.5995, 0.0965), (0.0070, 0.0075, 0.0105)), "head", 0.007),
        Part(ball((0.0065, 1.5920, 0.1010), (0.0034, 0.0042, 0.0055)), "head", 0.004, carves=True),
    ]


def _lips() -> list[Part]:
    """Two arches above, one below, a line between them and the hollow above the chin."""
    return [
        Part(ball((0.0070, 1.5735, 0.0880), (0.0165, 0.0058, 0.0115)), "head", 0.006),
        Part(ball((0.0, 1.5605, 0.0870), (0.0185, 0.0066, 0.0120)), "head", 0.007, paired=False),
        Part(cone((0.0, 1.5672, 0.1020), (0.0255, 1.5668, 0.0900), 0.0010, 0.0008), "head", 0.004, carves=True),
        Part(ball((0.0, 1.5465, 0.1010), (0.0170, 0.0045, 0.0080)), "head", 0.014, carves=True, paired=False),
    ]


def _ear() -> list[Part]:
    turn = Rotation.from_euler("yzx", [-22, -10, -8], degrees=True).as_matrix().T
    return [
        Part(ball((0.0765, 1.618, -0.005), (0.0075, 0.0310, 0.0180), turn), "head", 0.006),
        Part(ball((0.0850, 1.617, 0.002), (0.0060, 0.0150, 0.0085), turn), "head", 0.005, carves=True),
    ]
