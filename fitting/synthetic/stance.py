"""How a body stands: turned so that it is balanced over its feet, with the soles at one level."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor

from fitting.synthetic.pose_angles import PoseAngles, limit
from fitting.synthetic.pose_rotations import turn_about
from fitting.synthetic.pose_tables import GROUNDS, get_tables

LEVEL_M: Final = {"both": 0.05, "stride": 0.08}
"""How far the soles may differ in height."""
FLAT_M: Final = 0.05
"""How far heel and ball of a level sole may differ in height."""
_LIFTED_M: Final = 0.12
_MOST_TURN: Final = math.radians(14)
_ANKLES: Final = (7, 8)
_FEET: Final = (10, 11)
_HEEL_BELOW_ANKLE, _BALL_BELOW_FOOT = 0.067, 0.02
# Joints and the share of the body's mass near them, from usual tables of segment masses.
_MASSES: Final = (
    ((0,), 0.14),
    ((3, 6, 9), 0.11),
    ((12,), 0.04),
    ((15,), 0.07),
    ((1, 2, 4, 5), 0.062),
    ((7, 8), 0.03),
    ((16, 17, 18, 19), 0.02),
    ((20, 21), 0.01),
)
_WEIGHED: Final = [joint for joints, _ in _MASSES for joint in joints]
_SHARES: Final = torch.tensor([share for joints, share in _MASSES for _ in joints])


def balance(angles: PoseAngles, joints: Tensor) -> tuple[PoseAngles, Tensor]:
    """Turn people over their feet; flat soles stay flat.

    Args:
        angles: Their angles.
        joints: ``(B, 24, 3)`` with the pelvis pitched, y up.

    Returns:
        The angles with other ankles, and the turn of the whole body ``(B, 3, 3)``, none for people whom no feet carry.
    """
    tables = get_tables()
    center = (joints[:, _WEIGHED] * _SHARES[:, None]).sum(1) / _SHARES.sum()
    feet = (joints[:, _ANKLES] + joints[:, _FEET]) / 2
    soles = _sole_heights(joints)
    higher = (soles[:, 0] - soles[:, 1]) / _LIFTED_M
    # Weight shifts to the foot on the ground as the other one leaves it.
    ground = tables.ground[angles.leg_family]
    right_share = torch.where(ground == GROUNDS.index("one"), (0.5 + 0.5 * higher).clamp(0, 1), 0.5)[:, None]
    offset = center - torch.lerp(feet[:, 0], feet[:, 1], right_share)
    height = offset[:, 1].clamp_min(0.2)
    turn = torch.stack((-torch.atan2(offset[:, 2], height), torch.atan2(offset[:, 0], height)), 1)
    turn = turn.clamp(-_MOST_TURN, _MOST_TURN) * (ground != GROUNDS.index("none"))[:, None]
    flat = tables.flat[angles.leg_family][:, None]
    ankle = limit("ankle", torch.where(flat, angles.ankle - turn[:, :1], angles.ankle))
    return replace(angles, ankle=ankle), turn_about("x", turn[:, 0]) @ turn_about("z", turn[:, 1])


def stands(angles: PoseAngles, joints: Tensor, turn: Tensor) -> Tensor:
    """Whether people's feet can carry them ``(B,)``; true for those whom no feet carry.

    Args:
        angles: Their angles.
        joints: ``(B, 24, 3)`` y up, before the turn.
        turn: ``(B, 3, 3)`` of :func:`balance`.
    """
    tables = get_tables()
    turned = (joints - joints[:, :1]) @ turn.transpose(-1, -2)
    # The ankles take the turn back, so the feet keep their direction.
    turned[:, _FEET] = turned[:, _ANKLES] + joints[:, _FEET] - joints[:, _ANKLES]
    soles = _sole_heights(turned)
    flat = (_heel_heights(turned) - _ball_heights(turned)).abs().amax(1) < FLAT_M
    ground = tables.ground[angles.leg_family]
    allowed = torch.tensor([LEVEL_M.get(kind, torch.inf) for kind in GROUNDS])[ground]
    level = (soles[:, 0] - soles[:, 1]).abs() < allowed
    lowest = soles.amin(1) < turned[..., 1].amin(1) + 0.03
    return (lowest | (ground == GROUNDS.index("none"))) & level & (flat | (ground != GROUNDS.index("both")))


def _sole_heights(joints: Tensor) -> Tensor:
    """Height of the lowest point of both soles ``(B, 2)``, metres, of ``(B, 24, 3)`` y up."""
    return torch.minimum(_heel_heights(joints), _ball_heights(joints))


def _heel_heights(joints: Tensor) -> Tensor:
    return joints[:, _ANKLES, 1] - _HEEL_BELOW_ANKLE


def _ball_heights(joints: Tensor) -> Tensor:
    return joints[:, _FEET, 1] - _BALL_BELOW_FOOT
