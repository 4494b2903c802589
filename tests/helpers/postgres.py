"""A PostgreSQL server of the tests' own, on a Unix socket in a temporary folder; gone when they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

_PROGRAMS = ("initdb", "pg_ctl", "postgres")
_NUMBERS = count(1)


def find_missing_program() -> str | None:
    """A program of the server that is not installed, or the reason it cannot run; None when all is well."""
    for program in _PROGRAMS:
        if shutil.which(program) is None:
            return f"no PostgreSQL server here ({program} is not on the PATH)"
    if _is_root() and shutil.which("setpriv") is None:
        return "a PostgreSQL server refuses to run as root, and setpriv is not there"
    return None


@contextmanager
def running_server() -> Iterator[str]:
    """A server; yields the address of an empty database on it."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        if _is_root():
            shutil.chown(folder, "nobody")
        data = Path(folder) / "data"
        _call("initdb", "-D", str(data), "-U", "tests", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        _call("pg_ctl", "-D", str(data), "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://tests@/postgres?host={folder}"
        finally:
            _call("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def new_schema(server: str) -> str:
    """Address of an empty place of its own on a server."""
    name = f"place_{next(_NUMBERS)}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"{server}&options=-csearch_path%3D{name}"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _call(*words: str) -> None:
    as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] if _is_root() else []
    done = subprocess.run(
        [*as_nobody, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed: {done.stderr or done.stdout}")
