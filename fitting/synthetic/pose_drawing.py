"""Draws the angles of poses: from the families, correlated between the sides, clamped to the limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import torch
from torch import Generator, Tensor

from fitting.synthetic.pose_angles import PoseAngles, arm_direction, direction_angles, limit
from fitting.synthetic.pose_families import LIMITS
from fitting.synthetic.pose_rotations import build_armless_rotations, set_arms, turn_about
from fitting.synthetic.pose_tables import Families, get_tables
from fitting.synthetic.reach import draw_places, reach

SIDE_CORRELATION: Final = 0.88
"""Between the deviations of the two sides where both limbs do the same."""
_SWING_NAMES: Final = ("elevation", "azimuth", "shoulder_twist", "elbow")


def draw_angles(families: Families, generator: Generator) -> tuple[PoseAngles, Tensor]:
    """Angles of people of these families; the same generator state gives the same angles.

    Returns:
        The angles, and their rotations ``(B, 24, 3, 3)`` with the root pitched and nothing else.
    """
    tables = get_tables()
    count = len(families.leg)
    first_is_right = torch.rand(count, generator=generator) < 0.5
    degrees = _draw_legs(families.leg, first_is_right, generator)
    mode = torch.multinomial(tables.spine_shares, count, replacement=True, generator=generator)
    spine = _draw(tables.spine[mode], generator)
    head = _draw(torch.tensor([[2.0, 10.0], [0.0, 6.0], [0.0, 18.0]]).expand(count, 3, 2), generator)
    bend = degrees["spine_flexion"] + spine[:, 0]
    degrees |= {
        "spine_flexion": bend,
        "spine_bend": spine[:, 1],
        "spine_turn": spine[:, 2],
        # People look where they go: the neck takes back most of what the trunk bends forward.
        "head_flexion": head[:, 0] - 0.55 * (bend + degrees["pelvis_pitch"]),
        "head_bend": head[:, 1],
        "head_turn": head[:, 2],
    }
    second = _second_arms(families, first_is_right, generator)
    degrees |= _draw_swings(families, second, bend + degrees["pelvis_pitch"], generator)
    angles = PoseAngles(
        **{name: limit(name, torch.deg2rad(value)) for name, value in degrees.items()},
        leg_family=families.leg,
        arm_family=families.arm,
        tilt_std=torch.deg2rad(tables.tilt[families.leg]),
        strain=torch.zeros(count),
    )
    return _place_hands(angles, families, second, generator)


def _draw(spreads: Tensor, generator: Generator) -> Tensor:
    """One normal number for each (mean, std) of the last axis."""
    return spreads[..., 0] + spreads[..., 1] * torch.randn(spreads.shape[:-1], generator=generator)


def _draw_sides(spreads: Tensor, alike: Tensor, generator: Generator) -> Tensor:
    """As :func:`_draw` for ``(B, 2, N, 2)``; the sides are correlated where ``alike`` ``(B,)``."""
    own = torch.randn(spreads.shape[:-1], generator=generator)
    common = torch.randn(len(spreads), 1, spreads.shape[2], generator=generator)
    share = torch.where(alike, SIDE_CORRELATION, 0.0)[:, None, None]
    return spreads[..., 0] + spreads[..., 1] * (share.sqrt() * common + (1 - share).sqrt() * own)


def _draw_legs(family: Tensor, first_is_right: Tensor, generator: Generator) -> dict[str, Tensor]:
    """Leg angles ``(B, 2)``, pelvis pitch and the legs' part of the trunk's flexion ``(B,)``, degrees."""
    tables = get_tables()
    count = len(family)
    spreads = tables.legs[family]
    spreads = torch.where(first_is_right[:, None, None, None], spreads.flip(1), spreads)
    angles = _draw_sides(spreads, tables.symmetric[family], generator)
    flexion, abduction, rotation, knee, ankle = angles.unbind(-1)
    pitch = _draw(tables.pelvis[family], generator)
    trunk = _draw(tables.trunk[family], generator)
    flexion = (flexion + (pitch - tables.pelvis[family][:, 0])[:, None]).clamp(*LIMITS["hip_flexion"])
    knee = knee.clamp(*LIMITS["knee"])
    ground = (flexion - pitch[:, None] - knee).clamp(LIMITS["ankle"].low, 30)
    ankle = ankle + torch.where(tables.flat[family][:, None], ground, torch.zeros_like(ground))
    toes = -8 + 8 * torch.randn(count, 2, generator=generator)
    return {
        "hip_flexion": flexion,
        "hip_abduction": abduction,
        "hip_rotation": rotation,
        "knee": knee,
        "ankle": ankle,
        "toes": toes,
        "pelvis_pitch": pitch,
        "spine_flexion": trunk,
    }


def _second_arms(families: Families, first_leg_is_right: Tensor, generator: Generator) -> Tensor:
    """Which arm of its family each arm is, ``(B, 2)``: 0 or 1, and always 0 where the family is no pair."""
    tables = get_tables()
    by_lot = torch.rand(len(first_leg_is_right), generator=generator) < 0.5
    first_is_right = torch.where(tables.opposes[families.arm[:, 0]], ~first_leg_is_right, by_lot)
    second = torch.stack((first_is_right, ~first_is_right), 1)
    return (second & tables.pairs[families.arm]).long()


def _draw_swings(families: Families, second: Tensor, bend: Tensor, generator: Generator) -> dict[str, Tensor]:
    """Arm and hand angles ``(B, 2)``, degrees, of arms placed by direction; ``bend`` of the trunk ``(B,)``."""
    tables = get_tables()
    alike = families.arm[:, 0] == families.arm[:, 1]
    angles = _draw_sides(tables.swings[families.arm, second], alike, generator)
    elevation, azimuth, twist, elbow = angles.unbind(-1)
    elevation, azimuth = _follow_gravity(elevation, azimuth, tables.gravity[families.arm], bend[:, None])
    hands = _draw_sides(tables.hands[families.arm], alike, generator)
    return {
        "elevation": elevation,
        "azimuth": azimuth,
        "shoulder_twist": twist,
        "elbow": elbow,
        "forearm": hands[..., 0],
        "wrist_flexion": hands[..., 1],
        "wrist_deviation": 2 + 7 * torch.randn(elbow.shape, generator=generator),
    }


def _follow_gravity(elevation: Tensor, azimuth: Tensor, gravity: Tensor, bend: Tensor) -> tuple[Tensor, Tensor]:
    """Turn arm directions back by ``gravity`` of the trunk's forward ``bend``; all degrees, ``(B, 2)``."""
    x, y, z = arm_direction(torch.deg2rad(elevation), torch.deg2rad(azimuth)).unbind(-1)
    angle = torch.deg2rad(-gravity * bend)
    cosine, sine = angle.cos(), angle.sin()
    turned = direction_angles(torch.stack((x, cosine * y - sine * z, sine * y + cosine * z), -1))
    return torch.rad2deg(turned[0]), torch.rad2deg(turned[1])


def _place_hands(
    angles: PoseAngles, families: Families, second: Tensor, generator: Generator
) -> tuple[PoseAngles, Tensor]:
    """The same people with the hands of those who touch something at its place, and their rotations."""
    touches = get_tables().touches[families.arm, second]
    rotations = build_armless_rotations(angles)
    rotations[:, 0] = turn_about("x", angles.pelvis_pitch)
    wrist, elbow_to = draw_places(families, second, rotations, generator)
    changed, strain = {}, torch.zeros_like(wrist[..., 0])
    for name, wanted in zip(_SWING_NAMES, reach(wrist, elbow_to), strict=True):
        possible = limit(name, wanted)
        strain = torch.maximum(strain, (possible - wanted).abs())
        changed[name] = torch.where(touches, possible, getattr(angles, name))
    strain = torch.where(touches, strain, torch.zeros_like(strain)).amax(1)
    angles = replace(angles, **changed, strain=strain)
    set_arms(rotations, angles)
    return angles, rotations
