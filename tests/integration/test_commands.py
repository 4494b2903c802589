"""The commands through the real ``main()``: the main job in a row, bad input, exit codes, JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.cli import COMMANDS
from db.formats import FORMATS
from main import main
from tests.helpers.builders import build_project, person_keypoints
from tests.helpers.people_examples.like_coco import write_human_art

Capture = pytest.CaptureFixture[str]


def run_json(capsys: Capture, *words: object) -> tuple[int, dict[str, Any]]:
    code = main([str(word) for word in words] + ["--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with build_project(tmp_path, [person_keypoints(0), person_keypoints(1, labelled=5)]) as made:
        return made.folder


def test_fit_status_render_export_in_a_row(project: Path, tmp_path: Path, capsys: Capture) -> None:
    code, fitted = run_json(capsys, "fit", "--project", project, "--iterations", 3)
    assert code == 0
    assert fitted["fitted"] == 1
    assert len(fitted["unfittable"]) == 1
    code, status = run_json(capsys, "status", "--project", project)
    assert code == 0
    assert status["states"]["fitted"] == 1
    assert status["states"]["unfittable"] == 1
    assert status["people_with_fits"][0]["method"] == "eft"
    code, drawn = run_json(capsys, "render", tmp_path / "out", "--project", project, "--side")
    assert code == 0
    assert np.asarray(Image.open(drawn["strips"][0])).std() > 10
    assert len(drawn["sheets"]) == 1
    code, exported = run_json(capsys, "export", "eft-json", tmp_path / "fits.json", "--project", project)
    assert code == 0
    assert exported["samples"] == 0
    _, exported = run_json(
        capsys, "export", "eft-json", tmp_path / "any.json", "--project", project, "--decision", "any"
    )
    assert exported["samples"] == 1
    _, exported = run_json(capsys, "export", "decisions-csv", tmp_path / "decisions.csv", "--project", project)
    assert exported["samples"] == 0
    code, exported = run_json(
        capsys, "export", "contact-sheet", tmp_path / "sheet.pdf", "--project", project, "--paper", "letter"
    )
    assert (code, exported["samples"], exported["failed"]) == (0, 1, [])
    assert main(["export", "decisions-parquet", str(tmp_path / "all.parquet"), "--project", str(project)]) == 0
    assert capsys.readouterr().out.startswith(f"Wrote 0 decisions to {tmp_path / 'all.parquet'} (manifest all.manifest")
    for picture in (tmp_path / "pictures").iterdir():
        picture.unlink()
    assert main(["export", "contact-sheet", str(tmp_path / "sheet.pdf"), "--project", str(project)]) == 1
    assert "is not drawn: " in capsys.readouterr().out


def test_the_help_of_exports_names_every_format(capsys: Capture) -> None:
    assert main(["export", "--help"]) == 0
    words = capsys.readouterr().out.replace(",", " ").replace(".", " ").split()
    assert [row.name for row in FORMATS.values() if row.can_be_written and row.name not in words] == []


def test_fitting_again_has_nothing_to_do(project: Path, capsys: Capture) -> None:
    main(["fit", "--project", str(project), "--iterations", "2"])
    capsys.readouterr()
    _, again = run_json(capsys, "fit", "--project", project)
    assert again["fitted"] == 0


def test_new_and_import(tmp_path: Path, capsys: Capture) -> None:
    code, made = run_json(capsys, "new", tmp_path / "fresh")
    assert code == 0
    assert Path(made["project"]) == tmp_path / "fresh"
    code, refused = run_json(capsys, "new", tmp_path / "fresh")
    assert code == 2
    assert "already" in refused["error"]


def test_coco_goes_in_and_comes_out(tmp_path: Path, capsys: Capture) -> None:
    source = write_human_art(tmp_path)
    project = tmp_path / "project"
    run_json(capsys, "new", project)
    _, report = run_json(capsys, "import", "auto", source, "--images", tmp_path, "--project", project)
    assert (report["format"], report["people"]["new"], report["labelled_joints"]) == ("human-art", 2, 26)
    out = tmp_path / "people.json"
    code, report = run_json(capsys, "export", "coco", out, "--project", project, "--no-fits")
    assert (code, report["samples"], report["renumbered"], report["left_out"]) == (0, 2, 0, {})
    rows = json.loads(out.read_text())["annotations"]
    assert [len(row["keypoints"]) for row in rows] == [63, 51]
    assert main(["export", "coco", str(out), "--project", str(project), "--decision", "accepted"]) == 0
    assert "Wrote 0 people" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["status", "--project", "/nowhere/at/all"], "no project"),
        (["import", "coco", "x.json", "--images", "/nowhere", "--project", "/nowhere/at/all"], "no project"),
        (["fit", "--project", "/nowhere/at/all", "--method", "magic"], "magic"),
        (["export", "excel", "out", "--project", "/nowhere/at/all"], "excel"),
        (["status"], "project"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(words: list[str], says: str, capsys: Capture) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in ("body", "gold", "regressor", "study")])
def test_every_command_explains_itself_and_speaks_json(command: str, capsys: Capture) -> None:
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert "Usage: python main.py" in text


def test_the_table_of_commands_is_the_program(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(command in text for command in COMMANDS)


def test_info_commands(capsys: Capture) -> None:
    code, body = run_json(capsys, "body", "info")
    assert code == 0
    assert body["arrays"]["weights"][1] == 24
    code, regressor = run_json(capsys, "regressor", "info")
    assert code == 0
    assert regressor["card"]["learning_rate"] > 0


def test_doctor_finds_this_machine_healthy_and_looks_at_optional_files(tmp_path: Path, capsys: Capture) -> None:
    np.save(tmp_path / "J_regressor_extra.npy", np.zeros((9, 6890)))
    (tmp_path / "SMPL_FEMALE.pkl").write_bytes(b"hello")
    code, result = run_json(capsys, "doctor", "--models", tmp_path)
    assert code == 0, result
    assert result["healthy"]
    assert "non-commercial" in result["licences"]
    states = {file["title"]: file["state"] for file in result["models"]["files"]}
    assert (states["SMPL male"], states["SMPL female"], states["Extra joints"]) == ("missing", "broken", "there")


def test_an_unknown_word_for_a_project_is_not_taken_for_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path | None] = []
    monkeypatch.setattr("main._open_window", lambda folder, _annotator: opened.append(folder) or 0)
    assert main(["my_project"]) == 0
    assert main([]) == 0
    assert opened == [Path("my_project"), None]
