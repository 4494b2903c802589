"""Three methods on the same people, exported, imported elsewhere under labels, compared, accepted, exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.services import review
from app.services.batch import fit_people
from app.services.exporting import export_fits
from app.services.fitting import FitRecipe
from app.services.importing import import_dataset
from app.services.importing_fits import import_fits
from app.services.project import Project
from app.services.selecting import Selection
from app.services.sheets import render_people
from app.services.status import build_status
from app.services.whom_to_fit import choose_people
from db.formats.base import ImportedImage, ImportedPerson
from db.formats.coco import write_coco
from db.formats.parts.boxes import coco_box, find_keypoint_bbox
from db.records import FitRecord
from fitting.geometry.camera import project_to_image
from fitting.mesh import run_mesh_job
from fitting.runners import InlineRunner
from fitting.spec import BodyFit, Box, EftOptions, JobId, MeshJob, MethodName, SmplifyOptions
from main import main
from tests.helpers.builders import SIZE, people_of, person_keypoints, write_picture

METHODS: tuple[MethodName, ...] = ("regressor", "smplify", "eft")
SHORT = EftOptions(max_iterations=3, stop_l2d=1e-12)
SHORT_SMPLIFY = SmplifyOptions(camera_iterations=3, body_iterations=3)


def write_dataset(folder: Path, people: int = 2) -> Path:
    """Pictures and a COCO file of people who do not stand alike."""
    images, persons = [], []
    for number in range(people):
        name = f"{number + 1:03d}.jpg"
        write_picture(folder / name, number)
        images.append(ImportedImage(name, *SIZE, str(number + 1)))
        keypoints = person_keypoints(number)
        box = find_keypoint_bbox(keypoints)
        assert box is not None
        center, scale = coco_box(box)
        persons.append(ImportedPerson(name, 0, str(500 + number), box, center, scale, None, False, "coco17", keypoints))
    write_coco(folder / "people.json", images, persons)
    return folder / "people.json"


def overlay_px(project: Project, fit: FitRecord) -> np.ndarray:
    """Where every vertex of the body is drawn, pixels of the picture."""
    mesh = run_mesh_job(MeshJob(JobId("mesh"), BodyFit(fit.rotations, fit.betas, fit.camera), project.body))
    return project_to_image(mesh.vertices_cam, fit.camera, Box(fit.box_center_px, fit.box_scale))


def fits_by(project: Project, method: str) -> list[FitRecord]:
    with project.store.read() as reader:
        return list(reader.fits.iter_newest(method))


def test_every_method_travels_and_is_reviewed_like_ours(tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path / "pictures")
    with Project.create(tmp_path / "ours") as ours:
        import_dataset(ours, "coco", dataset, tmp_path / "pictures")
        for method in METHODS:
            recipe = FitRecipe(method, SHORT, SHORT_SMPLIFY)
            people = choose_people(ours, "unfitted", method).people
            assert fit_people(ours, people, InlineRunner, recipe=recipe).failed == []
            export_fits(ours, "eft-json", tmp_path / f"{method}.json", Selection(method), decision="any")
        assert build_status(ours)["people_by_method"] == dict.fromkeys(sorted(METHODS), 2)
        strips = render_people(ours, tmp_path / "strips", InlineRunner, side=False, selection=Selection("regressor"))
        assert len(strips.strips) == 2

        with Project.create(tmp_path / "theirs") as theirs:
            for method in METHODS:
                report = import_fits(
                    theirs, "eft-json", tmp_path / f"{method}.json", tmp_path / "pictures",
                    method=f"their {method}", make_runner=InlineRunner,
                )  # fmt: skip
                assert (report.fits["new"], report.has_failures) == (2, False)
            assert len(people_of(theirs)) == 2
            for method in METHODS:
                for fit, copy in zip(fits_by(ours, method), fits_by(theirs, f"their {method}"), strict=True):
                    assert np.abs(overlay_px(ours, fit) - overlay_px(theirs, copy)).max() < 0.5
                    assert copy.l2d == pytest.approx(fit.l2d, rel=1e-3)
                    assert copy.rms_px == pytest.approx(fit.rms_px, rel=1e-3)

            first = people_of(theirs)[0]
            review.accept(theirs, first, fits_by(theirs, "their eft")[0].id, 2.0)
            report = export_fits(theirs, "eft-json", tmp_path / "accepted.json")
            assert report.samples == 1
            assert json.loads((tmp_path / "accepted.json").read_text())["data"][0]["annotId"] == 500
            kept = import_fits(theirs, "eft-json", tmp_path / "eft.json", method="again", make_runner=InlineRunner)
            assert (kept.fits["new"], kept.fits["decided"]) == (1, 1)


def test_the_same_through_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: object) -> tuple[int, dict[str, Any]]:
        code = main([str(word) for word in words] + ["--json"])
        return code, json.loads(capsys.readouterr().out)

    dataset = write_dataset(tmp_path / "pictures")
    project = ("--project", tmp_path / "project")
    assert run("new", tmp_path / "project")[0] == 0
    assert run("import", "coco", dataset, "--images", tmp_path / "pictures", *project)[1]["people"]["new"] == 2
    code, fitted = run("fit", *project, "--method", "smplify", "--smplify-iterations", 2)
    assert (code, fitted["fitted"]) == (0, 2)
    code, exported = run("export", "spin-npz", tmp_path / "s.npz", *project, "--method", "smplify", "--decision", "any")
    assert (code, exported["samples"]) == (0, 2)
    code, dry = run("import", "spin-npz", tmp_path / "s.npz", *project, "--method", "spin", "--dry-run")
    assert (code, dry["fits"]["new"], dry["dry_run"]) == (0, 2, True)
    code, imported = run("import", "spin-npz", tmp_path / "s.npz", *project, "--method", "spin")
    assert (code, imported["fits"]["new"], imported["fits"]["same"]) == (0, 2, 0)
    assert main(["import", "spin-npz", str(tmp_path / "s.npz"), *map(str, project), "--method", "spin"]) == 0
    assert capsys.readouterr().out == "Imported 0 fits as 'spin'; 2 were there already.\n"
    code, status = run("status", *project, "--method", "smplify", "--max-l2d", 1)
    assert (code, status["fits"]) == (0, 2)
    assert status["people_by_method"] == {"smplify": 2, "spin": 2}
    assert set(status["people_with_fits"][0]["filters"]) >= {"export", "normal", "strict"}
    assert run("status", *project, "--filter", "strict", "--max-rms-px", 0)[1]["fits"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["import", "eft-json", "x.json"], "--method"),
        (["import", "coco", "x.json"], "--images"),
        (["import", "coco", "x.json", "--images", ".", "--method", "theirs"], "holds people and no fits"),
        (["import", "eft-json", "x.json", "--method", "eft"], "is a method of this program"),
        (["import", "eft-json", "no such.json", "--method", "theirs"], "no such.json"),
        (["fit", "--method", "smplify", "--learning-rate", "1"], "is an option of eft"),
        (["fit", "--method", "smplify", "--stop-l2d", "1"], "is an option of eft"),
        (["fit", "--released-faults"], "is an option of smplify"),
        (["fit", "--method", "smplify", "--prior", "nowhere.npz"], "nowhere.npz"),
        (["fit", "--select", "failing"], "needs a limit"),
        (["export", "obj", "out", "--max-l2d", "nan"], "--max-l2d"),
        (["status", "--filter", "magic"], "magic"),
    ],
)
def test_wrong_words_are_one_sentence_and_exit_2(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.create(tmp_path / "project").close()
    assert main([*words, "--project", str(tmp_path / "project")]) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err
