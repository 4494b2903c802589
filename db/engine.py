"""The database engine: where it lies, how SQLite is set up, and the one place its errors become ours.

SQLite runs in WAL mode, so readers and one writer do not wait for each other, with ``synchronous=FULL``: each commit
is synced to the disk. ``kill -9`` would already lose nothing with NORMAL (the operating system holds the pages); FULL
keeps the promise when the power fails, and costs an edit a millisecond or two where a person makes a few a second.
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
            return create_engine(url, isolation_level="REPEATABLE READ", max_overflow=-1)
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
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_WRITING: True})
    return engine.execution_options(isolation_level="SERIALIZABLE")


def enter_wal_mode(connection: Connection) -> None:
    """Switch a SQLite file to write-ahead logging, which it remembers; outside any transaction."""
    mode = connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]  # type: ignore[union-attr]
    if mode != "wal":
        _log.warning("%s lies on a drive without WAL support; reading will wait for writing", describe(connection.engine.url))


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write) to lock out other writers; ours is explicit.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: waiting happens here, never as a deadlock in the middle.
    immediate = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def translated_errors(location: str) -> Iterator[None]:
    """Turn the database's known troubles into errors of ours; bugs pass through as they are."""
    try:
        yield
    except DBAPIError as error:
        known = _find_known_error(error.orig, location)
        if known is None:
            raise
        raise known from error
    except sqlite3.Error as error:
        known = _find_known_error(error, location)
        if known is None:
            raise
        raise known from error


def _find_known_error(error: BaseException | None, location: str) -> StoreError | None:
    if isinstance(error, sqlite3.Error):
        # The low byte is the primary code; the rest tells variants apart (sqlite.org/rescode.html).
        return _sqlite_error(getattr(error, "sqlite_errorcode", 0) & 0xFF, location, str(error))
    if getattr(error, "sqlstate", None) in {"40001", "40P01", "55P03"}:
        return StoreLockedError(f"Another program was writing to {location} at the same moment; try again.")
    if type(error).__name__ == "OperationalError":
        return StoreAccessError(f"{location} cannot be reached ({str(error).strip()}); check the server and the URL.")
    return None


def _sqlite_error(code: int, location: str, detail: str) -> StoreError | None:
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreLockedError(
                f"{location} is locked by another program; wait until that is done or close it, then try again."
            )
        case sqlite3.SQLITE_FULL:
            return DiskFullError(
                f"The disk of {location} is full, nothing of this change was stored; free some space and try again."
            )
        case sqlite3.SQLITE_CORRUPT:
            return CorruptStoreError(f"{location} is damaged ({detail}); restore it from a backup.")
        case sqlite3.SQLITE_NOTADB:
            return CorruptStoreError(f"{location} is not a project database; check the path, or restore it from a backup.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StoreAccessError(f"{location} cannot be written ({detail}); check the permissions of the file and its folder.")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR:
            return StoreAccessError(f"{location} cannot be used ({detail}); check that its folder exists and the drive works.")
    return None
