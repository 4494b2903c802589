"""Exports: what gets in, what stays out, and that the numbers alone give the overlay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services import annotation, review
from app.services.errors import ServiceError
from app.services.exporting import export_eft_json
from app.services.fitting import to_spin49
from app.services.person_view import load_person_view
from app.services.project import Project
from db.records import PersonId
from resources.skeleton import get_skeleton
from tests.helpers.builders import add_fit, build_project, people_of

COCO, SPIN49 = get_skeleton("coco17"), get_skeleton("spin49")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 3) as made:
        for person in people_of(made):
            add_fit(made, person)
        yield made


def accept(project: Project, person: PersonId) -> None:
    view = load_person_view(project, person)
    assert view.fit is not None
    review.accept(project, person, view.fit.id, 1)


def test_only_accepted_fits_are_written(project: Project, tmp_path: Path) -> None:
    first, second, _ = people_of(project)
    accept(project, first)
    review.reject(project, second, ["wrong_pose"], "", 1)
    report = export_eft_json(project, tmp_path / "out.json")
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["data"]
    assert report.samples == len(data) == 1
    assert data[0]["annotId"] == 1000
    assert data[0]["imageName"] == "001.jpg"
    assert report.left_out == {"fitted": 1, "rejected": 1}
    assert export_eft_json(project, tmp_path / "rejected.json", "rejected").samples == 1
    assert export_eft_json(project, tmp_path / "any.json", "any").samples == 3


def test_a_stale_fit_is_never_written(project: Project, tmp_path: Path) -> None:
    person = people_of(project)[0]
    accept(project, person)
    revision = load_person_view(project, person).revision
    edit = annotation.move_joints(revision, COCO, {9: (1.0, 2.0)})
    assert edit is not None
    annotation.apply_edit(project, person, revision.id, edit)
    assert export_eft_json(project, tmp_path / "accepted.json").samples == 0
    assert export_eft_json(project, tmp_path / "any.json", "any").samples == 2


def test_fits_beyond_the_published_filter_are_counted(project: Project, tmp_path: Path) -> None:
    person = people_of(project)[0]
    add_fit(project, person, l2d=6e-4)
    accept(project, person)
    report = export_eft_json(project, tmp_path / "out.json")
    assert (report.samples, report.beyond_published_filter) == (1, 1)
    assert json.loads(report.manifest.read_text(encoding="utf-8"))["counts"]["beyond_published_filter"] == 1


def test_fields_are_those_of_the_published_format(project: Project, tmp_path: Path) -> None:
    accept(project, people_of(project)[0])
    export_eft_json(project, tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["ver"] == 0.1
    assert set(document["meta"]) == {"dbname", "rawname"}
    sample = document["data"][0]
    rotations = np.array(sample["parm_pose"])
    assert rotations.shape == (24, 3, 3)
    assert np.abs(rotations @ rotations.transpose(0, 2, 1) - np.eye(3)).max() < 1e-5
    keypoints = np.array(sample["gt_keypoint_2d"])
    assert keypoints.shape == (49, 3)
    assert np.array_equal(keypoints[:25], np.zeros((25, 3)))
    view = load_person_view(project, people_of(project)[0])
    assert keypoints[SPIN49.index("left_wrist"), :2] == pytest.approx(view.revision.keypoints[9, :2])
    assert sample["bbox_scale"] == view.person.box_scale
    assert sample["smpltype"] == "smpl"


def test_the_manifest_tells_what_is_in_the_file(project: Project, tmp_path: Path) -> None:
    accept(project, people_of(project)[0])
    report = export_eft_json(project, tmp_path / "out.json")
    manifest = json.loads(report.manifest.read_text(encoding="utf-8"))
    assert manifest["samples"] == 1
    assert manifest["sha256"] == hashlib.sha256((tmp_path / "out.json").read_bytes()).hexdigest()
    assert manifest["filters"]["decision"] == "accepted"
    assert manifest["counts"]["fitted"] == 2
    assert manifest["conventions"]["keypoint_joints"] == list(SPIN49.joints)


def test_exporting_twice_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    export_eft_json(project, tmp_path / "one.json", "any")
    export_eft_json(project, tmp_path / "two.json", "any")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_occluded_keypoints_count_in_full_and_absent_ones_are_zero(project: Project) -> None:
    person = people_of(project)[0]
    for joint, visibility in ((9, 1), (10, 0)):
        revision = load_person_view(project, person).revision
        edit = annotation.set_visibility(revision, COCO, joint, visibility)
        assert edit is not None
        annotation.apply_edit(project, person, revision.id, edit)
    keypoints = to_spin49(load_person_view(project, person).revision)
    assert keypoints[SPIN49.index("left_wrist"), 2] == 1
    assert keypoints[SPIN49.index("right_wrist")].tolist() == [0, 0, 0]


def test_the_project_is_never_overwritten(project: Project) -> None:
    before = people_of(project)
    with pytest.raises(ServiceError, match="is the project itself"):
        export_eft_json(project, project.folder / "project.db", "any")
    assert people_of(project) == before
