"""How well an annotator's keypoints and verdicts agree with the truth: pure functions on arrays (docs/quality.md).

Arrays are in the order of coco17, ``(17, 3)`` with x, y in image pixels and visibility.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.records import FloatArray
from resources.skeleton import build_mapping, get_skeleton

COCO: Final = get_skeleton("coco17")
SIGMAS: Final = np.array(COCO.sigmas)
PCK_SHARE: Final = 0.05
"""A joint is right for PCK within this share of the longer side of the person's box."""
_EPSILON: Final = np.spacing(1)


def to_coco(keypoints_px: FloatArray, skeleton: str) -> FloatArray:
    """Keypoints ``(J, 3)`` of any layout as ``(17, 3)`` of coco17, by the joints' names; not labelled where absent."""
    found = np.zeros((len(COCO), 3))
    for source, target in build_mapping(get_skeleton(skeleton), COCO):
        found[target] = keypoints_px[source]
    return found


def joint_similarities(keypoints_px: FloatArray, truth_px: FloatArray, area_px2: float) -> FloatArray:
    """``(17,)`` COCO's similarity of each joint, 1 on the spot; NaN where the truth is not labelled.

    ``exp(-d^2 / (2 area (2 sigma)^2))``, as the COCO evaluation computes it. A joint of the truth that the annotator
    left without a label has 0: there is no place to compare.

    Args:
        keypoints_px: The annotator's, ``(17, 3)``.
        truth_px: The truth, ``(17, 3)``.
        area_px2: Of the person: segmented, else of the box.
    """
    squared = ((keypoints_px[:, :2] - truth_px[:, :2]) ** 2).sum(axis=1)
    error = squared / (2 * SIGMAS) ** 2 / (area_px2 + _EPSILON) / 2
    similarity = np.where(keypoints_px[:, 2] > 0, np.exp(-error), 0.0)
    return np.where(truth_px[:, 2] > 0, similarity, np.nan)


def find_oks(keypoints_px: FloatArray, truth_px: FloatArray, area_px2: float) -> float | None:
    """Object keypoint similarity, the mean over the joints that the truth has; None when it has none."""
    labelled = truth_px[:, 2] > 0
    if not labelled.any():
        return None
    return float(joint_similarities(keypoints_px, truth_px, area_px2)[labelled].mean())


def correct_joints(
    keypoints_px: FloatArray, truth_px: FloatArray, longer_side_px: float, share: float = PCK_SHARE
) -> FloatArray:
    """``(17,)`` 1 where a joint is right, 0 where it is not or was left without a label, NaN where there is no truth.

    Args:
        keypoints_px: The annotator's, ``(17, 3)``.
        truth_px: The truth, ``(17, 3)``.
        longer_side_px: Of the person's box.
        share: A joint is right within this share of that side.
    """
    distance = np.hypot(*(keypoints_px[:, :2] - truth_px[:, :2]).T)
    right = (keypoints_px[:, 2] > 0) & (distance <= share * longer_side_px)
    return np.where(truth_px[:, 2] > 0, right.astype(float), np.nan)


def find_kappa(given: Sequence[str], expected: Sequence[str]) -> float | None:
    """Cohen's kappa: agreement beyond what two people who decide by the same shares would reach by chance.

    Returns:
        None without any pair, or where both always say the same one thing: chance explains everything then.
    """
    one, two = np.array(given, dtype=str), np.array(expected, dtype=str)
    if not len(one):
        return None
    observed = float((one == two).mean())
    chance = sum(float((one == word).mean() * (two == word).mean()) for word in np.union1d(one, two))
    return None if chance >= 1 else (observed - chance) / (1 - chance)


def mean_or_none(values: NDArray[np.float64]) -> float | None:
    """Mean of what is no NaN; None without any."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
