"""EFT gives the released code's numbers: against a second, plain implementation of the formulas, step by step."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from fitting.body.model import load_body
from fitting.eft import ExemplarFineTuner, Tuning
from fitting.fit import run_fit_job
from fitting.preprocess import Exemplar, build_exemplar
from fitting.regressor.loading import load_regressor
from fitting.spec import EftOptions, FitJob, IterationStep
from resources import default_body
from tests.helpers import released
from tests.helpers.fits import fit_job

ITERATIONS = 20


@pytest.fixture(scope="module")
def job(published_checkpoint: Path) -> FitJob:
    """One person by a random network of the published layout; the released options, the stop switched off."""
    coarse = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC)
    options = EftOptions(stop_l2d=0)
    return fit_job(regressor=published_checkpoint, picture_rgb=picture, image_size_px=(640, 480), options=options)


@pytest.fixture(scope="module")
def tuner(job: FitJob) -> ExemplarFineTuner:
    return ExemplarFineTuner(load_regressor(job.regressor), load_body(job.body).kinematics)


@pytest.fixture(scope="module")
def exemplar(job: FitJob, tuner: ExemplarFineTuner) -> Exemplar:
    return build_exemplar(job, tuner.resolve(job.options).as_options(), uses_picture=True)


@pytest.fixture(scope="module")
def tuning(tuner: ExemplarFineTuner, job: FitJob, exemplar: Exemplar) -> Tuning:
    """All iterations as we run them."""
    return tuner.tune(exemplar, tuner.resolve(job.options))


@pytest.fixture(scope="module")
def expected(job: FitJob, exemplar: Exemplar) -> list[dict[str, np.ndarray]]:
    """All iterations of the plain loop."""
    return run_released(job, exemplar)


def run_released(job: FitJob, exemplar: Exemplar, **changes: object) -> list[dict[str, np.ndarray]]:
    state = torch.load(job.regressor, weights_only=True)["model"]
    targets = exemplar.targets
    keypoints = torch.cat((targets.keypoints_crop[0], targets.confidence[0][:, None]), 1)
    assert exemplar.inputs.picture is not None
    options = {"stop": 0.0, "iterations": ITERATIONS, "evaluate_twice": False} | changes
    return released.run(state, released.Body(default_body()), exemplar.inputs.picture, keypoints, **options)  # type: ignore[arg-type]


def largest(ours: object, theirs: object) -> float:
    return float(np.abs(np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)).max())


def assert_same_step(step: IterationStep, expected: dict[str, np.ndarray]) -> None:
    """The bounds of issue 3: losses 1e-4 relative plus absolute, body and joints 1e-4, camera 2e-5."""
    losses = step.losses
    for got, name in (
        (losses.total, "total"),
        (losses.l2d, "l2d"),
        (losses.betas, "betas_loss"),
        (losses.camera, "camera_loss"),
        (losses.leg, "leg"),
    ):
        np.testing.assert_allclose(got, float(expected[name]), rtol=1e-4, atol=1e-4 if name == "total" else 1e-6)
    assert largest(step.fit.rotations, expected["rotations"]) < 1e-4
    assert largest(step.fit.betas, expected["betas"]) < 1e-4
    assert largest(step.joints_crop, expected["joints"]) < 1e-4
    assert largest(step.fit.camera, expected["camera"]) < 2e-5


def test_twenty_iterations_are_those_of_the_plain_loop(tuning: Tuning, expected: list[dict[str, np.ndarray]]) -> None:
    assert len(tuning.steps) == len(expected) == ITERATIONS
    assert tuning.kept == ITERATIONS - 1  # zero-based, and of the weights before the last update
    for step, theirs in zip(tuning.steps, expected, strict=True):
        assert_same_step(step, theirs)
    assert expected[-1]["l2d"] < expected[0]["l2d"] / 4  # the loop does something that could differ


def test_the_bounds_would_see_the_smallest_mistake(
    job: FitJob, exemplar: Exemplar, expected: list[dict[str, np.ndarray]]
) -> None:
    right = expected[:8]
    wrong = run_released(job, exemplar, iterations=8, weights=released.Weights(betas=0.0))
    assert largest(wrong[-1]["betas"], right[-1]["betas"]) > 2e-4


def test_the_result_belongs_to_the_weights_before_the_update(job: FitJob, tuner: ExemplarFineTuner) -> None:
    short = dataclasses.replace(job, options=EftOptions(stop_l2d=0, max_iterations=1))
    result = run_fit_job(short)
    plain = run_fit_job(dataclasses.replace(short, method="regressor"))
    np.testing.assert_array_equal(result.final.rotations, plain.final.rotations)
    assert result.kept_iteration == 0


def test_the_released_stop_ends_the_loop_below_its_threshold(
    job: FitJob, tuner: ExemplarFineTuner, exemplar: Exemplar
) -> None:
    limit = 0.02
    expected = run_released(job, exemplar, stop=limit, iterations=6)
    tuning = tuner.tune(exemplar, tuner.resolve(EftOptions(stop_l2d=limit, max_iterations=6)))
    assert len(tuning.steps) == len(expected) < 6
    assert tuning.stop_reason == "converged"
    assert tuning.steps[-1].losses.l2d < limit <= tuning.steps[-2].losses.l2d


def test_the_papers_stop_counts_crop_pixels(tuner: ExemplarFineTuner, exemplar: Exemplar, tuning: Tuning) -> None:
    active = exemplar.targets.active[0].numpy() > 0
    wanted = exemplar.targets.keypoints_crop[0].numpy()

    def mean_px(step: IterationStep) -> float:
        return float(np.linalg.norm((step.joints_crop - wanted)[active], axis=1).mean() * 112)

    distances = [mean_px(step) for step in tuning.steps[:4]]
    limit = (distances[1] + distances[2]) / 2
    stopped = tuner.tune(exemplar, tuner.resolve(EftOptions(stop_mean_px=limit, max_iterations=4)))
    assert len(stopped.steps) == 3
    assert stopped.stop_reason == "converged"
