"""Where clothes and hair lie on the rest body, and how thick they are.

The rest body stands in T-pose, so garments are cut by heights and by distances from the midline; whatever the pose, a
pixel knows its rest place and hence what covers it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fitting.spec import FloatArray
from fitting.synthetic.figure import Figure
from fitting.synthetic.noise import smooth_step
from fitting.synthetic.outfit import Hair, Neckline, Outfit


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What lies on top at each of N rest places: masks 0-1, later ones over earlier ones."""

    bottom: FloatArray
    top: FloatArray
    socks: FloatArray
    shoes: FloatArray
    hair: FloatArray


def cover(outfit: Outfit, figure: Figure, places: FloatArray, edge: float) -> Coverage:
    """Which garments cover rest places ``(N, 3)``; hems are ``edge`` metres wide ramps."""
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    arm = along_arm(figure, x, y)
    leg = along_leg(figure, y)
    bottom = _ramp(y < figure.waist, leg, outfit.leg, edge / (figure.knee - figure.ankle))
    hem = figure.hip + 0.055 if outfit.pattern != "jacket" else figure.hip + 0.01
    top = smooth_step(hem - edge / 2, hem + edge / 2, y)
    top = top * (1.0 - smooth_step(outfit.sleeve - edge * 2, outfit.sleeve + edge * 2, arm))
    top = top * _below_neckline(outfit.neckline, figure, x, y, z, edge)
    shoe_top = figure.ankle + 0.012 - 0.15 * np.clip(z - 0.02, 0.0, 0.12)
    sock_top = figure.ankle + 0.075
    shoes = 1.0 - smooth_step(shoe_top - edge / 2, shoe_top + edge / 2, y)
    socks = 1.0 - smooth_step(sock_top - edge / 2, sock_top + edge / 2, y)
    return Coverage(bottom, top, socks, shoes, _hair_mask(outfit.hair, figure, places, edge))


def thickness(outfit: Outfit, figure: Figure) -> FloatArray:
    """How far clothes and hair stand off the skin at each rest vertex ``(V,)``, metres."""
    places = figure.vertices
    worn = cover(outfit, figure, places, 0.02)
    x, y = np.abs(places[:, 0]), places[:, 1]
    arm, leg = along_arm(figure, x, y), along_leg(figure, y)
    sleeve = np.clip(arm / max(outfit.sleeve, 0.1), 0.0, 1.0)
    loose_top = 0.008 + 0.008 * sleeve + 0.008 * smooth_step(figure.neck - 0.1, figure.hip + 0.05, y)
    if outfit.pattern == "jacket":
        loose_top = loose_top + 0.006
    loose_leg = 0.008 + 0.012 * np.clip(leg / outfit.leg, 0.0, 1.0) * (1.0 if outfit.leg > 1.0 else 1.5)
    shoes = 0.007 * worn.shoes
    cloth = np.maximum(worn.top * loose_top, worn.bottom * loose_leg)
    covered: FloatArray = np.maximum(np.maximum(cloth, shoes), _hair_thickness(outfit.hair, figure, worn.hair))
    return covered


def is_cloth(outfit: Outfit, figure: Figure, places: FloatArray) -> FloatArray:
    """Where rest places ``(N, 3)`` are covered by cloth that folds, 0-1."""
    worn = cover(outfit, figure, places, 0.01)
    covered: FloatArray = np.maximum(worn.top, worn.bottom) * (1.0 - worn.shoes)
    return covered


def along_arm(figure: Figure, x: FloatArray, y: FloatArray) -> FloatArray:
    """0 at the shoulder, 1 at the elbow, 2 at the wrist; below 0 on the trunk, legs included."""
    arm = np.interp(
        x, (0.0, figure.shoulder, figure.elbow, figure.wrist, figure.wrist + 1.0), (-0.6, 0.0, 1.0, 2.0, 6.0)
    )
    return np.where(y > figure.waist, arm, -0.6)


def along_leg(figure: Figure, y: FloatArray) -> FloatArray:
    """0 at the hip, 1 at the knee, 2 at the ankle."""
    return np.interp(-y, (-figure.crown, -figure.hip, -figure.knee, -figure.ankle, 2.0), (-2.0, 0.0, 1.0, 2.0, 4.0))


def _ramp(inside: NDArray[np.bool_], value: FloatArray, limit: float, width: float) -> FloatArray:
    return inside * (1.0 - smooth_step(limit - width / 2, limit + width / 2, value))


def _below_neckline(
    neckline: Neckline, figure: Figure, x: FloatArray, y: FloatArray, z: FloatArray, edge: float
) -> FloatArray:
    """1 where the shirt closes: a ring around the neck that dips in front."""
    front = smooth_step(-0.03, 0.05, z)
    limit = figure.neck + 0.005 + 0.6 * np.clip(x - 0.05, 0.0, 0.08)
    if neckline == "crew":
        limit = limit - 0.036 * front * (1.0 - smooth_step(0.05, 0.11, x))
    elif neckline == "vee":
        limit = limit - front * np.clip(0.10 - 2.0 * x, 0.0, 0.10)
    else:
        limit = limit + 0.018 - front * np.clip(0.085 - 1.5 * x, 0.0, 0.085)
    limit = np.where(x > figure.shoulder * 0.8, figure.crown, limit)
    return 1.0 - smooth_step(limit - edge / 2, limit + edge / 2, y)


def _hair_mask(hair: Hair, figure: Figure, places: FloatArray, edge: float) -> FloatArray:
    """The hairline: above the forehead, in front of the ears, down to the nape."""
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    forehead = figure.eye[1] + 0.50 * (figure.crown - figure.eye[1])
    nape = figure.ear[1] - 0.045
    ear_z = figure.ear[2]
    temple = ear_z + 0.024
    if hair == "bob":
        nape, temple = figure.chin + 0.02, ear_z + 0.014
    temple = temple - 0.7 * np.clip(figure.ear[1] - y, 0.0, 0.1)  # no beard: below the ear the line runs backward
    # The line falls from the forehead to the nape as one goes backward past the temples.
    back = 1.0 - smooth_step(temple - 0.022, temple + 0.022, z)
    line = forehead + (nape - forehead) * back
    over = smooth_step(line - edge / 2, line + edge / 2, y)
    on_head = (y > figure.chin - 0.03) & (x < 0.2)
    return over * on_head


def _hair_thickness(hair: Hair, figure: Figure, mask: FloatArray) -> FloatArray:
    y, z = figure.vertices[:, 1], figure.vertices[:, 2]
    if hair == "curly":
        return mask * 0.030
    if hair == "bob":
        return mask * (0.012 + 0.016 * smooth_step(figure.crown, figure.chin, y))
    if hair == "bun":
        center = np.array([0.0, figure.crown - 0.030, figure.ear[2] - 0.085])
        gap = np.sqrt(((figure.vertices - center) ** 2).sum(1))
        covered: FloatArray = mask * (0.007 + np.sqrt(np.clip(0.050**2 - gap**2, 0.0, None)))
        return covered
    return mask * (0.009 + 0.008 * smooth_step(figure.ear[2], figure.nose[2], z))


def smoothness(outfit: Outfit, figure: Figure) -> FloatArray:
    """How far what is worn hides the body's relief at each rest vertex ``(V,)``, 0-1: shoes have no toes."""
    worn = cover(outfit, figure, figure.vertices, 0.02)
    hair = worn.hair * (0.3 if outfit.hair == "short" else 1.0)
    covered: FloatArray = np.maximum(np.maximum(worn.shoes, hair), 0.6 * np.maximum(worn.top, worn.bottom))
    return covered
