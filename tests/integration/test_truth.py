"""A dataset with 3D truth through the real ``main()``: imported, fitted, measured, and the numbers counted by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.services.project import Project
from main import main
from resources import held_out_people
from tests.helpers.known_people import PEOPLE, SLOTS, distance_mm, pa_mm, regress, write_dataset

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *words: object) -> tuple[int, dict[str, Any]]:
    code = main([str(word) for word in words] + ["--json"])
    return code, json.loads(capsys.readouterr().out)


def test_joints_of_a_dataset_are_the_truth(tmp_path: Path, capsys: Capture) -> None:
    folder, source = tmp_path / "project", write_dataset(tmp_path / "h36m.npz")
    assert main(["new", str(folder)]) == 0
    capsys.readouterr()
    code, told = run(capsys, "import", "human36m", source, "--project", folder, "--images", held_out_people())
    assert (code, told["people"]["new"], told["problems"]) == (0, PEOPLE, [])
    assert run(capsys, "fit", "--project", folder, "--iterations", 3)[0] == 0
    assert main(["evaluate", str(tmp_path / "out"), "--project", str(folder)]) == 0
    words = capsys.readouterr().out
    told = json.loads((tmp_path / "out" / "truth.json").read_text())
    assert (told["people_with_truth"], told["measured"], told["left_out"], told["notes"]) == (PEOPLE, PEOPLE, {}, {})
    expected: dict[str, list[float]] = {"mpjpe_mm": [], "pa_mm": [], "mpjpe_17_mm": [], "pa_17_mm": []}
    with Project.open(folder) as project, project.store.read() as reader:
        pairs = [(fit, reader.truth.find(fit.person_id)) for fit in reader.fits.iter_newest()]
    for fit, known in pairs:
        assert known is not None
        joints, true = regress(fit.rotations, fit.betas), known.joints_m[SLOTS, :3]
        expected["mpjpe_mm"].append(distance_mm((joints - joints[14])[:14], (true - true[14])[:14]))
        expected["pa_mm"].append(pa_mm(joints[:14], true[:14]))
        expected["mpjpe_17_mm"].append(distance_mm(joints - joints[14], true - true[14]))
        expected["pa_17_mm"].append(pa_mm(joints, true))
    figures = told["datasets"]["h36m.npz"]["joints"]
    assert figures["people"] == PEOPLE
    for name, values in expected.items():
        assert figures[name]["value"] == pytest.approx(np.mean(values), abs=1e-3), name
        assert figures[name]["low"] < figures[name]["value"] < figures[name]["high"]
    assert 5 < figures["pa_mm"]["value"] < figures["mpjpe_mm"]["value"]
    with (tmp_path / "out" / "truth.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["pa_mm"]) for row in rows] == pytest.approx(expected["pa_mm"], abs=1e-3)
    assert {row["joints"] for row in rows} == {"14"}
    assert f"{PEOPLE} of {PEOPLE} people with 3D truth were measured." in words
    assert f"PA-MPJPE        {np.mean(expected['pa_mm']):.1f} mm (" in words


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--project", "{project}"), "Nobody in this project has 3D truth"),
        (("--project", "{project}", "--no-synthetic"), "nothing else"),
        (("--method", "eft"), "belong to --project"),
        (("--male", "x.npz"), "belong to --project"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(
    words: tuple[str, ...], says: str, tmp_path: Path, capsys: Capture
) -> None:
    project = tmp_path / "project"
    assert main(["new", str(project)]) == 0
    capsys.readouterr()
    code, told = run(capsys, "evaluate", tmp_path / "out", *(word.format(project=project) for word in words))
    assert code == 2
    assert says in told["error"]
