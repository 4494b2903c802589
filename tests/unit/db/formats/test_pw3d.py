"""Sequence files of 3DPW."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from db.formats.base import ImportedPerson, ImportProblem
from db.formats.errors import FormatError
from db.formats.pw3d import read
from tests.helpers.people_examples.truth import sequence, write_sequence
from tests.helpers.published import pickle_by_python2


def records(source: Path, images: Path) -> tuple[list[ImportedPerson], list[ImportProblem]]:
    found = list(read(source, images))
    people = [record for record in found if isinstance(record, ImportedPerson)]
    return people, [record for record in found if isinstance(record, ImportProblem)]


def rewrite(source: Path, **changes: Any) -> dict[str, Any]:
    content = {**sequence(), **changes}
    source.write_bytes(pickle.dumps({key: value for key, value in content.items() if value is not None}, protocol=2))
    return content


def test_the_root_is_turned_into_the_camera(tmp_path: Path) -> None:
    source, content = write_sequence(tmp_path), sequence()
    people, problems = records(source, tmp_path)
    assert problems == []
    assert [(person.image_path, person.external_id) for person in people] == [
        ("imageFiles/walk_00/image_00000.jpg", "0"),
        ("imageFiles/walk_00/image_00001.jpg", "0"),
    ]
    truth = people[1].truth
    assert truth is not None
    assert truth.rotations is not None
    world = Rotation.from_rotvec(content["poses"][0][1].reshape(24, 3))
    quarter = Rotation.from_euler("z", 90, degrees=True)
    assert np.allclose(truth.rotations[0], (quarter * world[0]).as_matrix())
    assert np.allclose(truth.rotations[1:], world[1:].as_matrix())
    assert (truth.skeleton, truth.gender) == ("smpl24", "female")
    joints = content["jointPositions"][0][1].reshape(24, 3)
    assert np.allclose(truth.joints_m[:, :3], quarter.apply(joints) + np.array([0.1, 0.2, 5]))
    assert truth.joints_m[:, 3].all()
    assert np.array_equal(truth.betas, content["betas"][0])


def test_sure_detections_are_labelled(tmp_path: Path) -> None:
    (person, _), _ = records(write_sequence(tmp_path), tmp_path)
    rows = sequence()["poses2d"][0][0].T
    nose, neck, right_shoulder, left_hip, right_eye, left_ear = (rows[place] for place in (0, 1, 2, 11, 14, 17))
    slots = {19: nose, 12: neck, 8: right_shoulder, 3: left_hip, 21: right_eye}
    for slot, (x, y, _) in slots.items():
        assert tuple(person.keypoints[slot]) == (x, y, 2)
    assert left_ear[2] == 0.2
    assert not person.keypoints[22].any()
    points = rows[:17, :2]
    assert person.bbox_xywh == pytest.approx((*points.min(0), *np.ptp(points, axis=0)))
    assert person.box_scale == pytest.approx(1.2 * np.ptp(points, axis=0).max() / 200)


def test_without_detections_the_skeleton_gives_the_box(tmp_path: Path) -> None:
    source = write_sequence(tmp_path)
    rewrite(source, poses2d=[np.zeros((2, 3, 18))])
    (person, _), problems = records(source, tmp_path)
    assert person.truth is not None
    seen = 200 * person.truth.joints_m[:, :2] / person.truth.joints_m[:, 2:3] + [80, 60]
    assert person.bbox_xywh == pytest.approx((*seen.min(0), *np.ptp(seen, axis=0)))
    assert problems == []
    rewrite(source, poses2d=[np.zeros((2, 3, 18))], cam_intrinsics=None)
    people, problems = records(source, tmp_path)
    assert people == []
    assert str(problems[0]) == ("person 0, frame 0 of walk_00.pkl: it has neither a box nor keypoints to make one of")


def test_frames_without_a_camera_are_counted(tmp_path: Path) -> None:
    source = write_sequence(tmp_path)
    rewrite(source, campose_valid=[np.array([0, 1])])
    people, problems = records(source, tmp_path)
    assert [person.image_path for person in people] == ["imageFiles/walk_00/image_00001.jpg"]
    assert [(problem.count, problem.kind, problem.skipped) for problem in problems] == [
        (1, "no valid camera pose", "people")
    ]


def test_what_python_2_has_pickled_is_read(tmp_path: Path) -> None:
    source = write_sequence(tmp_path)
    expected = repr(list(read(source, tmp_path)))
    source.write_bytes(pickle_by_python2(sequence()))
    assert b"X\x08\x00\x00\x00walk_00" not in source.read_bytes()
    assert repr(list(read(source, tmp_path))) == expected


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"betas": [np.zeros(9)]}, "betas has 9 numbers"),
        ({"betas": []}, "'betas' has no entry for the person"),
        ({"poses": [np.zeros((2, 71))]}, "poses has the shape (2, 71), expected (2, 72)"),
        ({"poses2d": [np.zeros((2, 18, 3))]}, "poses2d has the shape (2, 18, 3)"),
        ({"campose_valid": [np.zeros(3)]}, "campose_valid has the shape (3,)"),
        ({"jointPositions": [np.zeros((2, 70))]}, "jointPositions has the shape (2, 70)"),
        ({"genders": None}, "'genders' has no entry"),
        ({"poses2d": [[["a"]]]}, "poses2d is no array of numbers"),
    ],
)
def test_a_faulty_person_is_said(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    source = write_sequence(tmp_path)
    rewrite(source, **changes)
    people, problems = records(source, tmp_path)
    assert people == []
    assert str(problems[0]).startswith("person 0 of walk_00.pkl: ")
    assert says in str(problems[0])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"genders": ["x"]}, "gender is 'x'"),
        ({"betas": [np.full(10, np.nan)]}, "betas has a value"),
        ({"cam_poses": np.zeros((2, 4, 4))}, "its entry of cam_poses is no camera"),
        ({"poses": [np.full((2, 72), np.inf)]}, "the pose has a value"),
        ({"jointPositions": [np.full((2, 72), np.nan)]}, "jointPositions has a value"),
    ],
)
def test_faulty_truth_spares_the_person(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    source = write_sequence(tmp_path)
    rewrite(source, **changes)
    people, problems = records(source, tmp_path)
    assert [person.truth for person in people] == [None, None]
    assert str(problems[0]).startswith("person 0, frame 0 of walk_00.pkl: ")
    assert says in str(problems[0])


@pytest.mark.parametrize("name", ["../up", "a/b", "", "..", "x" * 500, 7])
def test_a_sequence_that_is_no_folder_is_refused(tmp_path: Path, name: Any) -> None:
    source = write_sequence(tmp_path)
    rewrite(source, sequence=name)
    with pytest.raises(FormatError, match=r"walk_00\.pkl is no sequence of 3DPW: 'sequence' is no name of a folder"):
        list(read(source, tmp_path))


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    source = write_sequence(tmp_path)
    (source.parent / "a_broken.pkl").write_bytes(b"\x80\x02}.")
    (source.parent / "notes.txt").write_text("x")
    shares: list[float] = []
    found = list(read(tmp_path / "sequenceFiles", tmp_path, shares.append))
    problems = [record for record in found if isinstance(record, ImportProblem)]
    assert sum(isinstance(record, ImportedPerson) for record in found) == 2
    assert [problem.item for problem in problems] == ["a_broken.pkl"]
    assert shares == [0.5, 1.0]
    with pytest.raises(FormatError, match=r"has no \.pkl file in it"):
        read(tmp_path / "imageFiles", tmp_path)
