"""What a piece of work costs the database, in statements and steps: the same on every machine, whoever else is busy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import event

from db.store import Store

_STRIDE = 20


@dataclass
class SqlWork:
    """Counted while :func:`counted` is open.

    Attributes:
        statements: Texts, in order.
        steps: Instructions of SQLite's machine, in strides of twenty: each row looked at takes some.
    """

    statements: list[str] = field(default_factory=list)
    steps: int = 0


@contextmanager
def counted(store: Store) -> Iterator[SqlWork]:
    """Count what a store is asked, on whatever thread."""
    work, engine = SqlWork(), store._engine
    seen: list[SqliteConnection] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":
            work.statements.append(statement)

    def step() -> None:
        work.steps += _STRIDE

    def watch(connection: SqliteConnection, *_rest: object) -> None:
        connection.set_progress_handler(step, _STRIDE)
        seen.append(connection)

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "checkout", watch)
    try:
        yield work
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "checkout", watch)
        for connection in seen:
            connection.set_progress_handler(None, 0)
