"""``main.py synth`` and ``main.py train`` through the real ``main()``: pictures, and who learns from them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.services.places import held_alone
from app.services.project import Project
from fitting.regressor.loading import load_regressor
from main import main

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
SMALL = ("--people", "6", "--person-px", "48", "--seed", "3")
PATIENCE_S = 120.0


def run_json(capsys: Capture, *words: object) -> tuple[int, dict[str, Any]]:
    code = main([*(str(word) for word in words), "--json"])
    return code, json.loads(capsys.readouterr().out, parse_constant=pytest.fail)  # NaN is no JSON


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "pictures"
    assert main(["synth", str(folder), *SMALL]) == 0
    return folder


def test_pictures_and_truth_are_there_and_importable(drawn: Path, tmp_path: Path, capsys: Capture) -> None:
    coco = json.loads((drawn / "annotations.json").read_text())
    keypoints = sum(entry["num_keypoints"] for entry in coco["annotations"])
    assert sorted(path.name for path in drawn.iterdir()) == [
        "annotations.json", "images", "manifest.json", "parts", "truth.npz",
    ]  # fmt: skip
    with np.load(drawn / "truth.npz") as truth:
        assert truth["rotations"].shape == (6, 24, 3, 3)
    for entry in coco["images"]:
        with Image.open(drawn / "images" / entry["file_name"]) as picture:
            assert picture.size == (entry["width"], entry["height"])
    project = tmp_path / "project"
    assert main(["new", str(project)]) == 0
    capsys.readouterr()
    words = ("import", "coco", drawn / "annotations.json", "--images", drawn / "images", "--project", project)
    code, told = run_json(capsys, *words)
    assert code == 0
    assert told["people"]["new"] == len(coco["annotations"]) == 6
    assert _labelled(project) == keypoints > 20


def _labelled(folder: Path) -> int:
    """How many keypoints a project holds."""
    with Project.open(folder) as project, project.store.read() as reader:
        return sum(int((revision.keypoints[:, 2] > 0).sum()) for revision in reader.keypoints.iter_current())


def test_the_same_command_finishes_what_was_cancelled_and_what_was_killed(
    drawn: Path, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "again"
    code, out, err = _stop_when(folder, (folder / "images" / "00000003.jpg").exists, signal.SIGINT)
    assert (code, json.loads(out)) == (130, {"cancelled": True})
    assert "Traceback" not in err
    code, out, err = _stop_when(folder, (folder / "images" / "00000035.jpg").exists, signal.SIGKILL)
    assert (code, out) == (-signal.SIGKILL, "")
    assert not (folder / "manifest.json").exists()
    (folder / "truth.npz9b2.part").write_bytes(b"what a killed process may leave")
    code, told = run_json(capsys, "synth", folder, *SMALL)
    assert (code, told["people"], told["was_there"]) == (0, 6, False)
    assert contents(folder) == contents(drawn)


def test_more_workers_make_the_same(drawn: Path, tmp_path: Path, capsys: Capture) -> None:
    code, told = run_json(capsys, "synth", tmp_path / "two", *SMALL, "--workers", 2)
    assert (code, told["people"]) == (0, 6)
    assert contents(tmp_path / "two") == contents(drawn)


def _stop_when(folder: Path, is_time: Callable[[], bool], number: signal.Signals) -> tuple[int, str, str]:
    """Run ``synth`` and send it a signal in the middle; exit code and what it said."""
    heard = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell's & ignores it
    program = f"{heard}; from main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "synth", str(folder), *SMALL, "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + PATIENCE_S
        while not is_time() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err


def test_a_finished_folder_is_told_and_another_order_for_it_refused(drawn: Path, capsys: Capture) -> None:
    before = contents(drawn)
    code, told = run_json(capsys, "synth", drawn, *SMALL)
    assert (code, told["was_there"]) == (0, True)
    code, told = run_json(capsys, "synth", drawn, *SMALL, "--seed", 4, "--noise-px", 2)
    assert code == 2
    assert "seed, noise_px differ" in told["error"]
    assert contents(drawn) == before


def test_one_folder_takes_one_run_at_a_time(tmp_path: Path, capsys: Capture) -> None:
    with held_alone(tmp_path / "busy"):
        for words in (("synth", tmp_path / "busy"), ("train", "--out", tmp_path / "busy", "--steps", 1)):
            code, told = run_json(capsys, *words)
            assert code == 2
            assert "Another run is at work" in told["error"]


def test_a_lifter_and_a_network_with_pictures_are_trained(drawn: Path, tmp_path: Path, capsys: Capture) -> None:
    lifter, seeing = tmp_path / "lifter", tmp_path / "seeing"
    code, told = run_json(capsys, "train", "--preset", "lifter_tiny", "--steps", 2, "--out", lifter)
    assert (code, told["steps"]) == (0, 2)
    words = ("train", "--preset", "open_tiny", "--pictures", drawn, "--start", told["weights"], "--out", seeing)
    code, told = run_json(capsys, *words, "--steps", 2)
    assert (code, told["steps"]) == (0, 2)
    assert told["scores"]["synthetic_blind_pa_mm"] > 0
    card = load_regressor(Path(told["weights"])).card
    assert (card.training.steps, card.input) == (4, "picture")
    assert "synthetic_pa_mm_many" not in card.results  # six people, none of whom has so many keypoints
    weights = Path(told["weights"]).read_bytes()
    code, told = run_json(capsys, *words, "--steps", 2)
    assert code == 2
    assert "--resume" in told["error"]
    assert Path(seeing / "open_regressor.safetensors").read_bytes() == weights
    code, again = run_json(capsys, *words, "--steps", 2, "--resume")
    assert (code, again["scores"]) == (0, card.results)


def test_evaluate_reads_what_synth_has_written(drawn: Path, tmp_path: Path, capsys: Capture) -> None:
    words = ("--synthetic", drawn, "--methods", "regressor", "--levels", "none")
    code, told = run_json(capsys, "evaluate", tmp_path / "out", *words)
    assert code == 0
    assert told["report"]["sets"]["synthetic"]["groups"]["all"]["methods"]["regressor"]["pa_mm"]["value"] > 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["synth", "{}/new", "--people", "0"], "--people"),
        (["synth", "{}/new", "--people", "-2"], "--people"),
        (["synth", "{}/new", "--person-px", "100000"], "--person-px"),
        (["synth", "{}/new", "--noise-px", "inf"], "--noise-px"),
        (["synth", "{}/file"], "file cannot be used"),
        (["synth", "{}/file/below"], "cannot be used"),
        (["synth", "{}"], "holds no gallery"),
        (["synth", "{}/new", "--body", "{}/file"], "body file"),
        (["train", "--out", "{}/file", "--steps", "1"], "file cannot be used"),
        (["train", "--out", "{}/new", "--minutes", "nan"], "--minutes"),
        (["train", "--out", "{}/new", "--minutes", "0"], "--steps"),
        (["train", "--out", "{}/new", "--steps", "1", "--preset", "open_tiny", "--pictures", "{}"], "synthetic"),
    ],
)
def test_bad_options_are_one_sentence(words: list[str], says: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("of somebody")
    code, told = run_json(capsys, *(word.replace("{}", str(tmp_path)) for word in words))
    assert code == 2
    assert says in told["error"]
    assert "Traceback" not in told["error"] and "\n" not in told["error"]
    assert (tmp_path / "file").read_text() == "of somebody"
