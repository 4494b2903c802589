"""Joints by the names people give them: ``left shoulder``, ``LShoulder``, ``l_sho``, ``shoulder.L`` are one.

A name comes apart into a side and a part; what is left over must be nothing. Which layout a file's names are of is the
one that has most of them, and of those the one with the fewest joints besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from resources.skeleton import get_skeleton, skeleton_names

_SIDES = {"left": "left", "l": "left", "lt": "left", "lft": "left", "right": "right", "r": "right", "rt": "right"}
_SIDES |= {"rgt": "right", "rht": "right"}
# Other words for the parts of our layouts; the first word of each row is ours.
_PARTS = {
    "ankle": ("ankle", "ankles", "ank", "foot_ankle"),
    "knee": ("knee", "kne", "knees"),
    "hip": ("hip", "hips"),
    "wrist": ("wrist", "wri", "wrists"),
    "elbow": ("elbow", "elb", "elbows"),
    "shoulder": ("shoulder", "sho", "should", "shoulders"),
    "eye": ("eye", "eyes"),
    "ear": ("ear", "ears"),
    "nose": ("nose", "nose_tip"),
    "neck": ("neck", "upper_neck", "head_bottom", "bottom_head", "neck_base"),
    "head_top": ("head_top", "top_head", "headtop", "top_of_head", "tophead", "head_tip", "crown"),
    "head": ("head",),
    "face": ("face",),
    "jaw": ("jaw", "chin"),
    "pelvis": ("pelvis", "pelv", "root", "hip_center", "hip_centre", "mid_hip", "midhip", "middle_hip"),
    "thorax": ("thorax", "thrx", "chest"),
    "spine": ("spine",),
    "belly": ("belly",),
    "big_toe": ("big_toe", "bigtoe", "toe_big"),
    "small_toe": ("small_toe", "smalltoe", "little_toe", "toe_small"),
    "heel": ("heel",),
    "hand": ("hand",),
    "foot": ("foot",),
}
_MIDDLE_PARTS = frozenset({"nose", "neck", "head_top", "head", "face", "jaw", "pelvis", "thorax", "spine", "belly"})
_WORDS = {word: part for part, words in _PARTS.items() for word in words}
_QUALIFIERS = ("openpose_", "coco_", "mpii_", "kp_", "keypoint_", "joint_", "body_")
# A midpoint between the hips is what two layouts call by two names.
_STANDINS = {"pelvis": "mid_hip", "mid_hip": "pelvis"}
# Layouts of a body model are no layouts of annotators.
_NOT_ANNOTATED = frozenset({"smpl24", "spin49"})
_PREFERRED = ("coco17", "mpii16", "lsp14", "openpose18", "openpose25")


@dataclass(frozen=True, slots=True)
class NameTable:
    """Names of a file and the joints they mean.

    Attributes:
        skeleton: Layout that has most of them.
        joints: Index of the joint in it for each name that is one.
        unknown: Names that are none of its joints, sorted.
    """

    skeleton: str
    joints: dict[str, int]
    unknown: tuple[str, ...]


def match_names(names: Iterable[str]) -> NameTable | None:
    """The layout that names are of, and what each means in it; None if no name is that of a joint."""
    names = sorted(set(names))
    meanings = {name: meaning for name in names if (meaning := find_meaning(name)) is not None}
    best: tuple[int, int, int, str] | None = None
    for layout in skeleton_names():
        if layout in _NOT_ANNOTATED:
            continue
        places = _places(layout)
        matched = len({places[meaning] for meaning in meanings.values() if meaning in places})
        rank = _PREFERRED.index(layout) if layout in _PREFERRED else len(_PREFERRED)
        key = (-matched, len(get_skeleton(layout)), rank, layout)
        if matched and (best is None or key < best):
            best = key
    if best is None:
        return None
    places = _places(best[-1])
    joints = {name: places[meaning] for name, meaning in meanings.items() if meaning in places}
    return NameTable(best[-1], joints, tuple(name for name in names if name not in joints))


@cache
def find_meaning(name: str) -> str | None:
    """Joint that a name means, as our layouts call it without the word where it comes from; None if none."""
    bare = re.sub(r"^\s*\d+[\s._:)-]+", "", name)  # "6. left elbow"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", bare.strip())
    words = "_".join(re.findall(r"[a-z]+", spaced.lower()))
    for qualifier in _QUALIFIERS:
        words = words.removeprefix(qualifier)
    if re.search(r"\d", bare) or not words:
        return None
    return _read(words.split("_"))


def _read(words: list[str]) -> str | None:
    whole = _WORDS.get("_".join(words)) or _WORDS.get("".join(words))
    if whole is not None:
        return whole if whole in _MIDDLE_PARTS else None
    for side, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
        if side in _SIDES and rest:
            return _pair(_SIDES[side], "_".join(rest))
    joined = "".join(words)
    for word in sorted(_SIDES, key=len, reverse=True):  # lshoulder, leftshoulder, shoulderleft
        for part in (joined.removeprefix(word), joined.removesuffix(word)):
            if part != joined and (found := _pair(_SIDES[word], part)) is not None:
                return found
    return None


def _pair(side: str, part: str) -> str | None:
    known = _WORDS.get(part) or _WORDS.get(part.replace("_", ""))
    return f"{side}_{known}" if known is not None and known not in _MIDDLE_PARTS else None


@cache
def _places(layout: str) -> dict[str, int]:
    """Index of each joint of a layout by what it means."""
    joints = [joint.removeprefix("openpose_") for joint in get_skeleton(layout).joints]
    places = {joint: index for index, joint in enumerate(joints)}
    for joint, other in _STANDINS.items():
        if joint in places and other not in places:
            places[other] = places[joint]
    return places
