"""A program of its own that works at a project until it is killed: ``desk_session.py FOLDER SEED``.

It takes mixed steps, goes back and forth between them, and lets another annotator take over now and then. After each
commit it prints the rows that the change log has gained, so everything printed must be in the project for good.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from app.services.project import Project
from db.records import ChangeId, ChangeRecord
from tests.helpers.builders import people_of
from tests.helpers.mixed_steps import take_step

_NAMES = ("Anna", "Bob", "Clara")


def describe(change: ChangeRecord) -> dict[str, object]:
    """A row of the change log as it is printed and as it is compared."""
    rows = {table: [list(run) for run in runs] for table, runs in sorted(change.rows.items())}
    return {
        "id": change.id,
        "label": change.label,
        "kind": change.kind,
        "reverses": change.reverses_id,
        "annotator": change.annotator_id,
        "rows": rows,
    }


def main(folder: str, seed: int) -> None:
    """Work without an end."""
    rng = random.Random(seed)
    with Project.open(Path(folder), annotator=rng.choice(_NAMES)) as project:
        people = people_of(project)
        told: ChangeId | None = None
        while True:
            act = rng.random()
            if act < 0.12:
                project.store.undo(annotator_id=project.annotator_id)
            elif act < 0.2:
                project.store.redo(annotator_id=project.annotator_id)
            elif act < 0.23:
                project.work_as(rng.choice(_NAMES))
            else:
                take_step(project, rng.choice(people), rng)
            with project.store.read() as reader:
                for change in reader.changes.iter_since(told):
                    told = change.id
                    print(json.dumps(describe(change)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
