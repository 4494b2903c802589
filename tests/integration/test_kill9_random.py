"""kill -9 at random moments of a session of edits, undo and decisions: whatever was reported as done is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.services.project import Project
from tests.helpers.builders import add_fit, build_project, people_of

SESSION = """
import sys
from pathlib import Path
from app.services import annotation, review
from app.services.person_view import load_person_view
from app.services.project import Project
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit

project = Project.open(Path(sys.argv[1]))
with project.store.read() as reader:
    people = reader.queue.ids()
step = 0
while True:
    for person in people:
        step += 1
        revision = load_person_view(project, person).revision
        edit = annotation.move_joints(revision, get_skeleton("coco17"), {9: (float(step), 45.0)})
        annotation.apply_edit(project, person, revision.id, edit)
        fit = add_fit(project, person)
        review.accept(project, person, fit.id, 1.0)
        print(person, step, fit.id, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("run", range(10))
def test_whatever_was_reported_is_there(tmp_path: Path, run: int) -> None:
    with build_project(tmp_path, 3) as project:
        folder = project.folder
        for person in people_of(project):
            add_fit(project, person)
    script = tmp_path / "session.py"
    script.write_text(SESSION, encoding="utf-8")
    root = Path(__file__).parents[2]
    session = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert session.stdout is not None
    reported = [session.stdout.readline()]
    time.sleep(random.Random(run).uniform(0.0, 2.0))
    session.send_signal(signal.SIGKILL)
    reported += session.stdout.read().splitlines(keepends=True)
    session.stdout.close()
    session.wait()
    facts = [line.split() for line in reported if line.endswith("\n")]
    with Project.open(folder) as project:
        assert project.store.verify_heads() == ()
        with project.store.read() as reader:
            for person, step, fit in facts:
                history = reader.keypoints.history(int(person))  # type: ignore[arg-type]
                assert any(revision.keypoints[9, 0] == float(step) for revision in history)
                decisions = reader.decisions.history(int(person))  # type: ignore[arg-type]
                assert any(decision.fit_id == int(fit) for decision in decisions)
