"""Long lists of ids in pieces that every database takes as parameters of one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

CHUNK = 1000
"""Far below the limit of parameters of every database (SQLite since 3.32: 32,766)."""


def iter_chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Lists of at most ``size`` items, in order."""
    everything = list(items)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]
