"""How hard a person is to fit, from the annotation alone: no method has a say in it, so that none gains by it.

``easy``: at least 11 of the twelve limb joints labelled, at most one of them occluded, the box clear of the border.
``hard``: fewer than 8 limb joints labelled, or 4 or more of them occluded, or cut off by the border with fewer than 11
labelled. ``medium``: everybody else. Layouts that do not tell occluded joints count all as visible.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Difficulty: TypeAlias = Literal["easy", "medium", "hard"]
_BORDER: Final = 0.01
"""A box that comes nearer to the border than this share of its longer side is cut off."""


def judge_difficulty(limb_joints: int, occluded: int, *, cut_off: bool) -> Difficulty:
    """Band of a person.

    Args:
        limb_joints: Labelled ones of the twelve limb joints.
        occluded: How many of these are labelled as not visible.
        cut_off: Whether the box touches the picture's border.
    """
    complete = limb_joints >= 11
    if limb_joints < 8 or occluded >= 4 or (cut_off and not complete):
        return "hard"
    return "easy" if complete and occluded <= 1 and not cut_off else "medium"


def is_cut_off(box_xywh: tuple[float, float, float, float], width: int, height: int) -> bool:
    """Whether a box touches the border of its picture, pixels."""
    left, top, box_width, box_height = box_xywh
    near = _BORDER * max(box_width, box_height)
    return min(left, top, width - left - box_width, height - top - box_height) < near
