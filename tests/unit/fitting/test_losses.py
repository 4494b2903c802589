"""EFT's loss: values by hand, gradients in float64, zero at the optimum (eft_method.md 1.2-1.3)."""

from __future__ import annotations

import math

import pytest
import torch

from fitting.losses import (
    FitTargets,
    active_confidence,
    beside_confidence,
    camera_loss,
    eft_losses,
    leg_loss,
    reprojection_loss,
    shape_loss,
)
from fitting.spec import EftOptions, LossWeights
from resources.skeleton import get_skeleton

SPIN49 = get_skeleton("spin49")


def points(seed: int) -> torch.Tensor:
    return torch.rand(2, 49, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def ones() -> torch.Tensor:
    return torch.ones(2, 49, dtype=torch.float64)


def targets(seed: int = 1) -> FitTargets:
    confidence = ones()
    return FitTargets(points(seed), confidence, active_confidence(confidence, EftOptions()))


def test_l2d_divides_by_98_whatever_is_labelled() -> None:
    projected, keypoints = torch.zeros(1, 49, 2), torch.zeros(1, 49, 2)
    keypoints[0, 44] = torch.tensor([0.3, 0.4])
    active = torch.zeros(1, 49)
    active[0, 44] = 1
    assert reprojection_loss(projected, keypoints, active).item() == pytest.approx(0.25 / 98)
    active[0, 44] = 0.5
    assert reprojection_loss(projected, keypoints, active).item() == pytest.approx(0.125 / 98)


@pytest.mark.parametrize(("l2d", "joints", "rms"), [(2e-5, 13, 1.38), (1e-4, 10, 3.51), (5e-4, 8, 8.77)])
def test_l2d_in_pixels_is_the_table_of_section_1_4(l2d: float, joints: int, rms: float) -> None:
    distance = rms / 112
    keypoints = torch.zeros(1, 49, 2)
    keypoints[0, 25 : 25 + joints, 0] = distance
    active = torch.zeros(1, 49)
    active[0, 25 : 25 + joints] = 1
    assert reprojection_loss(torch.zeros(1, 49, 2), keypoints, active).item() == pytest.approx(l2d, rel=0.01)


def test_shape_and_camera_terms() -> None:
    betas = torch.tensor([[2.0, -1, *([0.0] * 8)]])
    assert shape_loss(betas).item() == pytest.approx(0.5)
    camera = torch.tensor([[0.3, 5.0, 5.0]])
    assert camera_loss(camera).item() == pytest.approx(math.exp(-3) ** 2)


def leg_points(knee: tuple[float, float], ankle: tuple[float, float]) -> torch.Tensor:
    keypoints = torch.zeros(1, 49, 2)
    keypoints[0, SPIN49.index("left_knee")] = torch.tensor(knee)
    keypoints[0, SPIN49.index("left_ankle")] = torch.tensor(ankle)
    return keypoints


class TestLeg:
    def test_right_angle_costs_one(self) -> None:
        confidence = torch.ones(1, 49)
        loss = leg_loss(leg_points((0, 0), (0.5, 0)), leg_points((0, 0), (0, 0.2)), confidence)
        assert loss.item() == pytest.approx(1.0)

    def test_confidences_multiply(self) -> None:
        confidence = torch.ones(1, 49)
        confidence[0, SPIN49.index("left_knee")] = 0.5
        confidence[0, SPIN49.index("left_ankle")] = 0.5
        loss = leg_loss(leg_points((0, 0), (-1, 0)), leg_points((0, 0), (1, 0)), confidence)
        assert loss.item() == pytest.approx(0.25 * 2)

    def test_a_leg_of_a_pixel_has_no_direction(self) -> None:
        short = leg_points((0, 0), (0.0088, 0))
        assert leg_loss(leg_points((0, 0), (0, 1)), short, torch.ones(1, 49)).item() == 0

    def test_zero_length_projection_has_a_finite_gradient(self) -> None:
        projected = torch.zeros(1, 49, 2, requires_grad=True)
        leg_loss(projected, leg_points((0, 0), (0, 0.5)), torch.ones(1, 49)).sum().backward()
        assert projected.grad is not None
        assert torch.isfinite(projected.grad).all()


class TestActive:
    def test_openpose_hips_and_ankles_are_off(self) -> None:
        active = active_confidence(torch.ones(1, 49), EftOptions())
        off = {"right_hip", "left_hip", "pelvis", "right_ankle", "left_ankle"}
        for index, name in enumerate(SPIN49.joints):
            assert active[0, index] == (0 if index < 25 or name in off else 1), name

    def test_a_coco_person_has_13_active_joints(self) -> None:
        confidence = torch.zeros(1, 49)
        for name in get_skeleton("coco17").joints:
            confidence[0, SPIN49.index(name)] = 1
        assert active_confidence(confidence, EftOptions()).sum() == 13

    def test_options_turn_them_on(self) -> None:
        options = EftOptions(use_hips=True, use_ankles=True)
        assert active_confidence(torch.ones(1, 49), options).sum() == 24

    def test_the_input_is_left_alone(self) -> None:
        confidence = torch.ones(1, 49)
        active_confidence(confidence, EftOptions())
        assert confidence.sum() == 49


def test_effective_weights_are_300_006_60_and_03() -> None:
    projected, betas = points(2), torch.full((2, 10), 0.7, dtype=torch.float64)
    camera = torch.tensor([[0.2, 0, 0], [0.4, 0, 0]], dtype=torch.float64)
    goal = targets()
    losses = eft_losses(projected, betas, camera, goal, LossWeights())
    expected = 300 * losses.l2d + 0.06 * losses.betas + 60 * losses.camera + 0.3 * losses.leg
    assert torch.allclose(losses.total, expected)


def test_zero_at_the_optimum() -> None:
    goal = targets()
    camera = torch.tensor([[50.0, 0, 0]] * 2, dtype=torch.float64)
    losses = eft_losses(goal.keypoints_crop, torch.zeros(2, 10, dtype=torch.float64), camera, goal, LossWeights())
    assert losses.total.abs().max() < 1e-12


def test_gradients_of_every_term() -> None:
    goal = targets()
    projected = points(5).requires_grad_()
    betas = torch.randn(2, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    camera = torch.tensor([[0.2, 0.1, 0], [0.4, 0, 0.3]], dtype=torch.float64, requires_grad=True)
    check = torch.autograd.gradcheck
    assert check(lambda p: reprojection_loss(p, goal.keypoints_crop, goal.active), (projected,))
    assert check(lambda p: leg_loss(p, goal.keypoints_crop, goal.confidence), (projected,))
    assert check(shape_loss, (betas,))
    assert check(camera_loss, (camera,))
    assert check(lambda p, b, c: eft_losses(p, b, c, goal, LossWeights()).total, (projected, betas, camera))


def test_hips_and_ankles_weigh_beside_l2d_and_never_within_it() -> None:
    confidence = ones()
    plain, weighted = EftOptions(), EftOptions(hip_weight=0.5, ankle_weight=0.25)
    assert beside_confidence(confidence, plain) is None
    beside = beside_confidence(confidence, weighted)
    assert beside is not None
    hip, ankle = SPIN49.index("left_hip"), SPIN49.index("left_ankle")
    assert (beside[0, hip].item(), beside[0, ankle].item()) == (0.5, 0.25)
    assert int((beside[0] > 0).sum()) == 5  # both hips, pelvis, both ankles
    # Who already counts within L2d does not count twice.
    assert beside_confidence(confidence, EftOptions(use_hips=True, use_ankles=True, hip_weight=1.0)).sum() == 0  # type: ignore[union-attr]

    aim = FitTargets(points(1), confidence, active_confidence(confidence, plain), beside)
    projected = aim.keypoints_crop.clone()
    projected[:, hip, 0] += 0.1
    losses = eft_losses(
        projected, torch.zeros(2, 10).double(), torch.tensor([[9.0, 0, 0]] * 2).double(), aim, LossWeights()
    )
    assert losses.l2d.abs().max() < 1e-12
    assert losses.total[0].item() == pytest.approx(60 * 5 * 0.5 * 0.01 / 98, rel=1e-6)


def test_gradients_with_hips_and_ankles() -> None:
    confidence = ones()
    beside = beside_confidence(confidence, EftOptions(hip_weight=0.5, ankle_weight=0.25))
    aim = FitTargets(points(1), confidence, active_confidence(confidence, EftOptions()), beside)
    betas, camera = torch.zeros(2, 10).double(), torch.tensor([[0.9, 0.1, 0.0]] * 2).double()

    def total(projected: torch.Tensor) -> torch.Tensor:
        return eft_losses(projected, betas, camera, aim, LossWeights()).total

    assert torch.autograd.gradcheck(total, (points(2).requires_grad_(),))
