"""3D truth as rows of training files have it: joints in several lists, metres or millimetres, and SMPL's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.base import Gender, ImportedTruth
from db.formats.fits import FloatArray
from db.formats.parts.checks import ItemError
from db.formats.parts.rotations import axis_angle_to_matrix
from resources.skeleton import get_skeleton

SPIN24: Final = "spin24"
_JOINTS = len(get_skeleton(SPIN24))
_SLOTS_17 = (14, 3, 4, 5, 2, 1, 0, 16, 12, 17, 18, 9, 10, 11, 8, 7, 6)
"""Slot in the 24-set of each of the 17 joints that Human3.6M and MPI-INF-3DHP have in common (eft_method.md 3.4)."""
_PICKS: Final[Mapping[int, tuple[int, ...]]] = {
    17: tuple(range(17)),
    28: (4, 18, 19, 20, 23, 24, 25, 3, 5, 6, 7, 9, 10, 11, 14, 15, 16),
    32: (11, 6, 7, 8, 1, 2, 3, 12, 24, 14, 15, 17, 18, 19, 25, 26, 27),
}
"""Places of those 17 in a list of so many: picked already, MPI-INF-3DHP as published, Human3.6M as published."""
_TEST_SET = (14, 11, 12, 13, 8, 9, 10, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4)
"""Places of those 17 in the 17 of MPI-INF-3DHP's test set as published, whose fifteenth is the pelvis."""
_TEST_ROOT = 14
_RIGHT_LEG_FIRST = (0, 4, 5, 6, 1, 2, 3, *range(7, 17))
"""Places of those 17 in Human3.6M's own order, as mmpose picks it: the right leg before the left."""
_NOT_METRES = 10.0
"""Nobody is ten metres long: such numbers are millimetres. Nobody is a hundredth long either."""
_FARTHEST = 1e7
_LARGEST_BETA = 100.0
_GENDERS: Final[Mapping[str, Gender | None]] = {
    **dict.fromkeys(("m", "male", "0", "0.0"), "male"),
    **dict.fromkeys(("f", "female", "1", "1.0"), "female"),
    **dict.fromkeys(("n", "neutral"), "neutral"),
    **dict.fromkeys(("", "-1", "-1.0", "none", "nan"), None),
}


def build_truth(
    joints: NDArray[Any] | None, pose: NDArray[Any] | None, betas: NDArray[Any] | None, gender: Gender | None
) -> ImportedTruth | None:
    """What a row knows of its person in 3D, None where it knows nothing.

    Args:
        joints: ``(J, 3)`` or ``(J, 4)`` in the camera frame, J one of 17, 24, 28, 32 or 49.
        pose: ``(72,)`` axis-angle, the root in the camera frame.
        betas: ``(10,)`` or more.
        gender: Of the body that ``betas`` are for.

    Raises:
        ItemError: Something of it is no such thing.
    """
    known = np.zeros((_JOINTS, 4)) if joints is None else to_spin24(joints)
    if not known[:, 3].any() and pose is None:
        return None
    if (pose is None) != (betas is None):
        raise ItemError("it has only one of pose and shape")
    rotations = None if pose is None else axis_angle_to_matrix(_to_numbers("pose", pose, 72).reshape(24, 3))
    shape = None if betas is None else _to_numbers("shape", betas.reshape(-1)[:10], 10)
    if shape is not None and np.abs(shape).max() > _LARGEST_BETA:
        raise ItemError(f"shape has a coefficient beyond {_LARGEST_BETA:g}")
    return ImportedTruth(SPIN24, known, rotations, shape, gender)


def to_spin24(joints: NDArray[Any]) -> FloatArray:
    """Joints of a known list in metres, ``(24, 4)`` with 1 where they are known.

    Raises:
        ItemError: The list is not known, or a joint that counts is not finite.
    """
    if joints.ndim != 2 or joints.shape[1] not in (3, 4) or joints.dtype.kind not in "fiu":
        raise ItemError(f"its 3D joints have the shape {joints.shape}, expected (24, 4)")
    numbers = joints.astype(np.float64)
    if numbers.shape[1] == 3:
        numbers = np.hstack((numbers, np.ones((len(numbers), 1))))
    known = numbers[:, 3] > 0
    if not np.isfinite(numbers[known]).all() or np.isnan(numbers[:, 3]).any():
        raise ItemError("its 3D joints have a value that is not a finite number")
    if known.any() and np.abs(numbers[known, :3]).max() > _FARTHEST:
        raise ItemError(f"its 3D joints have a coordinate beyond {_FARTHEST:g}")
    numbers[~known] = 0
    numbers[:, 3] = known
    arranged = _arrange(numbers)
    inside = arranged[arranged[:, 3] > 0, :3]
    if len(inside) > 1 and np.ptp(inside, axis=0).max() > _NOT_METRES:
        arranged[:, :3] /= 1000
    return arranged


def _arrange(numbers: FloatArray) -> FloatArray:
    count = len(numbers)
    if count == _JOINTS:
        return numbers
    if count == len(get_skeleton("spin49")):
        return numbers[-_JOINTS:].copy()
    if count not in _PICKS:
        raise ItemError(f"it has {count} 3D joints, known lists have 17, 24, 28, 32 or 49")
    picks = _pick_from_17(numbers) if count == 17 else _PICKS[count]
    arranged = np.zeros((_JOINTS, 4))
    arranged[list(_SLOTS_17)] = numbers[list(picks)]
    return arranged


def arrange_keypoints(keypoints: FloatArray, joints: NDArray[Any] | None) -> FloatArray:
    """Keypoints ``(17, 3)`` of the 17 joints in the order of the 24-set, ``(24, 3)``.

    Args:
        keypoints: x, y and validity.
        joints: The same joints in 3D, by which their order is told; None tells it by the keypoints.
    """
    by = joints if joints is not None and joints.shape[:1] == (17,) and joints.shape[1] >= 3 else keypoints
    arranged = np.zeros((_JOINTS, 3))
    arranged[list(_SLOTS_17)] = keypoints[list(_pick_from_17(by.astype(np.float64)))]
    return arranged


def _pick_from_17(numbers: FloatArray) -> tuple[int, ...]:
    """Places of the 17 in a list of 17, of which there are three orders.

    Args:
        numbers: ``(17, 3)`` or ``(17, 4)``, the last column for being there.
    """
    in_space = numbers.shape[1] > 3 or not np.isin(numbers[:, 2], (0, 1)).all()
    places = numbers[:, : 3 if in_space else 2]
    if in_space and not places[_TEST_ROOT].any() and places[0].any():
        return _TEST_SET  # the root, from which the others count, is not the first but the fifteenth
    # The left arm comes before the right in both of the others, and hips lie as shoulders do.
    return _PICKS[17] if compare_hips_with_shoulders(places) >= 0 else _RIGHT_LEG_FIRST


def compare_hips_with_shoulders(places: FloatArray) -> float:
    """Above 0 if the leg listed first is on the side of the arm listed first, which is the left one.

    Args:
        places: ``(17, 2)`` or ``(17, 3)``: the pelvis, two legs, the trunk, two arms.
    """
    return float((places[1] - places[4]) @ (places[11] - places[14]))


def read_gender(value: object) -> Gender | None:
    """Gender as files write it: a letter, a word, or 0 for men and 1 for women; None for unknown.

    Raises:
        ItemError: It is none of these.
    """
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    if text.strip().lower() not in _GENDERS:
        raise ItemError(f"gender is {text[:20]!r}, expected m, f or neutral")
    return _GENDERS[text.strip().lower()]


def _to_numbers(name: str, array: NDArray[Any], count: int) -> FloatArray:
    if array.dtype.kind not in "fiu" or array.size != count:
        raise ItemError(f"{name} has the shape {array.shape}, expected {count} numbers")
    numbers = array.reshape(-1).astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ItemError(f"{name} has a value that is not a finite number")
    return numbers
