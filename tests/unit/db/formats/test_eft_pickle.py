"""Pickles of the released code: every kind that is out there, and none that is run."""

import hashlib
import pickle
import pickletools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from db.formats.base import ImportProblem
from db.formats.eft_pickle import iter_fits, write_fits
from db.formats.errors import FormatError
from db.formats.fits import FitSample
from db.formats.parts.files import CONTENTS
from db.formats.parts.released_crop import crop_keypoints
from tests.helpers.fit_records import make_sample, only_problem, only_samples
from tests.helpers.fit_samples import CONTEXT, Bomb

Fields = dict[str, Any]


def released_fields(sample: FitSample, **changes: Any) -> Fields:
    """The dict that the released code saves, typed from eft_method.md 5.2 with its float32 and its full paths."""

    def batch(array: Any) -> np.ndarray:
        return np.asarray(array, dtype=np.float32)[None]

    assert sample.initial is not None
    fields: Fields = {
        "pred_pose_rotmat": batch(sample.rotations),
        "pred_shape": batch(sample.betas),
        "pred_camera": batch(sample.camera),
        "pred_pose_rotmat_init": batch(sample.initial.rotations),
        "pred_shape_init": batch(sample.initial.betas),
        "pred_camera_init": batch(sample.initial.camera),
        "opt_pose": np.zeros((1, 72), np.float32),
        "opt_beta": np.zeros((1, 10), np.float32),
        "sampleIdx": np.array([7]),
        "imageName": [f"/private/home/somebody/data/coco/train2014/{sample.image_name}"],
        "scale": np.array([sample.box_scale]),
        "center": batch(sample.box_center_px),
        "annotId": np.array([-1 if sample.annotation_id is None else sample.annotation_id]),
        "keypoint2d": batch(sample.keypoints_px),
        "keypoint2d_cropped": batch(np.zeros((49, 3))),
        "loss_keypoints_2d": sample.l2d,
        "loss": sample.loss,
        "loss_keypoints_2d_init": sample.initial.l2d,
        "loss_init": sample.initial.loss,
        "numOfIteration": 6,
        "smpltype": "smpl",
    }
    return fields | changes


def dump(path: Path, content: object, protocol: int = 4) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


def check_released(found: FitSample, sample: FitSample) -> None:
    for name in ("rotations", "betas", "camera", "box_center_px"):
        np.testing.assert_allclose(getattr(found, name), getattr(sample, name), atol=5e-5, err_msg=name)
    np.testing.assert_allclose(found.keypoints_px, sample.keypoints_px, atol=1e-4)
    assert (found.image_name, found.annotation_id) == (sample.image_name, sample.annotation_id)
    assert (found.l2d, found.loss, found.iterations) == (sample.l2d, sample.loss, 7)
    assert found.box_scale == sample.box_scale
    assert found.initial is not None
    assert sample.initial is not None
    np.testing.assert_allclose(found.initial.rotations, sample.initial.rotations, atol=1e-6)
    assert (found.initial.l2d, found.initial.loss) == (sample.initial.l2d, sample.initial.loss)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("numpy_names", ["numpy._core", "numpy.core"])
def test_released_fits_of_every_numpy_and_python(tmp_path: Path, protocol: int, numpy_names: str) -> None:
    """The index of the last iteration is 6, so 7 were run."""
    sample = make_sample(1)
    path = dump(tmp_path / "fits" / "000000000001_7.pkl", released_fields(sample), min(protocol, 3))
    if numpy_names == "numpy.core":
        path.write_bytes(path.read_bytes().replace(b"cnumpy._core.", b"cnumpy.core."))
    else:
        dump(path, released_fields(sample), protocol)
    for source in (path, path.parent):
        (found,) = only_samples(iter_fits(source))
        check_released(found, sample)


@pytest.mark.parametrize(
    "tensors", [("pred_pose_rotmat",), ("pred_pose_rotmat", "pred_camera", "loss", "pred_shape_init")]
)
def test_smplify_pickles_hold_torch_tensors(tmp_path: Path, tensors: tuple[str, ...]) -> None:
    sample = make_sample(1)
    fields = released_fields(sample, method="smplify", pretrained_checkpoint="2020_05_31-00_50_43.pt")
    for ours, theirs in (("opt_pose", "spin_pose"), ("opt_beta", "spin_beta")):
        fields[theirs] = fields.pop(ours)
    for key in tensors:
        fields[key] = torch.as_tensor(fields[key])
    (found,) = only_samples(iter_fits(dump(tmp_path / "1_7.pkl", fields)))
    check_released(found, sample)


def test_panoptic_and_penn_keep_a_hundred_in_a_file(tmp_path: Path) -> None:
    samples = [make_sample(seed) for seed in range(3)]
    rows: dict[int, object] = {100 + seed: released_fields(sample) for seed, sample in enumerate(samples)}
    rows[103] = released_fields(make_sample(3), pred_camera=np.zeros((1, 4)))
    rows[104] = "nothing"
    path = dump(tmp_path / "00000100.pkl", rows)
    *found, problem, nothing = iter_fits(path)
    for sample, record in zip(samples, found, strict=True):
        assert isinstance(record, FitSample)
        check_released(record, sample)
    assert str(problem) == "[103] in 00000100.pkl: pred_camera has the shape (1, 4), expected (1, 3)"
    assert str(nothing) == "[104] in 00000100.pkl: expected a dict of fields, got str"


def test_a_pickle_named_after_its_sequence_keeps_the_folder(tmp_path: Path) -> None:
    name = "/home/somebody/3dpw/imageFiles/downtown_walking_00/image_00012.jpg"
    fields = released_fields(make_sample(1), imageName=[name], subjectId=["downtown_walking_00-id1"])
    dump(tmp_path / "downtown_walking_00_image_00012_12.pkl", fields)
    (found,) = only_samples(iter_fits(tmp_path))
    assert (found.image_name, found.subject_id) == ("downtown_walking_00/image_00012.jpg", "downtown_walking_00-id1")


def test_what_is_not_known_is_left_out(tmp_path: Path) -> None:
    sample = make_sample(1, annotation_id=None)
    fields = released_fields(sample)
    for key in [key for key in fields if key.endswith("_init") or key.startswith(("loss", "num", "keypoint"))]:
        del fields[key]
    (found,) = only_samples(iter_fits(dump(tmp_path / "1_0.pkl", fields)))
    assert (found.annotation_id, found.initial, found.l2d, found.loss, found.iterations) == (None,) * 5
    assert not found.keypoints_px.any()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pred_pose_rotmat": np.zeros((1, 24, 3, 3))}, "rotations[0] is no rotation"),
        ({"pred_pose_rotmat": np.full((1, 24, 3, 3), np.nan)}, "pred_pose_rotmat has a value that is not a finite"),
        ({"pred_pose_rotmat_init": np.ones((1, 24, 3, 3))}, "pred_pose_rotmat_init[0] is no rotation"),
        ({"pred_shape": None}, "pred_shape is missing"),
        ({"pred_camera": "far"}, "pred_camera is no array of numbers"),
        ({"pred_camera": [[1], [1, 2]]}, "pred_camera is no array of numbers"),
        ({"scale": 0}, "the scale of the box is 0"),
        ({"scale": np.array([1.0, 2.0])}, "scale has the shape (2,), expected (1,)"),
        ({"annotId": 2.5}, "annotId is 2.5, expected a whole number"),
        ({"imageName": []}, "imageName is missing or no text"),
        ({"loss": float("nan")}, "loss has a value that is not a finite number"),
        ({"smpltype": "smplx"}, "smpltype is 'smplx', only bodies of 'smpl' can be read"),
    ],
)
def test_a_faulty_fit_is_named_and_spares_the_others(tmp_path: Path, changes: Fields, reason: str) -> None:
    dump(tmp_path / "a_0.pkl", released_fields(make_sample(1), **changes))
    dump(tmp_path / "b_1.pkl", released_fields(make_sample(2)))
    problem, other = iter_fits(tmp_path)
    assert isinstance(problem, ImportProblem)
    assert str(problem).startswith(f"a_0.pkl: {reason}")
    assert isinstance(other, FitSample)


@pytest.mark.parametrize(
    "place", [lambda bomb: bomb, lambda bomb: {"pred_pose_rotmat": bomb}, lambda bomb: {0: {"annotId": [[bomb]]}}]
)
def test_a_pickle_that_calls_something_is_refused_before_it_runs(tmp_path: Path, place: Any) -> None:
    marker = tmp_path / "marker"
    path = dump(tmp_path / "fits" / "1_0.pkl", place(Bomb(f"touch '{marker}'")))
    with pytest.raises(FormatError, match=r"1_0\.pkl cannot be read: .*system"):
        iter_fits(path)
    assert "system" in only_problem(iter_fits(path.parent))
    assert not marker.exists()


def test_files_that_hold_no_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"has no \.pkl file in it"):
        iter_fits(tmp_path)
    with pytest.raises(FormatError, match="does not exist"):
        iter_fits(tmp_path / "1_0.pkl")
    for content in ([1, 2], {"a": 1}, {}, None):
        with pytest.raises(FormatError, match="is no pickle of an EFT fit: it has no 'pred_pose_rotmat'"):
            iter_fits(dump(tmp_path / "1_0.pkl", content))


def test_what_is_written_is_what_the_released_code_reads(tmp_path: Path) -> None:
    """By the book: ``pickle.load``, whose class names every numpy knows."""
    samples = [
        make_sample(0),
        make_sample(1, annotation_id=None, initial=None, iterations=None, image_name="walk/1.jpg"),
    ]
    written = write_fits(tmp_path / "fits", samples, CONTEXT)
    assert written.sha256 == hashlib.sha256((tmp_path / "fits" / CONTENTS).read_bytes()).hexdigest()
    files = sorted((tmp_path / "fits").glob("*.pkl"))
    assert [file.name for file in files] == ["000000000000_0.pkl", "walk_1_1.pkl"]
    for file in files:
        names = {str(arg) for opcode, arg, _ in pickletools.genops(file.read_bytes()) if opcode.name == "GLOBAL"}
        assert names == {"numpy.core.multiarray _reconstruct", "numpy ndarray", "numpy dtype"}
    first, second = (pickle.loads(file.read_bytes()) for file in files)
    sample = samples[0]
    assert sample.initial is not None
    np.testing.assert_array_equal(first["pred_pose_rotmat"], sample.rotations[None])
    np.testing.assert_array_equal(first["pred_camera_init"], sample.initial.camera[None])
    np.testing.assert_array_equal(first["keypoint2d"], sample.keypoints_px[None])
    assert sample.box_center_px is not None
    assert sample.box_scale is not None
    cropped = crop_keypoints(sample.keypoints_px, sample.box_center_px, sample.box_scale)
    np.testing.assert_array_equal(first["keypoint2d_cropped"], cropped[None])
    assert (first["imageName"], first["annotId"], first["sampleIdx"]) == ([sample.image_name], [1], [0])
    assert (first["numOfIteration"], first["smpltype"]) == (6, "smpl")
    assert set(first) == set(released_fields(sample))
    assert second["annotId"] == [-1]
    assert set(first) - set(second) == {
        *("pred_pose_rotmat_init", "pred_shape_init", "pred_camera_init", "loss_keypoints_2d_init", "loss_init"),
        "numOfIteration",
    }


def test_a_plain_prediction_has_no_iterations(tmp_path: Path) -> None:
    write_fits(tmp_path / "fits", [make_sample(0, iterations=0)], CONTEXT)
    assert only_samples(iter_fits(tmp_path / "fits"))[0].iterations == 0


def test_faulty_samples_are_not_written(tmp_path: Path) -> None:
    write_fits(tmp_path / "fits", [make_sample(0)], CONTEXT)
    for sample, reason in (
        (make_sample(1, camera=None), "it has no camera"),
        (make_sample(1, gender="male"), "its body is male"),
        (replace(make_sample(1), betas=np.full(10, np.inf)), "betas has a value"),
    ):
        with pytest.raises(FormatError, match=rf"annotation 2 of 000000000001\.jpg cannot be exported: {reason}"):
            write_fits(tmp_path / "fits", [make_sample(0), sample], CONTEXT)
        assert len(only_samples(iter_fits(tmp_path / "fits"))) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["fits"]
