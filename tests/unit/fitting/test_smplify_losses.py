"""SMPLify's energy: values by hand, gradients in float64, zero at the optimum (eft_method.md section 7)."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from fitting.losses import FitTargets
from fitting.smplify_losses import (
    PIN_WEIGHT,
    ROBUST_PX,
    angle_prior,
    body_energy,
    camera_energy,
    geman_mcclure,
    pinned_ty,
    reprojection_energy,
    shape_prior,
    smplify_confidence,
    torso_loss,
)
from fitting.spec import RELEASED_SMPLIFY, SmplifyOptions
from resources.skeleton import get_skeleton

SPIN49 = get_skeleton("spin49")
NO_ANGLES = SmplifyOptions(use_angle_prior=False)
WEIGHED = SmplifyOptions(pose_weight=3, angle_weight=2, shape_weight=7, hip_weight=0.5, ankle_weight=0.25)
TORSO = ("right_hip", "left_hip", "right_shoulder", "left_shoulder")


def points(seed: int) -> Tensor:
    return torch.rand(2, 49, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def numbers(width: int, seed: int) -> Tensor:
    return torch.randn(2, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def ones() -> Tensor:
    return torch.ones(2, 49, dtype=torch.float64)


def targets(confidence: Tensor | None = None) -> FitTargets:
    confidence = ones() if confidence is None else confidence
    return FitTargets(points(1), confidence, confidence)


def test_weights_are_those_of_the_published_method() -> None:
    for options in (SmplifyOptions(), RELEASED_SMPLIFY):
        assert (options.pose_weight, options.angle_weight, options.shape_weight) == (4.78, 15.2, 5)
        assert (options.hip_weight, options.ankle_weight) == (0, 1)
    assert (PIN_WEIGHT, ROBUST_PX) == (1e4, 100)


def test_robustifier() -> None:
    values = geman_mcclure(torch.tensor([0.0, 1.0, -100.0, 1e9], dtype=torch.float64), 100)
    assert values.tolist() == pytest.approx([0, 1e4 / 10001, 5000, 1e4])


class TestReprojection:
    def keypoints(self, joint: str) -> Tensor:
        keypoints = torch.zeros(1, 49, 2, dtype=torch.float64)
        keypoints[0, SPIN49.index(joint)] = torch.tensor([10 / 112, -200 / 112])
        return keypoints

    def test_by_hand_in_pixels_of_the_crop(self) -> None:
        counted = torch.full((1, 49), 0.5, dtype=torch.float64)
        energy = reprojection_energy(torch.zeros(1, 49, 2), self.keypoints("nose"), counted)
        expected = 0.25 * (1e4 * 100 / (1e4 + 100) + 1e4 * 4e4 / (1e4 + 4e4))
        assert energy.item() == pytest.approx(expected)

    def test_pelvis_and_ankles_count_hips_and_openpose_do_not(self) -> None:
        counted = smplify_confidence(torch.ones(1, 49), SmplifyOptions())
        for index, name in enumerate(SPIN49.joints):
            assert counted[0, index] == (0 if index < 25 or name in {"right_hip", "left_hip"} else 1), name

    def test_the_annotation_is_left_alone(self) -> None:
        confidence = torch.ones(1, 49)
        smplify_confidence(confidence, SmplifyOptions())
        assert confidence.sum() == 49

    def test_a_weight_is_a_share_of_the_squared_distance(self) -> None:
        options = SmplifyOptions(hip_weight=0.5, ankle_weight=0.25)
        counted = smplify_confidence(torch.full((1, 49), 0.8, dtype=torch.float64), options)
        for joint, share in (("left_hip", 0.5), ("right_ankle", 0.25), ("nose", 1.0)):
            keypoints = self.keypoints(joint)
            whole = reprojection_energy(torch.zeros(1, 49, 2), keypoints, torch.full((1, 49), 0.8)).item()
            part = reprojection_energy(torch.zeros(1, 49, 2), keypoints, counted).item()
            assert part == pytest.approx(share * whole), joint


class TestAnglePrior:
    """Positive y bends the left elbow the wrong way, negative y the right one, negative x both knees."""

    def pose(self, joint: str, axis: int, angle: float) -> Tensor:
        pose = torch.zeros(1, 23, 3, dtype=torch.float64)
        pose[0, get_skeleton("smpl24").index(joint) - 1, axis] = angle
        return pose.flatten(1)

    @pytest.mark.parametrize(
        ("joint", "axis", "wrong"),
        [("left_elbow", 1, 1), ("right_elbow", 1, -1), ("left_knee", 0, -1), ("right_knee", 0, -1)],
    )
    def test_by_hand(self, joint: str, axis: int, wrong: int) -> None:
        assert angle_prior(self.pose(joint, axis, 0.7 * wrong)).item() == pytest.approx(3 + math.exp(1.4))
        assert angle_prior(self.pose(joint, axis, -0.7 * wrong)).item() == pytest.approx(3 + math.exp(-1.4))

    def test_indices_are_those_of_the_specification(self) -> None:
        pose = torch.zeros(1, 69, requires_grad=True)
        angle_prior(pose).sum().backward()
        assert pose.grad is not None
        assert {int(i): pose.grad[0, i].item() for i in pose.grad[0].nonzero()} == {52: 2, 55: -2, 9: -2, 12: -2}

    def test_other_joints_do_not_matter(self) -> None:
        assert angle_prior(self.pose("left_shoulder", 1, 2.0)).item() == 4


def test_shape_by_hand() -> None:
    assert shape_prior(torch.tensor([[2.0, -1, *([0.0] * 8)]])).item() == 5


class TestCameraStage:
    def test_by_hand_in_normalised_units(self) -> None:
        keypoints = torch.zeros(1, 49, 2)
        for name in TORSO:
            keypoints[0, SPIN49.index(name)] = torch.tensor([0.3, 0.4])
        keypoints[0, SPIN49.index("nose")] = 5
        confidence = torch.full((1, 49), 0.5)
        assert torso_loss(torch.zeros(1, 49, 2), keypoints, None).item() == pytest.approx(1.0)
        assert torso_loss(torch.zeros(1, 49, 2), keypoints, confidence).item() == pytest.approx(0.25)

    def test_the_released_port_counts_joints_nobody_labelled(self) -> None:
        confidence = ones()
        confidence[:, SPIN49.index("right_hip")] = 0
        goal, camera = targets(confidence), numbers(3, 2)
        moved = goal.keypoints_crop.clone()
        moved[:, SPIN49.index("right_hip")] += 0.5
        repaired = camera_energy(moved, camera, camera, goal, SmplifyOptions())
        released = camera_energy(moved, camera, camera, goal, RELEASED_SMPLIFY)
        assert repaired.total.tolist() == [0, 0]
        assert released.total.tolist() == pytest.approx([0.5, 0.5])

    def test_the_pin_is_on_the_vertical_translation(self) -> None:
        camera = torch.tensor([[0.9, 0.5, 0.25]])
        initial = torch.tensor([[0.1, 0.1, 0.15]])
        assert pinned_ty(camera, initial).item() == pytest.approx(0.01)
        goal = FitTargets(torch.zeros(1, 49, 2), torch.ones(1, 49), torch.ones(1, 49))
        pinned = camera_energy(torch.zeros(1, 49, 2), camera, initial, goal, SmplifyOptions(pin_ty=True))
        free = camera_energy(torch.zeros(1, 49, 2), camera, initial, goal, SmplifyOptions())
        assert pinned.total.item() == pytest.approx(100)
        assert free.total.item() == 0


def quadratic_prior(pose: Tensor) -> Tensor:
    return pose.square().sum(-1)


def test_zero_at_the_optimum() -> None:
    goal = targets()
    energy = body_energy(goal.keypoints_crop, numbers(69, 3), torch.zeros(2, 10), goal, None, NO_ANGLES)
    assert energy.total.tolist() == [0, 0]
    camera = numbers(3, 4)
    assert camera_energy(goal.keypoints_crop, camera, camera, goal, RELEASED_SMPLIFY).total.tolist() == [0, 0]


def test_the_body_stage_adds_its_weighted_terms() -> None:
    energy = body_energy(points(2), numbers(69, 3), numbers(10, 4), targets(), quadratic_prior, SmplifyOptions())
    total = energy.reprojection + 4.78**2 * energy.pose_prior + 15.2**2 * energy.angle_prior + 25 * energy.shape
    assert torch.allclose(energy.total, total)
    assert energy.torso.tolist() == energy.depth.tolist() == [0, 0]
    bare = body_energy(points(2), numbers(69, 3), numbers(10, 4), targets(), None, NO_ANGLES)
    assert torch.allclose(bare.total, energy.reprojection + 25 * energy.shape)
    assert bare.pose_prior.tolist() == bare.angle_prior.tolist() == [0, 0]


def test_weights_are_options() -> None:
    energy = body_energy(points(2), numbers(69, 3), numbers(10, 4), targets(), quadratic_prior, WEIGHED)
    total = energy.reprojection + 9 * energy.pose_prior + 4 * energy.angle_prior + 49 * energy.shape
    assert torch.allclose(energy.total, total)


def test_gradients_of_every_term() -> None:
    goal = targets(torch.rand(2, 49, dtype=torch.float64, generator=torch.Generator().manual_seed(9)))
    check = torch.autograd.gradcheck
    projected, initial = points(2).requires_grad_(), numbers(3, 5)
    pose, betas, camera = (numbers(width, width).requires_grad_() for width in (69, 10, 3))
    assert check(lambda p: reprojection_energy(p, goal.keypoints_crop, goal.confidence), (projected,))
    assert check(angle_prior, (pose,))
    assert check(shape_prior, (betas,))
    assert check(lambda p: torso_loss(p, goal.keypoints_crop, goal.confidence), (projected,))
    assert check(lambda c: pinned_ty(c, initial), (camera,))
    assert check(lambda p, c: camera_energy(p, c, initial, goal, RELEASED_SMPLIFY).total, (projected, camera))
    assert check(lambda p, q, b: body_energy(p, q, b, goal, quadratic_prior, WEIGHED).total, (projected, pose, betas))
