"""What annotators say beyond the places of keypoints, as terms of a fit: depth hints, pins, ignored joints.

Keypoints do not tell whether a limb points towards the camera or away from it: both bodies project alike. A hint adds
a squared hinge on the depths of the limb's two joints, ``relu(margin - sign * (z_far - z_near))^2`` in square metres
with ``sign`` +1 for a limb that points away: zero, with no gradient, as soon as the limb points the right way by the
margin. The joints are those of the kinematic tree, whose distance no annotator's habit changes. Squared, because a limb
far on the wrong side is then pulled hard and one that is nearly there is left to the keypoints (docs/depth_hints.md).

A weight of 0 makes a joint one that was never labelled, for the network too, and it adds 0 to every loss. Other weights
multiply the pull of a joint's keypoint. What is *reported* as L2d leaves pins out of account, because the published
thresholds (1e-4 to stop, 5e-4 to export) are of unpinned joints: L2d of a pinned fit compares with that of any other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from fitting.body.kinematics import Kinematics
from fitting.errors import JobError
from fitting.geometry.rotations import axis_angle_to_matrix
from fitting.spec import JOINT_COUNT, BodyFit, FloatArray
from resources.limbs import LIMB_NAMES, LIMBS, DepthHint
from resources.skeleton import get_skeleton

_SPIN49 = get_skeleton("spin49")
_SMPL24 = get_skeleton("smpl24")
_KINEMATIC = {"left_hip": "left_hip_smpl", "right_hip": "right_hip_smpl"}
_NEAR = tuple(_SPIN49.index(f"openpose_{limb.near}") for limb in LIMBS)
_FAR = tuple(_SPIN49.index(f"openpose_{limb.far}") for limb in LIMBS)
_BONES = tuple((_SMPL24.index(_KINEMATIC.get(limb.near, limb.near)), _SMPL24.index(limb.far)) for limb in LIMBS)


def hint_signs(depth_hints: Mapping[str, DepthHint], name: str) -> Tensor | None:
    """Signs ``(1, 8)`` in the order of the limbs: -1 towards the camera, +1 away, 0 unknown; None without any hint.

    Raises:
        JobError: An unknown limb or hint; ``name`` says whose.
    """
    if not depth_hints:
        return None
    signs = torch.zeros(1, len(LIMBS))
    for limb, hint in depth_hints.items():
        if limb not in LIMB_NAMES or hint not in ("toward", "away"):
            raise JobError(f"{name}: the depth hint '{limb}: {hint}' is none; hint a limb 'toward' or 'away'.")
        signs[0, LIMB_NAMES.index(limb)] = -1.0 if hint == "toward" else 1.0
    return signs


def joint_factors(joint_weights: Mapping[str, float], name: str) -> Tensor | None:
    """Factors ``(1, 49)`` on the joints of spin49, 1 where nothing is said; None without any weight.

    Raises:
        JobError: An unknown joint, or a weight that is negative or no number; ``name`` says whose.
    """
    if not joint_weights:
        return None
    factors = torch.ones(1, JOINT_COUNT)
    for joint, weight in joint_weights.items():
        if joint not in _SPIN49.joints:
            raise JobError(f"{name}: a weight is given for '{joint}', which is no joint; remove it.")
        if not (np.isfinite(weight) and weight >= 0):
            raise JobError(f"{name}: the weight of {joint} is {weight:g}, expected 0 or a positive number.")
        factors[0, _SPIN49.index(joint)] = weight
    return factors


def drop_ignored(keypoints_px: FloatArray, factors: Tensor) -> FloatArray:
    """Keypoints ``(49, 3)`` with the confidence of ignored joints at 0."""
    kept = keypoints_px.copy()
    kept[factors[0].numpy() == 0, 2] = 0
    return kept


def limb_depths(joints_cam: Tensor) -> Tensor:
    """How much deeper the far end of each limb lies than its near end, metres, ``(B, 8)`` of joints ``(B, 49, 3)``."""
    return joints_cam[:, _FAR, 2] - joints_cam[:, _NEAR, 2]


def depth_hint_loss(joints_cam: Tensor, signs: Tensor, margin_m: float) -> Tensor:
    """The squared hinge summed over the hinted limbs, square metres, ``(B,)``.

    Args:
        joints_cam: ``(B, 49, 3)``.
        signs: ``(B, 8)``, see :func:`hint_signs`.
        margin_m: Depth from which a limb points the right way clearly enough.
    """
    missing = torch.relu(margin_m - signs * limb_depths(joints_cam))
    return (signs.abs() * missing.square()).sum(-1)


@torch.no_grad()
def point_limbs(kinematics: Kinematics, fit: BodyFit, signs: Tensor) -> BodyFit:
    """The body with every hinted limb that points the wrong way mirrored in depth.

    Its bone keeps its length and its place in the picture; what hangs on it keeps its own direction, so no joint moves
    in the picture. Descent would have to take the limb through the flat body in between, where the keypoints hold it.

    Args:
        kinematics: The body.
        fit: Where a fit would start.
        signs: ``(8,)``, see :func:`hint_signs`.
    """
    rotations = torch.as_tensor(np.asarray(fit.rotations), dtype=torch.float32)[None].clone()
    betas = torch.as_tensor(np.asarray(fit.betas), dtype=torch.float32)[None]
    for sign, (near, far) in zip(signs.tolist(), _BONES, strict=True):
        bones = kinematics.bones(rotations, betas)
        bone = bones.joints_cam[0, far] - bones.joints_cam[0, near]
        if sign * bone[2] >= 0:
            continue
        before = bones.rotations[0, near]
        parent = before @ rotations[0, near].mT
        turned = _turn(bone, bone * bone.new_tensor([1.0, 1.0, -1.0])) @ before
        rotations[0, near] = parent.mT @ turned
        rotations[0, far] = turned.mT @ bones.rotations[0, far]
    return BodyFit(rotations[0].numpy(), fit.betas, fit.camera)


def _turn(start: Tensor, end: Tensor) -> Tensor:
    """The smallest rotation ``(3, 3)`` that takes one vector to another of the same length."""
    axis = torch.linalg.cross(start, end)
    sine, cosine = axis.norm(), start @ end
    angle = torch.atan2(sine, cosine)
    return axis_angle_to_matrix(axis / sine.clamp_min(1e-9) * angle)
