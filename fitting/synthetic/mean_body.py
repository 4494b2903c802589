"""Joints of the mannequin's mean shape, which the sampler places hands and judges poses by."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from fitting.body.assets import JOINTS, BodyAsset, load_body_asset
from fitting.body.kinematics import Bones
from resources import default_body


@lru_cache(maxsize=1)
def get_asset() -> BodyAsset:
    """The mannequin's file, read once."""
    return load_body_asset(default_body())


@lru_cache(maxsize=1)
def rest_joints() -> Tensor:
    """Joints of the T-pose, ``(24, 3)`` metres."""
    asset = get_asset()
    return torch.tensor(asset.J_regressor.astype(np.float64) @ asset.v_template, dtype=torch.float32)


@torch.no_grad()
def pose_bones(rotations: Tensor) -> Bones:
    """Skeleton of the mean shape under ``(B, 24, 3, 3)``.

    Equal to :class:`fitting.body.kinematics.Kinematics`, without gradients and several times faster: people lie along
    the last axis in memory, so that each of the few products runs over all of them.
    """
    rest = rest_joints()
    local = rotations.permute(2, 3, 1, 0).contiguous()
    world, place = torch.empty_like(local), torch.empty_like(local[0])
    world[:, :, 0], place[:, 0] = local[:, :, 0], rest[0, :, None]
    for joints, parents in _levels():
        parent = world[:, :, parents]
        offset = (rest[joints] - rest[parents]).T[None, :, :, None]
        place[:, joints] = place[:, parents] + (parent * offset).sum(1)
        world[:, :, joints] = (parent[:, :, None] * local[None, :, :, joints]).sum(1)
    return Bones(place.permute(2, 1, 0), world.permute(3, 2, 0, 1), rest.expand(len(rotations), JOINTS, 3))


@lru_cache(maxsize=1)
def _levels() -> tuple[tuple[list[int], list[int]], ...]:
    """Joints and their parents, from the pelvis outward."""
    parents = get_asset().parents.tolist()
    levels, known = [], [0]
    while known:
        known = [joint for joint in range(1, JOINTS) if parents[joint] in known]
        levels.append((known, [parents[joint] for joint in known]))
    return tuple(levels[:-1])
