"""Sets of people: the held-out set and its hashes, photographs, truncation levels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fitting.body.assets import load_body_asset
from fitting.body.model import load_body
from fitting.errors import AssetError
from fitting.evaluation.photographs import read_photographs
from fitting.evaluation.testset import read_synthetic
from fitting.evaluation.truncation import keep_inside, level_rectangle, truncate
from fitting.spec import Box
from resources import default_body
from tests.helpers.evaluated import write_manifest, write_synthetic_set, write_truth
from tests.helpers.fits import BOX, standing_body

BODY = load_body_asset(default_body()).sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_synthetic_set(tmp_path / "set")


def test_the_set_comes_as_it_was_written(folder: Path) -> None:
    people_set = read_synthetic(folder, BODY)
    assert [person.person_id for person in people_set.people] == [1, 2, 3]
    second = people_set.people[1]
    assert second.tags == {"occluded", "truncated"}
    assert second.family == "standing"
    assert second.labelled == 17
    assert second.picture.is_file()
    assert second.box.scale == BOX.scale
    truth = standing_body(1)
    assert second.truth is not None
    np.testing.assert_array_equal(second.truth.rotations, truth.rotations)
    assert people_set.sha256 == read_synthetic(folder, BODY).sha256


def _spoil_picture(folder: Path) -> None:
    (folder / "images" / "000002.jpg").write_bytes(b"other")


def _spoil_annotations(folder: Path) -> None:
    path = folder / "annotations.json"
    path.write_text(path.read_text().replace('"iscrowd": 0', '"iscrowd":  0'))


def _remove_picture(folder: Path) -> None:
    (folder / "images" / "000003.jpg").unlink()


def _unlist_picture(folder: Path) -> None:
    document = json.loads((folder / "manifest.json").read_text())
    del document["files"]["images/000003.jpg"]
    (folder / "manifest.json").write_text(json.dumps(document))


def _lead_out(folder: Path) -> None:
    document = json.loads((folder / "manifest.json").read_text())
    document["files"]["../../etc/passwd"] = "0"
    (folder / "manifest.json").write_text(json.dumps(document))


def _of_another_format(folder: Path) -> None:
    write_manifest(folder, format="exemplar-synthetic 9")


def _of_another_body(folder: Path) -> None:
    write_manifest(folder, body_sha256="0" * 64)


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _no_json(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def _list_for_files(folder: Path) -> None:
    write_manifest(folder, files=["a"])


def _fewer_truths(folder: Path) -> None:
    write_truth(folder, [standing_body(0)], [BOX], [""])
    write_manifest(folder)


def _pickled_truth(folder: Path) -> None:
    np.savez(folder / "truth.npz", annotation_id=np.array([{}], dtype=object))
    write_manifest(folder)


def _nan_truth(folder: Path) -> None:
    bodies = [standing_body(seed) for seed in range(3)]
    bodies[1].betas[3] = np.nan
    write_truth(folder, bodies, [BOX] * 3, [""])
    write_manifest(folder)


def _short_keypoints(folder: Path) -> None:
    path = folder / "annotations.json"
    document = json.loads(path.read_text())
    document["annotations"][1]["keypoints"].pop()
    path.write_text(json.dumps(document))
    write_manifest(folder)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_spoil_picture, "has been changed"),
        (_spoil_annotations, "has been changed"),
        (_remove_picture, "cannot be read"),
        (_unlist_picture, "not in the manifest"),
        (_lead_out, "not in the folder"),
        (_of_another_format, "exemplar-synthetic 9"),
        (_of_another_body, "another body"),
        (_no_manifest, "cannot be read"),
        (_no_json, "no manifest"),
        (_list_for_files, "no manifest"),
        (_fewer_truths, "expected shape"),
        (_pickled_truth, "objects"),
        (_nan_truth, "no number"),
        (_short_keypoints, "annotations[1]"),
    ],
)
def test_a_broken_or_changed_set_is_refused_with_one_sentence(
    folder: Path, spoil: Callable[[Path], None], says: str
) -> None:
    spoil(folder)
    with pytest.raises(AssetError, match=says.replace("[", r"\[")) as told:
        read_synthetic(folder, BODY)
    assert "\n" not in str(told.value)


def test_photographs_keep_people_with_six_keypoints(folder: Path) -> None:
    path = folder / "annotations.json"
    document = json.loads(path.read_text())
    for place in range(5, 17):
        document["annotations"][0]["keypoints"][3 * place + 2] = 0
    document["annotations"][1]["iscrowd"] = 1
    path.write_text(json.dumps(document))
    people_set = read_photographs(path, folder / "images", with_pictures=True)
    assert [person.person_id for person in people_set.people] == [3]
    assert people_set.people[0].truth is None
    other = read_photographs(path, folder / "images", with_pictures=False)
    assert other.sha256 != people_set.sha256
    with pytest.raises(AssetError, match="cannot be read"):
        read_photographs(folder / "none.json", folder, with_pictures=False)


def test_level_rectangles_by_hand() -> None:
    head = np.array([[40.0, 10.0], [60.0, 30.0]])
    whole = np.array([[5.0, 10.0], [95.0, 220.0]])
    np.testing.assert_allclose(level_rectangle(head, whole, 0), head)
    np.testing.assert_allclose(level_rectangle(head, whole, 7), whole)
    np.testing.assert_allclose(level_rectangle(head, whole, 2), [[30.0, 10.0], [70.0, 30 + 2 * 190 / 7]])


def test_keypoints_outside_a_box_are_not_labelled() -> None:
    keypoints = np.zeros((17, 3))
    keypoints[0] = (100, 100, 2)
    keypoints[1] = (150, 150, 1)
    keypoints[2] = (151, 100, 2)
    kept = keep_inside(keypoints, Box(np.array([100.0, 100.0]), 0.5))
    assert kept[:, 2].nonzero()[0].tolist() == [0, 1]


def test_truncation_goes_from_the_face_to_the_whole_person(folder: Path) -> None:
    people_set, body = read_synthetic(folder, BODY), load_body(default_body())
    levels = [truncate(people_set, level, body) for level in (0, 4, 7)]
    labelled = [[person.labelled for person in level.people] for level in levels]
    assert labelled[0] == [5, 5, 5]  # nose, eyes, ears
    assert all(5 < count < 17 for count in labelled[1])
    assert labelled[2] == [17, 17, 17]
    sides = [level.people[0].box.side_px for level in levels]
    assert sides[0] < sides[1] < sides[2]
    assert sides[2] == pytest.approx(1.2 * 200 / 224 * levels[2].people[0].extent_px)
    assert levels[0].name == "synthetic level 0"
