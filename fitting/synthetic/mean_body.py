"""Joints of the mannequin's mean shape, which the sampler places hands and judges poses by."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from fitting.body.assets import BodyAsset, load_body_asset
from fitting.body.kinematics import Bones, Kinematics
from resources import default_body


@lru_cache(maxsize=1)
def get_asset() -> BodyAsset:
    """The mannequin's file, read once."""
    return load_body_asset(default_body())


@lru_cache(maxsize=1)
def _kinematics() -> Kinematics:
    return Kinematics(get_asset())


@lru_cache(maxsize=1)
def rest_joints() -> Tensor:
    """Joints of the T-pose, ``(24, 3)`` metres."""
    return _kinematics().joints_template


@torch.no_grad()
def pose_bones(rotations: Tensor) -> Bones:
    """Skeleton of the mean shape under ``(B, 24, 3, 3)``."""
    return _kinematics().bones(rotations, rotations.new_zeros(len(rotations), 10))
