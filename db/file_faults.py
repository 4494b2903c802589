"""What SQLite itself finds wrong with a database file, asked before anything of ours reads it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

RESTORE: Final = "restore the project from a bundle or a backup"
_MOST = 100
"""Faults that SQLite is asked to list."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be: where, what, and what to do about it."""

    item: str
    reason: str
    cure: str

    def __str__(self) -> str:
        return f"{self.item}: {self.reason}; {self.cure}."


def find_file_faults(path: Path) -> list[Fault]:
    """What SQLite itself finds wrong with a database file: damaged pages, rows that name rows which are not there.

    Triggers and views are faults too: this program makes none, and opening a file must not run what others put there.
    """
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, isolation_level=None)
        ) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            return list(_iter_file_faults(database, path.name))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return [Fault(path.name, f"it cannot be read ({error})", RESTORE)]


def _iter_file_faults(database: sqlite3.Connection, name: str) -> Iterator[Fault]:
    for (line,) in database.execute(f"PRAGMA integrity_check({_MOST})"):
        # One answer may have several lines, of which the first names the database.
        for fault in str(line).removeprefix("*** in database main ***").split("\n"):
            if fault.strip() and fault != "ok":
                yield Fault(name, fault.strip(), RESTORE)
    for table, row_id, parent, _ in database.execute("PRAGMA foreign_key_check"):
        yield Fault(f"row {row_id} of {table}", f"it names a row of {parent} that does not exist", RESTORE)
    for kind, strange in database.execute("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"):
        yield Fault(f"{kind} {strange}", "this program makes no such thing", "do not open a database of this origin")
