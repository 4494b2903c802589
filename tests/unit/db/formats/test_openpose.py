"""OpenPose: layouts that look alike, versions, boxes, confidence."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.services.importing import import_dataset
from app.services.project import Project
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord
from db.formats.errors import FormatError
from db.formats.openpose import read
from resources.skeleton import get_skeleton
from tests.helpers.builders import write_picture
from tests.helpers.people_examples.openpose import SIZE, standing, write_openpose

LEFT_WRIST = {"openpose18": 7, "openpose25": 7, "openpose25b": 9}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for name in ("one.jpg", "two.png"):
        write_picture(folder / name, 1, SIZE)
    return folder


def people_of(records: list[ImportRecord]) -> list[ImportedPerson]:
    return [record for record in records if isinstance(record, ImportedPerson)]


def reasons_of(records: list[ImportRecord]) -> list[str]:
    return [record.reason for record in records if isinstance(record, ImportProblem)]


@pytest.mark.parametrize(
    ("layout", "version"),
    [
        *(("openpose18", version) for version in (0.1, 1.0, 1.1, 1.3)),
        *(("openpose25", version) for version in (1.2, 1.3)),
        ("openpose25b", 1.3),
    ],
)
def test_joints_land_by_name(tmp_path: Path, pictures: Path, layout: str, version: float) -> None:
    path = write_openpose(tmp_path / "one_keypoints.json", [standing(layout)], version)
    (person,) = people_of(list(read(path, pictures)))
    assert person.skeleton == layout
    names = [joint.removeprefix("openpose_") for joint in get_skeleton(layout).joints]
    assert names[LEFT_WRIST[layout]] == "left_wrist"
    assert person.keypoints[names.index("left_wrist")].tolist() == [124, 82, 2]
    assert person.keypoints[names.index("right_knee")].tolist() == [90, 112, 2]
    assert person.origin == "detector"


def test_confidence_is_kept_and_zero_is_not_there(tmp_path: Path, pictures: Path) -> None:
    joints = standing("openpose25")
    joints[3] = (12, 13, 0)
    joints[4, 2] = 0.05
    joints[5, 2] = 1.02
    (person,) = people_of(list(read(write_openpose(tmp_path / "one_keypoints.json", [joints]), pictures)))
    assert person.confidence is not None
    assert person.confidence[[3, 4, 5]].tolist() == [0, 0.05, 1]
    assert person.keypoints[[3, 4, 5], 2].tolist() == [0, 2, 2]
    assert person.keypoints[3].tolist() == [0, 0, 0]


def test_the_crop_is_the_mean_of_what_was_found_for_certain(tmp_path: Path, pictures: Path) -> None:
    joints = standing("openpose18")
    joints[0] = (190, 5, 0.15)
    (person,) = people_of(list(read(write_openpose(tmp_path / "one_keypoints.json", [joints]), pictures)))
    certain = joints[1:, :2]
    assert person.box_center_px == pytest.approx(tuple(certain.mean(axis=0)))
    assert person.box_scale == pytest.approx(1.2 * np.ptp(certain, axis=0).max() / 200)
    assert person.bbox_xywh == pytest.approx((*certain.min(axis=0), *np.ptp(certain, axis=0)))
    assert person.keypoints[0, 2] == 2


def test_a_folder_is_read_in_order_with_any_suffix(tmp_path: Path, pictures: Path) -> None:
    folder = tmp_path / "json"
    folder.mkdir()
    write_openpose(folder / "two_keypoints.json", [standing("openpose25b"), standing("openpose25b", 30)])
    write_openpose(folder / "one_keypoints.json", [])
    (folder / "notes.json").write_text("{}")
    records = list(read(folder, pictures))
    assert [record.path for record in records if isinstance(record, ImportedImage)] == ["one.jpg", "two.png"]
    assert [(person.image_path, person.external_id, person.skeleton) for person in people_of(records)] == [
        ("two.png", "0", "openpose25b"),
        ("two.png", "1", "openpose25b"),
    ]


def test_a_file_renamed_as_spin_s_examples_are_finds_its_picture(tmp_path: Path, pictures: Path) -> None:
    records = list(read(write_openpose(tmp_path / "one_openpose.json", [standing("openpose18")]), pictures))
    assert [person.image_path for person in people_of(records)] == ["one.jpg"]


def test_people_who_do_not_tell_their_layout_are_refused(tmp_path: Path, pictures: Path) -> None:
    joints = standing("openpose25")
    joints[4:, 2] = 0
    path = write_openpose(tmp_path / "one_keypoints.json", [joints])
    with pytest.raises(
        FormatError, match=r"one_keypoints\.json: its people have 25 joints, which BODY_25 and BODY_25B"
    ):
        read(path, pictures)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "version": 1.2}))
    assert people_of(list(read(path, pictures)))[0].skeleton == "openpose25"


def test_the_others_of_a_run_tell_the_layout_of_one_who_does_not(tmp_path: Path, pictures: Path) -> None:
    joints = standing("openpose25b")
    joints[9:, 2] = 0
    path = write_openpose(tmp_path / "one_keypoints.json", [joints, standing("openpose25b", 20)])
    assert [person.skeleton for person in people_of(list(read(path, pictures)))] == ["openpose25b"] * 2


def test_shares_of_the_picture_are_no_pixels(tmp_path: Path, pictures: Path) -> None:
    joints = standing("openpose18") / [*SIZE, 1]
    (reason,) = reasons_of(list(read(write_openpose(tmp_path / "one_keypoints.json", [joints]), pictures)))
    assert reason.endswith("run OpenPose again with --keypoint_scale 0")


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ([1.0] * 45, "pose_keypoints has 45 numbers, expected 54 for 18 joints or 75 for 25"),
        ([], "it has no body joints"),
        ([50.0, 60.0, 7.0] * 18, "the confidence of nose is 7, expected 0 to 1"),
        ([50.0, 60.0, 0.0] * 18, "too few joints are labelled"),
        ([1e30, 60.0, 0.5] * 18, "nose has the value 1e+30, which is no place in a picture"),
    ],
)
def test_a_faulty_person_spares_the_next(tmp_path: Path, pictures: Path, numbers: list[float], reason: str) -> None:
    path = write_openpose(tmp_path / "one_keypoints.json", [standing("openpose18")])
    document = json.loads(path.read_text())
    document["people"].insert(0, {"pose_keypoints_2d": numbers})
    path.write_text(json.dumps(document))
    records = list(read(path, pictures))
    (problem,) = [record for record in records if isinstance(record, ImportProblem)]
    assert problem.item == "people[0] in one_keypoints.json"
    assert reason in problem.reason
    assert [person.external_id for person in people_of(records)] == ["1"]


def test_a_faulty_file_spares_the_next(tmp_path: Path, pictures: Path) -> None:
    folder = tmp_path / "json"
    folder.mkdir()
    (folder / "one_keypoints.json").write_text('{"version": 1.3, "people"')
    write_openpose(folder / "two_keypoints.json", [standing("openpose18")])
    write_openpose(folder / "three_keypoints.json", [standing("openpose18")])
    records = list(read(folder, pictures))
    broken, missing = [record for record in records if isinstance(record, ImportProblem)]
    assert (broken.item, broken.skipped) == ("one_keypoints.json", "images")
    assert missing.reason.startswith(f"no picture three.jpg, .png or the like is in {pictures}")
    assert missing.people == 1
    assert len(people_of(records)) == 1


def test_places_count_in_the_picture_as_opencv_turns_it(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a camera held upright: stored 200 x 160, looked at 160 x 200
    Image.new("RGB", SIZE, "grey").save(tmp_path / "one.jpg", exif=exif)
    path = write_openpose(tmp_path / "one_keypoints.json", [standing("openpose18")])
    with Project.create(tmp_path / "project") as project:
        assert import_dataset(project, "openpose", path, tmp_path).people.new == 1
        with project.store.read() as reader:
            (image,) = reader.images.find_many(str(tmp_path), ["one.jpg"]).values()
    assert (image.width, image.height) == (160, 200)


def test_a_real_close_up_tells_its_layout(tmp_path: Path, pictures: Path) -> None:
    """A file of OpenPose 1.5 in which face and shoulders alone were found."""
    joints = np.zeros((25, 3))
    joints[[0, 1, 2, 5]] = [(880, 483, 0.88), (860, 810, 0.52), (510, 778, 0.35), (1228, 786, 0.35)]
    joints[15:19] = [(798, 416, 0.9), (951, 407, 0.92), (698, 469, 0.86), (1045, 448, 0.87)]
    joints[:, :2] /= 8
    (person,) = people_of(list(read(write_openpose(tmp_path / "one_keypoints.json", [joints]), pictures)))
    assert person.skeleton == "openpose25"
