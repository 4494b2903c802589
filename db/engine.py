"""The database engine: where it lies, how SQLite is set up, and the one place its errors become ours.

SQLite runs in WAL mode, so readers and one writer do not wait for each other, with ``synchronous=FULL``: each commit
is synced to the disk. ``kill -9`` would already lose nothing with NORMAL (the operating system holds the pages); FULL
keeps the promise when the power fails, for 1.4 to 1.8 times the duration of an edit (docs/adr/0003).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from db.errors import CorruptStoreError, DiskFullError, StoreAccessError, StoreError, StoreLockedError

_log = logging.getLogger(__name__)
_WRITING = "exemplar_writing"


def parse_place(place: str | Path) -> URL:
    """URL of a project database given as a file's path or as an SQLAlchemy URL.

    Raises:
        StoreAccessError: Not a URL, or one of a database that lives in memory only.
    """
    text = str(place)
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(place).absolute()))
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreAccessError(
            f"'{text}' is not a database URL; write it like postgresql+psycopg://user@host/name, or give a file's path."
        ) from error
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise StoreAccessError(f"'{text}' names no file, so nothing would be kept; give the path of a file.")
    return url


def find_database_file(url: URL) -> Path | None:
    """The SQLite file of a URL; None for a database server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def describe(url: URL) -> str:
    """The database in messages: the file's path, or the URL with its password hidden."""
    return str(find_database_file(url) or url.render_as_string(hide_password=True))


def build_engine(url: URL, busy_timeout_s: float) -> Engine:
    """Engine of a project database; nothing is opened yet.

    Args:
        url: From :func:`parse_place`.
        busy_timeout_s: How long SQLite waits for another process that writes.

    Raises:
        StoreAccessError: The driver named by the URL is not installed.
    """
    try:
        if url.get_backend_name() != "sqlite":
            engine = create_engine(url, isolation_level="REPEATABLE READ", max_overflow=-1)
            if engine.dialect.name == "postgresql":
                event.listen(engine, "begin", _begin_postgresql)
            return engine
        engine = create_engine(url, connect_args={"timeout": busy_timeout_s}, max_overflow=-1)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreAccessError(
            f"No driver for '{url.drivername}' is installed ({error}); install it into this environment."
        ) from error
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write: one at a time, seeing nothing of another's half."""
    match engine.dialect.name:
        case "sqlite":
            return engine.execution_options(**{_WRITING: True})
        case "postgresql":
            # Waiting in line for one lock; each statement then sees all that was committed before, nothing to retry.
            return engine.execution_options(**{_WRITING: True}, isolation_level="READ COMMITTED")
        case _:
            return engine.execution_options(isolation_level="SERIALIZABLE")


def enter_wal_mode(connection: Connection) -> None:
    """Switch a SQLite file to write-ahead logging, which it remembers; outside any transaction."""
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    if cursor.fetchall() != [("wal",)]:
        _log.warning(
            "%s lies on a drive without WAL support; reading will wait for writing", describe(connection.engine.url)
        )


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write) to lock out other writers; ours is explicit.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: waiting happens here, never as a deadlock in the middle.
    immediate = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITING, False):
        # Any number does: locks are a database's own, and a database holds one project.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")


@contextmanager
def translated_errors(location: str) -> Iterator[None]:
    """Turn the database's known troubles into errors of ours; bugs pass through as they are."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        known = _find_known_error(error.orig if isinstance(error, DBAPIError) else error, location)
        if known is None:
            raise
        raise known from error


def _find_known_error(error: BaseException | None, location: str) -> StoreError | None:
    if isinstance(error, sqlite3.Error):
        # The low byte is the primary code; the rest tells variants apart.
        known = _SQLITE_ERRORS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if str(error) == "unsupported file format":  # a damaged header, with the code of a wrong statement
            known = _SQLITE_ERRORS[sqlite3.SQLITE_CORRUPT]
        return None if known is None else known[0](known[1].format(location, error))
    if getattr(error, "sqlstate", None) in {"40001", "40P01", "55P03"}:
        return StoreLockedError(f"Another program was writing to {location} at the same moment; try again.")
    if type(error).__name__ == "OperationalError":
        reason = str(error).strip().partition("\n")[0]
        return StoreAccessError(f"{location} cannot be reached ({reason}); check the server and the URL.")
    return None


_SQLITE_ERRORS: dict[int, tuple[type[StoreError], str]] = {
    **dict.fromkeys(
        (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
        (StoreLockedError, "{0} is locked by another program; wait for it or close it, then try again."),
    ),
    sqlite3.SQLITE_FULL: (
        DiskFullError,
        "The disk of {0} is full, nothing of this change was stored; free some space and try again.",
    ),
    sqlite3.SQLITE_CORRUPT: (CorruptStoreError, "{0} is damaged ({1}); restore it from a backup."),
    sqlite3.SQLITE_NOTADB: (CorruptStoreError, "{0} is not a project database; check the path or restore a backup."),
    **dict.fromkeys(
        (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH),
        (StoreAccessError, "{0} cannot be written ({1}); check the permissions of the file and its folder."),
    ),
    **dict.fromkeys(
        (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR),
        (StoreAccessError, "{0} cannot be used ({1}); check that its folder exists and the drive works."),
    ),
}
"""What SQLite reports about the world, by primary code (sqlite.org/rescode.html); the other codes mean bugs."""
