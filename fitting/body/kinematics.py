"""Joints without the mesh: SMPL's kinematics on the 24 joints and the few vertices the 49 joints are made of.

Equal to linear blend skinning of the whole body (a test compares both paths), at a fraction of the cost: the loop of
EFT calls this, never the mesh. As in ``smplx`` the body turns about its pelvis joint, which stays where the shape puts
it at rest; a camera's translation refers to that frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fitting.body.assets import JOINTS, BodyAsset
from fitting.body.joints import model_joint_indices


@dataclass(frozen=True, slots=True)
class Bones:
    """Joints ``(B, 24, 3)`` and world rotations ``(B, 24, 3, 3)`` of a posed skeleton, camera frame, metres."""

    joints_cam: Tensor
    rotations: Tensor
    rest_joints: Tensor


class Kinematics(nn.Module):
    """Shape and pose to joints. Buffers only, nothing to train."""

    def __init__(self, asset: BodyAsset) -> None:
        super().__init__()
        regressor = asset.J_regressor.astype(np.float64)
        support = _support_vertices(asset)
        self._constant("joints_template", regressor @ asset.v_template)
        self._constant("joint_shapedirs", np.einsum("jv,vcb->jcb", regressor, asset.shapedirs))
        self._constant("support_template", asset.v_template[support])
        self._constant("support_shapedirs", asset.shapedirs[support])
        self._constant("support_posedirs", asset.posedirs[support].reshape(len(support) * 3, -1))
        self._constant("support_weights", asset.weights[support])
        position = {int(vertex): row for row, vertex in enumerate(support)}
        self.register_buffer(
            "landmark_rows", torch.tensor([position[int(v)] for v in asset.landmark_vertices]), persistent=False
        )
        self._constant("extra_regressor", asset.J_regressor_extra[:, support])
        self.register_buffer("spin49", torch.tensor(model_joint_indices()), persistent=False)
        self._levels = _tree_levels(asset.parents)
        order = [joint for level in self._levels for joint in level]
        self.register_buffer("_order", torch.tensor(order), persistent=False)
        self.register_buffer("_inverse_order", torch.tensor(np.argsort(order)), persistent=False)
        self.register_buffer("_parents_in_order", torch.tensor(asset.parents[order[1:]]), persistent=False)
        self._constant("_last_row", np.array([[[[0.0, 0.0, 0.0, 1.0]]]]))
        self._parent_rows = _rows_within_previous_level(self._levels, asset.parents)

    joints_template: Tensor
    joint_shapedirs: Tensor
    support_template: Tensor
    support_shapedirs: Tensor
    support_posedirs: Tensor
    support_weights: Tensor
    landmark_rows: Tensor
    extra_regressor: Tensor
    spin49: Tensor
    _order: Tensor
    _inverse_order: Tensor
    _parents_in_order: Tensor
    _last_row: Tensor

    def _constant(self, name: str, array: NDArray[Any]) -> None:
        self.register_buffer(name, torch.tensor(np.asarray(array, dtype=np.float32)), persistent=False)

    def bones(self, rotations: Tensor, betas: Tensor) -> Bones:
        """Forward kinematics, one product of affine maps per level of the tree.

        Args:
            rotations: ``(B, 24, 3, 3)`` local rotations, the root's in the camera frame.
            betas: ``(B, 10)``.
        """
        rest = _shaped(self.joints_template, self.joint_shapedirs, betas)
        offset = torch.cat((rest[:, :1], rest[:, self._order[1:]] - rest[:, self._parents_in_order]), 1)
        affine = torch.cat((rotations[:, self._order], offset[..., None]), -1)
        affine = torch.cat((affine, self._last_row.expand(len(rest), JOINTS, 1, 4)), -2)
        levels = torch.split(affine, [len(level) for level in self._levels], 1)
        world = [levels[0]]
        for rows, local in zip(self._parent_rows, levels[1:], strict=True):
            world.append(world[-1][:, rows] @ local)
        posed = torch.cat(world, 1)[:, self._inverse_order]
        return Bones(posed[..., :3, 3], posed[..., :3, :3], rest)

    def forward(self, rotations: Tensor, betas: Tensor) -> Tensor:
        """The 49 joints of spin49, ``(B, 49, 3)`` camera frame, metres (eft_method.md 3.1-3.2)."""
        bones = self.bones(rotations, betas)
        support = self._skin(bones, rotations, betas)
        extra = self.extra_regressor @ support
        model = torch.cat((bones.joints_cam, support[:, self.landmark_rows], extra), 1)
        joints: Tensor = model[:, self.spin49]
        return joints

    def _skin(self, bones: Bones, rotations: Tensor, betas: Tensor) -> Tensor:
        """Linear blend skinning of the support vertices, ``(B, K, 3)``."""
        batch = len(rotations)
        identity = torch.eye(3, dtype=rotations.dtype, device=rotations.device)
        feature = (rotations[:, 1:] - identity).reshape(batch, -1)
        shaped = _shaped(self.support_template, self.support_shapedirs, betas)
        shaped = shaped + (feature @ self.support_posedirs.T).view(batch, -1, 3)
        shift = bones.joints_cam - (bones.rotations @ bones.rest_joints[..., None]).squeeze(-1)
        affine = torch.cat((bones.rotations, shift[..., None]), -1).flatten(-2)
        blended = (self.support_weights @ affine).reshape(batch, -1, 3, 4)
        skinned: Tensor = (blended[..., :3] @ shaped[..., None]).squeeze(-1) + blended[..., 3]
        return skinned


def _shaped(template: Tensor, directions: Tensor, betas: Tensor) -> Tensor:
    """Points ``(B, N, 3)`` of a template ``(N, 3)`` under betas ``(B, K)``, by the first K of its directions."""
    moved = betas @ directions[..., : betas.shape[-1]].flatten(0, 1).T
    return template + moved.view(len(betas), *template.shape)


def _support_vertices(asset: BodyAsset) -> NDArray[np.int64]:
    """Vertices that the 49 joints depend on: the landmarks and whatever the extra regressor touches."""
    regressed = np.flatnonzero(np.abs(asset.J_regressor_extra).max(0) > 0)
    return np.unique(np.concatenate((asset.landmark_vertices, regressed)))


def _tree_levels(parents: NDArray[np.int64]) -> list[list[int]]:
    """Joints by their distance from the root."""
    depth = np.zeros(JOINTS, dtype=int)
    for joint in range(1, JOINTS):
        depth[joint] = depth[parents[joint]] + 1
    return [[int(j) for j in np.flatnonzero(depth == level)] for level in range(depth.max() + 1)]


def _rows_within_previous_level(levels: list[list[int]], parents: NDArray[np.int64]) -> list[list[int]]:
    """For each level after the first: the position of each joint's parent within the level before."""
    return [[previous.index(int(parents[joint])) for joint in level] for previous, level in pairwise(levels)]
