"""Keypoints of a person in the layout that bodies are fitted in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from db.records import FloatArray, KeypointRevision
from fitting.spec import JOINT_COUNT
from resources.skeleton import Skeleton, build_mapping, get_skeleton

_OPENPOSE: Final = "openpose_"


def to_spin49(revision: KeypointRevision) -> FloatArray:
    """Keypoints in the order of spin49: ``(49, 3)`` x, y in pixels and confidence, 0 where nothing is labelled.

    An occluded but labelled joint counts in full, as in the published fits (eft_method.md 3.4).
    """
    return points_to_spin49(get_skeleton(revision.skeleton), revision.keypoints, revision.confidence)


def points_to_spin49(skeleton: Skeleton, keypoints: FloatArray, confidence: FloatArray) -> FloatArray:
    """The same of keypoints ``(J, 3)`` x, y, visibility and confidences ``(J,)`` that need not be stored."""
    keypoints_px = np.zeros((JOINT_COUNT, 3))
    for source, target in _map_to_spin49(skeleton):
        if keypoints[source, 2] > 0:
            keypoints_px[target] = (*keypoints[source, :2], confidence[source])
    return keypoints_px


def weights_to_spin49(skeleton: Skeleton, joint_weights: Mapping[str, float]) -> dict[str, float]:
    """Weights by the names of the joints of spin49 that :func:`to_spin49` carries the weighted joints over to."""
    names = get_skeleton("spin49").joints
    return {
        names[target]: joint_weights[skeleton.joints[source]]
        for source, target in _map_to_spin49(skeleton)
        if skeleton.joints[source] in joint_weights
    }


@cache
def _map_to_spin49(skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    """Pairs of the joints both layouts have, and of those that only OpenPose placed with what they stand in for.

    The loss leaves OpenPose's block of spin49 out (eft_method.md 1.2), so that somebody with nothing else could not be
    fitted. As 3DPW's detections are read (3.4), its joints then fill the places annotators would have filled; not its
    neck, which lies lower than theirs.
    """
    spin49 = get_skeleton("spin49")
    stand_ins = (
        (source, spin49.index(plain))
        for source, joint in enumerate(skeleton.joints)
        if (plain := joint.removeprefix(_OPENPOSE)) != joint
        and plain in spin49.joints
        and plain not in skeleton.joints
        and plain != "neck"
    )
    return (*build_mapping(skeleton, spin49), *stand_ins)
