"""People of HumanData."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.formats import get_reader
from db.formats.base import ImportedPerson, ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitSample
from db.formats.humandata import iter_fits, read, write_fits
from resources.skeleton import get_skeleton
from tests.helpers.builders import write_picture
from tests.helpers.fit_samples import CONTEXT, make_fit_sample
from tests.helpers.odd_values import ODD_VALUES, ONE_FOLDER
from tests.helpers.people_examples.truth import COCO_SLOTS, SIZE, humandata_arrays

COCO_NAMES = get_skeleton("coco17").joints
# Places of mmhuman3d's list HUMAN_DATA and the names it gives them, for joints that datasets have.
MPII_SLOTS = {
    "right_ankle": 8,
    "right_hip": 144,
    "left_hip": 145,
    "pelvis": 148,
    "thorax": 149,
    "neck": 146,
    "head_top": 147,
}
SMPL_SLOTS = (*range(22), 60, 65)
TOES = {"left_big_toe": 60, "right_heel": 65}


def write(folder: Path, arrays: dict[str, Any]) -> Path:
    write_picture(folder / "images" / "one.jpg", 1, SIZE)
    np.savez(folder / "people.npz", **{key: array for key, array in arrays.items() if array is not None})
    return folder / "people.npz"


def people_of(source: Path, images: Path) -> tuple[list[ImportedPerson], list[str]]:
    records = list(read(source, images))
    people = [record for record in records if isinstance(record, ImportedPerson)]
    return people, [str(record) for record in records if isinstance(record, ImportProblem)]


def place_of(arrays: dict[str, Any], slot: int, key: str = "keypoints2d") -> Any:
    """Where the first person's joint at a place of HUMAN_DATA is, in a file that keeps only those of its mask."""
    return arrays[key][0, int(np.count_nonzero(arrays[f"{key}_mask"][:slot])), :2]


@pytest.mark.parametrize(
    "slots",
    [dict(zip(COCO_NAMES, COCO_SLOTS, strict=True)), MPII_SLOTS],
    ids=["coco", "mpii"],
)
def test_joints_come_by_name(tmp_path: Path, slots: dict[str, int]) -> None:
    arrays = humandata_arrays(*slots.values())
    (first, _), problems = people_of(write(tmp_path, arrays), tmp_path)
    assert problems == []
    assert first.skeleton == "spin24"
    assert np.count_nonzero(first.keypoints[:, 2]) == len(slots)
    for name, slot in slots.items():
        joint = get_skeleton("spin24").index(name)
        assert np.array_equal(first.keypoints[joint, :2], place_of(arrays, slot)), name
        assert first.truth is not None
        assert np.array_equal(first.truth.joints_m[joint, :2], place_of(arrays, slot, "keypoints3d")), name


@pytest.mark.parametrize("name", ["h36m", "mpi-inf-3dhp", "3dpw"])
def test_mmhuman3d_s_edition_of_a_dataset_is_read_under_the_dataset_s_name(name: str, tmp_path: Path) -> None:
    source = write(tmp_path, humandata_arrays(*COCO_SLOTS))
    people = [record for record in get_reader(name)(source, tmp_path) if isinstance(record, ImportedPerson)]
    assert [person.keypoints.tolist() for person in people] == [
        person.keypoints.tolist() for person in people_of(source, tmp_path)[0]
    ]
    assert len(people) == 2


def test_hips_of_a_skeleton_are_no_annotated_hips(tmp_path: Path) -> None:
    arrays = humandata_arrays(*SMPL_SLOTS)
    (first, _), problems = people_of(write(tmp_path, arrays), tmp_path)
    skeleton = get_skeleton("spin49")
    assert first.skeleton == "spin49"
    named = {"openpose_left_hip": 1, "openpose_right_hip": 2, "openpose_neck": 12, "openpose_mid_hip": 0}
    named |= {f"openpose_{name}": slot for name, slot in TOES.items()} | {"left_shoulder": 16, "right_ankle": 8}
    for name, slot in named.items():
        assert np.array_equal(first.keypoints[skeleton.index(name), :2], place_of(arrays, slot)), name
    assert not first.keypoints[skeleton.index("left_hip")].any()
    assert problems == [
        "people.npz: 8 of its joints have no place among ours and are left out: "
        "8 within the body or beyond hands and feet"
    ]


def test_fingers_and_the_face_are_left_out_and_counted(tmp_path: Path) -> None:
    source = write(tmp_path, humandata_arrays(*COCO_SLOTS, 25, 54, 66, 76, 143, 23))
    people, problems = people_of(source, tmp_path)
    assert [int(np.count_nonzero(person.keypoints[:, 2])) for person in people] == [17, 17]
    assert problems == [
        "people.npz: 6 of its joints have no place among ours and are left out: 3 of the fingers, 3 of the face"
    ]


def test_the_box_is_the_files(tmp_path: Path) -> None:
    arrays = humandata_arrays(*COCO_SLOTS)
    (first, second), _ = people_of(write(tmp_path, arrays), tmp_path)
    assert (first.bbox_xywh, first.box_center_px, first.box_scale) == ((10, 15, 90, 90), (55, 60), 0.45)
    assert (second.bbox_xywh, second.box_center_px, second.box_scale) == ((20, 10, 80, 100), (60, 60), 0.5)
    arrays["bbox_xywh"][0, 2] = 0
    (first, _), _ = people_of(write(tmp_path, arrays), tmp_path)
    points = first.keypoints[first.keypoints[:, 2] > 0, :2]
    assert first.bbox_xywh == pytest.approx((*points.min(0), *np.ptp(points, axis=0)))


def test_bodies_are_truth_where_there_are_joints_or_genders(tmp_path: Path) -> None:
    arrays = humandata_arrays(*COCO_SLOTS)
    people, _ = people_of(write(tmp_path, arrays), tmp_path)
    assert [person.truth.gender for person in people if person.truth] == ["male", "female"]
    assert all(person.truth is not None and person.truth.rotations is not None for person in people)
    bare = {**arrays, "keypoints3d": None, "meta": None}
    assert [person.truth for person in people_of(write(tmp_path, bare), tmp_path)[0]] == [None, None]
    assert sum(isinstance(record, FitSample) for record in iter_fits(write(tmp_path, bare))) == 2


def test_our_own_fits_are_no_truth(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.jpg", 1, (640, 480))
    samples = [make_fit_sample(image_name="1.jpg", gender="male")]
    write_fits(tmp_path / "ours.npz", samples, CONTEXT)
    (person,), problems = people_of(tmp_path / "ours.npz", tmp_path)
    assert person.truth is None
    assert problems == []
    assert person.external_id == str(samples[0].annotation_id)
    assert person.bbox_xywh == samples[0].bbox_xywh


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"image_path": None}, "it has no list 'image_path'"),
        ({"image_path": np.array("a.jpg")}, "it has no list 'image_path'"),
        ({"bbox_xywh": None}, "bbox_xywh has the shape None"),
        ({"bbox_xywh": np.zeros((2, 3))}, r"bbox_xywh has the shape \(2, 3\)"),
        ({"keypoints2d": np.zeros((3, 190, 3))}, r"keypoints2d has the shape \(3, 190, 3\)"),
        ({"keypoints2d": np.zeros((2, 7, 3))}, r"keypoints2d has the shape \(2, 7, 3\)"),
        ({"keypoints2d_mask": np.ones(144)}, "not in HUMAN_DATA's 190 joints"),
        ({"keypoints2d_convention": np.array("smplx")}, "keypoints2d is in the order 'smplx', expected 'human_data'"),
        ({"keypoints3d": np.full((2, 17, 4), "x")}, "keypoints3d has the shape"),
        ({"meta": np.array({"gender": [["m"], ["m", "f"]]}, dtype=object)}, "meta has rows of different lengths"),
    ],
)
def test_what_is_no_human_data_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    source = write(tmp_path, {**humandata_arrays(*COCO_SLOTS), **changes})
    with pytest.raises(FormatError, match=says) as caught:
        read(source, tmp_path)
    assert "people.npz" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "place", "value", "says"),
    [
        ("bbox_xywh", (0, 0), np.nan, "bbox_xywh has a value that is not a finite number"),
        ("keypoints2d", (0, 0, 0), np.inf, "is no number that a picture has"),
        ("image_path", 0, "../one.jpg", "does not lead into the folder of images"),
    ],
)
def test_a_faulty_row_spares_the_others(tmp_path: Path, key: str, place: Any, value: Any, says: str) -> None:
    arrays = humandata_arrays(*COCO_SLOTS)
    arrays[key][place] = value
    people, problems = people_of(write(tmp_path, arrays), tmp_path)
    assert len(people) == 1
    assert problems[0].startswith("person 0 of people.npz: ")
    assert says in problems[0]


def test_faulty_bodies_spare_the_person(tmp_path: Path) -> None:
    arrays = humandata_arrays(*COCO_SLOTS)
    bodies = np.empty((), dtype=object)
    bodies[()] = {**arrays["smpl"].item(), "betas": np.zeros((1, 10))}
    people, problems = people_of(write(tmp_path, {**arrays, "smpl": bodies}), tmp_path)
    assert people[0].truth is not None
    assert people[1].truth is None
    assert problems == ["person 1 of people.npz: smpl has no betas for it; imported without 3D truth"]


@ONE_FOLDER
@given(data=st.data())
def test_any_array_under_any_key(tmp_path: Path, data: st.DataObject) -> None:
    arrays = humandata_arrays(*COCO_SLOTS)
    key = data.draw(st.sampled_from([*arrays, "annotation_id", "annotated_bbox_xywh", "keypoints2d_convention"]))
    shape = data.draw(st.sampled_from([(), (0,), (2,), (2, 4), (2, 5), (2, 17, 3), (2, 190, 3), (190,), (3,)]))
    kind = data.draw(st.sampled_from(["f8", "i8", "u1", "?", "c16", "U5", "O"]))
    value = data.draw(st.sampled_from([0, 1, -1, 5e9, np.nan, np.inf, "x", "../x", None]))
    with np.errstate(all="ignore"), contextlib.suppress(ValueError, TypeError, OverflowError):
        arrays[key] = np.full(shape, value).astype(kind)
    if data.draw(st.booleans()):
        arrays["smpl"] = np.empty((), dtype=object)
        odd = np.full(shape, 0.5) if data.draw(st.booleans()) else data.draw(ODD_VALUES)
        arrays["smpl"][()] = {"global_orient": odd, "body_pose": np.zeros((2, 23, 3)), "betas": np.zeros((2, 10))}
    try:
        people, problems = people_of(write(tmp_path, arrays), tmp_path)
    except FormatError as error:
        assert "people.npz" in str(error)
    else:
        assert people or problems or arrays["image_path"].shape == (0,)
        for person in people:
            assert np.isfinite((*person.bbox_xywh, *person.box_center_px, person.box_scale)).all()
            assert np.isfinite(person.keypoints).all()
