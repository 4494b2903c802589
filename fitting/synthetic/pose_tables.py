"""The tables of families as tensors, and who takes which family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import torch
from torch import Generator, Tensor

from fitting.synthetic.arm_families import ARM_FAMILIES
from fitting.synthetic.leg_families import LEG_FAMILIES
from fitting.synthetic.pose_families import SPINE_MODES, ArmFamily, LegFamily, Shares, Spread, Swing, Touch

SAME_ARMS: Final = 0.5
"""Share of people whose arms do the same, of those whose first arm does not belong to a pair."""
FRAMES: Final = ("trunk", "level", "pelvis", "head", "thigh", "shin")
GROUNDS: Final = ("both", "stride", "step", "one", "none")
_NO_SWING: Final = Swing((0, 0), (0, 0), (0, 0), (0, 0))
_NO_TOUCH: Final = Touch("trunk", (20, 0, 20), (0, 0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """Who does what: leg families ``(B,)`` and arm families ``(B, 2)``, left first, as indices of the tables."""

    leg: Tensor
    arm: Tensor

    def at(self, people: Tensor) -> Families:
        """The same for a mask or indices of people."""
        return Families(self.leg[people], self.arm[people])


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """F leg families, A arm families with two arms each; a last axis of two is (mean, standard deviation).

    Angles are degrees, places metres. ``first_arms`` ``(F, A)`` is the probability of each arm family for the arm
    that chooses, ``other_arms`` ``(F, A, A)`` of what the other one does then.
    """

    leg_shares: Tensor
    legs: Tensor
    symmetric: Tensor
    pelvis: Tensor
    trunk: Tensor
    flat: Tensor
    tilt: Tensor
    ground: Tensor
    first_arms: Tensor
    other_arms: Tensor
    swings: Tensor
    hands: Tensor
    gravity: Tensor
    touches: Tensor
    frame: Tensor
    place: Tensor
    place_std: Tensor
    elbow_to: Tensor
    together: Tensor
    pairs: Tensor
    opposes: Tensor
    spine_shares: Tensor
    spine: Tensor


@lru_cache(maxsize=1)
def get_tables() -> Tables:
    """The tables, built once."""
    arms = [(family.first, family.second or family.first) for family in ARM_FAMILIES]
    swings = [[arm if isinstance(arm, Swing) else _NO_SWING for arm in pair] for pair in arms]
    touches = [[arm if isinstance(arm, Touch) else _NO_TOUCH for arm in pair] for pair in arms]
    first_arms = torch.tensor([_arm_shares(leg) for leg in LEG_FAMILIES])
    return Tables(
        leg_shares=torch.tensor([float(leg.share) for leg in LEG_FAMILIES]),
        legs=torch.stack([torch.stack([_spreads(leg.first), _spreads(leg.second)]) for leg in LEG_FAMILIES]),
        symmetric=torch.tensor([leg.first == leg.second for leg in LEG_FAMILIES]),
        pelvis=_spreads([leg.pelvis_pitch for leg in LEG_FAMILIES]),
        trunk=_spreads([leg.trunk_flexion for leg in LEG_FAMILIES]),
        flat=torch.tensor([leg.flat_feet for leg in LEG_FAMILIES]),
        tilt=torch.tensor([leg.tilt for leg in LEG_FAMILIES]),
        ground=torch.tensor([GROUNDS.index(leg.ground) for leg in LEG_FAMILIES]),
        first_arms=first_arms,
        other_arms=torch.stack([_other_arms(shares) for shares in first_arms]),
        swings=torch.tensor([[(s.elevation, s.azimuth, s.twist, s.elbow) for s in pair] for pair in swings]).float(),
        hands=torch.tensor([(arm.forearm, arm.wrist) for arm in ARM_FAMILIES]).float(),
        gravity=torch.tensor([arm.gravity for arm in ARM_FAMILIES]),
        touches=torch.tensor([[isinstance(arm, Touch) for arm in pair] for pair in arms]),
        frame=torch.tensor([[FRAMES.index(touch.frame) for touch in pair] for pair in touches]),
        place=torch.tensor([[touch.place for touch in pair] for pair in touches]) / 100,
        place_std=torch.tensor([[touch.spread for touch in pair] for pair in touches]) / 100,
        elbow_to=torch.nn.functional.normalize(torch.tensor([[t.elbow for t in pair] for pair in touches]), dim=-1),
        together=torch.tensor([arm.together for arm in ARM_FAMILIES]) / 100,
        pairs=torch.tensor([arm.second is not None for arm in ARM_FAMILIES]),
        opposes=torch.tensor([arm.opposes_legs for arm in ARM_FAMILIES]),
        spine_shares=torch.tensor([float(mode.share) for mode in SPINE_MODES]),
        spine=torch.stack([_spreads([mode.flexion, mode.bend, mode.turn]) for mode in SPINE_MODES]),
    )


def draw_families(count: int, generator: Generator) -> Families:
    """Families of ``count`` people."""
    leg = torch.multinomial(get_tables().leg_shares, count, replacement=True, generator=generator)
    return Families(leg, draw_arm_families(leg, generator))


def draw_arm_families(leg: Tensor, generator: Generator) -> Tensor:
    """Arm families ``(B, 2)`` for leg families ``(B,)``."""
    tables = get_tables()
    chosen = torch.multinomial(tables.first_arms[leg], 1, generator=generator).squeeze(1)
    other = torch.multinomial(tables.other_arms[leg, chosen], 1, generator=generator).squeeze(1)
    swapped = torch.rand(len(leg), generator=generator) < 0.5
    return torch.stack((torch.where(swapped, other, chosen), torch.where(swapped, chosen, other)), 1)


def rarity(families: Families) -> Tensor:
    """Probability ``(B,)`` of each person's legs together with these two arms, whichever side does which.

    The probabilities of all combinations sum to one; the usual ones are above 0.01, most are far below 0.0001.
    """
    tables = get_tables()
    leg_share = (tables.leg_shares / tables.leg_shares.sum())[families.leg]

    def ordered(first: Tensor, second: Tensor) -> Tensor:
        return tables.first_arms[families.leg, first] * tables.other_arms[families.leg, first, second]

    left, right = families.arm.unbind(1)
    either = ordered(left, right) + torch.where(left == right, torch.zeros_like(leg_share), ordered(right, left))
    combined: Tensor = leg_share * either
    return combined


def _spreads(entries: Sequence[Spread]) -> Tensor:
    return torch.tensor(entries, dtype=torch.float32)


def _arm_shares(leg: LegFamily) -> list[float]:
    """Probability of each arm family for the arm that chooses."""
    column = Shares._fields.index(leg.posture)
    total = sum(arm.shares[column] for arm in ARM_FAMILIES)
    habit = leg.habit if leg.arms else 0.0
    named = {name: leg.arms.count(name) / len(leg.arms) for name in leg.arms}
    return [(1 - habit) * arm.shares[column] / total + habit * named.get(arm.name, 0.0) for arm in ARM_FAMILIES]


def _other_arms(shares: Tensor) -> Tensor:
    """What the other arm does, ``(A, A)``, given the probabilities ``(A,)`` of the arm that chooses."""
    free = torch.tensor([arm.second is None and not arm.alone for arm in ARM_FAMILIES])
    anything = shares * free
    anything = anything / anything.sum().clamp_min(1e-9)
    return torch.stack([_other_arm(number, arm, anything) for number, arm in enumerate(ARM_FAMILIES)])


def _other_arm(number: int, arm: ArmFamily, anything: Tensor) -> Tensor:
    same = 1.0 if arm.second is not None else 0.0 if arm.alone else SAME_ARMS
    itself = torch.nn.functional.one_hot(torch.tensor(number), len(anything))
    return same * itself + (1 - same) * anything
