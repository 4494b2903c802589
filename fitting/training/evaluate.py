"""How good a regressor is on frozen test people: 3D errors and reprojection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fitting.body.kinematics import Kinematics
from fitting.evaluation.metrics import mpjpe_mm, pa_mpjpe_mm
from fitting.geometry.camera import project_to_crop
from fitting.losses import active_confidence, reprojection_loss
from fitting.regressor.base import Regressor, RegressorInput
from fitting.spec import EftOptions, FloatArray
from fitting.training.frozen import FrozenPeople
from resources.skeleton import get_skeleton

MANY_KEYPOINTS = 15
"""Metrics are also told for people with at least this many of 17 keypoints: partial people hide progress."""

_SPIN49 = get_skeleton("spin49")
EVALUATED_JOINTS = tuple(_SPIN49.index(name) for name in get_skeleton("lsp14").joints)
"""The 14 joints of LSP: ankles, knees, hips, wrists, elbows, shoulders, neck, head top."""
_HIPS = tuple(get_skeleton("lsp14").index(name) for name in ("right_hip", "left_hip"))


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


def joint_errors_mm(joints_cam: FloatArray, true_cam: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hip-centred MPJPE and PA-MPJPE ``(B,)`` of joints ``(B, 49, 3)`` over the 14 joints of LSP."""
    predicted, truth = joints_cam[:, EVALUATED_JOINTS], true_cam[:, EVALUATED_JOINTS]
    return mpjpe_mm(predicted, truth, _HIPS), pa_mpjpe_mm(predicted, truth)
