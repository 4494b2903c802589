"""SMPLify on the mannequin: the two stages, what is recorded, and the known faults behind their switches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fitting.body.model import load_body
from fitting.body.pose_prior import load_prior
from fitting.eft import FitCancelled, Tuning
from fitting.errors import JobError
from fitting.evaluation.metrics import pa_mpjpe_mm
from fitting.evaluation.protocols import EVALUATED_JOINTS
from fitting.geometry.camera import project_to_crop
from fitting.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from fitting.losses import FitTargets, active_confidence, eft_losses
from fitting.regressor.base import RegressorInput
from fitting.regressor.loading import load_regressor
from fitting.smplify import SmplifyFitter, count_steps
from fitting.smplify_losses import body_energy, camera_energy
from fitting.spec import (
    OPEN_SMPLIFY,
    OPEN_SMPLIFY_FROM_MEAN,
    RELEASED_SMPLIFY,
    BodyFit,
    EftOptions,
    IterationStep,
    LossWeights,
    SmplifyOptions,
    choose_smplify,
)
from fitting.training.frozen import read_frozen_people
from resources import default_body, default_prior, default_regressor
from resources.skeleton import get_skeleton
from tests.helpers.fits import standing_body

SPIN49 = get_skeleton("spin49")
HIP = SPIN49.index("right_hip")
KINEMATICS = load_body(default_body()).kinematics
FITTER = SmplifyFitter(KINEMATICS, load_prior(default_prior()))
SHORT = SmplifyOptions(camera_iterations=6, body_iterations=8, stop_reprojection=0)
FULL = SmplifyOptions(stop_reprojection=0)
FROZEN = Path(__file__).parents[2] / "data" / "frozen_people.npz"


def as_tensors(fit: BodyFit) -> tuple[Tensor, Tensor, Tensor]:
    return (torch.tensor(fit.rotations)[None], torch.tensor(fit.betas)[None], torch.tensor(fit.camera)[None])


def projected(fit: BodyFit) -> Tensor:
    rotations, betas, camera = as_tensors(fit)
    return project_to_crop(KINEMATICS(rotations, betas), camera)


def targets_of(*fits: BodyFit) -> FitTargets:
    """The bodies' own COCO keypoints; all other joints are at the crop's centre with confidence 0."""
    confidence = torch.zeros(len(fits), 49)
    confidence[:, [SPIN49.index(name) for name in get_skeleton("coco17").joints]] = 1
    keypoints = torch.cat([projected(fit) for fit in fits]) * confidence[..., None]
    return FitTargets(keypoints, confidence, active_confidence(confidence, EftOptions()))


def disturbed(fit: BodyFit, seed: int = 5, angle: float = 0.15) -> BodyFit:
    """A prediction somewhat off: every joint bent, the camera moved."""
    bend = angle * torch.randn(24, 3, generator=torch.Generator().manual_seed(seed))
    rotations = torch.tensor(fit.rotations) @ axis_angle_to_matrix(bend)
    return BodyFit(rotations.numpy(), fit.betas + 0.2, fit.camera + np.float32([0.05, 0.04, -0.06]))


def fit_standing(options: SmplifyOptions, seed: int = 3) -> Tuning:
    truth = standing_body(seed)
    return FITTER.fit(disturbed(truth), targets_of(truth), options, LossWeights())


def stage(tuning: Tuning, number: int) -> list[IterationStep]:
    return [step for step in tuning.steps if step.terms["stage"] == number]


def test_lands_on_the_keypoints() -> None:
    tuning = fit_standing(FULL)
    first, last = tuning.steps[0], tuning.steps[tuning.kept]
    assert first.losses.l2d > 1e-3
    assert last.losses.l2d < 5e-5
    assert np.abs(last.fit.rotations @ last.fit.rotations.transpose(0, 2, 1) - np.eye(3)).max() < 1e-5


def test_starts_from_the_prediction() -> None:
    start = disturbed(standing_body(3))
    first = fit_standing(SHORT).steps[0].fit
    assert np.allclose(first.rotations, start.rotations, atol=1e-5)
    assert np.array_equal(first.betas, start.betas)
    assert np.array_equal(first.camera, start.camera)


def test_an_unbent_joint_and_a_half_turn_are_numbers() -> None:
    """Axis-angles of the identity were NaN in the released port (eft_method.md 11, pitfall 8)."""
    rest = BodyFit(np.tile(np.eye(3, dtype=np.float32), (24, 1, 1)), np.zeros(10, np.float32), np.float32([0.9, 0, 0]))
    rest.rotations[0] = np.diag([1.0, -1.0, -1.0])
    tuning = FITTER.fit(rest, targets_of(standing_body(3)), SHORT, LossWeights())
    assert np.isfinite(tuning.steps[-1].fit.rotations).all()
    assert np.allclose(tuning.steps[0].fit.rotations, rest.rotations, atol=1e-6)


class TestStages:
    def test_the_first_moves_root_and_camera_the_second_everything_else(self) -> None:
        tuning = fit_standing(SHORT)
        first, second = stage(tuning, 1), stage(tuning, 2)
        assert [len(first), len(second)] == [6, 9]
        begin, turn, end = first[0].fit, second[0].fit, second[-1].fit
        assert np.array_equal(begin.rotations[1:], turn.rotations[1:])
        assert np.array_equal(begin.betas, turn.betas)
        assert not np.allclose(begin.rotations[0], turn.rotations[0], atol=1e-3)
        assert not np.allclose(begin.camera, turn.camera, atol=1e-3)
        assert np.array_equal(turn.camera, end.camera)
        assert not np.allclose(turn.rotations[1:], end.rotations[1:], atol=1e-3)
        assert not np.allclose(turn.betas, end.betas, atol=1e-3)

    def test_without_the_first_the_camera_moves_with_the_body(self) -> None:
        options = replace(SHORT, skip_camera_stage=True)
        tuning = fit_standing(options)
        assert stage(tuning, 1) == []
        assert len(tuning.steps) == count_steps(options) == 9
        assert not np.allclose(tuning.steps[0].fit.camera, tuning.steps[-1].fit.camera, atol=1e-3)

    def test_a_free_camera_moves_on_with_the_body(self) -> None:
        tuning = fit_standing(replace(SHORT, free_camera=True))
        first, second = stage(tuning, 1), stage(tuning, 2)
        assert [len(first), len(second)] == [6, 9]
        assert not np.allclose(second[0].fit.camera, second[-1].fit.camera, atol=1e-3)

    def test_joints_terms_and_body_of_a_step_belong_together(self) -> None:
        """In stage 1 the joints come from a rigid turn; in stage 2 from the body."""
        truth = standing_body(3)
        targets = targets_of(truth)
        for step in fit_standing(SHORT).steps:
            rotations, betas, camera = as_tensors(step.fit)
            joints = project_to_crop(KINEMATICS(rotations, betas), camera)
            assert np.allclose(joints[0].numpy(), step.joints_crop, atol=2e-6)
            losses = eft_losses(joints, betas, camera, targets, LossWeights())
            assert step.losses.l2d == pytest.approx(losses.l2d.item(), rel=1e-3, abs=1e-8)
            assert step.losses.betas == pytest.approx(losses.betas.item(), rel=1e-5)
            assert step.losses.leg == pytest.approx(losses.leg.item(), rel=1e-3, abs=1e-6)

    @pytest.mark.parametrize("options", [SHORT, replace(RELEASED_SMPLIFY, camera_iterations=3, body_iterations=3)])
    def test_the_total_is_the_weighted_sum_of_the_terms(self, options: SmplifyOptions) -> None:
        weights = {"torso": 1, "depth": 1e4, "reprojection": 1, "pose_prior": 4.78**2, "angle_prior": 15.2**2}
        for number, step in enumerate(fit_standing(options).steps):
            assert step.iteration == number
            total = sum(weight * step.terms[name] for name, weight in (weights | {"shape": 25}).items())
            assert step.losses.total == pytest.approx(total, rel=1e-5, abs=1e-7)

    def test_switched_off_terms_are_zero(self) -> None:
        tuning = fit_standing(replace(SHORT, use_pose_prior=False, use_angle_prior=False))
        assert all(step.terms["pose_prior"] == step.terms["angle_prior"] == 0 for step in tuning.steps)
        assert all(step.terms["reprojection"] > 0 for step in stage(tuning, 2))


class TestEnd:
    def test_the_body_after_the_last_update_is_kept(self) -> None:
        longer, shorter = fit_standing(SHORT), fit_standing(replace(SHORT, body_iterations=7))
        assert longer.stop_reason == "iterations"
        assert longer.kept == len(longer.steps) - 1 == count_steps(SHORT) - 1
        assert np.array_equal(shorter.steps[-1].fit.rotations, longer.steps[-2].fit.rotations)
        assert not np.array_equal(longer.steps[-1].fit.rotations, longer.steps[-2].fit.rotations)

    def test_even_when_it_is_worse_than_one_before(self) -> None:
        tuning = fit_standing(replace(SHORT, learning_rate=0.5))
        totals = [step.losses.total for step in stage(tuning, 2)]
        assert totals[-1] > min(totals)
        assert tuning.kept == len(tuning.steps) - 1

    def test_stops_at_the_mean_over_49_joints(self) -> None:
        means = [step.terms["reprojection"] / 49 for step in stage(fit_standing(SHORT), 2)]
        threshold = means[4] * 1.0001
        assert min(means[:4]) > threshold
        tuning = fit_standing(replace(SHORT, stop_reprojection=threshold))
        assert tuning.stop_reason == "converged"
        assert len(stage(tuning, 2)) == 5
        assert tuning.steps[tuning.kept].terms["reprojection"] / 49 < threshold

    def test_no_iterations_keep_the_prediction(self) -> None:
        tuning = fit_standing(SmplifyOptions(camera_iterations=0, body_iterations=0, stop_reprojection=0))
        assert len(tuning.steps) == 1
        assert np.allclose(tuning.steps[0].fit.rotations, disturbed(standing_body(3)).rotations, atol=1e-5)

    def test_cancelled(self) -> None:
        seen: list[IterationStep] = []
        truth = standing_body(3)
        for at in (3, 9):  # one in each stage
            seen.clear()
            with pytest.raises(FitCancelled):
                FITTER.fit(truth, targets_of(truth), SHORT, LossWeights(), seen.append, lambda at=at: len(seen) == at)
            assert len(seen) == at


class TestFaults:
    """What the released port does and ours does only when asked (docs/smplify.md)."""

    def test_ty_is_pinned_only_when_asked(self) -> None:
        options = replace(SHORT, camera_iterations=60, body_iterations=0)
        wanted = standing_body(3).camera[2]
        start = disturbed(standing_body(3)).camera[2]
        free = fit_standing(options).steps[-1].fit.camera[2]
        pinned = fit_standing(replace(options, pin_ty=True)).steps[-1].fit.camera[2]
        assert abs(pinned - start) < 0.01
        assert abs(free - wanted) < abs(pinned - wanted) / 2

    def test_a_hip_nobody_labelled_pulls_only_when_asked(self) -> None:
        truth = standing_body(3)
        targets = targets_of(truth)
        targets.confidence[0, HIP] = 0
        targets.keypoints_crop[0, HIP] = 0
        options = replace(SHORT, camera_iterations=60, body_iterations=0)
        repaired = FITTER.fit(truth, targets, options, LossWeights()).steps[-1]
        released = FITTER.fit(truth, targets, replace(options, camera_confidence=False), LossWeights()).steps[-1]
        assert repaired.losses.l2d < 1e-6
        assert released.losses.l2d > 1e-4


def test_a_batch_fits_each_person_as_if_alone() -> None:
    people = [standing_body(seed) for seed in (3, 4, 5)]
    starts = [disturbed(person, angle=angle) for person, angle in zip(people, (0.05, 0.15, 0.3), strict=True)]
    options = replace(FULL, camera_iterations=10, body_iterations=30, stop_reprojection=7.0)
    heard: list[int] = []
    together = FITTER.fit_many(
        starts, targets_of(*people), options, LossWeights(), lambda person, step: heard.append(person)
    )
    for index, (person, start, tuning) in enumerate(zip(people, starts, together, strict=True)):
        alone = FITTER.fit(start, targets_of(person), options, LossWeights())
        assert (alone.stop_reason, len(alone.steps)) == (tuning.stop_reason, len(tuning.steps))
        assert np.allclose(alone.steps[-1].fit.rotations, tuning.steps[-1].fit.rotations, atol=1e-3)
        assert heard.count(index) == len(tuning.steps)
    assert len({len(tuning.steps) for tuning in together}) > 1


def test_equals_a_plain_loop() -> None:
    """The same method without any economy: the whole body in every iteration, Adam as it is documented."""
    truth = standing_body(3)
    start, targets = disturbed(truth), targets_of(truth)
    prior = load_prior(default_prior())
    rotations, betas, camera = as_tensors(start)
    pose = matrix_to_axis_angle(rotations)
    root, limbs = pose[:, :1].clone(), pose[:, 1:].clone()
    initial = camera.clone()

    def project() -> Tensor:
        turned = axis_angle_to_matrix(torch.cat((root, limbs), 1))
        return project_to_crop(KINEMATICS(turned, betas), camera)

    for variables, iterations in (((root, camera), 6), ((root, limbs, betas), 8)):
        for tensor in (root, limbs, betas, camera):
            tensor.requires_grad_(any(tensor is variable for variable in variables))
        adam = torch.optim.Adam(variables, lr=1e-2, foreach=False, fused=False)
        for _ in range(iterations):
            adam.zero_grad()
            if iterations == 6:
                energy = camera_energy(project(), camera, initial, targets, SHORT)
            else:
                energy = body_energy(project(), limbs.flatten(1), betas, targets, prior, SHORT)
            energy.total.sum().backward()
            adam.step()
    final = fit_standing(SHORT).steps[-1].fit
    expected = axis_angle_to_matrix(torch.cat((root, limbs), 1)).detach().numpy()[0]
    assert np.allclose(final.rotations, expected, atol=1e-4)
    assert np.allclose(final.betas, betas.detach().numpy()[0], atol=1e-4)
    assert np.allclose(final.camera, camera.detach().numpy()[0], atol=1e-5)


def test_the_prior_brings_bodies_nearer_to_the_truth() -> None:
    """On frozen people, from the open regressor's predictions; without it only the keypoints hold the body."""
    people = read_frozen_people(FROZEN)
    keypoints = people.keypoints[:60]
    confidence = keypoints[..., 2]
    targets = FitTargets(keypoints[..., :2], confidence, active_confidence(confidence, EftOptions()))
    with torch.no_grad():
        output = load_regressor(default_regressor()).eval()(RegressorInput(keypoints, None))
        truth = KINEMATICS(people.rotations[:60], people.betas[:60])[:, EVALUATED_JOINTS].numpy()
    starts = [
        BodyFit(rotations, betas, camera)
        for rotations, betas, camera in zip(
            output.rotations.numpy(), output.betas.numpy(), output.camera.numpy(), strict=True
        )
    ]

    def error_mm(options: SmplifyOptions) -> float:
        fits = [tuning.steps[-1].fit for tuning in FITTER.fit_many(starts, targets, options, LossWeights())]
        with torch.no_grad():
            joints_cam = KINEMATICS(*(torch.cat(parts) for parts in list(zip(*map(as_tensors, fits), strict=True))[:2]))
        return float(pa_mpjpe_mm(joints_cam[:, EVALUATED_JOINTS].numpy(), truth).mean())

    assert error_mm(FULL) < error_mm(replace(FULL, use_pose_prior=False)) - 5


class TestTuned:
    def test_belongs_to_the_mannequin_s_prior_and_the_start(self, tmp_path: Path) -> None:
        assert choose_smplify(None) == choose_smplify(default_prior()) == OPEN_SMPLIFY
        assert choose_smplify(None, from_mean=True) == OPEN_SMPLIFY_FROM_MEAN
        assert choose_smplify(tmp_path / "gmm.npz") == SmplifyOptions()
        assert choose_smplify(tmp_path / "gmm.npz", from_mean=True) == SmplifyOptions()

    def test_both_starts_share_one_energy(self) -> None:
        weights = [name for name in SmplifyOptions.__dataclass_fields__ if name.endswith("_weight")]
        assert len(weights) == 5
        for name in weights:
            assert getattr(OPEN_SMPLIFY, name) == getattr(OPEN_SMPLIFY_FROM_MEAN, name)

    @pytest.mark.parametrize("options", [OPEN_SMPLIFY, OPEN_SMPLIFY_FROM_MEAN])
    def test_lands_on_the_keypoints(self, options: SmplifyOptions) -> None:
        tuning = fit_standing(options)
        assert tuning.steps[0].losses.l2d > 1e-3
        assert tuning.steps[tuning.kept].losses.l2d < 5e-5


class TestBadOptions:
    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"learning_rate": 0.0}, "learning rate is 0, expected a positive"),
            ({"learning_rate": float("nan")}, "expected a positive"),
            ({"stop_reprojection": -1.0}, "0 never stops"),
            ({"body_iterations": -1}, "fewer than none"),
            ({"pose_weight": float("inf")}, "pose weight is inf, expected 0 or a positive"),
            ({"hip_weight": -0.1}, "hip weight is -0.1"),
        ],
    )
    def test_are_refused(self, wrong: dict[str, float], message: str) -> None:
        with pytest.raises(JobError, match=message):
            fit_standing(replace(SHORT, **wrong))  # type: ignore[arg-type]

    def test_a_pose_term_needs_a_prior(self) -> None:
        truth = standing_body(3)
        fitter = SmplifyFitter(KINEMATICS, None)
        with pytest.raises(JobError, match="needs a pose prior"):
            fitter.fit(truth, targets_of(truth), SHORT, LossWeights())
        without = replace(SHORT, use_pose_prior=False)
        assert fitter.fit(truth, targets_of(truth), without, LossWeights()).steps
