"""Keypoints of a person in the layout that bodies are fitted in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from db.records import FloatArray, KeypointRevision
from fitting.spec import JOINT_COUNT
from resources.skeleton import build_mapping, get_skeleton


def to_spin49(revision: KeypointRevision) -> FloatArray:
    """Keypoints in the order of spin49: ``(49, 3)`` x, y in pixels and confidence, 0 where nothing is labelled.

    An occluded but labelled joint counts in full, as in the published fits (eft_method.md 3.4).
    """
    keypoints_px = np.zeros((JOINT_COUNT, 3))
    for source, target in build_mapping(get_skeleton(revision.skeleton), get_skeleton("spin49")):
        if revision.keypoints[source, 2] > 0:
            keypoints_px[target, :2] = revision.keypoints[source, :2]
            keypoints_px[target, 2] = revision.confidence[source]
    return keypoints_px


def weights_to_spin49(joint_weights: Mapping[str, float]) -> dict[str, float]:
    """Weights of joints whose names spin49 has too: the joints that :func:`to_spin49` carries over."""
    known = get_skeleton("spin49").joints
    return {joint: weight for joint, weight in joint_weights.items() if joint in known}
