"""Loss of a predicted body against a synthetic truth."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from fitting.body.kinematics import Kinematics
from fitting.geometry.camera import project_to_crop
from fitting.regressor.base import RegressorOutput
from fitting.synthetic.people import SPIN24_START, People
from fitting.training.config import TrainingWeights
from resources.skeleton import get_skeleton

_ROOT = get_skeleton("spin49").index("openpose_mid_hip")


@dataclass(frozen=True, slots=True, eq=False)
class TrainingLosses:
    """Weighted total and unweighted terms, scalars."""

    total: Tensor
    joints: Tensor
    rotations: Tensor
    keypoints: Tensor
    betas: Tensor
    camera: Tensor


def training_losses(
    output: RegressorOutput, people: People, kinematics: Kinematics, weights: TrainingWeights
) -> TrainingLosses:
    """All terms, means over the batch."""
    joints_cam = kinematics(output.rotations, output.betas)
    joints = (_rooted(joints_cam) - _rooted(people.joints_cam)).abs().mean()
    rotations = (output.rotations - people.rotations).square().mean()
    projected = project_to_crop(joints_cam, output.camera)[:, SPIN24_START:]
    distance = (projected - people.keypoints_true[:, SPIN24_START:]).abs().mean(-1)
    share = torch.where(people.keypoints[:, SPIN24_START:, 2] > 0, 1.0, weights.unlabelled)
    # Close-ups enlarge what lies outside the picture; nobody needs a foot there to be right to the centimetre.
    share = share / people.camera[:, :1].clamp_min(1)
    keypoints = (share * distance).mean()
    betas = (output.betas - people.betas).square().mean()
    camera = ((output.camera - people.camera).abs() / people.camera[:, :1].clamp_min(1)).mean()
    total = (
        weights.joints * joints
        + weights.rotations * rotations
        + weights.keypoints * keypoints
        + weights.betas * betas
        + weights.camera * camera
    )
    return TrainingLosses(total, joints, rotations, keypoints, betas, camera)


def _rooted(joints_cam: Tensor) -> Tensor:
    return joints_cam - joints_cam[:, _ROOT : _ROOT + 1]
