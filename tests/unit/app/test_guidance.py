"""Hints, pins and ignored joints, from the annotator to the stored fit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import guidance
from app.services.annotation import apply_edit, swap_sides
from app.services.errors import ServiceError
from app.services.fitting import FitRecipe, build_fit_job, store_fit
from app.services.person_view import PersonView, load_person_view
from app.services.project import Project
from db.errors import NotFoundError
from db.records import PersonId
from fitting.runners import InlineRunner
from fitting.spec import EftOptions, Event, FitResult, JobFinished
from tests.helpers.builders import add_fit, build_project, people_of


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 2) as made:
        yield made


@pytest.fixture
def person(project: Project) -> PersonId:
    return people_of(project)[0]


def view_of(project: Project, person: PersonId) -> PersonView:
    return load_person_view(project, person)


def test_hints_and_weights_gather_and_say_what_was_done(project: Project, person: PersonId) -> None:
    changes = [
        guidance.set_depth_hint(project, person, "left_forearm", "toward"),
        guidance.set_depth_hint(project, person, "right_thigh", "away"),
        guidance.set_joint_weight(project, person, "left_wrist", guidance.PIN_WEIGHT),
        guidance.set_joint_weight(project, person, "right_ear", 0),
        guidance.set_joint_weight(project, person, "nose", 0.5),
        guidance.set_depth_hint(project, person, "right_thigh", None),
        guidance.set_joint_weight(project, person, "nose", None),
    ]
    assert [change.label for change in changes] == [
        "Hint: left forearm toward the camera",
        "Hint: right thigh away from the camera",
        "Pin left wrist",
        "Ignore right ear",
        "Weigh nose 0.5",
        "Remove hint: right thigh",
        "Release nose",
    ]
    current = view_of(project, person).guidance
    assert current is not None
    assert current.depth_hints == {"left_forearm": "toward"}
    assert current.joint_weights == {"left_wrist": 10.0, "right_ear": 0.0}
    assert current.annotator_id == project.annotator_id
    assert view_of(project, people_of(project)[1]).guidance is None


def test_undo_takes_one_hint_back(project: Project, person: PersonId) -> None:
    guidance.set_depth_hint(project, person, "left_forearm", "toward")
    guidance.set_joint_weight(project, person, "left_wrist", 10)
    assert project.store.undo_label == "Pin left wrist"
    project.store.undo()
    current = view_of(project, person).guidance
    assert current is not None
    assert (current.depth_hints, current.joint_weights) == ({"left_forearm": "toward"}, {})


def test_what_is_known_already_is_not_written_again(project: Project, person: PersonId) -> None:
    guidance.set_depth_hint(project, person, "left_forearm", "toward")
    assert guidance.set_depth_hint(project, person, "left_forearm", "toward").id is None
    assert guidance.set_joint_weight(project, person, "nose", 1).id is None
    guidance.clear_guidance(project, person)
    assert guidance.clear_guidance(project, person).id is None
    current = view_of(project, person).guidance
    assert current is not None
    assert (current.depth_hints, current.joint_weights) == ({}, {})


def test_what_makes_no_sense_is_refused(project: Project, person: PersonId) -> None:
    with pytest.raises(ServiceError, match="no limb 'tail'"):
        guidance.set_depth_hint(project, person, "tail", "away")
    with pytest.raises(ServiceError, match="no joint 'left_big_toe'"):
        guidance.set_joint_weight(project, person, "left_big_toe", 0)
    with pytest.raises(ServiceError, match="positive number, not -1"):
        guidance.set_joint_weight(project, person, "nose", -1)
    with pytest.raises(NotFoundError, match="no person 99"):
        guidance.set_depth_hint(project, PersonId(99), "left_thigh", None)


def test_a_change_of_guidance_shows_but_makes_no_fit_stale(project: Project, person: PersonId) -> None:
    assert not view_of(project, person).guidance_differs
    add_fit(project, person)
    assert not view_of(project, person).guidance_differs
    guidance.set_depth_hint(project, person, "left_forearm", "toward")
    assert view_of(project, person).guidance_differs
    assert view_of(project, person).state == "fitted"
    guidance.set_depth_hint(project, person, "left_forearm", None)
    assert not view_of(project, person).guidance_differs


def test_a_fit_is_made_with_the_guidance_of_its_start_and_says_so(project: Project, person: PersonId) -> None:
    guidance.set_depth_hint(project, person, "left_forearm", "toward")
    guidance.set_joint_weight(project, person, "left_wrist", 10)
    pending = build_fit_job(project, person, recipe=FitRecipe(options=EftOptions(max_iterations=2)))
    assert pending.job.depth_hints == {"left_forearm": "toward"}
    assert pending.job.joint_weights == {"left_wrist": 10.0}
    guidance.set_joint_weight(project, person, "nose", 0)  # while the fit runs
    events: list[Event] = []
    InlineRunner(events.append).submit(pending.job)
    assert isinstance(events[-1], JobFinished)
    assert isinstance(events[-1].result, FitResult)
    store_fit(project, pending, events[-1].result)
    view = view_of(project, person)
    assert view.fit is not None
    assert view.fit.options["guidance"] == {
        "depth_hints": {"left_forearm": "toward"},
        "joint_weights": {"left_wrist": 10.0},
    }
    assert view.guidance_differs


def test_a_fit_without_guidance_keeps_no_word_of_it(project: Project, person: PersonId) -> None:
    pending = build_fit_job(project, person)
    assert (pending.job.depth_hints, pending.job.joint_weights) == ({}, {})
    assert pending.guidance is None


def test_hints_and_pins_follow_points_that_change_sides(project: Project, person: PersonId) -> None:
    guidance.set_depth_hint(project, person, "left_forearm", "toward")
    guidance.set_joint_weights(project, person, ("left_wrist", "nose"), guidance.PIN_WEIGHT)
    view = load_person_view(project, person)
    swapped = swap_sides(view.revision, view.skeleton, "arms")
    assert swapped is not None
    apply_edit(project, person, view.revision.id, swapped)
    after = load_person_view(project, person).guidance
    assert after is not None
    assert after.depth_hints == {"right_forearm": "toward"}
    assert after.joint_weights == {"right_wrist": guidance.PIN_WEIGHT, "nose": guidance.PIN_WEIGHT}
    project.store.undo()
    assert load_person_view(project, person).guidance == view.guidance
    assert load_person_view(project, person).revision.id == view.revision.id
