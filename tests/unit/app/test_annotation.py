"""Edits of keypoints: pure, exact, and stored in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services import annotation
from app.services.annotation import KeypointEdit, apply_edit
from app.services.errors import ServiceError
from app.services.project import Project
from db.errors import StaleWriteError
from db.records import KeypointRevision, PersonId
from resources.skeleton import get_skeleton
from tests.helpers.builders import build_project, people_of, person_keypoints

COCO = get_skeleton("coco17")
WRIST, OTHER_WRIST, NOSE = COCO.index("left_wrist"), COCO.index("right_wrist"), COCO.index("nose")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, [person_keypoints(0), person_keypoints(1, labelled=11)]) as made:
        yield made


def current(project: Project, person: PersonId) -> KeypointRevision:
    with project.store.read() as reader:
        revision = reader.keypoints.current(person)
    assert revision is not None
    return revision


@pytest.fixture
def revision(project: Project) -> KeypointRevision:
    return current(project, people_of(project)[0])


def test_moving_a_joint_changes_it_alone(revision: KeypointRevision) -> None:
    edit = annotation.move_joints(revision, COCO, {WRIST: (-20.0, 7.5)})
    assert edit is not None
    assert edit.label == "Move left wrist"
    assert edit.keypoints[WRIST].tolist() == [-20.0, 7.5, 2.0]
    assert edit.sources[WRIST] == "human"
    others = [joint for joint in range(17) if joint != WRIST]
    assert np.array_equal(edit.keypoints[others], revision.keypoints[others])
    assert {edit.sources[joint] for joint in others} == {"imported"}


def test_moving_nowhere_is_no_edit(revision: KeypointRevision) -> None:
    x, y = revision.keypoints[WRIST, :2]
    assert annotation.move_joints(revision, COCO, {WRIST: (x, y)}) is None


def test_visibility(revision: KeypointRevision) -> None:
    occluded = annotation.toggle_occluded(revision, COCO, WRIST)
    assert occluded is not None
    assert occluded.keypoints[WRIST, 2] == 1
    assert occluded.label == "Mark left wrist occluded"
    cleared = annotation.set_visibility(revision, COCO, WRIST, 0)
    assert cleared is not None
    assert cleared.keypoints[WRIST].tolist() == [0, 0, 0]
    assert cleared.confidence[WRIST] == 0


def test_an_absent_joint_must_be_placed_first(project: Project) -> None:
    revision = current(project, people_of(project)[1])
    ankle = COCO.index("left_ankle")
    with pytest.raises(ServiceError, match="left ankle is not labelled"):
        annotation.move_joints(revision, COCO, {ankle: (1, 1)})
    with pytest.raises(ServiceError, match="place it first"):
        annotation.toggle_occluded(revision, COCO, ankle)
    placed = annotation.place_joint(revision, COCO, ankle, 30, 40)
    assert placed is not None
    assert placed.keypoints[ankle].tolist() == [30, 40, 2]
    assert placed.confidence[ankle] == 1


@pytest.mark.parametrize("group", ["body", "arms", "legs", "wrist"])
def test_swapping_twice_is_the_identity(project: Project, group: str) -> None:
    person = people_of(project)[0]
    before = current(project, person)
    for _ in range(2):
        revision = current(project, person)
        edit = annotation.swap_sides(revision, COCO, group)
        assert edit is not None
        apply_edit(project, person, revision.id, edit)
    after = current(project, person)
    assert np.array_equal(after.keypoints, before.keypoints)
    assert after.sources == before.sources


def test_swapping_a_pair_leaves_the_rest(revision: KeypointRevision) -> None:
    edit = annotation.swap_sides(revision, COCO, "wrist")
    assert edit is not None
    assert np.array_equal(edit.keypoints[WRIST], revision.keypoints[OTHER_WRIST])
    assert np.array_equal(edit.keypoints[NOSE], revision.keypoints[NOSE])
    assert edit.label == "Swap left and right (wrist)"


@given(st.floats(-500, 500), st.floats(-500, 500))
def test_moving_the_body_keeps_its_form(dx: float, dy: float) -> None:
    revision = _revision(person_keypoints(2, labelled=14))
    edit = annotation.move_body(revision, dx, dy)
    if edit is None:
        assert (dx, dy) == (0, 0) or abs(dx) + abs(dy) < 1e-9
        return
    assert np.allclose(edit.keypoints[:14, :2] - revision.keypoints[:14, :2], (dx, dy))
    assert np.array_equal(edit.keypoints[14:], np.zeros((3, 3)))


def test_four_quarter_turns_come_back() -> None:
    revision = _revision(person_keypoints(4))
    for _ in range(4):
        edit = annotation.rotate_body(revision, 90)
        assert edit is not None
        revision = _revision(edit.keypoints)
    assert np.allclose(revision.keypoints, person_keypoints(4), atol=1e-6)


def test_an_edit_is_stored_with_its_name_and_author(project: Project, revision: KeypointRevision) -> None:
    person = people_of(project)[0]
    changeset = apply_edit(project, person, revision.id, _move(revision))
    stored = current(project, person)
    assert changeset.touched_people == {person}
    assert project.store.undo_label == "Move left wrist"
    assert stored.label == "Move left wrist"
    assert stored.annotator_id == project.annotator_id
    assert stored.parent_id == revision.id


def test_an_edit_of_old_keypoints_is_refused(project: Project, revision: KeypointRevision) -> None:
    person = people_of(project)[0]
    apply_edit(project, person, revision.id, _move(revision))
    with pytest.raises(StaleWriteError):
        apply_edit(project, person, revision.id, _move(revision))


def _move(revision: KeypointRevision) -> KeypointEdit:
    edit = annotation.move_joints(revision, COCO, {WRIST: (5.0, 5.0)})
    assert edit is not None
    return edit


def _revision(keypoints: np.ndarray) -> KeypointRevision:
    from datetime import UTC, datetime

    labelled = (keypoints[:, 2] > 0).astype(float)
    return KeypointRevision(
        1, 1, "coco17", keypoints, labelled, ("imported",) * 17, None, datetime.now(UTC), "Import", None
    )  # type: ignore[arg-type]
