"""Randomness that stays the same for years: only the bits of PCG64 are used, which NumPy guarantees.

Methods of ``numpy.random.Generator`` may change with a new NumPy (NEP 19), and a plan would change with them.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.random import PCG64, SeedSequence

T = TypeVar("T")
_STEPS: Final = 2.0**-53


class Dice:
    """Draws for one purpose; the same seed, purpose and number give the same draws everywhere.

    Args:
        seed: Of the design.
        purpose: What is drawn, so that one draw does not depend on how much another one took.
        number: Tells draws of one purpose apart, for example seats.
    """

    def __init__(self, seed: int, purpose: str, number: int = 0) -> None:
        self._bits = PCG64(SeedSequence([seed, zlib.crc32(purpose.encode()), number]))

    def below(self, limit: int) -> int:
        """An integer from 0 to ``limit - 1``; the bias is less than ``limit / 2**64``."""
        return int(self._bits.random_raw()) % limit

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number from ``low`` to below ``high``."""
        return low + (high - low) * ((int(self._bits.random_raw()) >> 11) * _STEPS)

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in a random order."""
        if not items:
            return []
        keys = np.atleast_1d(self._bits.random_raw(len(items)))
        return [items[place] for place in np.argsort(keys, kind="stable").tolist()]
