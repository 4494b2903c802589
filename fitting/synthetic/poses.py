"""Plausible human poses as SMPL rotations.

Signs (SMPL axes, T-pose at rest, x = body's left, y up, z front): hip flexion -x, knee flexion +x, left elbow -y, left
arm up +z, trunk forward +x; an upright person facing the camera has the root ``Rx(pi)``. Everything is built for the
left side; the right limb is the mirrored left, ``M R M`` with ``M = diag(-1, 1, 1)``.

The upper arm is placed by **direction**: shortest rotation from the T-pose, after a twist about the arm, so that the
elbow bends the right way for hanging, reaching and raised arms alike. The collar bone takes its part of the elevation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Generator, Tensor

from fitting.synthetic.pose_angles import PoseAngles, arm_direction, sample_angles
from fitting.synthetic.pose_families import LEG_FAMILIES, Posture

Axis: TypeAlias = Literal["x", "y", "z"]

COLLAR_SHARE = 0.22
"""Part of the arm's elevation that the collar bone takes ..."""
COLLAR_START = math.radians(-40)
"""... once the arm is above this."""
SPINE_SHARES = (0.3, 0.35, 0.35)
"""How spine1, spine2 and spine3 share a bend of the trunk."""
NECK_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Rotations ``(B, 24, 3, 3)``, the root's in the camera frame, and the angles they were built from."""

    rotations: Tensor
    angles: PoseAngles


def sample_poses(count: int, generator: Generator) -> Poses:
    """Draw ``count`` people in front of a camera; the same generator state gives the same people."""
    angles = sample_angles(count, generator)
    rotations = build_body_rotations(angles)
    rotations[:, 0] = sample_roots(angles, generator)
    return Poses(rotations, angles)


def build_body_rotations(angles: PoseAngles) -> Tensor:
    """Local rotations ``(B, 24, 3, 3)`` of the angles; the root is left at the identity."""
    count = len(angles.pelvis_pitch)
    rotations = torch.eye(3).repeat(count, 24, 1, 1)
    for chain, joints in (
        (_leg_chain(angles), ((1, 2), (4, 5), (7, 8), (10, 11))),
        (_arm_chain(angles), ((13, 14), (16, 17), (18, 19), (20, 21))),
    ):
        for limb, (left, right) in zip(chain, joints, strict=True):
            rotations[:, left] = limb[:, 0]
            rotations[:, right] = mirror(limb[:, 1])
    for joint, share in zip((3, 6, 9), SPINE_SHARES, strict=True):
        turn = turn_about("y", share * angles.spine_turn) @ turn_about("z", -share * angles.spine_bend)
        rotations[:, joint] = turn @ turn_about("x", share * angles.spine_flexion)
    for joint, share in ((12, NECK_SHARE), (15, 1 - NECK_SHARE)):
        turn = turn_about("y", share * angles.head_turn) @ turn_about("z", -share * angles.head_bend)
        rotations[:, joint] = turn @ turn_about("x", share * angles.head_flexion)
    return rotations


def sample_roots(angles: PoseAngles, generator: Generator) -> Tensor:
    """Root rotations ``(B, 3, 3)`` in the camera frame: pelvis pitch, tilt, heading, camera pitch."""
    count = len(angles.pelvis_pitch)

    def normal(mean_degrees: float, std_degrees: float) -> Tensor:
        return torch.deg2rad(mean_degrees + std_degrees * torch.randn(count, generator=generator))

    def chance(share: float) -> Tensor:
        return torch.rand(count, generator=generator) < share

    pelvis = turn_about("x", angles.pelvis_pitch)
    about = 2 * math.pi * torch.rand(count, generator=generator)
    # A few lean far over: surfers, dancers, people held by others; never those who simply stand.
    active, lies, calm = (_has_posture(angles, *p) for p in (("active",), ("lying",), ("standing", "seated")))
    far = torch.where(active & chance(0.1), torch.full((count,), 4.0), torch.ones(count))
    tilt = angles.tilt_std * far * torch.randn(count, generator=generator)
    heading = turn_about("y", about)
    upright = heading @ turn_about("x", tilt) @ heading.transpose(-1, -2) @ pelvis
    # On the back, the belly or a side: laid down, then rolled about the body's long axis.
    quarter = torch.randint(0, 4, (count,), generator=generator)
    roll = quarter * (math.pi / 2) + normal(0, 15)
    lying = turn_about("x", normal(-90, 10)) @ turn_about("y", roll) @ pelvis
    body = torch.where(lies[:, None, None], lying, upright)

    anywhere = 2 * math.pi * torch.rand(count, generator=generator)
    yaw = torch.where(chance(0.6) & ~lies, normal(0, 45), anywhere)
    level, steep = normal(4, 5), torch.deg2rad(-15 + 50 * torch.rand(count, generator=generator))
    camera_pitch = torch.where(chance(0.84) | (calm & chance(0.6)), level, steep)
    camera_pitch = torch.where(lies, normal(22, 20).clamp(-0.1, 1.4), camera_pitch)
    flip = turn_about("x", torch.full((count,), math.pi))
    return flip @ turn_about("x", camera_pitch) @ turn_about("y", yaw) @ body


def _has_posture(angles: PoseAngles, *postures: Posture) -> Tensor:
    """Which people's legs are in one of the postures, ``(B,)``."""
    return torch.tensor([family.posture in postures for family in LEG_FAMILIES])[angles.leg_family]


def turn_about(axis: Axis, angle: Tensor) -> Tensor:
    """Rotations ``(..., 3, 3)`` about one axis by ``(...)`` radians."""
    cosine, sine = angle.cos(), angle.sin()
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    entries = {
        "x": (one, zero, zero, zero, cosine, -sine, zero, sine, cosine),
        "y": (cosine, zero, sine, zero, one, zero, -sine, zero, cosine),
        "z": (cosine, -sine, zero, sine, cosine, zero, zero, zero, one),
    }[axis]
    return torch.stack(entries, -1).reshape(*angle.shape, 3, 3)


def mirror(rotations: Tensor) -> Tensor:
    """The same rotations on the other side of the body, ``(..., 3, 3)``."""
    sign = torch.tensor([-1.0, 1.0, 1.0])
    mirrored: Tensor = sign[:, None] * rotations * sign
    return mirrored


def _leg_chain(angles: PoseAngles) -> tuple[Tensor, ...]:
    """Hip, knee, ankle and toes of left legs, each ``(B, 2, 3, 3)``."""
    hip = turn_about("x", -angles.hip_flexion) @ turn_about("z", angles.hip_abduction)
    hip = hip @ turn_about("y", angles.hip_rotation)
    return hip, turn_about("x", angles.knee), turn_about("x", angles.ankle), turn_about("x", angles.toes)


def _arm_chain(angles: PoseAngles) -> tuple[Tensor, ...]:
    """Collar, shoulder, elbow and wrist of left arms, each ``(B, 2, 3, 3)``."""
    lift = COLLAR_SHARE * (angles.elevation - COLLAR_START).clamp_min(0)
    collar = turn_about("z", lift)
    placed = _shortest_from_t_pose(arm_direction(angles.elevation, angles.azimuth))
    shoulder = collar.transpose(-1, -2) @ placed @ turn_about("x", angles.shoulder_twist)
    # SMPL has no twist bone: half of the forearm's twist sits at the elbow, half at the wrist.
    half_twist = turn_about("x", angles.forearm / 2)
    elbow = turn_about("y", -angles.elbow) @ half_twist
    wrist = half_twist @ turn_about("z", -angles.wrist_flexion) @ turn_about("y", -angles.wrist_deviation)
    return collar, shoulder, elbow, wrist


def _shortest_from_t_pose(direction: Tensor) -> Tensor:
    """Shortest rotations ``(..., 3, 3)`` that take +x to unit vectors ``(..., 3)``; none points to -x."""
    x, y, z = direction.unbind(-1)
    # Rodrigues' formula with axis e_x cross d, whose length is the sine and e_x . d = x the cosine.
    k = 1 / (1 + x).clamp_min(1e-6)
    entries = (x, -y, -z, y, 1 - k * y * y, -k * y * z, z, -k * y * z, 1 - k * z * z)
    return torch.stack(entries, -1).reshape(*x.shape, 3, 3)
