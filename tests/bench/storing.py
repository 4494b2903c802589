"""Edits and decisions: each is one committed transaction."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.services import annotation, review
from app.services.person_view import load_person_view
from resources.skeleton import get_skeleton
from tests.bench.measure import Figure, time_ms
from tests.helpers.builders import add_fit, build_project, people_of


def measure_storing() -> Iterator[Figure]:
    """Rows about the store; constant in the number of people."""
    with tempfile.TemporaryDirectory() as folder, build_project(Path(folder), 2) as project:
        edited, decided = people_of(project)
        fit = add_fit(project, decided)
        place = [0.0]

        def edit() -> None:
            revision = load_person_view(project, edited).revision
            place[0] += 1
            change = annotation.move_joints(revision, get_skeleton("coco17"), {9: (place[0], 7.0)})
            assert change is not None
            annotation.apply_edit(project, edited, revision.id, change)

        yield time_ms("edit of a joint, read to committed", edit, runs=200, target="p95 <= 5 (commit)")
        yield time_ms(
            "accept, committed", lambda: review.accept(project, decided, fit.id, 1.0), runs=200, target="p95 <= 5"
        )
        yield time_ms("undo", project.store.undo, runs=100)
        yield time_ms("read everything shown of a person", lambda: load_person_view(project, edited), runs=200)
