"""Edits of several joints, and joints taken from the body: pure and exact."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services import joint_groups
from app.services.annotation import KeypointEdit, apply_edit
from app.services.errors import ServiceError
from app.services.point_moves import find_labelled, rotate_points, scale_points, shift_points
from app.services.project import Project
from db.records import KeypointRevision, PersonId
from resources.skeleton import get_skeleton
from tests.helpers.builders import build_project, people_of, person_keypoints

COCO = get_skeleton("coco17")
NOSE = COCO.index("nose")
WRIST, OTHER_WRIST, ANKLE = (COCO.index(name) for name in ("left_wrist", "right_wrist", "left_ankle"))
ARMS = tuple(COCO.index(f"{side}_{part}") for side in ("left", "right") for part in ("shoulder", "elbow", "wrist"))
OTHERS = [joint for joint in range(17) if joint not in ARMS]
POINTS = person_keypoints(3, labelled=14)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, [person_keypoints(0, labelled=15)]) as made:
        yield made


@pytest.fixture
def person(project: Project) -> PersonId:
    return people_of(project)[0]


@pytest.fixture
def revision(project: Project, person: PersonId) -> KeypointRevision:
    return current(project, person)


def current(project: Project, person: PersonId) -> KeypointRevision:
    with project.store.read() as reader:
        revision = reader.keypoints.current(person)
    assert revision is not None
    return revision


@given(st.floats(-500, 500), st.floats(-500, 500))
def test_moves_touch_only_the_labelled_joints_that_are_named(dx: float, dy: float) -> None:
    moved = shift_points(POINTS, (*ARMS, ANKLE), dx, dy)
    np.testing.assert_allclose(moved[list(ARMS), :2], POINTS[list(ARMS), :2] + (dx, dy))
    np.testing.assert_array_equal(moved[OTHERS], POINTS[OTHERS])
    assert POINTS[ANKLE].tolist() == [0, 0, 0]


def test_six_points_turned_four_times_by_a_right_angle_are_where_they_were() -> None:
    turned = POINTS
    for _ in range(4):
        turned = rotate_points(turned, ARMS, 90.0)
        np.testing.assert_allclose(turned[list(ARMS), :2].mean(0), POINTS[list(ARMS), :2].mean(0))
    assert np.abs(turned - POINTS).max() < 1e-6
    quarter = rotate_points(POINTS, ARMS, 90.0)
    assert np.abs(quarter[list(ARMS)] - POINTS[list(ARMS)]).max() > 10


@given(st.floats(0.05, 20))
def test_scaling_there_and_back(factor: float) -> None:
    there = scale_points(POINTS, ARMS, factor)
    np.testing.assert_allclose(scale_points(there, ARMS, 1 / factor), POINTS, atol=1e-8)
    spread = [np.ptp(points[list(ARMS), :2], axis=0) for points in (POINTS, there)]
    np.testing.assert_allclose(spread[1], factor * spread[0])


def test_nothing_labelled_nothing_moves() -> None:
    nobody = np.zeros((17, 3))
    for moved in (
        shift_points(nobody, ARMS, 1, 1),
        rotate_points(nobody, ARMS, 30.0),
        scale_points(nobody, ARMS, 2.0),
    ):
        np.testing.assert_array_equal(moved, nobody)
    assert find_labelled(nobody) == ()


@pytest.mark.parametrize(
    ("edit_of", "label"),
    [
        (lambda revision: joint_groups.move_group(revision, COCO, ARMS, 3.0, -2.0), "Move 6 joints"),
        (lambda revision: joint_groups.rotate_group(revision, COCO, ARMS, 30.0), "Rotate 6 joints"),
        (lambda revision: joint_groups.scale_group(revision, COCO, ARMS, 1.1), "Scale 6 joints"),
        (lambda revision: joint_groups.toggle_group_occluded(revision, COCO, ARMS), "Mark 6 joints occluded"),
        (lambda revision: joint_groups.clear_group(revision, COCO, ARMS), "Clear 6 joints"),
    ],
)
def test_an_edit_of_a_group_is_one_revision_by_a_human(
    project: Project, person: PersonId, edit_of: Callable[[KeypointRevision], KeypointEdit | None], label: str
) -> None:
    before = current(project, person)
    edit = edit_of(before)
    assert edit is not None
    assert edit.label == label
    assert {edit.sources[joint] for joint in ARMS} == {"human"}
    assert {edit.sources[joint] for joint in OTHERS} == {"imported"}
    np.testing.assert_array_equal(edit.keypoints[OTHERS], before.keypoints[OTHERS])
    apply_edit(project, person, before.id, edit)
    after = current(project, person)
    assert after.parent_id == before.id
    np.testing.assert_array_equal(after.keypoints, edit.keypoints)
    project.store.undo()
    np.testing.assert_array_equal(current(project, person).keypoints, before.keypoints)


def test_occluded_goes_back_only_when_all_are(revision: KeypointRevision) -> None:
    keypoints = revision.keypoints.copy()
    keypoints[WRIST, 2] = 1
    mixed = _with(revision, keypoints)
    edit = joint_groups.toggle_group_occluded(mixed, COCO, ARMS)
    assert edit is not None
    assert (edit.keypoints[list(ARMS), 2] == 1).all()
    assert edit.sources[WRIST] == "imported", "it was occluded before"
    back = joint_groups.toggle_group_occluded(_with(revision, edit.keypoints), COCO, ARMS)
    assert back is not None
    assert (back.keypoints[list(ARMS), 2] == 2).all()


def test_joints_without_a_place_take_no_part_or_are_named(revision: KeypointRevision) -> None:
    ankles = (ANKLE, COCO.index("right_ankle"))
    edit = joint_groups.move_group(revision, COCO, (WRIST, *ankles), 5.0, 0.0)
    assert edit is not None
    assert edit.label == "Move left wrist"
    assert edit.keypoints[list(ankles)].tolist() == [[0, 0, 0]] * 2
    assert joint_groups.clear_group(revision, COCO, ankles) is None
    with pytest.raises(ServiceError, match="left ankle is not labelled; place it first"):
        joint_groups.toggle_group_occluded(revision, COCO, ankles[:1])
    with pytest.raises(ServiceError, match="None of these 2 joints is labelled"):
        joint_groups.move_group(revision, COCO, ankles, 1, 1)


def test_a_pair_is_swapped_by_either_of_its_joints(revision: KeypointRevision) -> None:
    edits = [joint_groups.swap_pair(revision, COCO, joint) for joint in (WRIST, OTHER_WRIST)]
    for edit in edits:
        assert edit is not None
        np.testing.assert_array_equal(edit.keypoints[WRIST], revision.keypoints[OTHER_WRIST])
        assert edit.label == "Swap left and right (wrist)"
    with pytest.raises(ServiceError, match="nose is in the middle"):
        joint_groups.swap_pair(revision, COCO, NOSE)


def test_snapping_puts_joints_on_the_body_and_says_so(revision: KeypointRevision) -> None:
    body = revision.keypoints[:, :2] + (4.0, -3.0)
    body[ANKLE] = (250.0, 400.0)
    body[NOSE] = np.nan
    edit = joint_groups.snap_to_body(revision, COCO, (WRIST, ANKLE, NOSE), body)
    assert edit is not None
    assert edit.label == "Snap 2 joints to the body"
    assert edit.keypoints[WRIST].tolist() == [*body[WRIST], 2]
    assert edit.keypoints[ANKLE].tolist() == [250, 400, 1]
    np.testing.assert_array_equal(edit.keypoints[NOSE], revision.keypoints[NOSE])
    assert [edit.sources[joint] for joint in (WRIST, ANKLE, NOSE)] == ["projected", "projected", "imported"]
    with pytest.raises(ServiceError, match="no nose"):
        joint_groups.snap_to_body(revision, COCO, (NOSE,), body)


def test_missing_joints_come_from_the_body_as_occluded(revision: KeypointRevision) -> None:
    body = np.full((17, 2), 123.0)
    body[COCO.index("right_ankle")] = np.nan
    edit = joint_groups.copy_missing(revision, COCO, body)
    assert edit is not None
    assert edit.label == "Copy left ankle from the body"
    assert edit.keypoints[ANKLE].tolist() == [123, 123, 1]
    assert edit.sources[ANKLE] == "projected"
    others = [joint for joint in range(17) if joint != ANKLE]
    np.testing.assert_array_equal(edit.keypoints[others], revision.keypoints[others])
    with pytest.raises(ServiceError, match="No joint is missing"):
        joint_groups.copy_missing(_with(revision, edit.keypoints), COCO, body)


def _with(revision: KeypointRevision, keypoints: np.ndarray) -> KeypointRevision:
    return dataclasses.replace(revision, keypoints=keypoints)
