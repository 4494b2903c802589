"""Numbers for COCO's files, unique in a file: each keeps its own where it can."""

from __future__ import annotations

from collections.abc import Iterable

_LARGEST = 2**63 - 1


def parse_id(external_id: str | None) -> int | None:
    """The id as the whole number COCO needs; None if it is none."""
    digits = "" if external_id is None else external_id.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 19:
        return None
    number = int(external_id or "")
    return number if abs(number) <= _LARGEST and str(number) == external_id else None


class Numbering:
    """Gives ids out in order; whose id is taken, or no whole number, gets one beyond all others."""

    def __init__(self, external_ids: Iterable[str | None]) -> None:
        # Ids of a million people are eight bytes each in a set's table and 32 as numbers; nothing else is kept.
        numbers = [number for external_id in external_ids if (number := parse_id(external_id)) is not None]
        self._next = max(numbers, default=0) + 1
        if not 0 < self._next < _LARGEST:
            self._next = 1
        self._reserved = frozenset(numbers)
        self._given: set[int] = set()
        self.renumbered = 0

    def give(self, external_id: str | None) -> tuple[int, bool]:
        """The number for the next item, and whether it is another than its own."""
        number = parse_id(external_id)
        if number is not None and number not in self._given:
            self._given.add(number)
            return number, False
        while self._next in self._reserved or self._next in self._given:
            self._next += 1
        self._given.add(self._next)
        self.renumbered += external_id is not None
        return self._next, True
