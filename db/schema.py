"""The schema's version: create it, refuse what is newer, bring up what is older after a backup.

The migrations in ``db/migrations`` are the only description of the schema that is ever run; alembic is imported only
when one of them has to.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from db.copying import copy_database
from db.engine import describe, enter_wal_mode, find_database_file, writing
from db.errors import CorruptStoreError, ProjectExistsError, ProjectNotFoundError, SchemaTooNewError


@dataclass(frozen=True, slots=True)
class Migrations:
    """A folder of alembic migrations and its revisions, oldest first."""

    folder: Path
    revisions: tuple[str, ...]

    @property
    def head(self) -> str:
        """The newest revision."""
        return self.revisions[-1]


MIGRATIONS = Migrations(
    Path(__file__).parent / "migrations",
    ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010"),
)


def create_schema(engine: Engine) -> None:
    """Make the tables of a new project.

    Raises:
        ProjectExistsError: The database has tables already, or the file exists.
    """
    location = describe(engine.url)
    file = find_database_file(engine.url)
    if file is not None and file.exists():
        raise ProjectExistsError(f"{location} exists already; open it, or choose another place.")
    try:
        if file is not None:
            with engine.connect() as connection:
                enter_wal_mode(connection)
        with writing(engine).begin() as connection:
            if inspect(connection).get_table_names():
                raise ProjectExistsError(f"{location} holds tables already; open it, or choose an empty database.")
            _upgrade(connection, MIGRATIONS)
    except BaseException:
        engine.dispose()
        if file is not None:
            _remove(file)
        raise


def ensure_current_schema(engine: Engine, migrations: Migrations = MIGRATIONS) -> None:
    """Check a project's schema, and upgrade an older one after copying the file beside itself.

    The upgrade is one transaction: when it fails, the project is as it was.

    Raises:
        ProjectNotFoundError: No such file.
        SchemaTooNewError: A version these migrations do not know.
        CorruptStoreError: No project database, or a damaged one.
    """
    location = describe(engine.url)
    file = find_database_file(engine.url)
    if file is not None:
        _check_file(file)
    with engine.connect() as connection:
        version = _read_version(connection, location, migrations)
    if file is not None:
        with engine.connect() as connection:
            enter_wal_mode(connection)
    if version == migrations.head:
        return
    if file is not None:
        _back_up(file, version)
    with writing(engine).begin() as connection:
        # Another process may have upgraded while this one waited for the lock.
        if _read_version(connection, location, migrations) != migrations.head:
            _upgrade(connection, migrations)


def _remove(file: Path) -> None:
    """Take away the half-made file of a project that could not be created."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _check_file(file: Path) -> None:
    if not file.exists():
        raise ProjectNotFoundError(
            f"There is no project database at {file}; check the path, or make a new project there."
        )
    if not file.is_file():
        raise CorruptStoreError(f"{file} is not a file; give the path of a project database.")


def _read_version(connection: Connection, location: str, migrations: Migrations) -> str:
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables or "person_heads" not in tables:
        raise CorruptStoreError(f"{location} is a database, but not one of this program; check the path.")
    versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if len(versions) != 1:
        raise CorruptStoreError(f"{location} does not tell its version; restore it from a backup.")
    if versions[0] not in migrations.revisions:
        raise SchemaTooNewError(
            f"{location} was written by a newer version of this program (schema {versions[0]}, this one knows up to "
            f"{migrations.head}); install that version to open it."
        )
    return str(versions[0])


def _back_up(file: Path, version: str) -> None:
    """Copy a database beside itself through SQLite, which includes what is still in the write-ahead log."""
    backup = file.with_name(f"{file.name}.backup-{version}")
    unfinished = backup.with_name(backup.name + ".part")
    unfinished.unlink(missing_ok=True)
    copy_database(file, unfinished)
    os.replace(unfinished, backup)  # noqa: PTH105


def _upgrade(connection: Connection, migrations: Migrations) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, migrations.head)
