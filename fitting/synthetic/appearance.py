"""Colours of a clothed person as a function of the place on the rest body."""

from __future__ import annotations

import numpy as np

from fitting.spec import FloatArray
from fitting.synthetic.figure import Figure
from fitting.synthetic.garments import along_arm, along_leg, cover
from fitting.synthetic.noise import smooth_step
from fitting.synthetic.outfit import Outfit


def color_places(outfit: Outfit, figure: Figure, places: FloatArray, edge: float) -> FloatArray:
    """Display RGB ``(N, 3)`` of rest places ``(N, 3)``; ``edge`` is the width of a pixel in metres."""
    worn = cover(outfit, figure, places, edge)
    color = _skin_and_face(outfit, figure, places, edge)
    for mask, paint in (
        (worn.socks, np.array(outfit.socks)),
        (worn.bottom, _trousers(outfit, figure, places, edge)),
        (worn.top, _shirt(outfit, figure, places, edge)),
        (worn.shoes, _shoes(outfit, figure, places, edge)),
        (worn.hair, np.array(outfit.hair_color)),
    ):
        color = color + mask[:, None] * (paint - color)
    return color


def _skin_and_face(outfit: Outfit, figure: Figure, places: FloatArray, edge: float) -> FloatArray:
    """Skin with eyes, brows, mouth and a little blush, placed by the eye and nose landmarks."""
    skin = np.array(outfit.skin)
    color = np.tile(skin, (len(places), 1))
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    front = z > figure.eye[2] - 0.035
    eye_x, eye_y = figure.eye[0], figure.eye[1]
    mouth_y = figure.nose[1] - 0.45 * (figure.nose[1] - figure.chin)
    dark = np.array(outfit.hair_color) * 0.55
    cheeks = 0.35 * np.exp(-(((x - 1.15 * eye_x) / 0.016) ** 2 + ((y - figure.nose[1] + 0.008) / 0.013) ** 2))
    lips = np.clip(skin * np.array([0.80, 0.50, 0.50]) + np.array([0.05, 0.0, 0.0]), 0, 1)
    for mask, paint in (
        (cheeks, np.clip(skin * np.array([1.0, 0.72, 0.68]), 0, 1)),
        (_ellipse(x, y, 0.0, mouth_y, 0.021, 0.0060, edge), lips),
        (_ellipse(x, y, eye_x, eye_y, 0.0145, 0.0072, edge), np.array([0.95, 0.94, 0.92])),
        (_ellipse(x, y, eye_x, eye_y, 0.0066, 0.0072, edge), np.array([0.16, 0.11, 0.09])),
        (_ellipse(x, y + 0.10 * (x - eye_x), eye_x, eye_y + 0.0175, 0.0170, 0.0036, edge), dark),
    ):
        strength = (mask * front)[:, None]
        color = color + strength * (paint - color)
    return color


def _ellipse(
    x: FloatArray, y: FloatArray, center_x: float, center_y: float, half_width: float, half_height: float, edge: float
) -> FloatArray:
    """1 inside, 0 outside, a ramp about ``edge`` wide between; mirrored with x."""
    radius = np.hypot((x - center_x) / half_width, (y - center_y) / half_height)
    blur = edge / min(half_width, half_height) / 2
    return 1.0 - smooth_step(1.0 - blur, 1.0 + blur, radius)


def _shirt(outfit: Outfit, figure: Figure, places: FloatArray, edge: float) -> FloatArray:
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    arm = along_arm(figure, x, y)
    on_sleeve = smooth_step(0.0, 0.06, arm)
    # One length along the cloth: down the trunk, out along the sleeves.
    along = np.where(arm > 0.03, x + 0.4, figure.neck - y)
    around = np.where(arm > 0.03, np.arctan2(z, y - figure.neck + 0.06) * 0.05, np.arctan2(places[:, 0], z) * 0.13)
    top, accent = np.array(outfit.top), np.array(outfit.accent)
    if outfit.pattern == "stripes":
        mask = _stripes(along, 0.056, 0.42, edge)
    elif outfit.pattern == "band":
        mask = _between(figure.neck - y, 0.155, 0.235, edge) * (1.0 - on_sleeve)
    elif outfit.pattern == "checks":
        first, second = _stripes(along, 0.064, 0.5, edge), _stripes(around, 0.064, 0.5, edge)
        mask = 0.42 * first + 0.42 * second
    elif outfit.pattern == "dots":
        mask = _dots(along, around, edge)
    elif outfit.pattern == "raglan":
        mask = smooth_step(-edge, edge, x - figure.shoulder * 0.74 - 0.25 * np.clip(figure.neck - y, 0.0, 1.0))
        mask = mask * (y > figure.waist)
    else:
        mask = np.zeros(len(places))
    color = top + mask[:, None] * (accent - top)
    painted: FloatArray = color * (1.0 - 0.35 * _seams(outfit, figure, places, arm, edge))[:, None]
    return painted


def _seams(outfit: Outfit, figure: Figure, places: FloatArray, arm: FloatArray, edge: float) -> FloatArray:
    """Darkening at hems, cuffs, the neckline's front and a jacket's zip."""
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    cuff = _between(arm, outfit.sleeve - 0.07, outfit.sleeve - 0.05, edge * 4)
    seam = cuff
    if outfit.neckline == "collar":
        placket = _between(x, -0.01, 0.004, edge) * (z > 0) * (arm < 0)
        seam = np.maximum(seam, placket)
    if outfit.pattern == "jacket":
        waistband = _between(y, figure.hip + 0.04, figure.hip + 0.05, edge)
        pocket = _between(x - 0.25 * (y - figure.waist), 0.088, 0.094, edge) * _between(
            y, figure.hip + 0.10, figure.waist + 0.02, edge
        )
        seam = np.maximum(seam, np.maximum(waistband, pocket * (z > 0)))
    return seam


def _trousers(outfit: Outfit, figure: Figure, places: FloatArray, edge: float) -> FloatArray:
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    leg = along_leg(figure, y)
    base = np.array(outfit.bottom)
    hem = _between(leg, outfit.leg - 0.09, outfit.leg - 0.07, edge * 3)
    fly = _between(x, -0.01, 0.003, edge) * (z > 0) * (leg < 0.15)
    color = base * (1.0 - 0.25 * np.maximum(hem, fly))[:, None]
    if outfit.side_stripe:
        outer = _between(np.arctan2(z, x - 0.09), -0.30, 0.30, 0.1) * (x > 0.09)
        color = color + (outer * 0.9)[:, None] * (np.array(outfit.accent) - color)
    return color


def _shoes(outfit: Outfit, figure: Figure, places: FloatArray, edge: float) -> FloatArray:
    y, z = places[:, 1], places[:, 2]
    color = np.tile(np.array(outfit.shoes), (len(places), 1))
    rubber = np.array([0.70, 0.54, 0.38] if min(outfit.shoes) > 0.75 else [0.92, 0.90, 0.86])
    sole = 1.0 - smooth_step(figure.sole + 0.020 - edge, figure.sole + 0.020 + edge, y)
    color = color + sole[:, None] * (rubber - color)
    toe_cap = smooth_step(0.130 - edge, 0.130 + edge, z) * (1.0 - sole)
    painted: FloatArray = color * (1.0 - 0.12 * toe_cap)[:, None]
    return painted


def _stripes(value: FloatArray, period: float, share: float, edge: float) -> FloatArray:
    """Periodic bands with soft edges: 1 over ``share`` of each ``period``."""
    phase = np.abs(np.mod(value, period) - period / 2)
    return 1.0 - smooth_step(share * period / 2 - edge / 2, share * period / 2 + edge / 2, phase)


def _dots(along: FloatArray, around: FloatArray, edge: float) -> FloatArray:
    row = np.floor(along / 0.045)
    shifted = around + 0.0225 * np.mod(row, 2)
    distance = np.hypot(np.mod(along, 0.045) - 0.0225, np.mod(shifted, 0.045) - 0.0225)
    return 1.0 - smooth_step(0.009 - edge / 2, 0.009 + edge / 2, distance)


def _between(value: FloatArray, low: float, high: float, edge: float) -> FloatArray:
    return smooth_step(low - edge / 2, low + edge / 2, value) * (
        1.0 - smooth_step(high - edge / 2, high + edge / 2, value)
    )
