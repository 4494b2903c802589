"""Exemplar fine-tuning on the shipped regressor: what eft_method.md 1.3-1.5 promises."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from fitting.body.model import load_body
from fitting.eft import ExemplarFineTuner, FitCancelled
from fitting.errors import JobError
from fitting.fit import run_fit_job
from fitting.geometry.camera import project_to_image
from fitting.optimise import WeightLoan, set_tuning_mode
from fitting.preprocess import build_exemplar
from fitting.regressor.loading import load_regressor
from fitting.spec import EftOptions, IterationStep
from resources import default_body, default_regressor
from resources.skeleton import get_skeleton
from tests.helpers.fits import coco_keypoints, fit_job, standing_body

FIVE = EftOptions(max_iterations=5, stop_l2d=1e-12)
SPIN49 = get_skeleton("spin49")


def same(first: object, second: object) -> bool:
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in ("rotations", "betas", "camera"))


def test_lowers_the_loss_and_lands_on_the_keypoints() -> None:
    result = run_fit_job(fit_job(coco_keypoints(standing_body(3))))
    assert result.final_losses.l2d < result.initial_losses.l2d
    assert result.final_losses.l2d < 5e-4
    assert result.rms_px is not None
    assert result.rms_px < 6


def test_each_person_starts_from_the_pretrained_weights() -> None:
    one, other = fit_job(options=FIVE), fit_job(coco_keypoints(standing_body(9)), options=FIVE)
    alone = run_fit_job(one)
    run_fit_job(other)
    again = run_fit_job(one)
    assert same(alone.final, again.final)
    assert same(alone.initial, again.initial)
    assert alone.trace == again.trace


def test_weights_are_given_back_even_when_cancelled() -> None:
    regressor = load_regressor(default_regressor())
    tuner = ExemplarFineTuner(regressor, load_body(default_body()).kinematics)
    before = {name: tensor.clone() for name, tensor in regressor.state_dict().items()}
    job = fit_job(options=FIVE)
    steps: list[IterationStep] = []
    with pytest.raises(FitCancelled):
        tuner.tune(build_exemplar(job, FIVE), tuner.resolve(FIVE), steps.append, lambda: len(steps) == 3)
    assert len(steps) == 3
    assert all(torch.equal(before[name], tensor) for name, tensor in regressor.state_dict().items())
    assert all(parameter.grad is None for parameter in regressor.parameters())


def test_a_step_is_recorded_before_its_update() -> None:
    job = fit_job(options=FIVE)
    plain = run_fit_job(dataclasses.replace(job, method="regressor"))
    tuned = run_fit_job(job)
    assert same(plain.final, tuned.initial)
    assert plain.final_losses == tuned.trace[0]
    assert plain.stop_reason == "plain"
    # One allowed iteration is the plain prediction: the update after it never counts.
    once = run_fit_job(dataclasses.replace(job, options=EftOptions(max_iterations=1, stop_l2d=1e-12)))
    assert same(once.final, plain.final)


def test_stops_below_the_threshold_and_says_so() -> None:
    free = run_fit_job(fit_job(options=FIVE))
    assert free.stop_reason == "iterations"
    assert len(free.trace) == 5
    threshold = free.trace[2].l2d * 1.0001
    stopped = run_fit_job(fit_job(options=dataclasses.replace(FIVE, stop_l2d=threshold)))
    assert stopped.stop_reason == "converged"
    assert len(stopped.trace) <= 3
    assert stopped.final_losses.l2d < threshold


def test_keeps_the_best_or_the_last_iterate() -> None:
    wild = EftOptions(max_iterations=8, stop_l2d=1e-12, learning_rate=3e-3)
    best = run_fit_job(fit_job(options=wild))
    assert best.final_losses.l2d == min(step.l2d for step in best.trace)
    assert best.trace[best.kept_iteration] == best.final_losses
    last = run_fit_job(fit_job(options=dataclasses.replace(wild, keep="last")))
    assert last.kept_iteration == 7
    assert last.final_losses == last.trace[-1]


def test_options_come_from_the_card_unless_given() -> None:
    card = load_regressor(default_regressor()).card
    result = run_fit_job(fit_job(method="regressor"))
    assert result.options.learning_rate == card.learning_rate
    assert result.options.max_iterations == card.max_iterations
    assert result.options.stop_l2d == card.stop_l2d
    given = run_fit_job(fit_job(method="regressor", options=EftOptions(learning_rate=1e-3)))
    assert given.options.learning_rate == 1e-3


def test_rotations_are_orthonormal_and_joints_follow_from_the_numbers() -> None:
    result = run_fit_job(fit_job(options=FIVE))
    rotations = result.final.rotations.astype(np.float64)
    assert np.abs(rotations @ rotations.transpose(0, 2, 1) - np.eye(3)).max() < 1e-5
    joints = load_body(default_body()).joints_of(result.final)
    assert np.allclose(project_to_image(joints, result.final.camera, result.box), result.joints_px, atol=1e-3)


def test_an_absent_joint_may_hold_anything() -> None:
    keypoints = coco_keypoints(standing_body())
    keypoints[9] = 0
    clean = run_fit_job(fit_job(keypoints, options=FIVE))
    job = fit_job(keypoints, options=FIVE)
    job.keypoints_px[SPIN49.index("left_wrist"), :2] = (-5000, 9e4)
    assert same(run_fit_job(job).final, clean.final)


def test_an_ankle_at_the_lower_border_is_not_believed() -> None:
    keypoints = coco_keypoints(standing_body())
    lowest = int(keypoints[:, 1].max())
    near = build_exemplar(fit_job(keypoints, image_size_px=(640, lowest + 5)), EftOptions())
    far = build_exemplar(fit_job(keypoints, image_size_px=(640, lowest + 50)), EftOptions())
    ankles = [SPIN49.index("right_ankle"), SPIN49.index("left_ankle")]
    assert near.targets.confidence[0, ankles].min() == 0
    assert far.targets.confidence[0, ankles].min() == 1


class TestBadJobs:
    def test_nan(self) -> None:
        job = fit_job()
        job.keypoints_px[30, 0] = np.nan
        with pytest.raises(JobError, match=r"person 1 of test\.jpg.*not a number"):
            run_fit_job(job)

    def test_shape(self) -> None:
        with pytest.raises(JobError, match="expected"):
            run_fit_job(fit_job(keypoints_px=np.zeros((17, 3))))

    def test_nothing_labelled(self) -> None:
        with pytest.raises(JobError, match="label more"):
            run_fit_job(fit_job(np.zeros((17, 3))))


class TestTuningMode:
    def network(self) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.LayerNorm(2))

    def test_batchnorm_and_dropout_rest_the_others_train(self) -> None:
        network = self.network()
        set_tuning_mode(network)
        conv, norm, dropout, layer_norm = network
        assert conv.training
        assert layer_norm.training
        assert not norm.training
        assert not dropout.training
        assert not any(parameter.requires_grad for parameter in norm.parameters())
        assert all(parameter.requires_grad for parameter in layer_norm.parameters())

    def test_running_statistics_stay(self) -> None:
        network = self.network()
        loan = WeightLoan(network)
        before = network[1].running_mean.clone()
        with loan.borrow(0.1) as adam:
            network(torch.randn(2, 3, 2, 2)).square().sum().backward()
            adam.step()
            assert not loan.is_untouched()
        assert loan.is_untouched()
        assert torch.equal(network[1].running_mean, before)


def test_a_fit_that_runs_away_fails_with_the_cure_and_gives_the_weights_back() -> None:
    before = run_fit_job(fit_job(options=FIVE))
    with pytest.raises(JobError, match=r"person 1 of test\.jpg: the fit ran away .* smaller than 1e\+30"):
        run_fit_job(fit_job(options=dataclasses.replace(FIVE, learning_rate=1e30)))
    assert run_fit_job(fit_job(options=FIVE)).trace == before.trace


@pytest.mark.parametrize("wrong", [{"learning_rate": float("nan")}, {"learning_rate": -1.0}, {"stop_l2d": -1.0}])
def test_an_absurd_option_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(JobError, match="expected a positive number"):
        run_fit_job(fit_job(options=dataclasses.replace(FIVE, **wrong)))
