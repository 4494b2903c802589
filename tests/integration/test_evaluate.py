"""``main.py evaluate`` through the real ``main()``, on people drawn by the real renderer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fitting.spec import JobId, SyntheticJob
from fitting.synthetic.photograph import make_photograph
from main import main
from tests.helpers.evaluated import write_synthetic_set

Capture = pytest.CaptureFixture[str]


def run_json(capsys: Capture, *words: object) -> tuple[int, dict[str, Any]]:
    code = main(["evaluate", *(str(word) for word in words), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from resources import default_body

    made = [make_photograph(SyntheticJob(JobId(str(seed)), seed, default_body(), (240, 240))) for seed in range(3)]
    return write_synthetic_set(
        tmp_path_factory.mktemp("drawn") / "set",
        [each.fit for each in made],
        [each.picture_rgb for each in made],
        [each.keypoints_px for each in made],
        [each.box for each in made],
    )


def test_people_and_photographs_end_in_tables_and_plots(drawn: Path, tmp_path: Path, capsys: Capture) -> None:
    words = (
        *(tmp_path / "out", "--synthetic", drawn, "--coco", drawn / "annotations.json", "--images", drawn / "images"),
        *("--methods", "regressor,eft,smplify", "--levels", "2", "--iterations", 3),
    )
    code, told = run_json(capsys, *words)
    assert code == 0
    assert told["failed"] == []
    sets = told["report"]["sets"]
    assert list(sets) == ["synthetic", "synthetic level 2", "photographs"]
    figures = sets["synthetic"]["groups"]["all"]["methods"]
    assert list(figures) == ["regressor", "eft", "smplify"]
    assert 0 < figures["eft"]["pa_mm"]["value"] < 200
    assert json.loads(Path(told["json"]).read_text())["sets"] == sets
    assert "# Evaluation" in Path(told["markdown"]).read_text()
    for plot in told["plots"]:
        with Image.open(plot) as picture:
            assert picture.size == (900, 540)
    code, again = run_json(capsys, *words)
    assert (code, again["reused"]) == (0, 9)
    assert again["report"] == told["report"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--no-synthetic"], "nobody"),
        (["--no-synthetic", "--synthetic", "x"], "contradict"),
        (["--coco", "x.json"], "--images"),
        (["--coco", "x.json", "--images", "/nowhere/at/all"], "no folder"),
        (["--methods", "magic"], "magic"),
        (["--methods", ","], "knows"),
        (["--levels", "3"], "'3'"),
        (["--limit", "0"], "limit"),
    ],
)
def test_bad_options_are_one_sentence(words: list[str], says: str, tmp_path: Path, capsys: Capture) -> None:
    code, told = run_json(capsys, tmp_path / "out", *words)
    assert code == 2
    assert says in told["error"]
    assert "Traceback" not in told["error"]


def test_a_changed_set_is_refused(drawn: Path, tmp_path: Path, capsys: Capture) -> None:
    copy = tmp_path / "changed"
    for path in drawn.rglob("*"):
        if path.is_file():
            (copy / path.relative_to(drawn)).parent.mkdir(parents=True, exist_ok=True)
            (copy / path.relative_to(drawn)).write_bytes(path.read_bytes())
    (copy / "images" / "000001.jpg").write_bytes(b"no picture")
    code, told = run_json(capsys, tmp_path / "out", "--synthetic", copy, "--methods", "regressor", "--levels", "none")
    assert code == 2
    assert "has been changed" in told["error"]
