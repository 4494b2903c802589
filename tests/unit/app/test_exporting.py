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
from app.services.exporting import export_fits
from app.services.importing_fits import import_fits
from app.services.keypoint_layouts import to_spin49
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.selecting import Selection
from db.formats import FORMATS, Format
from db.formats.errors import FormatError
from db.records import PersonId
from fitting.runners import InlineRunner
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
    report = export_fits(project, "eft-json", tmp_path / "out.json")
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["data"]
    assert report.samples == len(data) == 1
    assert data[0]["annotId"] == 1000
    assert data[0]["imageName"] == "001.jpg"
    assert report.left_out == {"fitted": 1, "rejected": 1}
    assert export_fits(project, "eft-json", tmp_path / "rejected.json", decision="rejected").samples == 1
    assert export_fits(project, "eft-json", tmp_path / "any.json", decision="any").samples == 3


def test_a_stale_fit_is_never_written(project: Project, tmp_path: Path) -> None:
    person = people_of(project)[0]
    accept(project, person)
    revision = load_person_view(project, person).revision
    edit = annotation.move_joints(revision, COCO, {9: (1.0, 2.0)})
    assert edit is not None
    annotation.apply_edit(project, person, revision.id, edit)
    assert export_fits(project, "eft-json", tmp_path / "accepted.json").samples == 0
    assert export_fits(project, "eft-json", tmp_path / "any.json", decision="any").samples == 2


def test_fits_beyond_the_published_filter_are_counted(project: Project, tmp_path: Path) -> None:
    person = people_of(project)[0]
    add_fit(project, person, l2d=6e-4)
    accept(project, person)
    report = export_fits(project, "eft-json", tmp_path / "out.json")
    assert (report.samples, report.beyond_published_filter) == (1, 1)
    assert json.loads(report.manifest.read_text(encoding="utf-8"))["counts"]["beyond_published_filter"] == 1


def test_fields_are_those_of_the_published_format(project: Project, tmp_path: Path) -> None:
    accept(project, people_of(project)[0])
    export_fits(project, "eft-json", tmp_path / "out.json")
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
    report = export_fits(project, "eft-json", tmp_path / "out.json")
    text = report.manifest.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    manifest = json.loads(text)
    assert manifest["samples"] == 1
    assert manifest["sha256"] == hashlib.sha256((tmp_path / "out.json").read_bytes()).hexdigest()
    assert manifest["filters"]["decision"] == "accepted"
    assert manifest["counts"]["fitted"] == 2
    assert manifest["conventions"]["keypoint_joints"] == list(SPIN49.joints)


def test_exporting_twice_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    export_fits(project, "eft-json", tmp_path / "one.json", decision="any")
    export_fits(project, "eft-json", tmp_path / "two.json", decision="any")
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
        export_fits(project, "eft-json", project.folder / "project.db", decision="any")
    assert people_of(project) == before


EXPORTS = [row for row in FORMATS.values() if row.exports]


@pytest.mark.parametrize("row", EXPORTS, ids=lambda row: row.name)
def test_every_format_is_written_with_its_manifest_and_comes_back(
    row: Format, project: Project, tmp_path: Path
) -> None:
    out = tmp_path / f"out{row.suffix}"
    report = export_fits(project, row.name, out, decision="any", make_runner=InlineRunner)
    assert report.samples == 3
    assert report.path == out
    manifest = json.loads(report.manifest.read_text(encoding="utf-8"))
    assert (manifest["samples"], manifest["sha256"]) == (3, report.sha256)
    assert ("focal_px" in manifest["filters"]) == (row.name in ("humandata", "smplx-npz", "amass-npz"))
    again = export_fits(project, row.name, out, decision="any", make_runner=InlineRunner)
    assert again.sha256 == report.sha256
    back = import_fits(project, row.name, out, method="back", make_runner=InlineRunner)
    assert (back.fits["new"], back.listed) == (3, ())
    with project.store.read() as reader:
        for ours, theirs in zip(reader.fits.iter_newest("eft"), reader.fits.iter_newest("back"), strict=True):
            assert np.abs(ours.rotations - theirs.rotations).max() < 1e-6
            assert np.abs(ours.betas - theirs.betas).max() < 1e-6


def test_the_manifest_lists_the_selection_and_what_it_refused(project: Project, tmp_path: Path) -> None:
    person = people_of(project)[0]
    add_fit(project, person, l2d=4e-4)
    selection = Selection("eft", ("strict", "export-rms"), max_rms_px=50)
    report = export_fits(project, "eft-json", tmp_path / "out.json", selection, decision="any")
    assert report.samples == 2
    assert report.left_out == {"filter strict": 1}
    assert report.passing["strict"] == 2
    manifest = json.loads(report.manifest.read_text(encoding="utf-8"))
    assert manifest["filters"]["method"] == "eft"
    assert manifest["filters"]["max_rms_px"] == 50
    assert manifest["filters"]["filters"]["strict"] == {
        "max_l2d": 3e-4, "max_l2d_initial": 0.04, "max_abs_beta": 1.0, "needs_limbs": True
    }  # fmt: skip
    assert manifest["filters"]["filters"]["export-rms"]["max_rms_crop_px"] == pytest.approx(6.88, abs=0.01)
    assert manifest["counts"]["left out: filter strict"] == 1
    assert manifest["counts"]["passing normal"] == 2


def test_by_method_the_decision_is_the_one_on_that_fit(project: Project, tmp_path: Path) -> None:
    first, second, _ = people_of(project)
    accept(project, first)
    add_fit(project, first, method="smplify")
    add_fit(project, second, method="smplify")
    accept(project, second)
    assert export_fits(project, "eft-json", tmp_path / "current.json").samples == 1
    eft = export_fits(project, "eft-json", tmp_path / "eft.json", Selection("eft"))
    assert (eft.samples, eft.left_out) == (1, {"fitted": 2})
    smplify = export_fits(project, "eft-json", tmp_path / "smplify.json", Selection("smplify"))
    assert (smplify.samples, smplify.left_out) == (1, {"fitted": 1, "no fit by smplify": 1})


def test_without_a_place_for_the_manifest_nothing_is_exported(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("older")
    (tmp_path / "out.manifest.json").mkdir()
    with pytest.raises(FormatError, match=r"out\.manifest\.json is a folder"):
        export_fits(project, "eft-json", out, decision="any")
    assert out.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith((".", "out"))) == [
        "out.json",
        "out.manifest.json",
    ]


def test_an_export_that_fails_leaves_the_older_one_and_its_manifest(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    report = export_fits(project, "eft-json", out, decision="any")
    before = out.read_bytes(), report.manifest.read_bytes()
    add_fit(project, people_of(project)[0], rotations=np.zeros((24, 3, 3)))
    with pytest.raises(FormatError, match="no rotation"):
        export_fits(project, "eft-json", out, decision="any")
    assert (out.read_bytes(), report.manifest.read_bytes()) == before


def test_meshes_of_another_body_than_the_fits_are_refused(project: Project, tmp_path: Path) -> None:
    with np.load(project.body) as arrays:
        np.savez(tmp_path / "larger.npz", **{**arrays, "v_template": arrays["v_template"] * 1.1})
    project.use_file("body", tmp_path / "larger.npz")
    with pytest.raises(ServiceError, match="another body than"):
        export_fits(project, "obj", tmp_path / "out", decision="any", make_runner=InlineRunner)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.manifest.json").exists()


def test_somebody_elses_files_are_never_replaced(project: Project, tmp_path: Path) -> None:
    photograph = tmp_path / "photograph.jpg"
    photograph.write_bytes(b"mine")
    with pytest.raises(FormatError, match="no earlier export"):
        export_fits(project, "eft-json", photograph, decision="any")
    notes = tmp_path / "notes.manifest.json"
    notes.write_bytes(b"[]")
    with pytest.raises(FormatError, match="no manifest of an export"):
        export_fits(project, "eft-json", tmp_path / "notes.json", decision="any")
    assert (photograph.read_bytes(), notes.read_bytes()) == (b"mine", b"[]")


def test_an_export_keeps_its_manifest(project: Project, tmp_path: Path) -> None:
    for _ in range(2):  # the same export again replaces it
        export_fits(project, "eft-json", tmp_path / "fits.json", decision="any")
    with pytest.raises(FormatError, match=r"belongs to fits\.json"):
        export_fits(project, "spin-npz", tmp_path / "fits.npz", decision="any")
    assert not (tmp_path / "fits.npz").exists()


def test_places_that_are_none_are_sentences(project: Project) -> None:
    with pytest.raises(FormatError, match="no place"):
        export_fits(project, "eft-json", Path("/"), decision="any")
    with pytest.raises(ServiceError, match="no text"):
        export_fits(project, "eft-json", project.folder / "\udcff.json", decision="any")
    journal = f"{project.store.database_file}-wal"
    with pytest.raises(ServiceError, match="the project itself"):
        export_fits(project, "eft-json", Path(journal), decision="any")


def test_different_bodies_do_not_go_into_one_file(project: Project, tmp_path: Path) -> None:
    add_fit(project, people_of(project)[0], body_hash="c" * 64)
    with pytest.raises(ServiceError, match="2 different bodies"):
        export_fits(project, "eft-json", tmp_path / "out.json", decision="any")
    assert not (tmp_path / "out.json").exists()


def test_flagged_fits_are_left_out_by_name_and_counted_in_the_manifest(project: Project, tmp_path: Path) -> None:
    first, *_ = people_of(project)
    add_fit(project, first, flags={"too_large": 1.6})
    report = export_fits(project, "eft-json", tmp_path / "all.json", decision="any")
    counts = json.loads(report.manifest.read_text(encoding="utf-8"))["counts"]
    assert (counts["with the flag too_large"], counts["passing unflagged"]) == (1, 2)
    sound = export_fits(project, "eft-json", tmp_path / "sound.json", Selection(filters=("unflagged",)), decision="any")
    assert sound.samples == 2
    assert sound.left_out == {"filter unflagged": 1}
