"""Why a person is to be looked at first, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from db.suspicion import SuspectName

SUSPECT_TITLES: Final[Mapping[SuspectName, str]] = {
    "swap_body": "sides swapped?",
    "swap_arms": "arms swapped?",
    "swap_legs": "legs swapped?",
    "residual": "far from the keypoints",
    "outlier": "one joint far off",
    "pose": "unlikely pose",
    "shape": "odd shape",
    "size": "odd size",
    "lean": "trunk leans",
    "disagreement": "methods disagree",
}
_SWAPS: Final = ("swap_body", "swap_arms", "swap_legs")


def describe_suspects(suspects: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    """Some words for each doubt, the greatest first; of several possible swaps only the likeliest is told."""
    titles: Mapping[str, str] = dict(SUSPECT_TITLES.items())
    told, swap_told = [], False
    for name, _doubt in suspects:
        if name in _SWAPS:
            if swap_told:
                continue
            swap_told = True
        told.append(titles.get(name, name.replace("_", " ")))
    return tuple(told)
