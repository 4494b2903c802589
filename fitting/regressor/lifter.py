"""The lifter: a residual MLP from 24 keypoints to a body. It sees no picture.

Keypoints as a vector teach a network about thirty times as much per CPU minute as keypoint maps teach a CNN
(docs/open_regressor.md). The output is the mean body plus what the head adds, so an untrained lifter already stands
upright.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from fitting.geometry.rotations import axis_angle_to_matrix, matrix_to_six_d, six_d_to_matrix
from fitting.regressor.base import Regressor, RegressorInput, RegressorOutput
from fitting.regressor.card import RegressorCard
from resources.skeleton import get_skeleton

ARCHITECTURE: Final = "lifter"
JOINTS: Final = len(get_skeleton("spin24"))
_POSE: Final = 24 * 6
_BETAS: Final = 10
_CAMERA: Final = 3
_HEAD_STD: Final = 0.002
_MEAN_CAMERA: Final = (1.2, 0.0, 0.3)
_MEAN_ANGLES_DEGREES: Final = {
    "pelvis_smpl": (180, 0, 0),
    "left_hip_smpl": (-20, 0, 4),
    "right_hip_smpl": (-20, 0, -4),
    "left_knee": (30, 0, 0),
    "right_knee": (30, 0, 0),
    "left_shoulder": (0, 0, -50),
    "right_shoulder": (0, 0, 50),
    "left_elbow": (0, -40, 0),
    "right_elbow": (0, 40, 0),
}


class Lifter(Regressor):
    """Stem, pre-LayerNorm residual blocks, linear head.

    Only LayerNorms, no batch statistics: EFT may tune every weight on one person.
    """

    layer_subsets: ClassVar[Mapping[str, tuple[str, ...]]] = {"all": ("",), "head": ("head",)}

    def __init__(self, card: RegressorCard, width: int = 1024, blocks: int = 3) -> None:
        super().__init__(card)
        self.stem = nn.Linear(3 * JOINTS, width)
        self.blocks = nn.ModuleList(_ResidualBlock(width) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, _POSE + _BETAS + _CAMERA)
        nn.init.normal_(self.head.weight, std=_HEAD_STD)
        nn.init.zeros_(self.head.bias)
        self.register_buffer("mean_pose", _mean_six_d())
        self.register_buffer("mean_camera", torch.tensor(_MEAN_CAMERA))

    mean_pose: Tensor
    mean_camera: Tensor

    def forward(self, inputs: RegressorInput) -> RegressorOutput:
        """Predict bodies; only the last 24 joints of spin49 are looked at."""
        return self._regress(self._features(inputs.keypoints[:, -JOINTS:]))

    def prepare(self, inputs: RegressorInput, layers: str) -> Callable[[], RegressorOutput]:
        """Before the head alone, everything else is computed once."""
        if layers != "head":
            return super().prepare(inputs, layers)
        with torch.no_grad():
            features = self._features(inputs.keypoints[:, -JOINTS:])
        return lambda: self._regress(features)

    def _regress(self, features: Tensor) -> RegressorOutput:
        six_d, betas, camera = self._answers(features)
        return RegressorOutput(six_d_to_matrix(six_d), betas, camera)

    def _answers(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pose ``(B, 24, 6)``, betas ``(B, 10)`` and camera ``(B, 3)``."""
        # Training runs the wide layers in bfloat16; three digits are too few for angles and places.
        with torch.autocast(features.device.type, enabled=False):
            change = self.head(self.norm(features.float()))
        pose, betas, camera = change.split((_POSE, _BETAS, _CAMERA), -1)
        six_d = self.mean_pose + pose.unflatten(-1, (24, 6))
        # The exponential keeps the scale positive and gives close-ups and whole bodies steps of the same relative size.
        scale = self.mean_camera[:1] * camera[:, :1].exp()
        return six_d, betas, torch.cat((scale, self.mean_camera[1:] + camera[:, 1:]), -1)

    def _features(self, keypoints: Tensor) -> Tensor:
        features = self._stem(keypoints)
        for block in self.blocks:
            features = block(features)
        return features

    def _stem(self, keypoints: Tensor) -> Tensor:
        confidence = keypoints[..., 2:]
        # torch.where, not a product: whatever stands at an unlabelled joint, NaN included, must not come through.
        places = torch.where(confidence > 0, keypoints[..., :2], torch.zeros_like(keypoints[..., :2]))
        features: Tensor = self.stem(torch.cat((places, confidence), -1).flatten(1)).float()
        return features


class _ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.outer(functional.relu(self.inner(self.norm(features))))
        return features + change


def _mean_six_d() -> Tensor:
    """Mean pose ``(24, 6)``: upright, arms half down, knees a little bent."""
    smpl = get_skeleton("smpl24")
    angles = torch.zeros(len(smpl), 3)
    for name, degrees in _MEAN_ANGLES_DEGREES.items():
        angles[smpl.index(name)] = torch.tensor(degrees) * (math.pi / 180)
    return matrix_to_six_d(axis_angle_to_matrix(angles))
