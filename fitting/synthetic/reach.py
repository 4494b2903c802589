"""Arms whose hands are placed on something: two-bone inverse kinematics in the trunk's frame.

Places are those of the wrist on the mean body (:class:`fitting.synthetic.pose_families.Touch`). All vectors are of left
arms or of right arms in the mirror: x outward, y up, z forward, metres.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from fitting.synthetic.mean_body import pose_bones, rest_joints
from fitting.synthetic.pose_angles import arm_direction, direction_angles
from fitting.synthetic.pose_rotations import collar_lift, shortest_from_t_pose, turn_about
from fitting.synthetic.pose_tables import FRAMES, Families, get_tables

_TRUNK = 9
_FRAME_JOINTS = torch.tensor([[9, 9], [9, 9], [0, 0], [15, 15], [1, 2], [4, 5]])
_COLLAR, _SHOULDER, _ELBOW, _WRIST = 13, 16, 18, 20
_OUTWARD = torch.tensor([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])
_SWIVEL_STD = 0.18


def draw_places(families: Families, second: Tensor, rotations: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Where the wrists of B people are, and where their elbows point, both ``(B, 2, 3)`` in the trunk's frame.

    Args:
        families: Who does what; arms that swing get some place too.
        second: ``(B, 2)`` which arm of its family each arm is, 0 or 1.
        rotations: ``(B, 24, 3, 3)`` of legs, trunk and head, the pelvis pitched; arms are ignored.
        generator: Of the spread.
    """
    tables = get_tables()
    count = len(second)
    shared = torch.randn(count, 1, 3, generator=generator) * tables.together[families.arm]
    # One displacement for both hands: what is outward for the first one is inward for the other.
    shared = torch.where((second == 1)[..., None], shared * _OUTWARD[1], shared)
    own = torch.randn(count, 2, 3, generator=generator) * tables.place_std[families.arm, second]
    place = (tables.place[families.arm, second] + own + shared) * _OUTWARD
    bones = pose_bones(rotations)
    frame = tables.frame[families.arm, second]
    joint = _FRAME_JOINTS[frame, torch.arange(2)]
    people = torch.arange(count)[:, None]
    turned = (bones.rotations[people, joint] @ place[..., None]).squeeze(-1)
    turned = torch.where((frame == FRAMES.index("level"))[..., None], place, turned)
    target = turned + bones.joints_cam[people, joint]
    from_trunk = target - bones.joints_cam[:, _TRUNK, None]
    in_trunk = from_trunk @ bones.rotations[:, _TRUNK] * _OUTWARD
    elbow_to = tables.elbow_to[families.arm, second]
    return in_trunk, elbow_to + _SWIVEL_STD * torch.randn(count, 2, 3, generator=generator)


def reach(wrist: Tensor, elbow_to: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Elevation, azimuth, twist and elbow ``(B, 2)`` that bring wrists to ``(B, 2, 3)``, elbows pointing as told."""
    rest = rest_joints()
    upper, lower = rest[_ELBOW] - rest[_SHOULDER], rest[_WRIST] - rest[_ELBOW]
    elevation = torch.full(wrist.shape[:-1], -1.0)
    azimuth = torch.zeros_like(elevation)
    forearm = torch.zeros_like(wrist)
    for _ in range(2):  # the collar bone lifts the shoulder with the arm: once without, once with it
        lifted = turn_about("z", collar_lift(elevation)) @ (rest[_SHOULDER] - rest[_COLLAR])
        shoulder = rest[_COLLAR] - rest[_TRUNK] + lifted
        upper_arm, forearm = _two_bones(wrist - shoulder, elbow_to, float(upper.norm()), float(lower.norm()))
        elevation, azimuth = direction_angles(upper_arm)
    placed = shortest_from_t_pose(arm_direction(elevation, azimuth))
    x, y, z = (placed.transpose(-1, -2) @ forearm[..., None]).squeeze(-1).unbind(-1)
    return elevation, azimuth, torch.atan2(-y, z), torch.acos(x.clamp(-1, 1))


def _two_bones(to_wrist: Tensor, elbow_to: Tensor, upper: float, lower: float) -> tuple[Tensor, Tensor]:
    """Directions ``(..., 3)`` of upper arm and forearm; a wrist out of reach is approached."""
    distance = to_wrist.norm(dim=-1, keepdim=True)
    straight = to_wrist / distance.clamp_min(1e-6)
    distance = distance.clamp(0.31 * (upper + lower), 0.995 * (upper + lower))
    cosine = ((upper**2 + distance.square() - lower**2) / (2 * upper * distance)).clamp(-1, 1)
    aside = elbow_to - (elbow_to * straight).sum(-1, keepdim=True) * straight
    aside = torch.nn.functional.normalize(aside, dim=-1)
    upper_arm = cosine * straight + (1 - cosine.square()).sqrt() * aside
    return upper_arm, (distance * straight - upper * upper_arm) / lower
