"""Running methods on a small set: figures, files that are used again, failures, and the report."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitting.body.model import load_body
from fitting.eft import FitCancelled
from fitting.errors import AssetError, JobError
from fitting.evaluation import provenance
from fitting.evaluation.methods import YAWS, camera_on_keypoints, fit_group, mean_starts
from fitting.evaluation.numbers import read_numbers, write_numbers
from fitting.evaluation.provenance import hash_code
from fitting.evaluation.report import read_report, run_report_job
from fitting.evaluation.run import read_set, run_evaluate_job
from fitting.evaluation.scores import score
from fitting.fit import run_fit_job
from fitting.geometry.camera import project_to_image
from fitting.preprocess import build_exemplar
from fitting.runners import InlineRunner
from fitting.spec import (
    EftOptions,
    EvaluateJob,
    EvaluationReportJob,
    Event,
    FitResult,
    JobAdvanced,
    JobCancelled,
    JobFinished,
    JobId,
    JobStarted,
    PhotographSource,
    SmplifyOptions,
    SyntheticSource,
)
from resources import default_body, default_regressor
from tests.helpers.evaluated import write_synthetic_set
from tests.helpers.fits import coco_keypoints, fit_job, standing_body

SHORT = SmplifyOptions(camera_iterations=5, body_iterations=5)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people; of the third only the left ankle and knee are labelled."""
    keypoints = [coco_keypoints(standing_body(seed)) for seed in range(3)]
    keypoints[2][:13] = 0
    keypoints[2][14] = keypoints[2][16] = 0
    return write_synthetic_set(tmp_path_factory.mktemp("people") / "set", keypoints=keypoints)


def job(people: Path, folder: Path, **changes: Any) -> EvaluateJob:
    settings: dict[str, Any] = {
        "job_id": JobId("1"),
        "source": SyntheticSource(people),
        "method": "regressor",
        "folder": folder,
        "body": default_body(),
        "regressor": default_regressor(),
        "options": EftOptions(max_iterations=3),
        "smplify": SHORT,
    }
    return EvaluateJob(**(settings | changes))


def test_every_person_gets_figures(people: Path, tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    result = run_evaluate_job(job(people, tmp_path), lambda *counts: done.append(counts))
    assert (result.people, result.failed, result.reused) == (3, (), False)
    assert done[-1] == (3, 3)
    numbers = read_numbers(result.numbers)
    for name in ("pa_mm", "mpjpe_mm", "pve_mm", "pa_pve_mm", "pa_lsp_mm", "error_px", "pck_10", "l2d"):
        assert np.isfinite(numbers.columns[name]).all(), name
    assert (numbers.columns["pa_mm"] < numbers.columns["mpjpe_mm"]).all()
    assert (numbers.columns["pck_10"][:2] == 1).all()
    assert numbers.people["labelled"].tolist() == [17, 17, 2]
    assert numbers.people["tags"].tolist() == ["", "occluded truncated", "rare"]


def test_the_truth_itself_has_no_error(people: Path, tmp_path: Path) -> None:
    evaluate = job(people, tmp_path)
    known = read_set(evaluate).people[:2]
    fits = [outcome for outcome in fit_group(evaluate, known) if isinstance(outcome, FitResult)]
    body = load_body(default_body())
    perfect = []
    for person, fit in zip(known, fits, strict=True):
        assert person.truth is not None
        joints_px = project_to_image(body.joints_of(person.truth), person.truth.camera, person.box)
        perfect.append(dataclasses.replace(fit, final=person.truth, joints_px=joints_px))
    figures = score(known, perfect, body)
    for name in ("pa_mm", "mpjpe_mm", "pve_mm", "pa_pve_mm", "wrong_limbs", "error_px"):
        np.testing.assert_allclose(figures[name], 0, atol=1e-3)


def test_people_with_next_to_nothing_are_predicted_but_not_fitted(people: Path, tmp_path: Path) -> None:
    for method in ("eft", "smplify", "smplify-mean"):
        result = run_evaluate_job(job(people, tmp_path, method=method))
        numbers = read_numbers(result.numbers)
        assert result.failed == ()
        assert numbers.too_few == 1
        assert np.isfinite(numbers.columns["pa_mm"]).tolist() == [True, True, False]
        assert np.isnan(numbers.fits["rotations"][2]).all()


def test_results_are_used_again_and_continued(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run_evaluate_job(job(people, tmp_path, limit=1))
    whole = run_evaluate_job(job(people, tmp_path))
    assert first.numbers == whole.numbers
    assert (first.people, whole.people, whole.reused) == (1, 3, False)
    monkeypatch.setattr("fitting.evaluation.run.fit_group", None)  # nothing is run any more
    assert run_evaluate_job(job(people, tmp_path)).reused
    assert run_evaluate_job(job(people, tmp_path, limit=2)).people == 2


def test_other_options_are_other_results(people: Path, tmp_path: Path) -> None:
    paths = {
        run_evaluate_job(job(people, tmp_path, limit=1, **changes)).numbers
        for changes in (
            {},
            {"method": "eft"},
            {"method": "eft", "options": EftOptions(max_iterations=2)},
            {"source": SyntheticSource(people, 4)},
        )
    }
    assert len(paths) == 4


def test_a_cancelled_run_keeps_what_was_saved(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fitting.evaluation.run.SAVED_EVERY", 1)
    done: list[int] = []
    with pytest.raises(FitCancelled):
        run_evaluate_job(job(people, tmp_path, method="eft"), lambda count, _: done.append(count), lambda: 1 in done)
    (path,) = tmp_path.glob("*.npz")
    assert len(read_numbers(path)) == 1


def test_one_person_s_bug_is_listed_and_the_rest_goes_on(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_the_first(fit: Any, **more: Any) -> FitResult:
        if fit.label == "person 1":
            raise ValueError("no luck")
        return run_fit_job(fit, **more)

    monkeypatch.setattr("fitting.evaluation.methods.run_fit_job", fail_for_the_first)
    result = run_evaluate_job(job(people, tmp_path))
    assert result.failed == (("person 1", "The method hit a bug (ValueError: no luck)."),)
    assert np.isfinite(read_numbers(result.numbers).columns["pa_mm"]).tolist() == [False, True, True]


def test_a_missing_body_stops_everything(people: Path, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="missing"):
        run_evaluate_job(job(people, tmp_path, body=tmp_path / "none.npz"))


def test_mean_starts_face_four_ways_and_lie_on_the_keypoints(people: Path, tmp_path: Path) -> None:
    evaluate = job(people, tmp_path, method="smplify-mean")
    person = read_set(evaluate).people[0]
    starts = mean_starts(evaluate, person)
    assert len(starts) == len(YAWS) == 4
    up = np.stack([start.rotations[0][:, 1] for start in starts])
    np.testing.assert_allclose(up, [[0, -1, 0]] * 4, atol=1e-6)  # the camera's y points down
    facing = np.stack([start.rotations[0][:, 2] for start in starts])
    np.testing.assert_allclose(facing[[0, 2]], [[0, 0, -1], [0, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(np.abs(facing[[1, 3], 0]), 1, atol=1e-6)
    body = load_body(default_body())
    assert person.truth is not None
    true_camera = camera_on_keypoints(body.joints_of(person.truth), person)
    np.testing.assert_allclose(true_camera, person.truth.camera, atol=1e-4)


def test_smplify_begins_where_it_is_told(people: Path, tmp_path: Path) -> None:
    evaluate = job(people, tmp_path, method="smplify-mean")
    person = read_set(evaluate).people[0]
    starts = mean_starts(evaluate, person)
    (outcome,) = fit_group(evaluate, [person])
    assert isinstance(outcome, FitResult)
    assert any(np.allclose(outcome.initial.rotations, start.rotations, atol=1e-4) for start in starts)


def test_the_report_of_files_comes_back_from_the_disk(people: Path, tmp_path: Path) -> None:
    methods = ("regressor", "eft")
    numbers = [run_evaluate_job(job(people, tmp_path / "people", method=method)).numbers for method in methods]
    photographs = PhotographSource(people / "annotations.json", people / "images")
    numbers.append(run_evaluate_job(job(people, tmp_path / "people", source=photographs)).numbers)
    result = run_report_job(EvaluationReportJob(JobId("r"), tuple(numbers), tmp_path / "report", seed=3))
    report = read_report(result.json)
    assert report == json.loads(json.dumps(result.report))
    assert report["seed"] == 3
    everybody = report["sets"]["synthetic"]["groups"]["all"]
    assert everybody["methods"]["regressor"]["pa_mm"]["count"] == 3
    assert everybody["differences"]["eft - regressor"]["pa_mm"]["count"] == 2
    assert report["sets"]["synthetic"]["methods"]["eft"]["too_few_keypoints"] == 1
    assert set(report["sets"]["synthetic"]["groups"]) >= {"occluded", "truncated", "rare poses"}
    assert "pa_mm" not in report["sets"]["photographs"]["groups"]["all"]["methods"]["regressor"]
    words = result.markdown.read_text()
    assert "| regressor | 3 |" in words
    assert all(f"]({path.name})" in words and path.stat().st_size > 1000 for path in result.plots)


def test_results_that_do_not_belong_together_are_refused(people: Path, tmp_path: Path) -> None:
    ours = run_evaluate_job(job(people, tmp_path)).numbers
    numbers = read_numbers(ours)
    other = tmp_path / "other.npz"
    write_numbers(other, dataclasses.replace(numbers, about={**numbers.about, "regressor_sha256": "1"}))
    with pytest.raises(AssetError, match="regressor_sha256"):
        run_report_job(EvaluationReportJob(JobId("r"), (ours, other), tmp_path))
    broken = tmp_path / "broken.npz"
    broken.write_bytes(ours.read_bytes()[:200])
    with pytest.raises(AssetError, match="holds no results"):
        read_numbers(broken)
    with pytest.raises(AssetError, match="no report"):
        read_report(ours)


def test_a_job_of_its_own_start_is_fitted_from_there() -> None:
    start = standing_body(5)
    options = SmplifyOptions(camera_iterations=2, body_iterations=2)
    result = run_fit_job(fit_job(method="smplify", smplify=options, start=start))
    np.testing.assert_allclose(result.initial.rotations, start.rotations, atol=1e-5)
    np.testing.assert_allclose(result.initial.camera, start.camera, atol=1e-6)


def test_a_picture_is_enough_for_a_plain_prediction_and_for_nothing_else() -> None:
    nothing = np.zeros((17, 3))
    picture = np.zeros((480, 640, 3), dtype=np.uint8)
    exemplar = build_exemplar(
        fit_job(nothing, method="regressor", picture_rgb=picture), EftOptions(), uses_picture=True
    )
    assert exemplar.inputs.picture is not None
    for changes, uses_picture in (({"method": "eft"}, True), ({"method": "regressor"}, False)):
        with pytest.raises(JobError, match="no labelled keypoint"):
            build_exemplar(fit_job(nothing, picture_rgb=picture, **changes), EftOptions(), uses_picture)


def test_a_runner_tells_how_far_an_evaluation_is(people: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    InlineRunner(events.append).submit(job(people, tmp_path))
    assert isinstance(events[0], JobStarted)
    assert [event.done for event in events if isinstance(event, JobAdvanced)] == [0, 3]
    assert isinstance(events[-1], JobFinished)


def test_a_runner_cancels_an_evaluation(people: Path, tmp_path: Path) -> None:
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        runner.cancel(event.job_id)

    runner = InlineRunner(listen)
    runner.submit(job(people, tmp_path, method="eft"))
    assert isinstance(events[-1], JobCancelled)


def test_the_code_s_hash_does_not_depend_on_what_only_draws() -> None:
    assert len(hash_code()) == 64
    assert {"render", "training", "evaluation/report.py"} <= set(provenance._WITHOUT_EFFECT)
    root = Path(provenance.__file__).parents[1]
    missing = [part for part in provenance._WITHOUT_EFFECT if not (root / part).exists()]
    assert missing == []
