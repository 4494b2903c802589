from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from db.engine import build_engine, describe, find_database_file, parse_place, translated_errors
from db.errors import CorruptStoreError, DiskFullError, StoreAccessError, StoreError, StoreLockedError


def test_a_path_is_a_sqlite_file(tmp_path: Path) -> None:
    url = parse_place(tmp_path / "a b.db")
    assert url.get_backend_name() == "sqlite"
    assert find_database_file(url) == tmp_path / "a b.db"
    assert find_database_file(parse_place(f"sqlite:///{tmp_path}/c.db")) == tmp_path / "c.db"


def test_a_server_has_no_file_and_hides_its_password() -> None:
    url = parse_place("postgresql://ann:secret@host/project")
    assert find_database_file(url) is None
    assert "secret" not in describe(url)
    assert "host/project" in describe(url)


@pytest.mark.parametrize("place", ["sqlite://", "sqlite:///:memory:", "no such thing://"])
def test_what_cannot_hold_a_project_is_refused(place: str) -> None:
    with pytest.raises(StoreAccessError, match="give"):
        parse_place(place)


def test_a_missing_driver_is_named() -> None:
    with pytest.raises(StoreAccessError, match=r"nosuchdb.*install"):
        build_engine(make_url("nosuchdb://host/name"), 1.0)


def provoke(tmp_path: Path, trouble: str) -> None:
    """Make SQLite itself raise one of its errors."""
    path = tmp_path / "real.db"
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("CREATE TABLE t (x)")
        if trouble == "locked":
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO t VALUES (1)")
        elif trouble == "full":
            connection.execute("PRAGMA max_page_count=3")
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
        elif trouble == "readonly":
            connection.execute("PRAGMA query_only=ON")
            connection.execute("INSERT INTO t VALUES (1)")
        elif trouble == "bug":
            connection.execute("SELECT 1 FROM nowhere")
    if trouble == "not a database":
        path.write_bytes(b"plain text, " * 1000)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("SELECT * FROM t")
    if trouble == "no folder":
        sqlite3.connect(tmp_path / "missing" / "x.db")


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        ("locked", StoreLockedError, "locked by another program"),
        ("full", DiskFullError, "free some space"),
        ("readonly", StoreAccessError, "permissions"),
        ("not a database", CorruptStoreError, "not a project database"),
        ("no folder", StoreAccessError, "folder exists"),
    ],
)
def test_known_troubles_become_one_sentence(tmp_path: Path, trouble: str, error: type[StoreError], words: str) -> None:
    with pytest.raises(error, match=words) as caught, translated_errors("/p/project.db"):
        provoke(tmp_path, trouble)
    assert "/p/project.db" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bug_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), translated_errors("x"):
        provoke(tmp_path, "bug")
