"""Anybody's fits: matched, measured, stored under a label, never over a decision, twice without effect."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.services import review
from app.services.annotation import apply_edit, swap_sides
from app.services.errors import ServiceError
from app.services.exporting import export_fits
from app.services.fit_import.report import FitImportReport
from app.services.importing_fits import check_label, import_fits
from app.services.person_view import load_person_view
from app.services.project import Project
from app.services.selecting import Selection
from db.formats.eft_json import write_fits as write_eft_json
from db.formats.eft_pickle import write_fits as write_eft_pickle
from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FitSample, FitStart
from db.formats.spin_npz import write_fits as write_spin_npz
from db.store import Store
from fitting.runners import InlineRunner, OnEvent
from fitting.spec import BodyFit, Job
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints, write_picture
from tests.helpers.fits import BOX, standing_body
from tests.helpers.samples import keypoints_of

CONTEXT = ExportContext("theirs", "theirs", "0")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with build_project(tmp_path, 3) as made:
        yield made


def sample(number: int, name: str | None = None, **changes: Any) -> FitSample:
    """The exact fit of person ``number`` of :func:`build_project`, as a file would hold it."""
    fit = standing_body(number)
    made = FitSample(
        image_name=name or f"{number + 1:03d}.jpg",
        rotations=_exact(fit),
        betas=fit.betas.astype(float),
        annotation_id=1000 + number,
        camera=fit.camera.astype(float),
        box_center_px=BOX.center_px.copy(),
        box_scale=BOX.scale,
        keypoints_px=keypoints_of(fit, BOX),
    )
    return dataclasses.replace(made, **changes)


def _exact(fit: BodyFit) -> np.ndarray:
    """Rotations in double precision; formats check that they rotate."""
    left, _, right = np.linalg.svd(fit.rotations.astype(float))
    rotations: np.ndarray = left @ right
    return rotations


def write(path: Path, *samples: FitSample) -> Path:
    write_eft_json(path, samples, CONTEXT)
    return path


def run(project: Project, source: Path, **options: Any) -> FitImportReport:
    options = {"method": "theirs", "make_runner": InlineRunner, "format_name": "eft-json"} | options
    return import_fits(project, options.pop("format_name"), source, options.pop("images", None), **options)


def fits_by(project: Project, label: str = "theirs") -> list[Any]:
    with project.store.read() as reader:
        return list(reader.fits.iter_newest(label))


def test_fits_are_measured_like_ours_and_become_current(project: Project, tmp_path: Path) -> None:
    report = run(project, write(tmp_path / "fits.json", *(sample(number) for number in range(3))))
    assert report.fits == {"new": 3, "same": 0, "decided": 0, "ambiguous": 0, "unmatched": 0, "skipped": 0}
    assert not report.has_failures
    for number, person in enumerate(people_of(project)):
        view = load_person_view(project, person)
        assert view.state == "fitted"
        assert view.fit is not None
        assert view.fit.method == "theirs"
        assert view.fit.l2d < 1e-9
        assert view.fit.rms_px is not None
        assert view.fit.rms_px < 0.01
        assert (
            np.abs(view.fit.joints_px[25:] - keypoints_of(standing_body(number), BOX)[25:, :2])[
                keypoints_of(standing_body(number), BOX)[25:, 2] > 0
            ].max()
            < 0.01
        )
        assert view.fit.options["source"] == "fits.json"
        assert view.fit.options["camera"] == "file"
        assert view.fit.stop_reason == "imported"
        assert view.fit.revision_id == view.revision.id


def test_importing_again_adds_nothing(project: Project, tmp_path: Path) -> None:
    source = write(tmp_path / "fits.json", *(sample(number) for number in range(3)))
    run(project, source)
    again = run(project, source)
    assert again.fits["same"] == 3
    assert again.fits["new"] == 0
    assert all(len(load_person_view(project, person).fits) == 1 for person in people_of(project))
    other = run(project, source, method="others")
    assert other.fits["new"] == 3


def test_after_an_edit_the_same_file_is_measured_anew(project: Project, tmp_path: Path) -> None:
    source = write(tmp_path / "fits.json", sample(0))
    run(project, source)
    person = people_of(project)[0]
    view = load_person_view(project, person)
    edit = swap_sides(view.revision, view.skeleton, "body")
    assert edit is not None
    apply_edit(project, person, view.revision.id, edit)
    assert load_person_view(project, person).state == "stale"
    assert run(project, source).fits["new"] == 1
    fresh = load_person_view(project, person)
    assert fresh.state == "fitted"
    assert fresh.fit is not None
    assert fresh.fit.l2d > 1e-3  # it lies on a person whose sides were swapped since


def test_a_dry_run_stores_nothing_and_says_the_same(project: Project, tmp_path: Path) -> None:
    source = write(tmp_path / "fits.json", sample(0), sample(1, "elsewhere.jpg", annotation_id=77))
    dry, wet = run(project, source, dry_run=True), None
    assert fits_by(project) == []
    wet = run(project, source)
    assert dataclasses.replace(dry, dry_run=False) == wet
    assert wet.fits["unmatched"] == 1
    assert wet.has_failures
    assert "elsewhere.jpg is no picture of this project" in wet.listed[0].reason


def test_a_decided_person_keeps_the_fit_that_was_judged(project: Project, tmp_path: Path) -> None:
    accepted, set_aside, free = people_of(project)
    review.accept(project, accepted, add_fit(project, accepted).id, 1.0)
    review.second_look(project, set_aside, "", 1.0)
    source = write(tmp_path / "fits.json", *(sample(number) for number in range(3)))
    report = run(project, source)
    assert (report.fits["new"], report.fits["decided"]) == (1, 2)
    assert not report.has_failures
    assert "--replace-decided" in report.listed[0].reason
    assert load_person_view(project, accepted).state == "accepted"
    assert load_person_view(project, free).state == "fitted"
    again = run(project, source, replace_decided=True)
    assert (again.fits["new"], again.fits["same"]) == (2, 1)
    assert load_person_view(project, accepted).state == "fitted"
    with project.store.read() as reader:
        assert [fit.person_id for fit in reader.fits.iter_newest("eft", ["accepted"])] == [accepted]


def test_a_missing_camera_is_solved_and_said(project: Project, tmp_path: Path) -> None:
    source = tmp_path / "fits.npz"
    write_spin_npz(source, [sample(0, camera=None)], CONTEXT)
    report = run(project, source, format_name="spin-npz")
    assert report.solved_cameras == report.fits["new"] == 1
    (fit,) = fits_by(project)
    assert fit.options["camera"] == "solved"
    assert np.abs(fit.camera - standing_body(0).camera).max() < 1e-3
    assert run(project, source, format_name="spin-npz").fits["same"] == 1


def test_a_camera_that_cannot_be_solved_is_listed(tmp_path: Path) -> None:
    keypoints = person_keypoints(0)
    keypoints[1:, 2] = 0
    source = tmp_path / "fits.npz"
    write_spin_npz(source, [sample(0, camera=None)], CONTEXT)
    with build_project(tmp_path / "few", [keypoints]) as project:
        report = run(project, source, format_name="spin-npz")
        assert (report.fits["new"], report.fits["skipped"]) == (0, 1)
        assert "fewer than two labelled joints" in report.listed[0].reason
        assert fits_by(project) == []


def test_two_samples_of_one_person_are_not_chosen_between(project: Project, tmp_path: Path) -> None:
    other = sample(0, betas=np.full(10, 0.5))
    report = run(project, write(tmp_path / "fits.json", sample(0), other, sample(1), sample(1)))
    assert (report.fits["ambiguous"], report.fits["new"], report.fits["same"]) == (2, 1, 1)
    assert all("same person" in item.reason for item in report.listed)


def test_a_folder_of_pictures_brings_the_people_along(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    write_picture(pictures / "001.jpg")
    write_picture(pictures / "deep" / "002.jpg")
    source = write(
        tmp_path / "published.json",
        sample(0),
        sample(2, "001.jpg", box_center_px=np.array([520.0, 240.0]), annotation_id=None),
        sample(1, "deep/002.jpg"),
        sample(3, "missing.jpg"),
    )
    with Project.create(tmp_path / "project") as project:
        report = run(project, source, images=pictures)
        assert (report.fits["new"], report.fits["unmatched"]) == (3, 1)
        assert (report.new_people, report.new_images) == (3, 2)
        first = load_person_view(project, people_of(project)[0])
        assert first.person.external_id == "1000"
        assert first.person.source == "published.json"
        assert first.revision.skeleton == "spin24"
        assert first.revision.labelled_count == 17
        assert first.image.width == 640
        assert first.people_in_image == 2
        assert {person.ordinal for person in first.people} == {0, 1}
        assert first.fit is not None
        assert first.fit.l2d < 1e-9
        again = run(project, source, images=pictures)
        assert (again.fits["same"], again.fits["new"], again.new_people) == (3, 0, 0)
        assert len(people_of(project)) == 3


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("COCO_train2014_000000000042.jpg", "000000000042.jpg"),
        ("train2014/COCO_train2014_000000000042.jpg", "000000000042.jpg"),
        ("000000000042.jpg", "COCO_val2014_000000000042.jpg"),
    ],
)
def test_pictures_of_coco_are_found_under_the_names_of_both_editions(said: str, there: str, tmp_path: Path) -> None:
    write_picture(tmp_path / "pictures" / there)
    source = write(tmp_path / "fits.json", sample(0, said))
    with Project.create(tmp_path / "project") as project:
        report = run(project, source, images=tmp_path / "pictures")
        assert (report.fits["new"], report.new_people) == (1, 1)
        assert load_person_view(project, people_of(project)[0]).image.path == there
        again = run(project, source)
        assert (again.fits["same"], again.fits["unmatched"]) == (1, 0)


def test_without_keypoints_nobody_new_is_made(tmp_path: Path) -> None:
    write_picture(tmp_path / "pictures" / "001.jpg")
    source = write(tmp_path / "fits.json", sample(0, keypoints_px=np.zeros((49, 3))))
    with Project.create(tmp_path / "project") as project:
        report = run(project, source, images=tmp_path / "pictures")
        assert report.fits["unmatched"] == 1
        assert "holds no keypoints" in report.listed[0].reason
        assert people_of(project) == []


def test_a_faulty_sample_is_listed_and_the_rest_goes_on(project: Project, tmp_path: Path) -> None:
    source = write(tmp_path / "fits.json", sample(0), sample(1))
    document = json.loads(source.read_text())
    document["data"][0]["parm_pose"][3] = [[2, 0, 0], [0, 1, 0], [0, 0, 1]]
    source.write_text(json.dumps(document))
    report = run(project, source)
    assert (report.fits["skipped"], report.fits["new"]) == (1, 1)
    assert "rotation" in report.listed[0].reason


@pytest.mark.parametrize(
    ("field", "numbers"),
    [("parm_shape", [1e308] * 10), ("parm_cam", [1e308] * 3), ("bbox_center", [1e308] * 2), ("bbox_scale", 1e-320)],
)
def test_numbers_no_body_has_are_listed_without_a_warning(
    field: str, numbers: object, project: Project, tmp_path: Path
) -> None:
    source = write(tmp_path / "fits.json", sample(0))
    document = json.loads(source.read_text())
    document["data"][0][field] = numbers
    document["data"][0]["imageName"] = "a\nb\x1b.jpg"
    source.write_text(json.dumps(document))
    report = run(project, source)
    assert (report.fits["skipped"], report.fits["new"]) == (1, 0)
    assert "\n" not in str(report.listed[0])


@pytest.mark.parametrize("label", ["", "EFT", "-x", "a" * 41, "a ", "a/b", "ä", "eft", "smplify", "regressor"])
def test_a_label_that_could_be_mistaken_is_refused(label: str) -> None:
    with pytest.raises(ServiceError, match="label"):
        check_label(label)
    check_label("spin fits-2.0_b")


def test_what_is_no_file_of_fits_is_a_sentence(project: Project, tmp_path: Path) -> None:
    (tmp_path / "fits.json").write_text("{")
    with pytest.raises(FormatError):
        run(project, tmp_path / "fits.json")
    np.save(tmp_path / "coco_fits.npy", np.ones((2, 82)))
    with pytest.raises(FormatError, match="it looks like static-fits, import it as that"):
        run(project, tmp_path / "coco_fits.npy", format_name="spin-npz")
    with pytest.raises(FormatError, match="cannot be imported from 'coco'"):
        run(project, tmp_path / "fits.json", format_name="coco")
    with pytest.raises(ServiceError, match="folder of images"):
        run(project, tmp_path / "fits.json", images=tmp_path / "nowhere")


class _Meddler(InlineRunner):
    """Measures, and lets somebody else work on the project while it does."""

    def __init__(self, on_event: OnEvent, meddle: Any) -> None:
        super().__init__(on_event)
        self._meddle = meddle

    def submit(self, job: Job) -> None:
        self._meddle()
        super().submit(job)


def test_a_person_somebody_works_on_meanwhile_is_left_for_another_import(project: Project, tmp_path: Path) -> None:
    first, second, _ = people_of(project)
    with Project(project.folder, Store.open(project.folder / "project.db")) as other:

        def accept_first() -> None:
            if load_person_view(other, first).fit is None:
                review.accept(other, first, add_fit(other, first).id, 1.0)

        source = write(tmp_path / "fits.json", sample(0), sample(1))
        report = run(project, source, make_runner=lambda on_event: _Meddler(on_event, accept_first))
    assert (report.fits["new"], report.fits["skipped"]) == (1, 1)
    assert "meanwhile" in report.listed[0].reason
    assert load_person_view(project, first).state == "accepted"
    assert load_person_view(project, second).state == "fitted"


def test_people_imported_meanwhile_are_recognised_instead_of_doubled(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    write_picture(pictures / "001.jpg")
    source = write(tmp_path / "fits.json", sample(0))
    with Project.create(tmp_path / "project") as project, Project.open(tmp_path / "project") as other:

        def import_too() -> None:
            if not people_of(other):
                run(other, source, images=pictures)

        report = run(project, source, images=pictures, make_runner=lambda on_event: _Meddler(on_event, import_too))
        assert report.fits["same"] == 1
        assert report.new_people == 0
        assert len(people_of(project)) == 1


def test_an_interrupted_import_leaves_nothing(project: Project, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    source = write(tmp_path / "fits.json", sample(0), sample(1))
    with pytest.raises(KeyboardInterrupt):
        run(project, source, make_runner=lambda on_event: _Meddler(on_event, interrupt))
    assert fits_by(project) == []


def test_an_exported_imported_fit_says_what_its_file_said(project: Project, tmp_path: Path) -> None:
    run(project, write(tmp_path / "fits.json", sample(0, subject_id="walk-id3")))
    export_fits(project, "eft-json", tmp_path / "out.json", Selection("theirs"), decision="any")
    (item,) = json.loads((tmp_path / "out.json").read_text())["data"]
    assert item["subjectId"] == "walk-id3"
    assert item["annotId"] == 1000
    assert np.allclose(item["parm_pose"], sample(0).rotations, atol=1e-12)


def test_the_body_before_fine_tuning_comes_along_and_is_measured(project: Project, tmp_path: Path) -> None:
    before = standing_body(7)
    start = FitStart(_exact(before), before.betas.astype(float), before.camera.astype(float), l2d=0.5, loss=9.0)
    made = sample(0, initial=start, l2d=0.25, loss=8.0, iterations=11)
    write_eft_pickle(tmp_path / "eft_out", [made], CONTEXT)
    assert run(project, tmp_path / "eft_out", format_name="eft-pickle").fits["new"] == 1
    (fit,) = fits_by(project)
    assert np.abs(fit.initial_rotations - start.rotations).max() < 1e-6
    assert fit.l2d < 1e-9
    assert 1e-4 < fit.l2d_initial < 0.5
    assert fit.trace[:, 1].tolist() == [fit.l2d_initial, fit.l2d]
    assert fit.kept_iteration == 1
    assert fit.options["l2d_in_file"] == 0.25
    assert fit.options["l2d_initial_in_file"] == 0.5
    assert fit.options["iterations"] == 11
    assert run(project, tmp_path / "eft_out", format_name="eft-pickle").fits["same"] == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"image_name": "../secret.jpg"}, "secret.jpg is not in"),
        ({"image_name": "broken.jpg"}, "broken.jpg"),
        ({"keypoints_px": np.tile([5000.0, 240.0, 1.0], (49, 1))}, "far outside the picture"),
    ],
)
def test_a_newcomer_is_believed_no_more_than_an_import(changes: dict[str, Any], says: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    write_picture(pictures / "001.jpg")
    (pictures / "broken.jpg").write_bytes(b"no picture")
    write_picture(tmp_path / "secret.jpg")
    source = write(tmp_path / "fits.json", sample(0, **changes))
    with Project.create(tmp_path / "project") as project:
        report = run(project, source, images=pictures)
        assert report.fits["unmatched"] == 1
        assert says in report.listed[0].reason
        assert people_of(project) == []


def test_openpose_s_joints_make_a_person_where_there_are_no_others(tmp_path: Path) -> None:
    write_picture(tmp_path / "pictures" / "001.jpg")
    keypoints = np.zeros((49, 3))
    keypoints[:25] = np.concatenate((np.random.default_rng(0).uniform(100, 400, (25, 2)), np.full((25, 1), 0.8)), 1)
    source = tmp_path / "fits.npz"
    write_spin_npz(source, [sample(0, keypoints_px=keypoints)], CONTEXT)
    with Project.create(tmp_path / "project") as project:
        report = run(project, source, images=tmp_path / "pictures", format_name="spin-npz")
        assert report.new_people == 1
        view = load_person_view(project, people_of(project)[0])
        assert view.revision.skeleton == "openpose25"
        assert view.revision.confidence == pytest.approx(np.full(25, 0.8))
        assert view.fit is not None
        assert view.fit.rms_px is not None  # they stand in for the joints that enter L2d


def test_imported_fits_are_flagged_like_ours(project: Project, tmp_path: Path) -> None:
    sound = sample(0)
    assert sound.camera is not None
    huge = sample(1, camera=sound.camera * np.array([1.7, 1, 1]))
    import_fits(project, "eft-json", write(tmp_path / "f.json", sound, huge), method="theirs", make_runner=InlineRunner)
    first, second, _ = people_of(project)
    with project.store.read() as reader:
        fits = [reader.fits.current(person) for person in (first, second)]
    assert [list(fit.flags) for fit in fits if fit is not None] == [[], ["too_large"]]
