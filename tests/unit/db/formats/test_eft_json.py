"""EFT's JSON: exact numbers out, nothing on trust in."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from db.formats.base import ImportProblem
from db.formats.eft_json import CONVENTIONS, CURATED_VERSION, build_validity, iter_fits, write_fits
from db.formats.errors import FormatError
from db.formats.fits import FitRecord, FitSample
from db.formats.parts.manifest import Provenance, manifest_path, write_manifest
from tests.helpers.fit_records import make_sample, only_problem, only_samples
from tests.helpers.fit_samples import CONTEXT

FIELDS = ("rotations", "betas", "camera", "box_center_px", "keypoints_px", "validity")


def write(path: Path, *samples: FitSample) -> None:
    write_fits(path, samples, CONTEXT)


def read(path: Path) -> list[FitSample]:
    return only_samples(iter_fits(path))


def test_samples_come_back_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "fits.json"
    samples = [make_sample(0), make_sample(1, annotation_id=None, subject_id="walk-id0")]
    written = write_fits(path, iter(samples), CONTEXT)
    assert (written.path, written.count) == (path, 2)
    assert written.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    for before, after in zip(samples, read(path), strict=True):
        derived = replace(before, validity=build_validity(before.keypoints_px))
        for name in FIELDS:
            np.testing.assert_array_equal(getattr(derived, name), getattr(after, name))
        assert (before.image_name, before.annotation_id) == (after.image_name, after.annotation_id)
        assert (before.box_scale, before.subject_id) == (after.box_scale, after.subject_id)


def test_the_file_has_the_published_fields(tmp_path: Path) -> None:
    """Read by plain json, as EFT's own loader does."""
    path = tmp_path / "fits.json"
    write(path, make_sample(0, annotation_id=None))
    document = json.loads(path.read_text())
    assert document["ver"] == 0.1
    assert document["meta"] == {"dbname": "test", "rawname": "raw"}
    (row,) = document["data"]
    assert set(row) == {
        *("parm_pose", "parm_shape", "parm_cam", "bbox_scale", "bbox_center", "gt_keypoint_2d"),
        *("joint_validity_openpose18", "smpltype", "annotId", "imageName"),
    }
    assert (row["smpltype"], row["annotId"], row["imageName"]) == ("smpl", 0, "000000000000.jpg")
    assert np.shape(row["parm_pose"]) == (24, 3, 3)
    assert np.shape(row["gt_keypoint_2d"]) == (49, 3)


def test_an_empty_export_is_a_valid_file(tmp_path: Path) -> None:
    write(tmp_path / "fits.json")
    assert read(tmp_path / "fits.json") == []


def test_validity_follows_the_24_set() -> None:
    keypoints = np.zeros((49, 3))
    keypoints[:25, 2] = 1  # OpenPose detections do not count
    keypoints[25 + 6, 2] = 1  # right wrist
    keypoints[25 + 20, 2] = 0.4  # left eye, by a detector
    assert np.flatnonzero(build_validity(keypoints)).tolist() == [4, 15]


def break_rotation(index: int, factor: float) -> NDArray[np.float64]:
    rotations = np.tile(np.eye(3), (24, 1, 1))
    rotations[index] *= factor
    return rotations


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rotations": np.eye(3)}, r"rotations has the shape \(3, 3\), expected \(24, 3, 3\)"),
        ({"rotations": break_rotation(5, 1.00002)}, r"rotations\[5\] is no rotation: .* off orthonormal by 4e-05"),
        ({"rotations": break_rotation(5, 1e300)}, r"rotations\[5\] is no rotation"),
        ({"rotations": break_rotation(7, -1.0)}, r"rotations\[7\] is no rotation: it mirrors"),
        ({"betas": np.full(10, np.nan)}, "betas has a value that is not a finite number"),
        ({"camera": np.zeros(4)}, r"camera has the shape \(4,\)"),
        ({"camera": None}, "it has no camera, which this format needs"),
        ({"box_scale": None}, "it has no box, which this format needs"),
        ({"box_center_px": np.array([1.0, np.inf])}, "box centre has a value"),
        ({"box_scale": 0.0}, "the scale of the box is 0, expected a positive number"),
        ({"keypoints_px": np.zeros((24, 3))}, r"keypoints has the shape \(24, 3\)"),
        ({"validity": np.full(18, 0.5)}, "validity has a value other than 0 and 1"),
        ({"image_name": ""}, "the name of the picture is empty"),
        ({"image_name": "/home/me/1.jpg"}, "the name of its picture is no plain path"),
        ({"image_name": "\udce9.jpg"}, r"the name of the picture is '\\udce9.jpg', which names no file"),
        ({"gender": "female"}, "its body is female, and this format holds neutral ones only"),
    ],
)
def test_a_faulty_sample_is_not_written(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "fits.json"
    path.write_text("older")
    with pytest.raises(FormatError, match="annotation 4 of .* cannot be exported: " + message):
        write(path, make_sample(0), make_sample(3, **changes))
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_small_rounding_is_still_a_rotation(tmp_path: Path) -> None:
    single = make_sample(0, rotations=make_sample(0).rotations.astype(np.float32))
    write(tmp_path / "fits.json", single)
    np.testing.assert_array_equal(read(tmp_path / "fits.json")[0].rotations, single.rotations)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("parm_pose", [[1, 2], [3]], "parm_pose[0][0]: expected `array`, got `int`"),
        ("parm_pose", [[[1, 0, 0]]] * 24, "rotations has the shape (24, 1, 3)"),
        ("parm_pose", [[[1], [1, 2]]] * 24, "parm_pose has rows of different lengths"),
        ("parm_shape", None, "parm_shape: expected `array`, got `null`"),
        ("parm_cam", [0.9, float("nan"), 0], "parm_cam[1]: expected `float`, got `null`"),
        ("annotId", "12", "annotId: expected `int | null`, got `str`"),
        ("annotId", 2**63, "the annotation id 9223372036854775808 is too large to be one"),
        ("smpltype", "smplx", "smpltype is 'smplx', only bodies of 'smpl' can be read"),
        ("bbox_scale", -1, "the scale of the box is -1"),
        ("imageName", "..", "the name of the picture is '..', which names no file"),
    ],
)
def test_a_faulty_item_is_named_and_spares_the_others(tmp_path: Path, field: str, value: object, message: str) -> None:
    path = tmp_path / "fits.json"
    write(path, *map(make_sample, range(4)))
    document = json.loads(path.read_text())
    document["data"][2][field] = value
    path.write_text(json.dumps(document))
    records = list(iter_fits(path))
    assert [type(record) for record in records] == [FitSample, FitSample, ImportProblem, FitSample]
    assert str(records[2]).startswith(f"data[2] in fits.json: {message}")


@pytest.mark.parametrize("field", ["parm_pose", "parm_cam", "joint_validity_openpose18", "smpltype", "imageName"])
def test_a_field_that_is_missing_is_named(tmp_path: Path, field: str) -> None:
    path = tmp_path / "fits.json"
    write(path, make_sample(0))
    document = json.loads(path.read_text())
    del document["data"][0][field]
    path.write_text(json.dumps(document))
    assert only_problem(iter_fits(path)) == f"data[0] in fits.json: object missing required field `{field}`"


@pytest.mark.parametrize("stated", [0, -1, None, "absent"])
def test_published_files_say_nobody_in_many_ways(tmp_path: Path, stated: object) -> None:
    """The released exporter never copies a real id: it writes 0."""
    path = tmp_path / "fits.json"
    write(path, make_sample(0))
    document = json.loads(path.read_text())
    document["data"][0]["annotId"] = stated
    if stated == "absent":
        del document["data"][0]["annotId"]
    path.write_text(json.dumps(document))
    assert read(path)[0].annotation_id is None


def test_the_id_that_files_of_the_released_exporter_lack_is_written(tmp_path: Path) -> None:
    write(tmp_path / "fits.json", make_sample(0, annotation_id=2**53 + 1))
    assert json.loads((tmp_path / "fits.json").read_text())["data"][0]["annotId"] == 2**53 + 1
    assert read(tmp_path / "fits.json")[0].annotation_id == 2**53 + 1


@pytest.mark.parametrize(
    ("stated", "read_as"),
    [
        ("train/walk/00001.jpg", "train/walk/00001.jpg"),
        ("/home/me/coco/1.jpg", "1.jpg"),
        (r"C:\me\1.jpg", "1.jpg"),
        (r"walk\1.jpg", "walk/1.jpg"),
    ],
)
def test_sequences_keep_their_folder_and_machines_do_not(tmp_path: Path, stated: str, read_as: str) -> None:
    path = tmp_path / "fits.json"
    write(path, make_sample(0))
    document = json.loads(path.read_text())
    document["data"][0]["imageName"] = stated
    path.write_text(json.dumps(document))
    assert read(path)[0].image_name == read_as


def test_curated_files_have_another_version(tmp_path: Path) -> None:
    path = tmp_path / "fits.json"
    write_fits(path, [make_sample(0)], CONTEXT, version=CURATED_VERSION)
    document = json.loads(path.read_text())
    assert document["ver"] == 1.0
    assert len(read(path)) == 1
    path.write_text(json.dumps({**document, "ver": 3}))
    with pytest.raises(FormatError, match=r"is an EFT file of version 3; versions 0\.1 and 1\.0 can be read"):
        iter_fits(path)


def test_published_files_without_keypoints_are_read(tmp_path: Path) -> None:
    path = tmp_path / "fits.json"
    write(path, make_sample(0))
    document = json.loads(path.read_text())
    del document["data"][0]["gt_keypoint_2d"]
    path.write_text(json.dumps(document))
    (sample,) = read(path)
    assert not sample.keypoints_px.any()
    assert sample.validity is not None
    np.testing.assert_array_equal(sample.validity, build_validity(make_sample(0).keypoints_px))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not valid JSON"),
        ("[" * 100_000, "is not an EFT file"),
        ('{"data": ' + "[" * 100_000, "is not valid JSON"),
        ('{"ver": 0.1}', "is not an EFT file: object missing required field `data`"),
    ],
)
def test_a_file_that_is_no_eft_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "fits.json"
    path.write_text(content)
    with pytest.raises(FormatError, match=message):
        iter_fits(path)


def test_what_does_not_read_back_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that changes a digit: the reader sees another number than was written."""

    def misread(_: Path) -> Iterator[FitRecord]:
        yield make_sample(0, box_scale=1.25)

    monkeypatch.setattr("db.formats.eft_json.iter_fits", misread)
    with pytest.raises(FormatError, match=r"fits\.json did not read back as it was written"):
        write(tmp_path / "fits.json", make_sample(0))
    assert not list(tmp_path.iterdir())


def test_the_manifest_says_what_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "fits.json"
    written = write_fits(path, [make_sample(0)], CONTEXT)
    provenance = Provenance(
        body_name="mannequin",
        body_hash="ab" * 32,
        tool_version="0.1.0",
        filters={"decision": "accepted"},
        counts={"accepted": 1, "stale": 2},
        change_id=17,
        changed_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        genders=["neutral"],
    )
    write_manifest(manifest_path(path), written, CONVENTIONS, provenance)
    manifest = json.loads((tmp_path / "fits.manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (manifest["file"], manifest["samples"]) == ("fits.json", 1)
    body = {"name": "mannequin", "sha256": "ab" * 32, "model_type": "smpl", "genders": ["neutral"]}
    assert manifest["body"] == body
    assert manifest["project"] == {"newest_change": 17, "changed_at": "2025-01-02T03:04:05+00:00"}
    assert (manifest["filters"], manifest["counts"]) == ({"decision": "accepted"}, {"accepted": 1, "stale": 2})
    assert manifest["conventions"]["keypoint_joints"][25 + 6] == "right_wrist"
    assert len(manifest["conventions"]["pose_joints"]) == 24

    for broken, message in (
        (replace(provenance, changed_at=datetime(2025, 1, 2)), "has no time zone"),
        (replace(provenance, filters={"decision": object()}), "a value that JSON cannot hold"),
    ):
        with pytest.raises(FormatError, match=message):
            write_manifest(tmp_path / "other.json", written, CONVENTIONS, broken)
    assert not (tmp_path / "other.json").exists()
