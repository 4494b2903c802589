"""The tables of a new SQLite project, made by the migrations once and copied from then on.

Nearly every test begins with a new project, and nine tenths of the time that one takes is alembic's.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, create_engine, text

from db import schema
from db.schema import MIGRATIONS, Migrations

upgrade_by_migrations = schema._upgrade


def upgrade_quickly(connection: Connection, migrations: Migrations) -> None:
    """Bring a database to its newest schema as ``db.schema`` does, an empty one by a copy of what comes out."""
    if migrations is not MIGRATIONS or connection.dialect.name != "sqlite" or not _is_empty(connection):
        upgrade_by_migrations(connection, migrations)
        return
    for statement in _statements_of_newest():
        connection.exec_driver_sql(statement)


@cache
def _statements_of_newest() -> tuple[str, ...]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade_by_migrations(connection, MIGRATIONS)
        # In the order of the migrations, which an SQL dump does not keep.
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"))
        tables = tuple(made.scalars())
        dump = connection.connection.driver_connection.iterdump()  # type: ignore[union-attr]
        rows = tuple(statement for statement in dump if statement.startswith("INSERT"))
    engine.dispose()
    return tables + rows


def _is_empty(connection: Connection) -> bool:
    return connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one() == 0
