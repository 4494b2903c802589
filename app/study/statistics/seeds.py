"""Random numbers of bootstraps: of the study's seed and a purpose, the same in any process and on any machine."""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np

from app.study.votes import IntArray


def make_generator(seed: int, purpose: str) -> np.random.Generator:
    """A generator of its own for each purpose, so that one more bootstrap does not move the others."""
    return np.random.default_rng([abs(seed), int(seed < 0), zlib.crc32(purpose.encode())])


@lru_cache(maxsize=8)
def draw_multiplicities(count: int, rounds: int, seed: int, purpose: str) -> IntArray:
    """How often each of ``count`` blocks is drawn in each bootstrap round, ``(rounds, count)``, read-only.

    Pairs of methods mostly have as many items, and drawing takes longer than what is done with it.
    """
    generator = make_generator(seed, purpose)
    drawn = generator.multinomial(count, np.full(count, 1 / count), size=rounds).astype(np.int64)
    drawn.setflags(write=False)
    return drawn
