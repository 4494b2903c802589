"""Seats as people write them: counted from 1, ``3``, ``3-5``, ``1,4-6``."""

from __future__ import annotations

import re
from typing import Final

from app.services.errors import ServiceError

_PART: Final = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_MOST: Final = 100_000


def read_seats(text: str) -> list[int]:
    """Seats counted from 0.

    Raises:
        ServiceError: The text names none.
    """
    seats: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = _PART.fullmatch(part)
        first, last = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
        if not 1 <= first <= last <= _MOST:
            raise ServiceError(f"'{text}' names no seats; write them like 3, 3-5 or 1,4-6, counted from 1.")
        seats.update(range(first - 1, last))
    return sorted(seats)


def read_names(texts: list[str]) -> dict[int, str]:
    """Pseudonyms by seat, counted from 0, from words like ``5:Ann B``.

    Raises:
        ServiceError: One is not of that form.
    """
    names: dict[int, str] = {}
    for text in texts:
        seat, colon, name = text.partition(":")
        if not colon or not name.strip():
            raise ServiceError(f"'{text}' renames nobody; write the seat and the new pseudonym, like 5:Ann-2.")
        for number in read_seats(seat):
            names[number] = name.strip()
    return names
