"""Cells of the tables we write as CSV: read back exactly by programs, and run as a formula by no spreadsheet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, TypeAlias

CsvValue: TypeAlias = int | float | str | bool | tuple[str, ...] | datetime | None

_GUARD: Final = "'"
_GUARDED: Final = frozenset("=+-@\t\r\n＝＋－＠" + _GUARD)


def to_csv_cell(value: CsvValue) -> str:
    """The text of a cell.

    Numbers read back exactly, truth is ``true`` and ``false``, times are ``2026-01-31T12:00:00.000000+00:00``, a list
    has a blank between its words; nothing is an empty cell. A text that a spreadsheet would take for a formula, or that
    begins with an apostrophe, has an apostrophe in front: taking one off always gives the text back.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case tuple():
            return guard_text(" ".join(value))
        case _:
            return guard_text(value)


def guard_text(text: str) -> str:
    """The text as a spreadsheet shows it: with an apostrophe in front if it would run otherwise."""
    return _GUARD + text if text[:1] in _GUARDED and text else text
