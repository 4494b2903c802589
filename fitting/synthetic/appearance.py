"""Clothes, hair and face of a synthetic person: colours and thickness as functions of the place on the rest body.

The rest body stands in T-pose, so garments are cut by heights and by distances from the midline; whatever the pose, a
pixel knows its rest place and hence what it wears.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.random import Generator

from fitting.spec import FloatArray
from fitting.synthetic.figure import Figure
from fitting.synthetic.noise import smooth_step

Color: TypeAlias = tuple[float, float, float]
Pattern: TypeAlias = Literal["plain", "stripes", "band", "checks", "dots", "raglan", "jacket"]
Neckline: TypeAlias = Literal["crew", "vee", "collar"]
Hair: TypeAlias = Literal["short", "bob", "curly", "bun"]


@dataclass(frozen=True, slots=True)
class Outfit:
    """What one person wears.

    Colours are display RGB, 0-1. ``sleeve`` is 0 at the shoulder, 1 at the elbow, 2 at the wrist; ``leg`` is 0 at the
    hip, 1 at the knee, 2 at the ankle.
    """

    skin: Color
    hair: Hair
    hair_color: Color
    pattern: Pattern
    neckline: Neckline
    top: Color
    accent: Color
    sleeve: float
    bottom: Color
    leg: float
    side_stripe: bool
    shoes: Color
    socks: Color


def _rgb(text: str) -> Color:
    return (int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255)


_SKINS: Final = tuple(map(_rgb, ("f1cdb0", "e6b592", "d39c74", "b97d55", "946042", "6c4530", "4f3224")))
_HAIRS: Final = tuple(map(_rgb, ("1f1a18", "30211a", "4a3020", "6e4526", "96683a", "c9a25e", "8a3b1e", "9a9894")))
# Top, accent, bottom, shoes: sets that go together.
_WARDROBE: Final = tuple(
    tuple(map(_rgb, colors))
    for colors in (
        ("d9483b", "f4ece0", "2f3e5c", "f2f0ea"),
        ("f2ede2", "2f5d8a", "3a4a63", "c9483d"),
        ("2a6f6b", "f0d9a8", "3b3f45", "e9e6df"),
        ("f0b429", "34404f", "3d5578", "f4f2ee"),
        ("5e7fb1", "f3f1ec", "c2ab86", "7a4a2e"),
        ("8c3f5d", "f1d7d0", "37383f", "26262a"),
        ("e8e4db", "7a8b5a", "6b6f52", "5a4030"),
        ("3f4d7a", "e06a4e", "8f9aa6", "f0eeea"),
        ("78a98b", "f7f3e8", "46536b", "ded9cf"),
        ("f08a6c", "fbf1e5", "5b6f8f", "f7f5f0"),
        ("2d2f36", "d7d3ca", "6d86a8", "d94f3d"),
        ("b9cbdc", "31496b", "2f3440", "8b5a3a"),
        ("6a4c93", "f2d16b", "3a3d4a", "efeae2"),
        ("c7553b", "26384f", "b7a684", "3c3632"),
    )
)


def draw_outfit(rng: Generator) -> Outfit:
    """A random person's clothes."""
    top, accent, bottom, shoes = _WARDROBE[rng.integers(len(_WARDROBE))]
    pattern = _pick(rng, ("plain", "stripes", "band", "checks", "dots", "raglan", "jacket"), (3, 3, 2, 2, 1, 2, 2))
    long_sleeves = pattern in ("checks", "jacket") or rng.random() < 0.35
    shorts = rng.random() < 0.35
    return Outfit(
        skin=_SKINS[rng.integers(len(_SKINS))],
        hair=_pick(rng, ("short", "bob", "curly", "bun"), (4, 3, 2, 2)),
        hair_color=_HAIRS[rng.integers(len(_HAIRS))],
        pattern=pattern,
        neckline="collar" if pattern in ("checks", "jacket") else _pick(rng, ("crew", "vee"), (3, 1)),
        top=top,
        accent=accent,
        sleeve=float(rng.uniform(1.85, 1.93) if long_sleeves else rng.uniform(0.5, 0.75)),
        bottom=bottom,
        leg=float(rng.uniform(0.75, 0.95) if shorts else rng.uniform(1.88, 1.95)),
        side_stripe=bool(rng.random() < 0.25),
        shoes=shoes,
        socks=(0.93, 0.92, 0.90) if rng.random() < 0.6 else accent,
    )


def _pick(rng: Generator, names: tuple[str, ...], shares: tuple[int, ...]) -> str | Any:
    return names[rng.choice(len(names), p=np.array(shares) / sum(shares))]


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
    arm = _along_arm(figure, x, y)
    leg = _along_leg(figure, y)
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
    arm, leg = _along_arm(figure, x, y), _along_leg(figure, y)
    sleeve = np.clip(arm / max(outfit.sleeve, 0.1), 0.0, 1.0)
    loose_top = 0.008 + 0.008 * sleeve + 0.008 * smooth_step(figure.neck - 0.1, figure.hip + 0.05, y)
    if outfit.pattern == "jacket":
        loose_top = loose_top + 0.006
    loose_leg = 0.008 + 0.012 * np.clip(leg / outfit.leg, 0.0, 1.0) * (1.0 if outfit.leg > 1.0 else 1.5)
    shoes = 0.007 * worn.shoes
    cloth = np.maximum(worn.top * loose_top, worn.bottom * loose_leg)
    return np.maximum(np.maximum(cloth, shoes), _hair_thickness(outfit.hair, figure, worn.hair))


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


def is_cloth(outfit: Outfit, figure: Figure, places: FloatArray) -> FloatArray:
    """Where rest places ``(N, 3)`` are covered by cloth that folds, 0-1."""
    worn = cover(outfit, figure, places, 0.01)
    return np.maximum(worn.top, worn.bottom) * (1.0 - worn.shoes)


def _along_arm(figure: Figure, x: FloatArray, y: FloatArray) -> FloatArray:
    """0 at the shoulder, 1 at the elbow, 2 at the wrist; below 0 on the trunk, legs included."""
    arm = np.interp(
        x, (0.0, figure.shoulder, figure.elbow, figure.wrist, figure.wrist + 1.0), (-0.6, 0.0, 1.0, 2.0, 6.0)
    )
    return np.where(y > figure.waist, arm, -0.6)


def _along_leg(figure: Figure, y: FloatArray) -> FloatArray:
    """0 at the hip, 1 at the knee, 2 at the ankle."""
    return np.interp(-y, (-figure.crown, -figure.hip, -figure.knee, -figure.ankle, 2.0), (-2.0, 0.0, 1.0, 2.0, 4.0))


def _ramp(inside: NDArray[np.bool_], value: FloatArray, limit: float, width: float) -> FloatArray:
    return inside * (1.0 - smooth_step(limit - width / 2, limit + width / 2, value))


def _below_neckline(
    neckline: Neckline, figure: Figure, x: FloatArray, y: FloatArray, z: FloatArray, edge: float
) -> FloatArray:
    """1 where the shirt closes: a ring around the neck that dips in front."""
    front = smooth_step(-0.03, 0.05, z)
    limit = figure.neck + 0.005 + 0.35 * np.clip(x - 0.06, 0.0, 0.08)
    if neckline == "crew":
        limit = limit - 0.045 * front
    elif neckline == "vee":
        limit = limit - front * (0.035 + np.clip(0.10 - 1.6 * x, 0.0, 0.10))
    else:
        limit = limit + 0.018 - front * (0.035 + np.clip(0.05 - 1.4 * x, 0.0, 0.05))
    limit = np.where(x > figure.shoulder * 0.8, figure.crown, limit)
    return 1.0 - smooth_step(limit - edge / 2, limit + edge / 2, y)


def _hair_mask(hair: Hair, figure: Figure, places: FloatArray, edge: float) -> FloatArray:
    """The hairline: above the forehead, in front of the ears, down to the nape."""
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    forehead = figure.eye[1] + 0.50 * (figure.crown - figure.eye[1])
    nape = figure.ear[1] - 0.045
    ear_z = figure.ear[2]
    temple = ear_z + 0.030
    if hair == "bob":
        nape, temple = figure.chin + 0.01, ear_z + 0.040
    # The line falls from the forehead to the nape as one goes backward past the temples.
    back = smooth_step(temple - 0.022, temple + 0.022, -z + 2 * temple - temple)
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
        center = np.array([0.0, figure.crown - 0.035, figure.ear[2] - 0.075])
        near = np.exp(-((figure.vertices - center) ** 2).sum(1) / (2 * 0.028**2))
        return mask * (0.008 + 0.055 * near)
    return mask * (0.009 + 0.008 * smooth_step(figure.ear[2], figure.nose[2], z))
