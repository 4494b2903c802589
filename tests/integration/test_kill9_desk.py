"""kill -9 at random moments of a session with all that annotators do: what was reported as done is there, once."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from app.services import review
from app.services.project import Project
from tests.helpers.builders import build_project, people_of
from tests.helpers.desk_session import describe
from tests.helpers.mixed_steps import take_step

ROOT = Path(__file__).parents[2]
TEN_MINUTES = 200
"""Changes: one in three seconds is more than an annotator makes."""
APPEND_ONLY = ("keypoint_revisions", "guidance", "fits", "decisions", "comments")


def work_until_killed(folder: Path, seed: int, longest: int) -> list[dict[str, object]]:
    """A session that dies between two instructions of its own; what it had reported by then."""
    rng = random.Random(seed)
    command = [sys.executable, "-m", "tests.helpers.desk_session", str(folder), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as session:
        assert session.stdout is not None
        reported = [session.stdout.readline() for _ in range(rng.randrange(1, longest))]
        with suppress(subprocess.TimeoutExpired):
            session.wait(timeout=rng.uniform(0.0, 0.05))
        session.send_signal(signal.SIGKILL)
        reported += session.stdout.read().splitlines(keepends=True)  # what it still got out
        assert session.wait() == -signal.SIGKILL
    return [json.loads(line) for line in reported if line.endswith("\n")]


def check_nothing_is_lost(folder: Path, reported: list[dict[str, object]]) -> None:
    """The project holds every reported change, at most one more, and nothing that no change accounts for."""
    with Project.open(folder) as project:
        assert project.store.verify_heads() == ()
        with project.store.read() as reader:
            log = [describe(change) for change in reader.changes.iter_since()]
    assert log[: len(reported)] == reported
    assert len(log) - len(reported) <= 2  # one that was committed and not yet printed, and perhaps a new annotator
    inserted: dict[str, list[int]] = {table: [] for table in APPEND_ONLY}
    flips: dict[tuple[str, int], int] = {}
    for change in log:
        for table, runs in change["rows"].items():  # type: ignore[attr-defined]
            ids = [number for first, last in runs for number in range(first, last + 1)]
            if table not in inserted:
                continue
            if change["kind"] == "do":
                inserted[table] += ids
            for number in ids:
                flips[table, number] = 1 if change["kind"] == "undo" else 0
    with closing(sqlite3.connect(folder / "project.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table, ids in inserted.items():
            stored = connection.execute(f"SELECT id, retracted FROM {table} ORDER BY id").fetchall()
            assert [number for number, _retracted in stored] == sorted(set(ids)) == sorted(ids)  # no row twice
            assert all(flips[table, number] == retracted for number, retracted in stored)


def run(folder: Path, seed: int, lives: int, longest: int) -> None:
    with build_project(folder, 5) as project:
        review.set_reviews_per_person(project, 1 + seed % 2)
        place = project.folder
        with project.store.read() as reader:
            reported = [describe(change) for change in reader.changes.iter_since()]
    for life in range(lives):
        told = work_until_killed(place, 1000 * seed + life, longest)
        # The session tells the whole log at first, then what it adds.
        reported = told if len(told) >= len(reported) else [*told, *reported[len(told) :]]
        check_nothing_is_lost(place, reported)
        with Project.open(place) as project:
            take_step(project, people_of(project)[0], random.Random(seed))  # and the work goes on
            with project.store.read() as reader:
                reported = [describe(change) for change in reader.changes.iter_since()]


def test_two_short_sessions(tmp_path: Path) -> None:
    run(tmp_path, seed=3, lives=2, longest=40)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_ten_minutes_of_work(tmp_path: Path, seed: int) -> None:
    run(tmp_path, seed, lives=1, longest=TEN_MINUTES)
