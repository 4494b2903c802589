"""Decisions as CSV: RFC 4180 (commas, lines end with CR LF, quotes where needed), UTF-8, one line of names first.

Numbers are written so that reading gives them back exactly, truth as ``true`` and ``false``, times as
``2026-01-31T12:00:00.000000+00:00``, lists with a blank between their words; an empty cell is an unknown value or an
empty text. A text that a spreadsheet would take for a formula (it begins with ``=``, ``+``, ``-``, ``@``, a tab or a
line end, or their full-width twins) gets an apostrophe in front; so does a text that begins with an apostrophe, so that
taking one off always gives the text back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from db.formats.errors import FormatError
from db.formats.parts import decision_table
from db.formats.parts.csv_cells import to_csv_cell
from db.formats.parts.decision_table import COLUMNS, DecisionEntry, RowDigest, get_cells
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.manifest import WrittenExport

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "decisions, CSV (RFC 4180, UTF-8)",
    **decision_table.CONVENTIONS,
    "cells": "true and false; ISO 8601 times; a blank between the words of a list; an empty cell is unknown or empty",
    "formulas": "a text that begins with = + - @ or a control character has an apostrophe in front, and so has one "
    "that begins with an apostrophe",
}
"""Units, rows and columns, for the manifest beside an export."""

_LONGEST = 2**31 - 1


def write_decisions(path: Path, entries: Iterable[DecisionEntry]) -> WrittenExport:
    """Write decisions as they come, none kept in memory (a :class:`~db.formats.parts.decision_table.DecisionWriter`).

    Raises:
        FormatError: The disk refuses; an older file stays as it was.
    """
    written, read = RowDigest(), RowDigest()
    with replacing(path) as (file, temporary):
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow([column.name for column in COLUMNS])
        rows.writerows(written.passing(tuple(map(to_csv_cell, get_cells(entry))) for entry in entries))
        text.detach()
        file.flush()
        for row in _iter_rows(temporary):
            read.add(row)
        if read != written:
            raise FormatError(f"{path} did not read back as it was written; check the disk and export again")
        sha256 = hash_file(temporary)
    return WrittenExport(path=path, count=written.count, sha256=sha256)


def _iter_rows(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST)  # for the whole process: a comment may be longer than csv's 128 kB
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        yield from rows
