"""Depth hints, pins and ignored joints as terms of a fit: values by hand, gradients, and what they do to a body."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from fitting.body.model import load_body
from fitting.errors import JobError
from fitting.fit import run_fit_job, run_fit_many_job
from fitting.guidance import depth_hint_loss, hint_signs, joint_factors, limb_depths, point_limbs
from fitting.losses import active_confidence, beside_confidence, eft_losses
from fitting.preprocess import build_targets
from fitting.spec import (
    OPEN_SMPLIFY,
    DepthHint,
    DepthHintOptions,
    EftOptions,
    FitJob,
    FitManyJob,
    FitResult,
    JobId,
    LossWeights,
)
from resources import default_body
from resources.limbs import LIMB_NAMES
from resources.skeleton import get_skeleton
from tests.helpers.fits import coco_keypoints, fit_job, standing_body

SPIN49 = get_skeleton("spin49")
COCO = get_skeleton("coco17")
FOREARM = LIMB_NAMES.index("left_forearm")
WRIST = SPIN49.index("left_wrist")


def joints(seed: int) -> torch.Tensor:
    return torch.randn(2, 49, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def forearm(deeper: float) -> torch.Tensor:
    """Joints of which only the left forearm has depth: its wrist lies so much deeper than its elbow."""
    made = torch.zeros(1, 49, 3)
    made[0, SPIN49.index("openpose_left_wrist"), 2] = deeper
    return made


class TestHinge:
    @pytest.mark.parametrize(
        ("deeper", "hint", "lost"),
        [(0.3, "away", 0.0), (0.1, "away", 0.0), (0.04, "away", 0.06), (-0.2, "away", 0.3), (-0.2, "toward", 0.0)],
    )
    def test_value_by_hand_and_zero_from_the_margin_on(self, deeper: float, hint: DepthHint, lost: float) -> None:
        signs = hint_signs({"left_forearm": hint}, "x")
        assert signs is not None
        assert depth_hint_loss(forearm(deeper), signs, 0.1).item() == pytest.approx(lost**2, abs=1e-7)

    def test_the_terms_of_limbs_add_up_and_unhinted_ones_count_nothing(self) -> None:
        two = hint_signs({"left_forearm": "toward", "right_thigh": "away"}, "x")
        one, other = hint_signs({"left_forearm": "toward"}, "x"), hint_signs({"right_thigh": "away"}, "x")
        assert two is not None and one is not None and other is not None
        parts = depth_hint_loss(joints(1), one, 0.1) + depth_hint_loss(joints(1), other, 0.1)
        assert torch.allclose(depth_hint_loss(joints(1), two, 0.1), parts)
        assert depth_hint_loss(joints(1), torch.zeros(1, 8), 0.1).tolist() == [0, 0]

    def test_gradient(self) -> None:
        signs = torch.tensor([[1.0, -1, 1, -1, 0, 1, -1, 1]], dtype=torch.float64)
        points = joints(2).requires_grad_()
        check: Any = torch.autograd.gradcheck
        assert check(lambda cam: depth_hint_loss(cam, signs, 0.1), (points,))

    def test_no_gradient_where_the_hint_is_heeded(self) -> None:
        signs = hint_signs({"left_forearm": "away"}, "x")
        assert signs is not None
        points = forearm(0.2).requires_grad_()
        depth_hint_loss(points, signs, 0.1).sum().backward()
        assert points.grad is not None
        assert not points.grad.any()

    def test_nonsense_names_the_person(self) -> None:
        with pytest.raises(JobError, match=r"person 3: the depth hint 'tail: away'"):
            hint_signs({"tail": "away"}, "person 3")
        with pytest.raises(JobError, match=r"person 3: .*'tail', which is no joint"):
            joint_factors({"tail": 0}, "person 3")
        with pytest.raises(JobError, match="weight of nose is -1"):
            joint_factors({"nose": -1}, "person 3")


def test_a_mirrored_limb_changes_no_joint_in_the_picture() -> None:
    kinematics, body = load_body(default_body()).kinematics, standing_body(3, bend=0.4)
    before = kinematics(torch.tensor(body.rotations)[None], torch.tensor(body.betas)[None])
    depths = limb_depths(before)[0]
    mirrored = point_limbs(kinematics, body, -depths.sign())
    after = kinematics(torch.tensor(mirrored.rotations)[None], torch.tensor(mirrored.betas)[None])
    assert torch.allclose(limb_depths(after)[0], -depths, atol=1e-5)
    arms = [SPIN49.index(f"openpose_{side}_{joint}") for side in ("left", "right") for joint in ("elbow", "wrist")]
    assert torch.allclose(after[0, arms, :2], before[0, arms, :2], atol=1e-5)
    same = point_limbs(kinematics, body, depths.sign())
    assert np.array_equal(same.rotations, body.rotations)


class TestWeights:
    def test_a_pin_pulls_and_the_reported_l2d_knows_nothing_of_it(self) -> None:
        job = fit_job()
        plain = build_targets(job, EftOptions())
        pinned = build_targets(dataclasses.replace(job, joint_weights={"left_wrist": 10.0}), EftOptions())
        projected = plain.keypoints_crop.clone()
        projected[0, WRIST, 0] += 0.1
        losses = [
            eft_losses(projected, torch.zeros(1, 10), torch.ones(1, 3), targets, LossWeights(1, 0, 0, 0, 1))
            for targets in (plain, pinned)
        ]
        assert losses[0].l2d.item() == losses[1].l2d.item() == pytest.approx(0.01 / 98)
        assert losses[0].total.item() == pytest.approx(0.01 / 98)
        assert losses[1].total.item() == pytest.approx(0.1 / 98)

    def test_a_pinned_ankle_pulls_though_l2d_leaves_ankles_out(self) -> None:
        factors = joint_factors({"left_ankle": 5.0, "left_wrist": 0.25}, "x")
        beside = beside_confidence(torch.ones(1, 49), EftOptions(ankle_weight=0.5), factors)
        assert beside is not None
        assert beside[0, SPIN49.index("left_ankle")].item() == pytest.approx(4.5)
        assert beside[0, SPIN49.index("right_ankle")].item() == pytest.approx(0.5)
        assert beside[0, WRIST].item() == pytest.approx(-0.75)  # L2d has it in full
        assert not beside[0, :25].any()

    def test_an_ignored_joint_is_one_that_was_never_labelled(self) -> None:
        keypoints = coco_keypoints(standing_body())
        keypoints[COCO.index("left_wrist"), :2] += 90  # nonsense
        cleared = keypoints.copy()
        cleared[COCO.index("left_wrist")] = 0
        options = EftOptions(max_iterations=3)
        ignored = run_fit_job(fit_job(keypoints, options=options, joint_weights={"left_wrist": 0.0}))
        missing = run_fit_job(fit_job(cleared, options=options))
        assert ignored.final_losses.l2d == missing.final_losses.l2d
        assert np.array_equal(ignored.initial.rotations, missing.initial.rotations)
        assert ignored.rms_px == missing.rms_px

    @pytest.mark.parametrize("method", ["eft", "smplify"])
    def test_a_pin_brings_the_body_nearer(self, method: str) -> None:
        keypoints = coco_keypoints(standing_body())
        wrist = COCO.index("left_wrist")
        keypoints[wrist, :2] += (25, 10)
        fits = [
            run_fit_job(fit_job(keypoints, method=method, smplify=OPEN_SMPLIFY, joint_weights=weights))
            for weights in ({}, {"left_wrist": 10.0})
        ]
        loose, tight = (np.linalg.norm(fit.joints_px[WRIST] - keypoints[wrist, :2]) for fit in fits)
        assert tight < 0.7 * loose


def depth_of_forearm(result: FitResult) -> float:
    joints_cam = torch.as_tensor(load_body(default_body()).joints_of(result.final))[None]
    return float(limb_depths(joints_cam)[0, FOREARM])


def hinted(method: str, hint: DepthHint | None, **changes: Any) -> FitJob:
    hints = {} if hint is None else {"left_forearm": hint}
    keypoints = coco_keypoints(standing_body(2, bend=0.25))
    return fit_job(keypoints, method=method, smplify=OPEN_SMPLIFY, depth_hints=hints, **changes)


@pytest.mark.parametrize("method", ["eft", "smplify"])
def test_a_fit_heeds_a_hint_either_way_and_stays_on_the_keypoints(method: str) -> None:
    toward, away = (run_fit_job(hinted(method, hint)) for hint in ("toward", "away"))
    assert depth_of_forearm(toward) < -0.02
    assert depth_of_forearm(away) > 0.02
    assert max(fit.final_losses.l2d for fit in (toward, away)) < 2e-4


def test_without_guidance_a_step_has_no_further_terms_and_the_total_is_efts_own() -> None:
    job = hinted("eft", None, options=EftOptions(max_iterations=2))
    steps: list[Any] = []
    run_fit_job(job, steps.append)
    assert [dict(step.terms) for step in steps] == [{}, {}]
    heedless = EftOptions(max_iterations=2, depth_hints=DepthHintOptions(weight=0.0))
    other: list[Any] = []
    run_fit_job(hinted("eft", "away", options=heedless), other.append)
    assert [step.losses for step in other] == [step.losses for step in steps]
    assert other[0].terms["depth_hints"] >= 0


def test_a_hint_leaves_the_others_of_a_group_as_they_were() -> None:
    options = dataclasses.replace(OPEN_SMPLIFY, body_iterations=5)
    person = dataclasses.replace(hinted("smplify", None), smplify=options)
    other = dataclasses.replace(hinted("smplify", "away"), smplify=options)
    plain = run_fit_many_job(FitManyJob(JobId("a"), (person, person)))
    guided = run_fit_many_job(FitManyJob(JobId("b"), (person, other)))
    first, second = plain.results[0], guided.results[0]
    assert isinstance(first, FitResult)
    assert isinstance(second, FitResult)
    assert first.trace == second.trace
    assert np.array_equal(first.final.rotations, second.final.rotations)


def test_targets_of_the_unguided_carry_nothing() -> None:
    targets = build_targets(fit_job(), EftOptions())
    assert not targets.guided
    assert (targets.beside, targets.hints, targets.pins) == (None, None, None)
    assert torch.equal(targets.active, active_confidence(targets.confidence, EftOptions()))
