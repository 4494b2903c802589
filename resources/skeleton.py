"""Keypoint layouts by name: joints, bones, left and right, and the mapping from one layout to another.

One name means one anatomical place in every layout, so layouts map onto each other by name: ``left_hip``
is the hip people annotate (LSP, COCO, MPII), ``left_hip_smpl`` the hip of the SMPL kinematic tree,
``openpose_left_hip`` the slot of spin49 that OpenPose detections fill. The tables are those of eft_method.md
section 3.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from resources import skeleton_files

Side: TypeAlias = Literal["left", "right", "middle"]

_OPPOSITE: Mapping[str, str] = {"left": "right", "right": "left"}
# Say where a joint comes from, not what it is: no part of the name of a pair.
_QUALIFIERS = frozenset({"openpose", "smpl"})
_GROUPS: Mapping[str, frozenset[str]] = {
    "arms": frozenset({"collar", "shoulder", "elbow", "wrist", "hand", "finger"}),
    "legs": frozenset({"hip", "knee", "ankle", "foot", "heel", "toe", "big_toe", "small_toe"}),
}
_KEYS = frozenset({"name", "title", "source", "joints", "bones", "titles", "model_joints", "sigmas"})


class SkeletonError(ValueError):
    """A layout, a joint or a group does not exist, or a layout's file is malformed."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A named list of joints.

    Attributes:
        name: Name in files and tables, for example ``coco17``.
        title: Name for people.
        joints: Joint names in the order of the keypoint array.
        titles: The joints' names for people ("left wrist").
        bones: Pairs of joint indices to draw.
        flip: ``flip[i]`` is the joint that ``i`` becomes in a mirror; middle joints stay.
        model_joints: For layouts a body model produces: index of each joint in the 54-entry model array
            (eft_method.md 3.1), else empty.
        sigmas: For layouts that have them: how far annotators scatter at each joint, as a share of the square root of
            the person's area (docs/quality.md), else empty.
    """

    name: str
    title: str
    joints: tuple[str, ...]
    titles: tuple[str, ...]
    bones: tuple[tuple[int, int], ...]
    flip: tuple[int, ...]
    model_joints: tuple[int, ...] = ()
    sigmas: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.joints)

    def index(self, name: str) -> int:
        """Index of a joint.

        Raises:
            SkeletonError: The layout has no such joint.
        """
        try:
            return self.joints.index(name)
        except ValueError:
            raise SkeletonError(f"skeleton {self.name} has no joint named '{name}'") from None

    def side(self, index: int) -> Side:
        """Side of the body the joint is on, the person's own left and right."""
        return _side(self.joints[index])

    def part(self, index: int) -> str:
        """What the joint is regardless of side and origin: ``wrist`` for ``openpose_left_wrist``."""
        return _part(self.joints[index])

    def pairs(self) -> tuple[str, ...]:
        """Parts that exist left and right, in joint order: the pairs :meth:`swap_permutation` accepts."""
        return tuple(dict.fromkeys(self.part(i) for i in range(len(self)) if self.flip[i] != i))

    def swap_permutation(self, group: str) -> tuple[int, ...]:
        """Permutation that exchanges left and right of a group: ``swapped = keypoints[list(permutation)]``.

        Args:
            group: ``body`` (every pair), ``arms``, ``legs``, or one pair such as ``wrist``.

        Raises:
            SkeletonError: The layout has no such group.
        """
        if group == "body":
            return self.flip
        parts = _GROUPS.get(group, frozenset({group})) & frozenset(self.pairs())
        if not parts:
            known = ", ".join(("body", *_GROUPS, *self.pairs()))
            raise SkeletonError(f"skeleton {self.name} has no group '{group}' to swap; known are {known}")
        return tuple(self.flip[i] if self.part(i) in parts else i for i in range(len(self)))


def build_mapping(source: Skeleton, target: Skeleton, *, target_prefix: str = "") -> tuple[tuple[int, int], ...]:
    """Pairs ``(source index, target index)`` of the joints both layouts have, in source order.

    Args:
        source: Layout the keypoints come in.
        target: Layout they are wanted in.
        target_prefix: Put before the source's names to address another block of the target: ``openpose_``
            maps openpose18 onto the first 25 joints of spin49.
    """
    places = {name: index for index, name in enumerate(target.joints)}
    return tuple(
        (index, places[target_prefix + name])
        for index, name in enumerate(source.joints)
        if target_prefix + name in places
    )


@cache
def skeleton_names() -> tuple[str, ...]:
    """Names of the layouts that ship with the project, sorted."""
    return tuple(path.stem for path in skeleton_files())


@cache
def get_skeleton(name: str) -> Skeleton:
    """Layout by name; read once.

    Raises:
        SkeletonError: There is no such layout, or its file is malformed.
    """
    for path in skeleton_files():
        if path.stem == name:
            return read_skeleton(path)
    raise SkeletonError(f"there is no skeleton named '{name}'; known are {', '.join(skeleton_names())}")


def read_skeleton(path: Path) -> Skeleton:
    """Read and check one layout file; bones are given there by joint name.

    Raises:
        SkeletonError: The file is malformed; the message names file and item.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SkeletonError(f"{path.name} is not valid TOML: {error}") from error
    if unknown := sorted(document.keys() - _KEYS):
        raise SkeletonError(f"{path.name}: '{unknown[0]}' is not a known key")
    name = _text(path, document, "name")
    if name != path.stem:
        raise SkeletonError(f"{path.name}: the name is '{name}', expected '{path.stem}' as the file says")
    joints = _joints(path, document.get("joints"))
    flip = _flip(path, joints)
    return Skeleton(
        name=name,
        title=_text(path, document, "title"),
        joints=joints,
        titles=_titles(path, joints, document.get("titles", {})),
        bones=_bones(path, joints, document.get("bones")),
        flip=flip,
        model_joints=_model_joints(path, joints, document.get("model_joints", [])),
        sigmas=_sigmas(path, joints, document.get("sigmas", [])),
    )


def _side(joint: str) -> Side:
    words = joint.split("_")
    if "left" in words:
        return "left"
    return "right" if "right" in words else "middle"


def _part(joint: str) -> str:
    dropped = _QUALIFIERS | _OPPOSITE.keys()
    return "_".join(word for word in joint.split("_") if word not in dropped)


def _text(path: Path, document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise SkeletonError(f"{path.name}: '{key}' is missing or not a text")
    return value


def _joints(path: Path, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(joint, str) and joint for joint in value):
        raise SkeletonError(f"{path.name}: 'joints' must be a list of names")
    joints = tuple(str(joint) for joint in value)
    for joint in joints:
        if joints.count(joint) > 1:
            raise SkeletonError(f"{path.name}: the joint '{joint}' occurs twice")
    return joints


def _titles(path: Path, joints: tuple[str, ...], value: object) -> tuple[str, ...]:
    if not isinstance(value, dict) or not all(isinstance(title, str) for title in value.values()):
        raise SkeletonError(f"{path.name}: 'titles' must be a table of joint = text")
    if unknown := [joint for joint in value if joint not in joints]:
        raise SkeletonError(f"{path.name}: 'titles' names '{unknown[0]}', which is no joint of it")
    return tuple(str(value.get(joint, joint.replace("_", " "))) for joint in joints)


def _bones(path: Path, joints: tuple[str, ...], value: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, list):
        raise SkeletonError(f"{path.name}: 'bones' must be a list of pairs of joint names")
    return tuple(_bone(path, joints, place, bone) for place, bone in enumerate(value))


def _bone(path: Path, joints: tuple[str, ...], place: int, bone: object) -> tuple[int, int]:
    ends: Iterable[object] = bone if isinstance(bone, list) else ()
    indices = tuple(joints.index(end) for end in ends if isinstance(end, str) and end in joints)
    if not isinstance(bone, list) or len(bone) != 2 or len(indices) != 2 or indices[0] == indices[1]:
        raise SkeletonError(f"{path.name}: bones[{place}] = {bone!r} is not a pair of two joints of it")
    return indices[0], indices[1]


def _flip(path: Path, joints: tuple[str, ...]) -> tuple[int, ...]:
    permutation: list[int] = []
    for joint in joints:
        mirrored = "_".join(_OPPOSITE.get(word, word) for word in joint.split("_"))
        if mirrored not in joints:
            raise SkeletonError(f"{path.name}: '{joint}' has no partner '{mirrored}' on the other side")
        permutation.append(joints.index(mirrored))
    return tuple(permutation)


def _model_joints(path: Path, joints: tuple[str, ...], value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(index) is int and index >= 0 for index in value):
        raise SkeletonError(f"{path.name}: 'model_joints' must be a list of indices")
    if value and len(value) != len(joints):
        raise SkeletonError(
            f"{path.name}: model_joints has {len(value)} entries, expected {len(joints)}, one for each joint"
        )
    return tuple(int(index) for index in value)


def _sigmas(path: Path, joints: tuple[str, ...], value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(type(sigma) is float and 0 < sigma < 1 for sigma in value):
        raise SkeletonError(f"{path.name}: 'sigmas' must be a list of numbers between 0 and 1")
    if value and len(value) != len(joints):
        raise SkeletonError(f"{path.name}: sigmas has {len(value)} entries, expected {len(joints)}, one for each joint")
    return tuple(float(sigma) for sigma in value)
