"""Keypoints of a person in the layout that bodies are fitted in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from db.records import FloatArray, KeypointRevision
from fitting.spec import JOINT_COUNT
from resources.skeleton import Skeleton, build_mapping, get_skeleton


def to_spin49(revision: KeypointRevision) -> FloatArray:
    """Keypoints in the order of spin49: ``(49, 3)`` x, y in pixels and confidence, 0 where nothing is labelled.

    An occluded but labelled joint counts in full, as in the published fits (eft_method.md 3.4).
    """
    return points_to_spin49(get_skeleton(revision.skeleton), revision.keypoints, revision.confidence)


def points_to_spin49(skeleton: Skeleton, keypoints: FloatArray, confidence: FloatArray) -> FloatArray:
    """The same of keypoints ``(J, 3)`` x, y, visibility and confidences ``(J,)`` that need not be stored."""
    keypoints_px = np.zeros((JOINT_COUNT, 3))
    for source, target in build_mapping(skeleton, get_skeleton("spin49")):
        if keypoints[source, 2] > 0:
            keypoints_px[target] = (*keypoints[source, :2], confidence[source])
    return keypoints_px


def weights_to_spin49(joint_weights: Mapping[str, float]) -> dict[str, float]:
    """Weights of joints whose names spin49 has too: the joints that :func:`to_spin49` carries over."""
    known = get_skeleton("spin49").joints
    return {joint: weight for joint, weight in joint_weights.items() if joint in known}
