"""HumanData as mmhuman3d reads it, and as its converters write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.humandata import CONVENTIONS, SLOTS, iter_fits, write_fits
from db.formats.parts.arrays import read_npz, write_npz
from resources.skeleton import get_skeleton
from tests.helpers.fit_samples import CONTEXT, make_fit_sample

# Names of HUMAN_DATA at some places, and what they are called here.
NAMES = {
    8: "right_ankle", 55: "nose", 57: "left_eye", 58: "right_ear", 59: "left_ear", 56: "right_eye", 144: "right_hip",
    147: "head_top", 149: "thorax", 152: "head", 153: "openpose_nose", 161: "openpose_mid_hip",
    172: "openpose_left_big_toe", 177: "openpose_right_heel",
}  # fmt: skip


def load_like_mmhuman3d(path: Path) -> dict[str, Any]:
    """What ``HumanData.load`` makes of a file: values of arrays without shape, keypoints with all joints."""
    with np.load(path, allow_pickle=True) as arrays:
        data = {key: array.item() if array.ndim == 0 else array for key, array in arrays.items()}
    mask = data["keypoints2d_mask"]
    assert data["__keypoints_compressed__"] is True
    assert mask.shape == (190,)
    assert mask.sum() == data["keypoints2d"].shape[1]
    full = np.zeros((len(data["keypoints2d"]), 190, 3))
    full[:, np.where(mask == 1)[0]] = data["keypoints2d"]
    return {**data, "keypoints2d": full}


def converter_file(path: Path, **changes: Any) -> Path:
    """A file as mmhuman3d's converters of EFT and SPIN fits dump it: neither transl nor keys of ours."""
    mask = np.zeros(190, dtype=np.uint8)
    mask[list(SLOTS)] = 1
    holder = np.empty((), dtype=object)
    holder[()] = {"body_pose": np.zeros((2, 23, 3)), "global_orient": np.full((2, 3), 0.5), "betas": np.ones((2, 10))}
    arrays: dict[str, Any] = {
        "__key_strict__": False,
        "__temporal_len__": 2,
        "__keypoints_compressed__": True,
        "image_path": ["a/1.jpg", "2.jpg"],
        "bbox_xywh": np.array([[10.0, 20, 200, 100, 1], [0, 0, 50, 60, 1]]),
        "keypoints2d_mask": mask,
        "keypoints2d": np.arange(2 * 49 * 3, dtype=float).reshape(2, 49, 3),
        "smpl": holder,
        "config": "eft",
        **changes,
    }
    np.savez_compressed(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def test_mmhuman3d_finds_what_it_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "fits.npz"
    samples = [make_fit_sample(seed) for seed in range(3)]
    write_fits(path, samples, CONTEXT)
    data = load_like_mmhuman3d(path)
    assert (data["__data_len__"], data["__temporal_len__"], data["__key_strict__"], data["config"]) == (
        3,
        3,
        False,
        "test",
    )
    assert data["image_path"].tolist() == [sample.image_name for sample in samples]
    assert data["meta"]["gender"].tolist() == ["neutral", "male", "female"]
    smpl = data["smpl"]
    assert {key: array.shape for key, array in smpl.items()} == {
        "global_orient": (3, 3),
        "body_pose": (3, 23, 3),
        "betas": (3, 10),
        "transl": (3, 3),
    }
    for row, sample in enumerate(samples):
        left, top, width, height, score = data["bbox_xywh"][row]
        np.testing.assert_allclose((left + width / 2, top + height / 2), sample.box_center_px)
        assert (width, height, score) == (pytest.approx(200 * sample.box_scale), width, 1)
        np.testing.assert_array_equal(data["keypoints2d"][row, list(SLOTS)], sample.keypoints_px)
    for key, value in data.items():  # sliced with the people: one row for each of them
        assert key.startswith(("__", "keypoints")) or not isinstance(value, np.ndarray) or len(value) == 3


def test_joints_stand_at_their_names() -> None:
    joints = get_skeleton("spin49").joints
    assert len(set(SLOTS)) == 49
    assert {slot: joints[SLOTS.index(slot)] for slot in NAMES} == NAMES
    assert str(CONVENTIONS["keypoint_slots"]).endswith("55, 57, 56, 59, 58")


def test_a_file_of_the_converters_is_read(tmp_path: Path) -> None:
    first, second = iter_fits(converter_file(tmp_path / "eft.npz"))
    assert (first.image_name, second.image_name) == ("a/1.jpg", "2.jpg")
    np.testing.assert_array_equal(first.box_center_px, [110, 70])
    assert (first.box_scale, second.box_scale) == (1.0, 0.3)  # the longer side, as mmhuman3d squares its boxes
    assert (first.camera, first.translation_cam, first.annotation_id, first.gender) == (None, None, None, "neutral")
    # The smallest slot, left knee (4), comes first in the compressed array.
    np.testing.assert_array_equal(first.keypoints_px[25 + 4], [0, 1, 2])


def test_keypoints_in_full_or_under_the_later_name_or_none(tmp_path: Path) -> None:
    keypoints = np.zeros((2, 190, 3))
    keypoints[:, 8] = 7  # right ankle
    mask = np.zeros(190)
    mask[8] = 1
    for changes in (
        {"keypoints2d": keypoints, "keypoints2d_mask": mask},
        {
            "keypoints2d": None,
            "keypoints2d_mask": None,
            "keypoints2d_original": keypoints,
            "keypoints2d_original_mask": mask,
        },
        {"keypoints2d": keypoints[:, 8:9], "keypoints2d_mask": mask},
    ):
        first, _ = iter_fits(converter_file(tmp_path / "eft.npz", **changes))
        assert first.keypoints_px.sum() == first.keypoints_px[25].sum() == 21
    first, _ = iter_fits(converter_file(tmp_path / "eft.npz", keypoints2d=None, keypoints2d_mask=None))
    assert not first.keypoints_px.any()


def test_people_without_a_fit_are_listed(tmp_path: Path) -> None:
    problem, sample = iter_fits(converter_file(tmp_path / "eft.npz", has_smpl=np.array([0, 1])))
    assert str(problem) == "person 0 of eft.npz: has_smpl says that there is no fit"
    assert sample.image_name == "2.jpg"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"smpl": None}, "is no HumanData of SMPL fits: it has no table 'smpl'"),
        ({"smpl": np.array("x")}, "it has no table 'smpl'"),
        ({"bbox_xywh": None}, r"bbox_xywh has the shape \(0,\)"),
        ({"bbox_xywh": np.zeros((2, 3))}, r"bbox_xywh has the shape \(2, 3\)"),
        ({"keypoints2d": np.zeros((2, 7, 3))}, r"keypoints2d has the shape \(2, 7, 3\)"),
        ({"keypoints2d_mask": np.ones(144)}, "are not in HUMAN_DATA's 190 joints"),
        ({"meta": np.array({"gender": [["m"], ["m", "f"]]}, dtype=object)}, "meta has rows of different lengths"),
        ({"has_smpl": np.ones(3)}, "has_smpl has 3 entries and bbox_xywh 2"),
    ],
)
def test_what_is_no_human_data_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        iter_fits(converter_file(tmp_path / "eft.npz", **changes))


def test_tables_of_other_lengths_are_problems(tmp_path: Path) -> None:
    path = converter_file(tmp_path / "eft.npz")
    arrays = dict(read_npz(path))
    arrays["smpl"].item()["betas"] = np.zeros((3, 10))
    with path.open("wb") as file:
        write_npz(file, arrays)
    for problem in iter_fits(path):
        assert isinstance(problem, ImportProblem)
        assert problem.reason == "betas has the shape (3, 10), expected (2, 10)"
