"""The eight limbs whose depth keypoints cannot tell: upper arms, forearms, thighs and lower legs.

Joints are named as annotators place them; every layout that has the joint calls it so (:mod:`resources.skeleton`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

DepthHint: TypeAlias = Literal["toward", "away"]
"""``toward``: the far end of the limb (elbow, wrist, knee, ankle) is nearer to the camera than its near end."""


@dataclass(frozen=True, slots=True)
class Limb:
    """A straight part of an arm or leg.

    Attributes:
        name: Name in files and tables, ``left_forearm``.
        title: Name for people.
        near: Joint at the trunk's end.
        far: Joint at the other end.
    """

    name: str
    title: str
    near: str
    far: str


LIMB_PARTS = frozenset({"shoulder", "elbow", "wrist", "hip", "knee", "ankle"})
"""Parts of the twelve limb joints, left and right of each."""

_PARTS = (
    ("upper_arm", "shoulder", "elbow"),
    ("forearm", "elbow", "wrist"),
    ("thigh", "hip", "knee"),
    ("lower_leg", "knee", "ankle"),
)

LIMBS: tuple[Limb, ...] = tuple(
    Limb(f"{side}_{part}", f"{side} {part.replace('_', ' ')}", f"{side}_{near}", f"{side}_{far}")
    for side in ("left", "right")
    for part, near, far in _PARTS
)
"""Left before right, from the trunk outwards."""

LIMB_NAMES: tuple[str, ...] = tuple(limb.name for limb in LIMBS)


def get_limb(name: str) -> Limb:
    """Limb by name.

    Raises:
        KeyError: There is no such limb: the caller's mistake.
    """
    for limb in LIMBS:
        if limb.name == name:
            return limb
    raise KeyError(f"there is no limb '{name}'; the limbs are {', '.join(LIMB_NAMES)}")
