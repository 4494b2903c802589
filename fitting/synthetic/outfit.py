"""What synthetic people wear: a small wardrobe of colours that go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.random import Generator

Color: TypeAlias = tuple[float, float, float]
Pattern: TypeAlias = Literal["plain", "stripes", "band", "checks", "dots", "raglan", "jacket"]
Neckline: TypeAlias = Literal["crew", "vee", "collar"]
Hair: TypeAlias = Literal["short", "bob", "curly", "bun"]
Choice = TypeVar("Choice", bound=str)

_PATTERNS: Final[tuple[Pattern, ...]] = ("plain", "stripes", "band", "checks", "dots", "raglan", "jacket")
_NECKLINES: Final[tuple[Neckline, ...]] = ("crew", "vee")
_HAIR_STYLES: Final[tuple[Hair, ...]] = ("short", "bob", "curly", "bun")


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
_HAIRS: Final = tuple(map(_rgb, ("1f1a18", "30211a", "4a3020", "6e4526", "96683a", "c9a25e", "7a4630", "9a9894")))
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
    pattern = _pick(rng, _PATTERNS, (3, 3, 2, 2, 1, 2, 2))
    long_sleeves = pattern in ("checks", "jacket") or rng.random() < 0.35
    shorts = rng.random() < 0.35
    tone = int(rng.integers(len(_SKINS)))
    hair_choice = int(rng.integers(len(_HAIRS) if tone < 3 else 3))  # dark hair with dark skin
    return Outfit(
        skin=_SKINS[tone],
        hair=_pick(rng, _HAIR_STYLES, (4, 3, 2, 2)),
        hair_color=_HAIRS[hair_choice],
        pattern=pattern,
        neckline="collar" if pattern in ("checks", "jacket") else _pick(rng, _NECKLINES, (3, 1)),
        top=top,
        accent=accent,
        sleeve=float(rng.uniform(1.85, 1.93) if long_sleeves else rng.uniform(0.5, 0.75)),
        bottom=bottom,
        leg=float(rng.uniform(0.75, 0.95) if shorts else rng.uniform(1.88, 1.95)),
        side_stripe=bool(rng.random() < 0.25),
        shoes=shoes,
        socks=(0.93, 0.92, 0.90) if min(shoes) < 0.75 else (0.30, 0.32, 0.36),
    )


def _pick(rng: Generator, choices: tuple[Choice, ...], shares: tuple[int, ...]) -> Choice:
    return choices[rng.choice(len(choices), p=np.array(shares) / sum(shares))]
