"""Any fit of a person can be looked at and made the current one again; nothing of it is changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services.annotation import apply_edit, move_joints
from app.services.errors import ServiceError
from app.services.fit_versions import RESTORED_FROM, build_shown_fit, name_method, use_fit
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.review import accept
from db.records import FitRecord, NewFit, PersonId
from tests.helpers.builders import add_fit, build_project, people_of


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, people=2) as project:
        yield project


@pytest.fixture
def person_id(project: Project) -> PersonId:
    return people_of(project)[0]


def move_nose(project: Project, person_id: PersonId) -> None:
    view = load_person_view(project, person_id)
    edit = move_joints(view.revision, view.skeleton, {0: (12.0, 34.0)})
    assert edit is not None
    apply_edit(project, person_id, view.revision.id, edit)


def add_two(project: Project, person_id: PersonId) -> tuple[FitRecord, FitRecord]:
    eft = add_fit(project, person_id, options={"mode": "fast", "learning_rate": 1e-5})
    return eft, add_fit(project, person_id, 3e-4, method="smplify", joints_px=np.full((49, 2), 150.0))


def test_an_earlier_fit_is_copied_whole_and_becomes_current(project: Project, person_id: PersonId) -> None:
    eft, smplify = add_two(project, person_id)
    use_fit(project, person_id, eft.id)
    view = load_person_view(project, person_id)
    assert view.fit is not None
    assert [fit.id for fit in view.fits] == [view.fit.id, smplify.id, eft.id]
    assert view.fit.options == {"mode": "fast", "learning_rate": 1e-5, RESTORED_FROM: eft.id}
    for field in dataclasses.fields(NewFit):
        if field.name != "options":
            assert np.array_equal(getattr(view.fit, field.name), getattr(eft, field.name)), field.name
    assert project.store.undo_label == "Use fit by EFT fast"


def test_it_waits_for_a_decision_and_is_undone_in_one_step(project: Project, person_id: PersonId) -> None:
    eft, smplify = add_two(project, person_id)
    accept(project, person_id, smplify.id, 1.0)
    use_fit(project, person_id, eft.id)
    assert load_person_view(project, person_id).state == "fitted"
    project.store.undo(annotator_id=project.annotator_id)
    view = load_person_view(project, person_id)
    assert (view.state, view.fit and view.fit.id) == ("accepted", smplify.id)


def test_what_cannot_become_current_says_why(project: Project, person_id: PersonId) -> None:
    eft, smplify = add_two(project, person_id)
    other = add_fit(project, people_of(project)[1])
    for fit, reason in ((smplify, "current fit already"), (other, "not among this person's fits")):
        with pytest.raises(ServiceError, match=reason):
            use_fit(project, person_id, fit.id)
    move_nose(project, person_id)
    with pytest.raises(ServiceError, match="earlier keypoints"):
        use_fit(project, person_id, eft.id)
    assert len(load_person_view(project, person_id).fits) == 2


def test_a_fit_taken_back_cannot_be_used(project: Project, person_id: PersonId) -> None:
    _, smplify = add_two(project, person_id)
    project.store.undo(annotator_id=project.annotator_id)
    with pytest.raises(ServiceError, match="not among this person's fits any more"):
        use_fit(project, person_id, smplify.id)


def test_a_shown_fit_is_measured_against_the_current_keypoints(project: Project, person_id: PersonId) -> None:
    eft, smplify = add_two(project, person_id)
    view = load_person_view(project, person_id)
    shown = build_shown_fit(view, eft)
    assert (shown.is_current, shown.is_stale) == (False, False)
    distance = np.linalg.norm(view.revision.keypoints[:, :2] - 200.0, axis=1)
    assert shown.residuals_px == pytest.approx(distance)
    assert build_shown_fit(view, smplify).is_current
    assert shown.verdicts[0].passed is True
    move_nose(project, person_id)
    shown = build_shown_fit(load_person_view(project, person_id), eft)
    assert shown.is_stale
    assert shown.residuals_px[0] == pytest.approx(np.hypot(200 - 12, 200 - 34))
    assert {verdict.passed for verdict in shown.verdicts} == {None}


@pytest.mark.parametrize(
    ("method", "options", "name"),
    [
        ("eft", {"mode": "exact"}, "EFT"),
        ("eft", {"mode": "fast"}, "EFT fast"),
        ("smplify", {}, "SMPLify"),
        ("regressor", {}, "regressor"),
        ("spin fits", {"mode": "fast"}, "spin fits"),
    ],
)
def test_methods_are_named(
    project: Project, person_id: PersonId, method: str, options: dict[str, object], name: str
) -> None:
    assert name_method(add_fit(project, person_id, method=method, options=options)) == name
