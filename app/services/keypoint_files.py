"""Keypoints of one person from a small JSON file, as scripts and detectors write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.services.errors import ServiceError
from app.services.places import usable
from db.records import FloatArray
from resources.skeleton import SkeletonError, build_mapping, get_skeleton

_KEYS = ("keypoints", "pose_keypoints_2d", "keypoint2d", "gt_keypoint_2d")
"""Names under which COCO, OpenPose and EFT keep a person's keypoints."""


def read_keypoints(path: Path, skeleton_name: str) -> FloatArray:
    """Keypoints in the order of spin49, ``(49, 3)`` x, y in pixels and confidence.

    The file holds ``J`` rows of x, y and confidence (or a flat list of them; without a third number every joint
    counts), bare or under a key of COCO, OpenPose or EFT; of several people the first is taken. Whole numbers in the
    third place are COCO's visibility, of which an occluded joint counts in full.

    Args:
        path: JSON file.
        skeleton_name: Layout of the rows, for example ``coco17``.

    Raises:
        ServiceError: The file, the layout or a number is none.
    """
    try:
        skeleton = get_skeleton(skeleton_name)
    except SkeletonError as error:
        raise ServiceError(str(error)) from error
    with usable(path):
        content = path.read_bytes()
    try:
        rows = _to_rows(_find_numbers(json.loads(content)), len(skeleton))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise ServiceError(
            f"{path} does not hold the {len(skeleton)} keypoints of {skeleton_name} ({error}); write rows of"
            " x, y and confidence, or name their layout with --skeleton."
        ) from error
    if not np.isfinite(rows).all():
        raise ServiceError(f"{path} holds a keypoint that is not a finite number; correct or clear it.")
    if (rows[:, 2] < 0).any():
        raise ServiceError(f"{path} holds a negative confidence; 0 means not labelled.")
    if (rows[:, 2] == np.round(rows[:, 2])).all():
        rows[:, 2] = rows[:, 2] > 0
    keypoints_px = np.zeros((len(get_skeleton("spin49")), 3))
    for source, target in build_mapping(skeleton, get_skeleton("spin49")):
        keypoints_px[target] = rows[source]
    return keypoints_px


def _find_numbers(content: Any) -> Any:
    while isinstance(content, dict):
        key = next((name for name in _KEYS if name in content), None)
        if key is not None:
            content = content[key]
            continue
        people = next((content[name] for name in ("people", "annotations") if name in content), None)
        if not people:
            raise KeyError(f"none of {', '.join(_KEYS)} is there")
        content = people[0]
    return content


def _to_rows(numbers: Any, joints: int) -> FloatArray:
    array = np.array(numbers)
    if array.dtype.kind not in "fiu":
        raise ValueError("found something else than numbers")
    array = array.astype(np.float64)
    if array.ndim == 3 and len(array) == 1:
        array = array[0]
    if array.ndim == 1 and len(array) in (2 * joints, 3 * joints):
        array = array.reshape(joints, -1)
    if array.shape == (joints, 2):
        array = np.column_stack((array, np.ones(joints)))
    if array.shape != (joints, 3):
        raise ValueError(f"found an array of shape {array.shape}")
    return array
