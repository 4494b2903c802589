"""MPII: the release and the json of training code, in numbers that stand here as literals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from db.formats import sniff_people
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord
from db.formats.errors import FormatError
from db.formats.mpii import read
from resources.skeleton import get_skeleton
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.matlab import (
    SIZE,
    mpii_points,
    place_of,
    some_joints,
    struct_array,
    write_mpii_release,
)

MPII = get_skeleton("mpii16")
# The first entry of mmpose's test data (tests/data/mpii/test_mpii.json), whose joints go by the number.
ENTRY: dict[str, Any] = {
    "joints_vis": [1] * 16,
    "joints": [
        *([804.0, 711.0], [816.0, 510.0], [908.0, 438.0], [1040.0, 454.0], [906.0, 528.0], [883.0, 707.0]),
        *([974.0, 446.0], [985.0, 253.0], [982.7591, 235.9694], [962.2409, 80.0306], [869.0, 214.0]),
        *([798.0, 340.0], [902.0, 253.0], [1067.0, 253.0], [1167.0, 353.0], [1142.0, 478.0]),
    ],
    "image": "005808361.jpg",
    "scale": 4.718488,
    "center": [966.0, 340.0],
}


def people_of(records: list[ImportRecord]) -> list[ImportedPerson]:
    return [record for record in records if isinstance(record, ImportedPerson)]


def problems_of(records: list[ImportRecord]) -> list[str]:
    return [str(record) for record in records if isinstance(record, ImportProblem)]


def read_release(folder: Path, rects: list[dict[str, Any]] | None, train: int = 1) -> list[ImportRecord]:
    write_picture(folder / "000000001.jpg", 1, SIZE)
    path = write_mpii_release(folder / "mpii.mat", [("000000001.jpg", rects, train)])
    return list(read(path, folder))


def test_joints_come_by_their_ids_and_count_from_zero(tmp_path: Path) -> None:
    places = some_joints(16)
    visible = {0: 1, 1: 0, 2: "1", 3: "0"}
    (person,) = people_of(
        read_release(tmp_path, [{"annopoints": mpii_points(places, visible), **place_of(91, 81, 0.7)}])
    )
    assert person.skeleton == "mpii16"
    assert np.allclose(person.keypoints[:, :2], places - 1)
    assert person.keypoints[:, 2].tolist() == [2, 1, 2, 1] + [2] * 12
    assert person.external_id == "1-1"


def test_scale_and_centre_are_the_crop_as_they_stand(tmp_path: Path) -> None:
    (person,) = people_of(
        read_release(tmp_path, [{"annopoints": mpii_points(some_joints(16)), **place_of(91, 81, 0.7)}])
    )
    assert person.box_center_px == (90, 80)
    assert person.box_scale == pytest.approx(0.7)
    assert person.bbox_xywh == pytest.approx((29, 19, 120, 120))


def test_people_of_the_test_set_have_a_place_and_no_joints(tmp_path: Path) -> None:
    records = read_release(tmp_path, [place_of(101, 81, 0.5), place_of(51, 61, 0.25)], train=0)
    people = people_of(records)
    assert [person.bbox_xywh for person in people] == [(50, 30, 100, 100), (25, 35, 50, 50)]
    assert not any(person.keypoints.any() for person in people)
    assert [person.ordinal for person in people] == [0, 1]
    (image,) = [record for record in records if isinstance(record, ImportedImage)]
    assert image.details is not None
    assert json.loads(image.details)["mpii"]["img_train"] is False


def test_what_the_release_says_besides_is_kept(tmp_path: Path) -> None:
    head = {"x1": 60.0, "y1": 20.0, "x2": 80.0, "y2": 44.0}
    rects = [{**head, "annopoints": mpii_points(some_joints(16)), **place_of(91, 81, 0.7)}, place_of(51, 61, 0.25)]
    records = read_release(tmp_path, rects)
    image = next(record for record in records if isinstance(record, ImportedImage))
    said = json.loads(image.details or b"")["mpii"]
    assert said == {
        "img_train": True,
        "vididx": 1,
        "frame_sec": 11,
        "cat_name": "sports",
        "act_name": "curling",
        "act_id": 1,
    }
    first, second = (json.loads(person.details or b"")["mpii"] for person in people_of(records))
    assert first == {"single_person": True, "head_box": [60, 20, 80, 44]}
    assert second == {"single_person": False}


def test_pictures_without_people_and_heads_nobody_went_on_with(tmp_path: Path) -> None:
    assert [type(record) for record in read_release(tmp_path, None)] == [ImportedImage]
    head = {"x1": 60.0, "y1": 20.0, "x2": 80.0, "y2": 44.0}
    assert [type(record) for record in read_release(tmp_path, [head])] == [ImportedImage]


def test_a_person_without_a_place_gets_the_crop_of_its_joints(tmp_path: Path) -> None:
    (person,) = people_of(read_release(tmp_path, [{"annopoints": mpii_points(some_joints(16))}]))
    assert person.box_center_px == pytest.approx((89, 79))
    assert person.box_scale == pytest.approx(1.2 * 120 / 200)


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ({"x": 1.0, "y": 2.0, "id": 16}, "a joint has the id 16, expected 0 to 15"),
        ({"x": 1.0, "y": 2.0}, "a joint has the id , expected 0 to 15"),
        ({"x": np.nan, "y": 2.0, "id": 0}, "x of right_ankle is not a finite number"),
        ({"y": 2.0, "id": 1}, "right_knee has no place"),
        ({"x": 1e9, "y": 2.0, "id": 1}, "right_knee has the value 1e+09, which is no place in a picture"),
    ],
)
def test_a_faulty_person_spares_the_next(tmp_path: Path, point: dict[str, Any], reason: str) -> None:
    faulty = {"annopoints": struct_array([{"point": struct_array([point])}]), **place_of(91, 81, 0.7)}
    sound = {"annopoints": mpii_points(some_joints(16)), **place_of(91, 81, 0.7)}
    records = read_release(tmp_path, [faulty, sound])
    assert [person.external_id for person in people_of(records)] == ["1-2"]
    (problem,) = problems_of(records)
    assert problem.startswith("annorect(1) of 000000001.jpg, annolist(1) in mpii.mat: ")
    assert reason in problem


def test_another_mat_file_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "other.mat", {"RELEASE": {"version": "12"}})
    with pytest.raises(FormatError, match=r"other\.mat: RELEASE has no annolist"):
        read(tmp_path / "other.mat", tmp_path)


def read_json(folder: Path, document: object) -> list[ImportRecord]:
    (folder / "train.json").write_text(json.dumps(document))
    return list(read(folder / "train.json", folder))


def test_a_published_entry_lands_where_hrnet_puts_it(tmp_path: Path) -> None:
    write_picture(tmp_path / "005808361.jpg", 1, (1280, 720))
    (person,) = people_of(read_json(tmp_path, [ENTRY]))
    assert person.keypoints[MPII.index("right_ankle")].tolist() == [803, 710, 2]
    assert person.keypoints[MPII.index("head_top")] == pytest.approx([961.2409, 79.0306, 2])
    assert person.keypoints[MPII.index("left_wrist")].tolist() == [1141, 477, 2]
    assert person.box_center_px == (965, 339)
    assert person.box_scale == pytest.approx(4.718488)  # not 1.25 times as much, and the centre not 15 px lower
    assert person.external_id == "0"


def test_joints_that_are_not_there_are_not_labelled(tmp_path: Path) -> None:
    write_picture(tmp_path / "005808361.jpg", 1, (1280, 720))
    entry = {**ENTRY, "joints_vis": [0, *[1] * 15], "joints": [[-1.0, -1.0], *ENTRY["joints"][1:]]}
    (person,) = people_of(read_json(tmp_path, [entry]))
    assert person.keypoints[0].tolist() == [0, 0, 0]
    assert np.count_nonzero(person.keypoints[:, 2]) == 15


def test_rows_of_the_test_set_have_a_place_alone(tmp_path: Path) -> None:
    write_picture(tmp_path / "005808361.jpg", 1, (1280, 720))
    row = {key: ENTRY[key] for key in ("image", "center")}
    (person,) = people_of(read_json(tmp_path, [{**row, "scale": 2.0}]))
    assert not person.keypoints.any()
    assert person.bbox_xywh == (765, 139, 400, 400)
    assert sniff_people(tmp_path / "train.json") == "mpii"
    (problem,) = problems_of(read_json(tmp_path, [{**row, "scale": -1.0}]))
    assert "it has no box" in problem


def test_version_73_says_what_to_do_whatever_it_holds(tmp_path: Path) -> None:
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n")
    assert sniff_people(tmp_path / "new.mat") == "mpii"
    with pytest.raises(FormatError, match="save it with -v7"):
        read(tmp_path / "new.mat", tmp_path)


def test_people_of_one_picture_come_together(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        write_picture(tmp_path / name, 1, (1280, 720))
    rows = [{**ENTRY, "image": name} for name in ("a.jpg", "b.jpg", "a.jpg")]
    records = read_json(tmp_path, rows)
    kinds = [record.path if isinstance(record, ImportedImage) else "" for record in records]
    assert kinds == ["a.jpg", "", "", "b.jpg", ""]
    assert [(person.external_id, person.ordinal) for person in people_of(records)] == [("0", 0), ("2", 1), ("1", 0)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"joints": [[1.0, 2.0]] * 15}, "joints has 15 joints, expected 16"),
        ({"joints": [[1.0, 2.0, 3.0]] * 16}, "joints has 3 numbers for right_ankle, expected 2"),
        ({"joints_vis": [1] * 17}, "joints_vis has 17 numbers, expected 16"),
        ({"scale": "large"}, "scale: expected"),
        ({"center": [1.0]}, "center has 1 numbers, expected 2"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    write_picture(tmp_path / "005808361.jpg", 1, (1280, 720))
    records = read_json(tmp_path, [{**ENTRY, **changes}, ENTRY])
    (problem,) = problems_of(records)
    assert problem.startswith("[0] of 005808361.jpg in train.json: ")
    assert reason in problem
    assert len(people_of(records)) == 1
