"""Anatomical angles of sampled poses.

Angles are radians, positive for flexion, abduction and outward rotation, and mean the same on both sides: arrays of
limbs have the shape ``(B, 2)``, left first. :mod:`fitting.synthetic.pose_drawing` draws them,
:mod:`fitting.synthetic.pose_rotations` turns them into rotations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from fitting.synthetic.pose_families import LIMITS

_AZIMUTH_CUT = math.radians((LIMITS["azimuth"].low + LIMITS["azimuth"].high) / 2 - 180)


@dataclass(frozen=True, slots=True, eq=False)
class PoseAngles:
    """Angles of B people, radians; ``(B, 2)`` for limbs (left, right), ``(B,)`` for the trunk.

    ``leg_family`` ``(B,)`` and ``arm_family`` ``(B, 2)`` index the tables, ``tilt_std`` is the standard deviation of
    the root's tilt that the legs allow, ``strain`` how much the limits took from the arm angle that a hand's place
    wanted most.
    """

    hip_flexion: Tensor
    hip_abduction: Tensor
    hip_rotation: Tensor
    knee: Tensor
    ankle: Tensor
    toes: Tensor
    elevation: Tensor
    azimuth: Tensor
    shoulder_twist: Tensor
    elbow: Tensor
    forearm: Tensor
    wrist_flexion: Tensor
    wrist_deviation: Tensor
    pelvis_pitch: Tensor
    spine_flexion: Tensor
    spine_bend: Tensor
    spine_turn: Tensor
    head_flexion: Tensor
    head_bend: Tensor
    head_turn: Tensor
    leg_family: Tensor
    arm_family: Tensor
    tilt_std: Tensor
    strain: Tensor

    def __len__(self) -> int:
        return len(self.leg_family)

    def at(self, people: Tensor) -> PoseAngles:
        """The same for a mask or indices of people."""
        return PoseAngles(**{field.name: getattr(self, field.name)[people] for field in fields(self)})


def angle_names() -> tuple[str, ...]:
    """Fields of :class:`PoseAngles` that have limits."""
    return tuple(field.name for field in fields(PoseAngles) if field.name in LIMITS)


def limit(name: str, radians: Tensor) -> Tensor:
    """Angles within the limits of their field."""
    low, high = LIMITS[name]
    return radians.clamp(math.radians(low), math.radians(high))


def arm_direction(elevation: Tensor, azimuth: Tensor) -> Tensor:
    """Unit vectors ``(..., 3)`` of left upper arms in the trunk's frame: x sideways, y up, z forward."""
    horizontal = elevation.cos()
    return torch.stack((horizontal * azimuth.cos(), elevation.sin(), horizontal * azimuth.sin()), -1)


def direction_angles(direction: Tensor) -> tuple[Tensor, Tensor]:
    """Elevation and azimuth ``(...)`` of unit vectors, the inverse of :func:`arm_direction`."""
    x, y, z = direction.unbind(-1)
    azimuth = torch.atan2(z, x)
    # Angles beyond the middle of the forbidden range belong to its upper end, not to its lower one.
    azimuth = torch.where(azimuth < _AZIMUTH_CUT, azimuth + 2 * torch.pi, azimuth)
    return torch.asin(y.clamp(-1, 1)), azimuth
