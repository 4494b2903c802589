"""``kill -9`` in the middle of editing loses nothing that was said to be done."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.records import FitId, PersonId, RevisionId
from db.store import Store
from tests.helpers.store_builders import add_people, move_joint

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lines", [1, 30, 101])
def test_everything_printed_before_the_kill_is_there(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "project.db"
    with Store.create(path) as store:
        people = add_people(store, [17] * 4)
    command = [sys.executable, "-m", "tests.helpers.store_writer", str(path), "0", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        printed = [program.stdout.readline().split() for _ in range(lines)]
        program.send_signal(signal.SIGKILL)
        printed += [line.split() for line in program.stdout.read().splitlines()]  # what it still got out
        assert program.wait(timeout=30) == -signal.SIGKILL
    with Store.open(path) as store:
        with store.read() as reader:
            for kind, number, x in printed:
                if kind == "edit":
                    assert reader.keypoints.get(RevisionId(int(number))).keypoints[3, 0] == float(x)
                elif kind == "fit":
                    assert reader.fits.get(FitId(int(number))).person_id == people[int(x) % 4]
                else:
                    assert reader.decisions.history(PersonId(int(number)))
            newest = {int(number) for kind, number, _ in printed if kind == "edit"}
            stored = {revision.id for person in people for revision in reader.keypoints.history(person)[1:]}
            assert newest <= stored
            assert len(stored - newest) <= 1  # at most the one committed and not yet printed
        assert store.verify_heads() == ()
        move_joint(store, people[0], 1, 5.0)
