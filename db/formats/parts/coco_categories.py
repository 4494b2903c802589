"""Which layout the keypoints of a COCO-like category are in, by the names the file gives them.

A file says the order of its joints; it is believed by name and never by number. Published files have names of their own
for some joints, and our exports of other layouts have ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from resources.skeleton import Skeleton, get_skeleton, skeleton_names

_REMARK = re.compile(r"\([^()]*\)")
"""Human3.6M's ``root (pelvis)``."""
_FEET = ("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")
_PUBLISHED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "coco23": {f"openpose_{joint}": (joint,) for joint in _FEET},
    "crowdpose14": {"head_top": ("head", "top_head")},
    "h36m17": {
        "pelvis": ("root",),
        # The second names are those of files that exchange the legs; their reader looks at the bodies.
        **{
            f"{side}_{part}": (f"{side}_{name}", f"{other}_{name}")
            for side, other in (("left", "right"), ("right", "left"))
            for part, name in (("hip", "hip"), ("knee", "knee"), ("ankle", "foot"))
        },
        "neck": ("thorax",),
        "jaw": ("neck_base",),
    },
    "jhmdb15": {"face": ("head",)},
    "posetrack17": {"neck": ("head_bottom",)},
}
"""Layouts whose files name a joint otherwise than we do, the published name first."""


def name_joints(skeleton: Skeleton) -> list[str]:
    """Names of a layout's joints as published files have them."""
    published = _PUBLISHED.get(skeleton.name, {})
    return [published[joint][0] if joint in published else joint for joint in skeleton.joints]


def find_skeleton(names: Sequence[str]) -> str | None:
    """Layout whose joints have these names in this order; None if there is none."""
    spelled = tuple(_REMARK.sub("", name).strip().lower().replace(" ", "_").replace("-", "_") for name in names)
    return _known_names().get(spelled)


@cache
def _known_names() -> dict[tuple[str, ...], str]:
    known: dict[tuple[str, ...], str] = {}
    for name in skeleton_names():
        skeleton = get_skeleton(name)
        known.setdefault(skeleton.joints, name)
        spellings = _PUBLISHED.get(name, {})
        for place in range(max((len(others) for others in spellings.values()), default=0)):
            names = (spellings.get(joint, (joint,)) for joint in skeleton.joints)
            known.setdefault(tuple(others[min(place, len(others) - 1)] for others in names), name)
    return known
