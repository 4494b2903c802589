"""kill -9 one second after an edit, a finished fit and a decision: all of them are there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from app.services.person_view import load_person_view
from app.services.project import Project
from tests.helpers.builders import build_project, people_of

SESSION = """
import sys, time
from pathlib import Path
from app.services import annotation, review
from app.services.batch import fit_people
from app.services.person_view import load_person_view
from app.services.project import Project
from fitting.runners import ProcessRunner
from fitting.spec import EftOptions
from resources.skeleton import get_skeleton

def main():
    project = Project.open(Path(sys.argv[1]))
    with project.store.read() as reader:
        person = reader.queue.ids()[0]
    revision = load_person_view(project, person).revision
    edit = annotation.move_joints(revision, get_skeleton("coco17"), {9: (123.0, 45.0)})
    annotation.apply_edit(project, person, revision.id, edit)
    print("edited", flush=True)
    fit_people(project, [person], ProcessRunner, options=EftOptions(max_iterations=3))
    print("fitted", flush=True)
    review.accept(project, person, load_person_view(project, person).fit.id, 2.0)
    print("accepted", flush=True)
    time.sleep(600)

if __name__ == "__main__":
    main()
"""


def test_nothing_finished_is_lost(tmp_path: Path) -> None:
    with build_project(tmp_path, 1) as project:
        folder, person = project.folder, people_of(project)[0]
    script = tmp_path / "session.py"
    script.write_text(SESSION, encoding="utf-8")
    session = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=_with_project_path(),
    )
    assert session.stdout is not None
    with session.stdout:
        assert [session.stdout.readline().strip() for _ in range(3)] == ["edited", "fitted", "accepted"]
        time.sleep(1)
        session.send_signal(signal.SIGKILL)
        session.wait()
    with Project.open(folder) as reopened:
        view = load_person_view(reopened, person)
        assert view.revision.keypoints[9].tolist() == [123.0, 45.0, 2.0]
        assert view.fit is not None
        assert view.fit.revision_id == view.revision.id
        assert view.state == "accepted"
        assert reopened.store.verify_heads() in (None, [], ())


def _with_project_path() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
