"""New projects of the tests have the tables that the migrations make, to the letter and in order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.store import Store
from tests.helpers.kept_schema import upgrade_by_migrations


def contents(file: Path) -> tuple[list[object], list[str]]:
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall()
        return tables, list(connection.iterdump())


def test_a_copied_project_is_a_migrated_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.create(tmp_path / "copied.db").close()
    monkeypatch.setattr("db.schema._upgrade", upgrade_by_migrations)
    Store.create(tmp_path / "migrated.db").close()
    assert contents(tmp_path / "copied.db") == contents(tmp_path / "migrated.db")
    for pragma in ("user_version", "application_id", "journal_mode", "page_size", "encoding", "auto_vacuum"):
        values = []
        for name in ("copied.db", "migrated.db"):
            with closing(sqlite3.connect(tmp_path / name)) as connection:
                values.append(connection.execute(f"PRAGMA {pragma}").fetchone())
        assert values[0] == values[1], pragma
