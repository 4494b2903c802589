"""How good a picture regressor is on drawn people it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from fitting.body.kinematics import Kinematics
from fitting.evaluation.protocols import joint_errors_mm
from fitting.geometry.camera import project_to_crop
from fitting.losses import active_confidence, reprojection_loss
from fitting.regressor.base import Regressor, RegressorInput, RegressorOutput
from fitting.spec import JOINT_COUNT, EftOptions
from fitting.synthetic.people import SPIN24_START
from fitting.training.picture_augmentation import resize, to_input
from fitting.training.picture_cache import PicturedPeople
from resources.skeleton import build_mapping, get_skeleton

_BATCH = 32


@dataclass(frozen=True, slots=True)
class PictureScores:
    """Over all people: mean 3D errors, mm, 14 joints; median L2d over COCO's joints without hips and ankles."""

    mpjpe_mm: float
    pa_mm: float
    l2d_median: float


def evaluate_pictures(regressor: Regressor, kinematics: Kinematics, people: PicturedPeople, side: int) -> PictureScores:
    """Scores of plain predictions from pictures of ``side`` pixels."""
    was_training = regressor.training
    regressor.eval()
    outputs = [
        _predict(regressor, people.pictures[start : start + _BATCH], side) for start in range(0, len(people), _BATCH)
    ]
    regressor.train(was_training)
    return score(_concatenate(outputs), people, kinematics)


@torch.no_grad()
def score(output: RegressorOutput, people: PicturedPeople, kinematics: Kinematics) -> PictureScores:
    """Scores of bodies against the truth they should be."""
    joints_cam, true_cam = (kinematics(body.rotations, body.betas) for body in (output, people))
    mpjpe, pa = joint_errors_mm(joints_cam.numpy(), true_cam.numpy())
    confidence = torch.zeros(len(people), JOINT_COUNT)
    confidence[:, coco_joints()] = 1
    active = active_confidence(confidence, EftOptions())
    projected = project_to_crop(joints_cam, output.camera)
    l2d = reprojection_loss(projected, project_to_crop(true_cam, people.camera), active)
    return PictureScores(float(mpjpe.mean()), float(pa.mean()), float(l2d.median()))


def coco_joints() -> list[int]:
    """Slots of COCO's 17 joints in spin49, in COCO's order; none of the OpenPose block."""
    mapping = build_mapping(get_skeleton("coco17"), get_skeleton("spin49"))
    slots = [target for _, target in mapping]
    assert min(slots) >= SPIN24_START
    return slots


@torch.no_grad()
def _predict(regressor: Regressor, pictures: Tensor, side: int) -> RegressorOutput:
    nothing = torch.zeros(len(pictures), JOINT_COUNT, 3)
    output: RegressorOutput = regressor(RegressorInput(nothing, to_input(resize(pictures, side))))
    return output


def _concatenate(outputs: list[RegressorOutput]) -> RegressorOutput:
    def joined(name: str) -> Tensor:
        return torch.cat([getattr(output, name) for output in outputs])

    return RegressorOutput(joined("rotations"), joined("betas"), joined("camera"))
