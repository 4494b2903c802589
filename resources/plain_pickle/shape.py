"""The last look at what was read: nothing inert left in it, no circles, not too deep, not too much once unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from resources.plain_pickle.errors import refuse
from resources.plain_pickle.machine import Name

_CONTAINERS = (dict, list, tuple, set, frozenset)
_DEEPEST = 100
_MOST_ITEMS = 20_000_000
"""A list that holds another twice, which holds another twice, … is small in memory and endless for whoever walks it."""


def check_shape(value: object) -> None:
    """Let pass only what code may walk without a care.

    Raises:
        PlainPickleError: A name is left over, or the containers are circular, too deep or too many.
    """
    height: dict[int, int] = {}
    items: dict[int, int] = {}
    path: list[tuple[object, Iterator[object]]] = []
    on_path: set[int] = set()

    def enter(container: Any) -> None:
        path.append((container, _iter_containers(container)))
        on_path.add(id(container))
        height[id(container)] = 1
        items[id(container)] = container.size if isinstance(container, np.ndarray) else len(container)

    def count_in(owner: object, part: object) -> None:
        height[id(owner)] = max(height[id(owner)], height[id(part)] + 1)
        items[id(owner)] += items[id(part)]
        if items[id(owner)] > _MOST_ITEMS:
            raise refuse("the pickle unfolds to far more than it holds")

    enter([value])
    while path:
        container, parts = path[-1]
        if len(path) + height[id(container)] > _DEEPEST:
            raise refuse(f"the pickle is nested more than {_DEEPEST} deep")
        part = next(parts, None)
        if part is None:
            path.pop()
            on_path.discard(id(container))
            if path:
                count_in(path[-1][0], container)
        elif id(part) in on_path:
            raise refuse("the pickle holds itself")
        elif id(part) in height:
            count_in(container, part)
        else:
            enter(part)


def _iter_containers(container: Any) -> Iterator[object]:
    """The containers within a container."""
    if isinstance(container, set | frozenset):
        return  # its items were checked as keys
    parts = container.values() if isinstance(container, dict) else container
    for part in parts.ravel().tolist() if isinstance(parts, np.ndarray) else parts:
        if isinstance(part, Name):
            raise refuse(f"the pickle holds {part} itself")
        held = part.dtype.hasobject if isinstance(part, np.ndarray) else isinstance(part, _CONTAINERS)
        if held:
            yield part
