"""What can be accepted, and what a stale fit may not do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services import annotation, review
from app.services.errors import ServiceError
from app.services.person_view import load_person_view
from app.services.project import Project
from db.records import PersonId
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints

COCO = get_skeleton("coco17")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, [person_keypoints(0), person_keypoints(1, labelled=4)], per_image=2) as made:
        yield made


def move_wrist(project: Project, person: PersonId) -> None:
    revision = load_person_view(project, person).revision
    edit = annotation.move_joints(revision, COCO, {9: (11.0, 12.0)})
    assert edit is not None
    annotation.apply_edit(project, person, revision.id, edit)


def test_accepting_a_fit(project: Project) -> None:
    person = people_of(project)[0]
    fit = add_fit(project, person)
    review.accept(project, person, fit.id, 3.5)
    view = load_person_view(project, person)
    assert view.state == "accepted"
    assert view.decision is not None
    assert view.decision.seconds_spent == 3.5
    assert view.decision.annotator_id == project.annotator_id


def test_an_edit_makes_the_accepted_fit_stale(project: Project) -> None:
    person = people_of(project)[0]
    fit = add_fit(project, person)
    review.accept(project, person, fit.id, 1)
    move_wrist(project, person)
    assert load_person_view(project, person).stale
    with pytest.raises(ServiceError, match="re-fit"):
        review.accept(project, person, fit.id, 1)


def test_only_the_newest_fit_can_be_accepted(project: Project) -> None:
    person = people_of(project)[0]
    old = add_fit(project, person)
    add_fit(project, person)
    with pytest.raises(ServiceError, match="newer fit"):
        review.accept(project, person, old.id, 1)


def test_rejecting_with_reasons_and_changing_ones_mind(project: Project) -> None:
    person = people_of(project)[0]
    fit = add_fit(project, person)
    review.reject(project, person, ["wrong_depth", "other"], "leans back", 2)
    view = load_person_view(project, person)
    assert view.state == "rejected"
    assert view.decision is not None
    assert view.decision.reasons == ("wrong_depth", "other")
    review.accept(project, person, fit.id, 1)
    assert load_person_view(project, person).state == "accepted"
    with project.store.read() as reader:
        assert len(reader.decisions.history(person)) == 2


def test_a_person_without_a_fit_can_be_rejected_but_not_accepted(project: Project) -> None:
    person = people_of(project)[1]
    assert load_person_view(project, person).state == "unfittable"
    review.reject(project, person, ["bad_keypoints"], "", 1)
    assert load_person_view(project, person).state == "rejected"


def test_an_unknown_reason_is_refused(project: Project) -> None:
    with pytest.raises(ServiceError, match="no reason 'nonsense'"):
        review.reject(project, people_of(project)[0], ["nonsense"], "", 1)


def test_reasons_have_each_digit_once() -> None:
    digits = [reason.digit for reason in review.REASONS]
    assert digits == list(range(1, len(digits) + 1))
    assert len({reason.code for reason in review.REASONS}) == len(digits)


def test_a_view_tells_residuals_in_pixels(project: Project) -> None:
    person, other = people_of(project)
    assert np.isnan(load_person_view(project, person).residuals_px).all()
    add_fit(project, person)
    view = load_person_view(project, person)
    expected = np.linalg.norm(view.revision.keypoints[:, :2] - 200.0, axis=1)
    assert np.allclose(view.residuals_px, expected)
    assert view.people_in_image == 2
    assert [record.id for record in view.people] == [person, other]
