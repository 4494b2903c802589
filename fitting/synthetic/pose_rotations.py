"""Angles as SMPL rotations.

Signs (SMPL axes, T-pose at rest, x = body's left, y up, z front): hip flexion -x, knee flexion +x, left elbow -y, left
arm up +z, trunk forward +x. Everything is built for the left side; the right limb is the mirrored left, ``M R M`` with
``M = diag(-1, 1, 1)``.

The upper arm is placed by **direction**: shortest rotation from the T-pose, after a twist about the arm, so that the
elbow bends the right way for hanging, reaching and raised arms alike. The collar bone takes its part of the elevation.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from fitting.synthetic.pose_angles import PoseAngles, arm_direction

Axis: TypeAlias = Literal["x", "y", "z"]

COLLAR_SHARE = 0.22
"""Part of the arm's elevation that the collar bone takes ..."""
COLLAR_START = math.radians(-40)
"""... once the arm is above this."""
SPINE_SHARES = (0.3, 0.35, 0.35)
"""How spine1, spine2 and spine3 share a bend of the trunk."""
NECK_SHARE = 0.5


def build_body_rotations(angles: PoseAngles) -> Tensor:
    """Local rotations ``(B, 24, 3, 3)`` of the angles; the root is left at the identity."""
    rotations = build_armless_rotations(angles)
    set_arms(rotations, angles)
    return rotations


def build_armless_rotations(angles: PoseAngles) -> Tensor:
    """As :func:`build_body_rotations` with the arms in the T-pose."""
    rotations = torch.eye(3).repeat(len(angles), 24, 1, 1)
    _set_limbs(rotations, _leg_chain(angles), ((1, 2), (4, 5), (7, 8), (10, 11)))
    for joint, share in zip((3, 6, 9), SPINE_SHARES, strict=True):
        turn = turn_about("y", share * angles.spine_turn) @ turn_about("z", -share * angles.spine_bend)
        rotations[:, joint] = turn @ turn_about("x", share * angles.spine_flexion)
    for joint, share in ((12, NECK_SHARE), (15, 1 - NECK_SHARE)):
        turn = turn_about("y", share * angles.head_turn) @ turn_about("z", -share * angles.head_bend)
        rotations[:, joint] = turn @ turn_about("x", share * angles.head_flexion)
    return rotations


def set_arms(rotations: Tensor, angles: PoseAngles) -> None:
    """Write collar bones, shoulders, elbows and wrists of ``angles`` into local rotations ``(B, 24, 3, 3)``."""
    _set_limbs(rotations, _arm_chain(angles), ((13, 14), (16, 17), (18, 19), (20, 21)))


def _set_limbs(rotations: Tensor, chain: tuple[Tensor, ...], joints: tuple[tuple[int, int], ...]) -> None:
    for limb, (left, right) in zip(chain, joints, strict=True):
        rotations[:, left] = limb[:, 0]
        rotations[:, right] = mirror(limb[:, 1])


def set_ankles(rotations: Tensor, angles: PoseAngles) -> None:
    """Write the ankles of ``angles`` into local rotations ``(B, 24, 3, 3)``."""
    turn = turn_about("x", angles.ankle)
    rotations[:, 7], rotations[:, 8] = turn[:, 0], mirror(turn[:, 1])


def turn_about(axis: Axis, angle: Tensor) -> Tensor:
    """Rotations ``(..., 3, 3)`` about one axis by ``(...)`` radians."""
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    cosine, sine = angle.cos(), angle.sin()
    rotations = angle.new_zeros((*angle.shape, 3, 3))
    rotations[..., 3 - first - second, 3 - first - second] = 1
    rotations[..., first, first] = rotations[..., second, second] = cosine
    rotations[..., first, second], rotations[..., second, first] = -sine, sine
    return rotations


def mirror(rotations: Tensor) -> Tensor:
    """The same rotations on the other side of the body, ``(..., 3, 3)``."""
    sign = torch.tensor([-1.0, 1.0, 1.0])
    mirrored: Tensor = sign[:, None] * rotations * sign
    return mirrored


def collar_lift(elevation: Tensor) -> Tensor:
    """How far the collar bone turns up with an upper arm, radians."""
    return COLLAR_SHARE * (elevation - COLLAR_START).clamp_min(0)


def _leg_chain(angles: PoseAngles) -> tuple[Tensor, ...]:
    """Hip, knee, ankle and toes of left legs, each ``(B, 2, 3, 3)``."""
    hip = turn_about("x", -angles.hip_flexion) @ turn_about("z", angles.hip_abduction)
    hip = hip @ turn_about("y", angles.hip_rotation)
    return hip, turn_about("x", angles.knee), turn_about("x", angles.ankle), turn_about("x", angles.toes)


def _arm_chain(angles: PoseAngles) -> tuple[Tensor, ...]:
    """Collar, shoulder, elbow and wrist of left arms, each ``(B, 2, 3, 3)``."""
    collar = turn_about("z", collar_lift(angles.elevation))
    placed = shortest_from_t_pose(arm_direction(angles.elevation, angles.azimuth))
    shoulder = collar.transpose(-1, -2) @ placed @ turn_about("x", angles.shoulder_twist)
    # SMPL has no twist bone: half of the forearm's twist sits at the elbow, half at the wrist.
    half_twist = turn_about("x", angles.forearm / 2)
    elbow = turn_about("y", -angles.elbow) @ half_twist
    wrist = half_twist @ turn_about("z", -angles.wrist_flexion) @ turn_about("y", -angles.wrist_deviation)
    return collar, shoulder, elbow, wrist


def shortest_from_t_pose(direction: Tensor) -> Tensor:
    """Shortest rotations ``(..., 3, 3)`` that take +x to unit vectors ``(..., 3)``; none points to -x."""
    x, y, z = direction.unbind(-1)
    # Rodrigues' formula with axis e_x cross d, whose length is the sine and e_x . d = x the cosine.
    k = 1 / (1 + x).clamp_min(1e-6)
    entries = (x, -y, -z, y, 1 - k * y * y, -k * y * z, z, -k * y * z, 1 - k * z * z)
    return torch.stack(entries, -1).reshape(*x.shape, 3, 3)
