"""Plausible human poses: natural families, within the joints' limits, without limbs inside each other.

An upright person facing the camera has the root ``Rx(pi)``. Whoever is rejected is drawn again with the same families,
several times at once, so that rejection does not starve the families where arms and legs are close; only after some
rounds other arms are tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Final

import torch
from torch import Generator, Tensor

from fitting.synthetic.flesh import penetration
from fitting.synthetic.leg_families import LEG_FAMILIES
from fitting.synthetic.mean_body import pose_bones
from fitting.synthetic.pose_angles import PoseAngles
from fitting.synthetic.pose_drawing import draw_angles
from fitting.synthetic.pose_families import Posture
from fitting.synthetic.pose_rotations import set_ankles, turn_about
from fitting.synthetic.pose_tables import Families, draw_arm_families, draw_families
from fitting.synthetic.stance import balance, stands

MOST_STRAIN: Final = math.radians(15)
"""A hand's place that the limits miss by more is out of reach."""
_ROUNDS_OF_SAME_ARMS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Rotations ``(B, 24, 3, 3)``, the root's in the camera frame, and the angles they were built from.

    ``upright`` ``(B, 3, 3)`` is the root in a level frame, y up, that faces +z: pitched and balanced over the feet.
    """

    rotations: Tensor
    angles: PoseAngles
    upright: Tensor

    def at(self, people: Tensor) -> Poses:
        """The same for a mask or indices of people."""
        return Poses(self.rotations[people], self.angles.at(people), self.upright[people])


def sample_poses(count: int, generator: Generator) -> Poses:
    """Draw ``count`` people in front of a camera; the same generator state gives the same people."""
    return pose_families(draw_families(count, generator), generator)


@torch.no_grad()
def pose_families(families: Families, generator: Generator) -> Poses:
    """A person for each entry, in order; arms that never fit their legs are replaced by others."""
    poses, passed = attempt(families, generator)
    for round_number in range(1, 100):
        failed = torch.nonzero(~passed).squeeze(1)
        if not len(failed):
            break
        wanted = families.at(failed)
        if round_number > _ROUNDS_OF_SAME_ARMS:
            wanted = Families(wanted.leg, draw_arm_families(wanted.leg, generator))
        # More tries with every round: the fewer people are left, the less the extra ones cost.
        tries = min(3**round_number, 64)
        again, good = attempt(wanted.at(torch.arange(len(failed)).repeat_interleave(tries)), generator)
        good = good.view(-1, tries)
        chosen = torch.arange(len(failed)) * tries + good.int().argmax(1)
        _put(poses, failed, again.at(chosen))
        passed[failed] = good.any(1)
    else:
        raise RuntimeError("a leg family has no pose without self-intersection; repair its row of the table")
    poses.rotations[:, 0] = sample_roots(poses, generator)
    return poses


def attempt(families: Families, generator: Generator) -> tuple[Poses, Tensor]:
    """One pose for each entry, the root left upright, and which of them a person could take ``(B,)``."""
    angles, rotations = draw_angles(families, generator)
    bones = pose_bones(rotations)
    possible = (angles.strain < MOST_STRAIN) & (penetration(bones) < 0)
    angles, turn = balance(angles, bones.joints_cam)
    possible &= stands(angles, bones.joints_cam, turn)
    upright = turn @ rotations[:, 0]
    set_ankles(rotations, angles)
    rotations[:, 0] = upright
    return Poses(rotations, angles, upright), possible


def sample_roots(poses: Poses, generator: Generator) -> Tensor:
    """Root rotations ``(B, 3, 3)`` in the camera frame: upright body, tilt, heading, camera pitch."""
    angles = poses.angles
    count = len(angles)

    def normal(mean_degrees: float, std_degrees: float) -> Tensor:
        return torch.deg2rad(mean_degrees + std_degrees * torch.randn(count, generator=generator))

    def chance(share: float) -> Tensor:
        return torch.rand(count, generator=generator) < share

    about = 2 * math.pi * torch.rand(count, generator=generator)
    lies, calm = (_has_posture(angles, *postures) for postures in (("lying",), ("standing", "seated")))
    tilt = angles.tilt_std * torch.randn(count, generator=generator)
    heading = turn_about("y", about)
    tilted = heading @ turn_about("x", tilt) @ heading.transpose(-1, -2) @ poses.upright
    # On the back, the belly or a side: laid down, then rolled about the body's long axis.
    quarter = torch.randint(0, 4, (count,), generator=generator)
    roll = quarter * (math.pi / 2) + normal(0, 15)
    lying = turn_about("x", normal(-90, 10)) @ turn_about("y", roll) @ poses.upright
    body = torch.where(lies[:, None, None], lying, tilted)

    anywhere = 2 * math.pi * torch.rand(count, generator=generator)
    yaw = torch.where(chance(0.6) & ~lies, normal(0, 45), anywhere)
    level, steep = normal(4, 4), torch.deg2rad(-15 + 50 * torch.rand(count, generator=generator))
    camera_pitch = torch.where(chance(0.84) | (calm & chance(0.7)), level, steep)
    camera_pitch = torch.where(lies, normal(22, 20).clamp(-0.1, 1.4), camera_pitch)
    flip = turn_about("x", torch.full((count,), math.pi))
    return flip @ turn_about("x", camera_pitch) @ turn_about("y", yaw) @ body


def _has_posture(angles: PoseAngles, *postures: Posture) -> Tensor:
    """Which people's legs are in one of the postures, ``(B,)``."""
    return torch.tensor([family.posture in postures for family in LEG_FAMILIES])[angles.leg_family]


def _put(poses: Poses, people: Tensor, others: Poses) -> None:
    """Replace people, in place."""
    poses.rotations[people] = others.rotations
    poses.upright[people] = others.upright
    for field in fields(PoseAngles):
        getattr(poses.angles, field.name)[people] = getattr(others.angles, field.name)
