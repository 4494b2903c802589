"""JHMDB: clips of frames, and mmpose's json, both counted from 1."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from app.services.importing import import_dataset
from app.services.project import Project
from db.formats.base import ImportedImage, ImportedPerson, ImportProblem
from db.formats.errors import FormatError
from db.formats.jhmdb import read
from resources.skeleton import get_skeleton
from tests.helpers.people_examples.matlab import some_joints, write_jhmdb, write_jhmdb_json, write_palette_picture

JHMDB = get_skeleton("jhmdb15")


def test_frames_are_pictures_of_their_clip(tmp_path: Path) -> None:
    records = list(read(write_jhmdb(tmp_path), tmp_path / "Rename_Images"))
    images = [record.path for record in records if isinstance(record, ImportedImage)]
    assert images == ["catch/Ball_catch_f_1/00001.png", "catch/Ball_catch_f_1/00002.png", "golf/Tee_golf_f_0/00001.png"]
    people = [record for record in records if isinstance(record, ImportedPerson)]
    assert [person.external_id for person in people] == ["Ball_catch_f_1-1", "Ball_catch_f_1-2", "Tee_golf_f_0-1"]
    assert np.allclose(people[1].keypoints[:, :2], some_joints(15, 1) - 1)
    assert (people[1].keypoints[:, 2] == 2).all()
    assert json.loads(people[1].details or b"") == {"jhmdb": {"action": "catch", "clip": "Ball_catch_f_1"}}


@pytest.mark.parametrize("images", [".", "Rename_Images", "Rename_Images/catch"])
def test_any_folder_of_the_release_will_do_for_its_pictures(tmp_path: Path, images: str) -> None:
    source = write_jhmdb(tmp_path) / "catch" / "Ball_catch_f_1" / "joint_positions.mat"
    people = [record for record in read(source, tmp_path / images) if isinstance(record, ImportedPerson)]
    assert len(people) == 2


def test_a_frame_of_another_clip_does_not_stand_in(tmp_path: Path) -> None:
    source = write_jhmdb(tmp_path)
    records = list(read(source, tmp_path / "Rename_Images" / "golf"))
    assert [record.path for record in records if isinstance(record, ImportedImage)] == ["Tee_golf_f_0/00001.png"]
    assert sum(record.people for record in records if isinstance(record, ImportProblem)) == 2


def test_a_broken_clip_spares_the_others(tmp_path: Path) -> None:
    source = write_jhmdb(tmp_path)
    (source / "catch" / "Ball_catch_f_1" / "joint_positions.mat").write_bytes(b"MATLAB 5.0 and no more")
    records = list(read(source, tmp_path / "Rename_Images"))
    (problem,) = [record for record in records if isinstance(record, ImportProblem)]
    assert problem.item == "catch/Ball_catch_f_1/joint_positions.mat"
    assert sum(isinstance(record, ImportedPerson) for record in records) == 1


def test_a_clip_of_other_joints_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "joint_positions.mat", {"pos_img": np.zeros((2, 13, 4))})
    with pytest.raises(FormatError, match="pos_img is 2 x 13 x 4, expected 2 x 15 x frames"):
        read(tmp_path / "joint_positions.mat", tmp_path)


def test_joints_and_boxes_of_the_json_count_from_one_too(tmp_path: Path) -> None:
    (person,) = [record for record in read(write_jhmdb_json(tmp_path), tmp_path) if isinstance(record, ImportedPerson)]
    assert np.allclose(person.keypoints[:, :2], some_joints(15) - 1)
    assert person.bbox_xywh == (24, 14, 130, 130)
    assert person.external_id == "1000002280001"
    assert person.keypoints[JHMDB.index("face"), 0] == pytest.approx(some_joints(15)[2, 0] - 1)


def test_other_json_is_refused(tmp_path: Path) -> None:
    path = write_jhmdb_json(tmp_path)
    document = json.loads(path.read_text())
    document["categories"][0]["keypoints"][0] = "nose"
    path.write_text(json.dumps(document))
    with pytest.raises(FormatError, match=r"sub1\.json: the keypoints .* are nose, belly, .*; expected neck, "):
        read(path, tmp_path)


def test_palette_pictures_are_measured(tmp_path: Path) -> None:
    source = write_jhmdb(tmp_path)
    with Project.create(tmp_path / "project") as project:
        report = import_dataset(project, "auto", source, tmp_path / "Rename_Images")
        assert (report.format, report.images.new, report.people.new, report.labelled_joints) == ("jhmdb", 3, 3, 45)
    assert report.problems == ()


def test_one_frame_has_no_last_axis(tmp_path: Path) -> None:
    write_palette_picture(tmp_path / "walk" / "clip" / "00001.png", 1)
    (tmp_path / "joints" / "walk" / "clip").mkdir(parents=True)
    path = tmp_path / "joints" / "walk" / "clip" / "joint_positions.mat"
    savemat(path, {"pos_img": some_joints(15).T})
    assert sum(isinstance(record, ImportedPerson) for record in read(path, tmp_path)) == 1
