"""Anatomical angles of sampled poses: drawn from the families, clamped to the limits.

Angles are radians, positive for flexion, abduction and outward rotation, and mean the same on both sides: arrays of
limbs have the shape ``(B, 2)``, left first. :mod:`fitting.synthetic.poses` turns them into rotations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import torch
from torch import Generator, Tensor

from fitting.synthetic.pose_families import (
    ARM_FAMILIES,
    LEG_FAMILIES,
    LIMITS,
    SPINE_MODES,
    Shares,
    Spread,
)

SAME_ARMS = 0.5
"""Share of people whose arms take the same family."""
_AZIMUTH_CUT = (LIMITS["azimuth"].low + LIMITS["azimuth"].high) / 2 - 180


@dataclass(frozen=True, slots=True, eq=False)
class PoseAngles:
    """Angles of B people, radians; ``(B, 2)`` for limbs (left, right), ``(B,)`` for the trunk.

    ``leg_family`` and ``arm_family`` index the tables, ``tilt_std`` is the standard deviation of the root's tilt
    that the legs allow.
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


def sample_angles(count: int, generator: Generator) -> PoseAngles:
    """Draw ``count`` poses; the same generator state gives the same poses."""
    tables = _tables()
    family = _choose(tables.leg_shares, count, generator)
    legs, pitch, trunk = _sample_legs(family, generator)
    arms, arm_family = _sample_arms(tables.posture[family], generator)
    mode = _choose(tables.spine_shares, count, generator)
    spine = _draw(tables.spine[mode], generator)
    head = _draw(torch.tensor([[2.0, 12.0], [0.0, 7.0], [0.0, 20.0]]).expand(count, 3, 2), generator)
    wrist = _draw(torch.tensor([[4.0, 16.0], [2.0, 8.0]]).expand(count, 2, 2, 2), generator)
    arms["azimuth"], arms["elevation"] = _follow_gravity(
        arms["azimuth"], arms["elevation"], tables.gravity[arm_family], (pitch + trunk + spine[:, 0])[:, None]
    )
    degrees = legs | arms | {
        "wrist_flexion": wrist[..., 0],
        "wrist_deviation": wrist[..., 1],
        "pelvis_pitch": pitch,
        "spine_flexion": spine[:, 0] + trunk,
        "spine_bend": spine[:, 1],
        "spine_turn": spine[:, 2],
        # People look where they go: the neck takes back most of what the trunk bends forward.
        "head_flexion": head[:, 0] - 0.55 * (spine[:, 0] + trunk + pitch),
        "head_bend": head[:, 1],
        "head_turn": head[:, 2],
    }  # fmt: skip
    angles = {name: torch.deg2rad(value.clamp(*LIMITS[name])) for name, value in degrees.items()}
    tilt_std = torch.deg2rad(tables.tilt[family])
    return PoseAngles(**angles, leg_family=family, arm_family=arm_family, tilt_std=tilt_std)


def angle_names() -> tuple[str, ...]:
    """Fields of :class:`PoseAngles` that have limits."""
    return tuple(field.name for field in fields(PoseAngles) if field.name in LIMITS)


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """The families as tensors, degrees; F leg families, A arm families, last axis (mean, std)."""

    leg_shares: Tensor
    legs: Tensor
    pelvis: Tensor
    trunk: Tensor
    flat: Tensor
    tilt: Tensor
    posture: Tensor
    arm_shares: Tensor
    arms: Tensor
    gravity: Tensor
    spine_shares: Tensor
    spine: Tensor


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    postures = Shares._fields
    return _Tables(
        leg_shares=torch.tensor([float(family.share) for family in LEG_FAMILIES]),
        legs=torch.stack([torch.stack([_spreads(family.first), _spreads(family.second)]) for family in LEG_FAMILIES]),
        pelvis=_spreads([family.pelvis_pitch for family in LEG_FAMILIES]),
        trunk=_spreads([family.trunk_flexion for family in LEG_FAMILIES]),
        flat=torch.tensor([family.flat_feet for family in LEG_FAMILIES]),
        tilt=torch.tensor([family.tilt for family in LEG_FAMILIES]),
        posture=torch.tensor([postures.index(family.posture) for family in LEG_FAMILIES]),
        arm_shares=torch.tensor([tuple(family.shares) for family in ARM_FAMILIES]).T,
        arms=torch.stack([_spreads([f.elevation, f.azimuth, f.twist, f.elbow, f.forearm]) for f in ARM_FAMILIES]),
        gravity=torch.tensor([family.gravity for family in ARM_FAMILIES]),
        spine_shares=torch.tensor([float(mode.share) for mode in SPINE_MODES]),
        spine=torch.stack([_spreads([mode.flexion, mode.bend, mode.turn]) for mode in SPINE_MODES]),
    )


def _spreads(entries: Sequence[Spread]) -> Tensor:
    return torch.tensor(entries, dtype=torch.float32)


def _choose(shares: Tensor, count: int, generator: Generator) -> Tensor:
    return torch.multinomial(shares, count, replacement=True, generator=generator)


def _draw(spreads: Tensor, generator: Generator) -> Tensor:
    """One normal number for each (mean, std) of the last axis."""
    return spreads[..., 0] + spreads[..., 1] * torch.randn(spreads.shape[:-1], generator=generator)


def _sample_legs(family: Tensor, generator: Generator) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """Leg angles ``(B, 2)``, pelvis pitch and trunk flexion ``(B,)``, degrees."""
    tables = _tables()
    count = len(family)
    spreads = tables.legs[family]
    mirrored = torch.rand(count, generator=generator) < 0.5
    spreads = torch.where(mirrored[:, None, None, None], spreads.flip(1), spreads)
    flexion, abduction, rotation, knee, ankle = _draw(spreads, generator).unbind(-1)
    pitch = _draw(tables.pelvis[family], generator)
    trunk = _draw(tables.trunk[family], generator)
    flexion = flexion + (pitch - tables.pelvis[family][:, 0])[:, None]
    ground = (flexion - pitch[:, None] - knee).clamp(LIMITS["ankle"].low, 30)
    ankle = ankle + torch.where(tables.flat[family][:, None], ground, torch.zeros_like(ground))
    toes = -8 + 8 * torch.randn(count, 2, generator=generator)
    legs = {
        "hip_flexion": flexion,
        "hip_abduction": abduction,
        "hip_rotation": rotation,
        "knee": knee,
        "ankle": ankle,
        "toes": toes,
    }
    return legs, pitch, trunk


def _sample_arms(posture: Tensor, generator: Generator) -> tuple[dict[str, Tensor], Tensor]:
    """Arm angles ``(B, 2)``, degrees, and the families ``(B, 2)``."""
    tables = _tables()
    family = torch.multinomial(tables.arm_shares[posture], 2, replacement=True, generator=generator)
    same = torch.rand(len(posture), generator=generator) < SAME_ARMS
    family = torch.where(same[:, None], family[:, :1], family)
    elevation, azimuth, twist, elbow, forearm = _draw(tables.arms[family], generator).unbind(-1)
    arms = {"elevation": elevation, "azimuth": azimuth, "shoulder_twist": twist, "elbow": elbow, "forearm": forearm}
    return arms, family


def _follow_gravity(azimuth: Tensor, elevation: Tensor, gravity: Tensor, bend: Tensor) -> tuple[Tensor, Tensor]:
    """Turn arm directions back by ``gravity`` of the trunk's forward ``bend``; all degrees, ``(B, 2)``."""
    direction = arm_direction(torch.deg2rad(elevation), torch.deg2rad(azimuth))
    angle = torch.deg2rad(-gravity * bend)
    cosine, sine = angle.cos(), angle.sin()
    x, y, z = direction.unbind(-1)
    y, z = cosine * y - sine * z, sine * y + cosine * z
    elevation = torch.rad2deg(torch.asin(y.clamp(-1, 1)))
    turned = torch.rad2deg(torch.atan2(z, x))
    # Angles beyond the middle of the forbidden range belong to its upper end, not to its lower one.
    turned = torch.where(turned < _AZIMUTH_CUT, turned + 360, turned)
    return turned, elevation


def arm_direction(elevation: Tensor, azimuth: Tensor) -> Tensor:
    """Unit vectors ``(..., 3)`` of left upper arms in the trunk's frame: x sideways, y up, z forward."""
    horizontal = elevation.cos()
    return torch.stack((horizontal * azimuth.cos(), elevation.sin(), horizontal * azimuth.sin()), -1)
