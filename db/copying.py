"""A copy of an SQLite database that is whole, also while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from db.engine import translated_errors

_PAGES = 2000
"""Pages between two calls of ``on_copied``: some 8 MB."""

OnCopied = Callable[[int, int], None]
"""Called with the pages copied and the pages in all; what it raises ends the copy."""


def copy_database(source: Path, target: Path, on_copied: OnCopied = lambda done, total: None) -> None:
    """Copy a database as it is at this moment into one file that needs no journal beside it.

    Args:
        source: The database; it may be open elsewhere, and is only read.
        target: File to make.
        on_copied: For progress; may raise to cancel.

    Raises:
        StoreError: The source cannot be read or the target cannot be written.
    """
    with translated_errors(str(source)), closing(sqlite3.connect(source, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        # Reading fixes the moment: without it every commit of somebody else would start the copy anew.
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with translated_errors(str(target)), closing(sqlite3.connect(target)) as copy:
            reading.backup(copy, pages=_PAGES, progress=lambda _state, left, total: on_copied(total - left, total))
            settle(copy)


def settle_database(path: Path) -> None:
    """Fold the write-ahead log of a closed database into its file, which then can be moved on its own."""
    with translated_errors(str(path)), closing(sqlite3.connect(path)) as database:
        settle(database)


def settle(database: sqlite3.Connection) -> None:
    """Leave the write-ahead mode; opened as a project the file enters it again."""
    database.execute("PRAGMA journal_mode=DELETE")
