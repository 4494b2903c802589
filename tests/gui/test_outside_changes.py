"""What another program changes shows in the open window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services import annotation, review
from app.services.person_view import load_person_view
from app.services.project import Project
from app.ui.models.people import SUMMARY_ROLE
from db.records import NewPerson, PersonRecord
from db.store import Store
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    with annotator_at(qtbot, tmp_path, build_project(tmp_path, people=3)) as annotator:
        annotator.until_settled()
        yield annotator


def outside(annotator: Annotator) -> Project:
    """The same project, as another process has it: with a store of its own."""
    return Project(annotator.project.folder, Store.open(annotator.project.folder / "project.db"))


def test_a_fit_of_a_command_shows_in_list_header_and_counts(annotator: Annotator) -> None:
    first, second, _ = people_of(annotator.project)
    assert annotator.person_id == first
    with outside(annotator) as project:
        add_fit(project, first)
        fit = add_fit(project, second)
        review.accept(project, second, fit.id, 1.0)
    model = annotator.page.people
    annotator.until(lambda: annotator.state == "fitted")
    annotator.until(lambda: model.index(1).data(SUMMARY_ROLE).state == "accepted")
    annotator.until(lambda: "1 accepted" in annotator.window.status.progress_text)
    assert "Changed by another program" in annotator.window.status.saved_text


def test_people_who_are_imported_meanwhile_join_the_list(annotator: Annotator) -> None:
    with outside(annotator) as project, project.store.change("Import", undoable=False) as change:
        known = change.people.get(people_of(annotator.project)[0])
        change.people.add_many([_copy(known)])
    annotator.until(lambda: len(annotator.page.people.ids) == 4)


def test_ones_own_changes_are_not_told_twice(annotator: Annotator) -> None:
    told: list[bool] = []
    annotator.page.context.changed.connect(lambda changeset: told.append(changeset.outside))
    changeset = review.second_look(annotator.project, annotator.person_id, "", 1.0)
    annotator.page.context.report_change(changeset)
    with outside(annotator) as project:
        review.reject(project, people_of(project)[2], (), "", 1.0)
    annotator.until(lambda: True in told)
    assert told == [False, True]


def test_an_edit_on_keypoints_somebody_else_changed_meanwhile_is_made_on_the_newest(annotator: Annotator) -> None:
    person = annotator.person_id
    with outside(annotator) as project:
        revision = load_person_view(project, person).revision
        edit = annotation.move_joints(revision, get_skeleton("coco17"), {9: (11.0, 12.0)})
        assert edit is not None
        annotation.apply_edit(project, person, revision.id, edit)
    wrist = annotator.joint("left_wrist")
    annotator.until(lambda: annotator.page.view.revision.keypoints[wrist, 0] == 11.0)
    annotator.page.select_joint(wrist)
    annotator.page.editor.nudge((wrist,), 1.0, 0.0)
    annotator.page.editor.flush()
    annotator.until_settled()
    assert annotator.place_of("left_wrist") == (12.0, 12.0)


def _copy(person: PersonRecord) -> NewPerson:
    names = NewPerson.__dataclass_fields__
    return NewPerson(**{name: getattr(person, name) for name in names})
