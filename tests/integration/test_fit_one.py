"""``fit-one`` through the real ``main()``: one fit without a project, and its trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fitting.spec import EftOptions
from main import main
from tests.helpers.fits import BOX, coco_keypoints, standing_body

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def person(tmp_path: Path) -> list[str]:
    """Words that name a picture, keypoints and a box."""
    coarse = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((640, 480)).save(tmp_path / "person.png")
    keypoints = coco_keypoints(standing_body())
    (tmp_path / "k.json").write_text(json.dumps({"keypoints": keypoints.ravel().tolist()}))
    box = ",".join(str(float(number)) for number in (*BOX.center_px, BOX.scale))
    return [str(tmp_path / "person.png"), "--keypoints", str(tmp_path / "k.json"), "--skeleton", "coco17", "--box", box]


def run(capsys: Capture, *words: object) -> dict[str, Any]:
    assert main(["fit-one", *(str(word) for word in words), "--json"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def read_trace(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def test_the_trace_holds_every_iteration_and_projects_to_the_overlay(
    person: list[str], tmp_path: Path, capsys: Capture
) -> None:
    result = run(capsys, *person, "--trace", tmp_path / "t.npz", "--iterations", 6, "--stop-l2d", 0)
    trace = read_trace(tmp_path / "t.npz")
    assert trace["iteration"].tolist() == list(range(6))
    assert {name: trace[name].shape for name in ("rotations", "betas", "camera", "joints_crop")} == {
        "rotations": (6, 24, 3, 3),
        "betas": (6, 10),
        "camera": (6, 3),
        "joints_crop": (6, 49, 2),
    }
    kept = result["kept_iteration"]
    for name in ("total", "l2d", "betas", "camera", "leg"):
        assert trace[f"loss_{name}"][kept] == pytest.approx(result["losses"][name])
    np.testing.assert_array_equal(trace["rotations"][kept], np.array(result["rotations"], dtype=np.float32))
    x, y, scale = trace["box"]
    pixels = (x, y) + 100 * scale * trace["joints_crop"][kept]
    np.testing.assert_allclose(pixels, result["joints_px"], atol=1e-3)
    weights = result["options"]["weights"]
    total = weights["overall"] * sum(
        weights[key] * trace[f"loss_{name}"]
        for key, name in (("keypoints", "l2d"), ("betas", "betas"), ("camera", "camera"), ("leg", "leg"))
    )
    np.testing.assert_allclose(trace["loss_total"], total, rtol=1e-5)
    assert json.loads(str(trace["about"]))["method"] == "eft"


def test_a_published_checkpoint_is_fitted_as_the_released_code_does(
    person: list[str], published_checkpoint: Path, capsys: Capture
) -> None:
    checkpoint = published_checkpoint
    result = run(capsys, *person, "--regressor", checkpoint, "--iterations", 2)
    options = result["options"]
    assert (options["learning_rate"], options["stop_l2d"], options["crop"], options["keep"]) == (
        5e-6,
        1e-4,
        "exact",
        "last",
    )
    assert options["layers"] == "all"
    assert result["kept_iteration"] == 1
    fast = run(capsys, *person, "--regressor", checkpoint, "--iterations", 2, "--mode", "fast")
    assert fast["options"]["layers"] != "all"
    paper = run(capsys, *person, "--regressor", checkpoint, "--iterations", 2, "--paper")
    assert (paper["options"]["learning_rate"], paper["options"]["stop_mean_px"]) == (1e-6, 2.0)
    assert paper["options"]["weights"] == json.loads(json.dumps(_plain(EftOptions().weights)))


def _plain(weights: object) -> dict[str, float]:
    return {name: getattr(weights, name) for name in weights.__slots__}  # type: ignore[attr-defined]


def test_the_three_methods_agree_about_where_they_start(person: list[str], tmp_path: Path, capsys: Capture) -> None:
    plain = run(capsys, *person, "--plain")
    smplify = run(capsys, *person, "--smplify", "--smplify-iterations", 5, "--trace", tmp_path / "s.npz")
    eft = run(capsys, *person, "--iterations", 2)
    assert plain["losses_initial"] == plain["losses"] == eft["losses_initial"]
    assert smplify["losses_initial"]["l2d"] == pytest.approx(plain["losses"]["l2d"], rel=1e-4)
    trace = read_trace(tmp_path / "s.npz")
    assert set(trace["term_stage"].tolist()) == {2.0}  # from a prediction the camera needs no stage of its own
    assert np.isfinite(trace["term_reprojection"]).all()


def test_keypoints_of_many_spellings_are_the_same_fit(person: list[str], tmp_path: Path, capsys: Capture) -> None:
    rows = coco_keypoints(standing_body())
    spellings = [
        rows.tolist(),
        rows[:, :2].tolist(),
        {"annotations": [{"keypoints": rows.ravel().tolist()}]},
        {"people": [{"pose_keypoints_2d": rows.ravel().tolist()}]},
    ]
    results = []
    for spelling in spellings:
        Path(person[2]).write_text(json.dumps(spelling))
        results.append(run(capsys, *person, "--plain")["losses"])
    assert all(result == results[0] for result in results)


def test_a_trace_takes_no_place_of_an_input_or_of_another_file(person: list[str], tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    for place in (Path(person[0]), Path(person[2]), other):
        before = place.read_bytes()
        assert main(["fit-one", *person, "--plain", "--trace", str(place)]) == 2
        assert place.read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"--keypoints": "nowhere.json"}, "nowhere.json cannot be used"),
        ({"--skeleton": "coco99"}, "coco99"),
        ({"--skeleton": "spin49"}, "does not hold the 49 keypoints"),
        ({"--box": "1,2"}, "is not CX,CY,SCALE"),
        ({"--box": "1,2,-1"}, "positive scale"),
        ({"--box": "1e308,0,1"}, "numbers up to 1e+06"),
        ({"--regressor": "nowhere.pt"}, "nowhere.pt is missing"),
        ({"--body": "nowhere.npz"}, "nowhere.npz is missing"),
    ],
)
def test_bad_input_is_one_sentence(changed: dict[str, str], words: str, person: list[str], capsys: Capture) -> None:
    options = dict(zip(person[1::2], person[2::2], strict=True)) | changed
    assert main(["fit-one", person[0], *(word for pair in options.items() for word in pair)]) == 2
    error = capsys.readouterr().err
    assert words in error.replace("\n", "")
    assert "Traceback" not in error


def test_a_checkpoint_needs_a_box_on_the_picture(
    person: list[str], published_checkpoint: Path, capsys: Capture
) -> None:
    far = [*person[:5], "--box", "-5000,100,1", "--regressor", str(published_checkpoint)]
    assert main(["fit-one", *far]) == 2
    assert "outside the picture" in capsys.readouterr().err
