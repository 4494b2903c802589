"""How good a regressor is on frozen test people: 3D errors and reprojection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fitting.body.kinematics import Kinematics
from fitting.evaluation.protocols import MANY_KEYPOINTS, joint_errors_mm
from fitting.geometry.camera import project_to_crop
from fitting.losses import active_confidence, reprojection_loss
from fitting.regressor.base import Regressor, RegressorInput
from fitting.spec import EftOptions
from fitting.training.frozen import FrozenPeople


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over people, mm; ``l2d_median`` over all labelled joints; ``*_many`` for people with many keypoints."""

    mpjpe_mm: float
    pa_mm: float
    mpjpe_mm_many: float
    pa_mm_many: float
    l2d_median: float


@torch.no_grad()
def evaluate(regressor: Regressor, kinematics: Kinematics, people: FrozenPeople) -> Scores:
    """Scores of plain predictions."""
    was_training = regressor.training
    output = regressor.eval()(RegressorInput(people.keypoints, None))
    regressor.train(was_training)
    joints_cam = kinematics(output.rotations, output.betas)
    projected = project_to_crop(joints_cam, output.camera)
    active = active_confidence(people.keypoints[..., 2], EftOptions(use_hips=True, use_ankles=True))
    l2d = reprojection_loss(projected, people.keypoints[..., :2], active)
    mpjpe, pa = joint_errors_mm(joints_cam.numpy(), kinematics(people.rotations, people.betas).numpy())
    many = (people.visible() >= MANY_KEYPOINTS).numpy()
    return Scores(
        mpjpe_mm=float(mpjpe.mean()),
        pa_mm=float(pa.mean()),
        mpjpe_mm_many=float(mpjpe[many].mean()) if many.any() else float("nan"),
        pa_mm_many=float(pa[many].mean()) if many.any() else float("nan"),
        l2d_median=float(np.median(l2d.numpy())),
    )
