"""Which of OpenPose's layouts a run has written: the file does not say.

18 joints are those of its COCO model. 25 are those of BODY_25 or, in another order, of BODY_25B, which came with
version 1.3 of the file. Read in the wrong order, bones run from knees to ears: over the people of a run, the order of
the shorter bones is the right one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from resources.skeleton import get_skeleton

BY_COUNT = {18: "openpose18", 25: "openpose25"}
BODY_25B = "openpose25b"
FOUND = 0.2
"""Confidence above which a joint counts as found (eft_method.md 6.2)."""

_FIRST_WITH_25B = 1.3
_FEWEST_BONES = 6
_FEWEST_OF_THE_OTHER = 3
# Bones of the wrong order are twice as long or longer; a person seen from the side, lying or half hidden, less so.
_CLEARLY = np.log(1.3)


def settled_by_version(version: float | None) -> bool:
    """Whether 25 joints can only be BODY_25, the file being from before BODY_25B."""
    return version is not None and version < _FIRST_WITH_25B


def choose_body25(people: Iterable[NDArray[np.float64]]) -> str | None:
    """Layout of 25 joints; None if the people do not tell.

    Args:
        people: ``(25, 3)`` x, y and confidence of each.
    """
    votes = [vote for person in people if (vote := _vote(person)) is not None]
    if not votes or abs(mean := float(np.mean(votes))) < _CLEARLY:
        return None
    return BY_COUNT[25] if mean > 0 else BODY_25B


def _vote(person: NDArray[np.float64]) -> float | None:
    """Logarithm of how much longer the bones are in the order of BODY_25B; None if too few are found.

    The order of the shorter bones must have more of them: joints found side by side are a part of a body.
    """
    one, other = _measure(person, BY_COUNT[25]), _measure(person, BODY_25B)
    shorter, longer = sorted((one, other))
    if shorter[1] < _FEWEST_BONES or longer[1] < _FEWEST_OF_THE_OTHER or not shorter[0]:
        return None
    return float(np.log(other[0] / one[0]))


def _measure(person: NDArray[np.float64], layout: str) -> tuple[float, int]:
    """Mean length and number of the bones of which both ends are found."""
    bones = _bones(layout)
    found = person[:, 2] > FOUND
    both = bones[found[bones].all(axis=1)]
    if not len(both):
        return 0.0, 0
    lengths = np.linalg.norm(person[both[:, 0], :2] - person[both[:, 1], :2], axis=1)
    return float(lengths.mean()), len(both)


@cache
def _bones(layout: str) -> NDArray[np.int64]:
    return np.array(get_skeleton(layout).bones, dtype=np.int64)
