"""The flags of fits in words: what is odd about a body that lies well on its keypoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fitting.spec import FLAG_NAMES, FlagName

FLAG_TITLES: Final[Mapping[FlagName, str]] = {
    "too_large": "body too large",
    "too_small": "body too small",
    "trunk_tilted": "trunk tilted",
}


def describe_flags(flags: Mapping[str, float]) -> tuple[str, ...]:
    """A sentence for each flag, in the order of the names."""
    words = {name: _describe(name, flags[name]) for name in FLAG_NAMES if name in flags}
    return tuple(words.values())


def title_of(name: str) -> str:
    """A flag in two or three words; a name of a newer program is told as it is."""
    titles: Mapping[str, str] = dict(FLAG_TITLES.items())
    return titles.get(name, name.replace("_", " "))


def _describe(name: FlagName, amount: float) -> str:
    match name:
        case "too_large":
            return f"Body larger than its box and keypoints allow, about {amount:.1f} times"
        case "too_small":
            return f"Body smaller than its box and keypoints ask for, about {amount:.1f} times their size"
        case "trunk_tilted":
            way = "away from" if amount > 0 else "towards"
            return f"Trunk leans {abs(amount):.0f}° {way} the camera against an upright picture"
