"""SPIN's training arrays: what its loader reads, what it leaves out, and rows without a body."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitSample
from db.formats.spin_npz import iter_fits, write_fits
from tests.helpers.fit_records import make_sample, only_samples
from tests.helpers.fit_samples import CONTEXT, Bomb

Columns = dict[str, Any]


def published_columns(count: int = 2, **changes: Any) -> Columns:
    """Columns of a published set with poses (eft_method.md 5.3), objects and real 3D included."""
    random = np.random.default_rng(0)
    multibox = np.empty((count, 8), dtype=object)
    multibox[:] = [[{"scale": 1.0, "center": np.zeros(2), "ratio_bbox_over_face": 0.5}] * 8] * count
    columns: Columns = {
        "imgname": np.array([f"images/train/{row}.jpg" for row in range(count)]),
        "center": random.uniform(0, 400, (count, 2)),
        "scale": random.uniform(0.5, 2, count),
        "part": random.uniform(0, 400, (count, 24, 3)),
        "openpose": random.uniform(0, 400, (count, 25, 3)),
        "pose": random.normal(0, 0.5, (count, 72)),
        "shape": random.normal(size=(count, 10)),
        "has_smpl": np.ones(count, dtype=np.uint8),
        "S": np.zeros((count, 24, 4)),
        "gender": np.array(["m", "f"] * count)[:count],
        "annotIds": np.arange(count) + 100,
        "subjectIds": np.array(["walk-id0"] * count),
        "multibbox": multibox,
    }
    return {key: value for key, value in (columns | changes).items() if value is not None}


def save(folder: Path, columns: Columns) -> Path:
    np.savez(folder / "train.npz", **columns)
    return folder / "train.npz"


def test_published_arrays_are_read(tmp_path: Path) -> None:
    columns = published_columns()
    for row, sample in enumerate(only_samples(iter_fits(save(tmp_path, columns)))):
        rotations = Rotation.from_rotvec(columns["pose"][row].reshape(24, 3)).as_matrix()
        np.testing.assert_allclose(sample.rotations, rotations, atol=1e-12)
        np.testing.assert_array_equal(sample.keypoints_px[:25], columns["openpose"][row])
        np.testing.assert_array_equal(sample.keypoints_px[25:], columns["part"][row])
        np.testing.assert_array_equal(sample.box_center_px, columns["center"][row])
        assert (sample.box_scale, sample.camera) == (columns["scale"][row], None)
        assert (sample.image_name, sample.annotation_id) == (f"images/train/{row}.jpg", 100 + row)
        assert (sample.gender, sample.subject_id) == (("male", "female")[row], "walk-id0")


def test_what_a_file_leaves_out_is_unknown(tmp_path: Path) -> None:
    kept = {"imgname", "pose", "shape"}
    columns = {key: value for key, value in published_columns(1).items() if key in kept}
    (sample,) = only_samples(iter_fits(save(tmp_path, columns)))
    unknown = (sample.box_center_px, sample.box_scale, sample.annotation_id, sample.subject_id, sample.camera)
    assert unknown == (None,) * 5
    assert sample.gender == "neutral"
    assert not sample.keypoints_px.any()


def test_ids_that_spins_loader_fills_in_are_none(tmp_path: Path) -> None:
    found = only_samples(iter_fits(save(tmp_path, published_columns(annotIds=np.array([0, -1])))))
    assert [sample.annotation_id for sample in found] == [None, None]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"has_smpl": np.array([0, 1])}, "has_smpl is 0: the row has no body"),
        ({"pose": np.array([np.full(72, np.nan), np.zeros(72)])}, "its pose or shape are NaN: the row has no body"),
        ({"pose": np.array([np.full(72, 180.0), np.zeros(72)])}, "the pose has an angle of 180; expected radians"),
        ({"shape": np.array([[np.inf] * 10, [0] * 10])}, "shape has a value that is not a finite number"),
        ({"scale": np.array([-1.0, 1])}, "the scale of the box is -1"),
        ({"imgname": np.array(["", "1.jpg"])}, "imgname is empty"),
        ({"annotIds": np.array([0.5, 1])}, "annotation_id is 0.5, expected a whole number"),
        ({"gender": np.array(["x", "m"])}, "gender is 'x'"),
    ],
)
def test_a_faulty_row_is_named_and_spares_the_others(tmp_path: Path, changes: Columns, reason: str) -> None:
    problem, other = iter_fits(save(tmp_path, published_columns(**changes)))
    assert isinstance(problem, ImportProblem)
    assert str(problem).startswith("person 0 of train.npz: ")
    assert reason in str(problem)
    assert isinstance(other, FitSample)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"imgname": None}, "is no SPIN-style npz: it has no 'imgname'; its keys are center, scale"),
        ({"pose": None}, "is no SPIN-style npz: it has no 'pose'"),
        ({"part": np.zeros((3, 24, 3))}, r"'part' has the shape \(3, 24, 3\), expected \(2, 24, 3\)"),
        ({"pose": np.zeros((2, 24, 3, 3))}, r"'pose' has the shape \(2, 24, 3, 3\), expected \(2, 72\)"),
        ({"center": np.array([["a", "b"]] * 2)}, "'center' is no array of numbers"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, changes: Columns, message: str) -> None:
    with pytest.raises(FormatError, match=r"train\.npz.*" + message):
        iter_fits(save(tmp_path, published_columns(**changes)))


def test_an_object_that_calls_something_is_refused_before_it_runs(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    bomb = np.empty((2, 8), dtype=object)
    bomb[1, 3] = {"scale": Bomb(f"touch '{marker}'")}
    with pytest.raises(FormatError, match=r"train\.npz.*system"):
        iter_fits(save(tmp_path, published_columns(multibbox=bomb)))
    assert not marker.exists()


def test_the_file_is_what_spins_loader_reads(tmp_path: Path) -> None:
    """No object in it, no camera key where there is none, no gender where all are neutral."""
    samples = [make_sample(0), make_sample(1, annotation_id=None, image_name="walk/1.jpg")]
    write_fits(tmp_path / "train.npz", samples, CONTEXT)
    with np.load(tmp_path / "train.npz", allow_pickle=False) as columns:
        assert set(columns) == {
            *("imgname", "center", "scale", "part", "openpose", "pose", "shape", "has_smpl", "annotIds", "parm_cam")
        }
        assert columns["imgname"].tolist() == ["000000000000.jpg", "walk/1.jpg"]
        assert columns["annotIds"].tolist() == [1, -1]
        assert columns["has_smpl"].tolist() == [1, 1]
        np.testing.assert_array_equal(columns["part"][1], samples[1].keypoints_px[25:])
        np.testing.assert_array_equal(columns["parm_cam"][0], samples[0].camera)
        turned = Rotation.from_rotvec(columns["pose"].reshape(-1, 3)).as_matrix().reshape(2, 24, 3, 3)
        np.testing.assert_allclose(turned, [sample.rotations for sample in samples], atol=1e-12)
    write_fits(tmp_path / "train.npz", [make_sample(0, camera=None)], CONTEXT)
    with np.load(tmp_path / "train.npz", allow_pickle=False) as columns:
        assert "parm_cam" not in columns


def test_people_with_and_without_camera_gender_and_track(tmp_path: Path) -> None:
    samples = [
        make_sample(0, gender="male", subject_id="walk-id0"),
        make_sample(1, camera=None, gender="female"),
        make_sample(2),
    ]
    write_fits(tmp_path / "train.npz", samples, CONTEXT)
    found = only_samples(iter_fits(tmp_path / "train.npz"))
    assert [sample.gender for sample in found] == ["male", "female", "neutral"]
    assert [sample.subject_id for sample in found] == ["walk-id0", None, None]
    assert [sample.camera is None for sample in found] == [False, True, False]
    with np.load(tmp_path / "train.npz", allow_pickle=False) as columns:
        assert columns["gender"].tolist() == ["m", "f", "n"]
        assert np.isnan(columns["parm_cam"][1]).all()


def test_nobody_and_rounded_rotations_are_written(tmp_path: Path) -> None:
    write_fits(tmp_path / "train.npz", [], CONTEXT)
    assert only_samples(iter_fits(tmp_path / "train.npz")) == []
    rounded = make_sample(0, rotations=make_sample(0).rotations * (1 + 4e-6))
    write_fits(tmp_path / "train.npz", [rounded], CONTEXT)
    (found,) = only_samples(iter_fits(tmp_path / "train.npz"))
    np.testing.assert_allclose(found.rotations, make_sample(0).rotations, atol=1e-12)


def test_a_faulty_sample_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "train.npz"
    path.write_text("older")
    with pytest.raises(FormatError, match=r"annotation 4 of .* cannot be exported: it has no box"):
        write_fits(path, [make_sample(0), make_sample(3, box_center_px=None)], CONTEXT)
    assert path.read_text() == "older"
