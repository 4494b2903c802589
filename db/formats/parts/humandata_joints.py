"""The 190 joints of mmhuman3d's order HUMAN_DATA, by their places, and ours that they are.

The order holds SMPL's joints (0-21), fingers, landmarks of the face and the feet, and the joints of several datasets
(mmhuman3d, conventions/keypoints_mapping/human_data.py). Converters put joints of a dataset under the name that its own
list has, so that the hips of COCO stand as SMPL's or as LSP's, depending on the release that wrote the file.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.fits import FloatArray
from db.formats.parts.checks import ItemError
from resources.skeleton import get_skeleton

JOINT_COUNT: Final = 190

SLOTS: Final = (
    # The 25 of OpenPose stand together; of the 24-set most are SMPL's own joints, the others stand after the face.
    *range(153, 178),
    *(8, 5, 144, 145, 4, 7, 21, 19, 17, 16, 18, 20, 146, 147, 148, 149, 150, 151, 152, 55, 57, 56, 59, 58),
)
"""Place in HUMAN_DATA of each joint of spin49, which mmhuman3d calls smpl_49; both name the same anatomical places."""

_INNER = (3, 6, 9, 13, 14)
"""Spine and collars: where a file has them its hips, neck and pelvis are those of SMPL, otherwise annotated ones."""
_ANNOTATED = {0: "pelvis", 1: "left_hip", 2: "right_hip", 12: "neck"}
_OF_SMPL = {0: "openpose_mid_hip", 1: "openpose_left_hip", 2: "openpose_right_hip", 12: "openpose_neck"}
_FEET = {
    60 + place: f"openpose_{side}_{part}"
    for place, (side, part) in enumerate(
        (side, part) for side in ("left", "right") for part in ("big_toe", "small_toe", "heel")
    )
}
_FURTHER = {185: "head", 186: "head_top", 187: "neck"}
"""Head and top of the head as Human3.6M has them, and PoseTrack's bottom of the head (eft_method.md 3.4)."""


def find_present(key: str, shape: tuple[int, ...], mask: NDArray[Any] | None) -> NDArray[np.intp]:
    """Places in HUMAN_DATA of the joints of a file, kept with or without those of mask 0.

    Args:
        key: What the file calls them.
        shape: ``(N, J, C)`` of their array.
        mask: ``(190,)``; None counts all.

    Raises:
        ItemError: Joints and mask do not belong together.
    """
    if mask is None:
        mask = np.ones(JOINT_COUNT)
    if mask.shape != (JOINT_COUNT,) or mask.dtype.kind not in "fiub":
        raise ItemError(f"{key} and its mask {mask.shape} are not in HUMAN_DATA's {JOINT_COUNT} joints")
    present = np.flatnonzero(mask == 1)
    if len(shape) == 3 and shape[1] in (len(present), JOINT_COUNT):
        return present
    raise ItemError(f"{key} has the shape {shape}, expected {(*shape[:1], JOINT_COUNT, *shape[2:])}")


def to_spin49(points: NDArray[Any], present: NDArray[np.intp]) -> FloatArray:
    """Joints in the order of spin49, zeros where the file has none.

    Args:
        points: ``(N, J, C)``; the last of C numbers is 0 where nothing is known.
        present: Places in HUMAN_DATA that count, see :func:`find_present`.
    """
    compressed = points.shape[1] == len(present)
    columns = {int(slot): place if compressed else int(slot) for place, slot in enumerate(present)}
    arranged = np.zeros((len(points), len(SLOTS), points.shape[2]))
    for joint, slot in enumerate(SLOTS):
        if slot in columns:
            arranged[:, joint] = points[:, columns[slot]]
    for slot, joint in list_stand_ins(present).items():
        if slot in columns:
            known = points[:, columns[slot], -1]
            fill = (arranged[:, joint, -1] == 0) & (known != 0)
            arranged[fill, joint] = points[fill, columns[slot]]
    return arranged


def list_stand_ins(present: NDArray[np.intp]) -> dict[int, int]:
    """Places in HUMAN_DATA that stand for a joint of spin49 where its own place is empty, and that joint."""
    of_smpl = bool(np.isin(_INNER, present).any())
    named = {**(_OF_SMPL if of_smpl else _ANNOTATED), **_FEET, **_FURTHER}
    spin49 = get_skeleton("spin49")
    return {slot: spin49.index(name) for slot, name in named.items()}


def list_left_out(present: NDArray[np.intp]) -> list[int]:
    """Places of a file's joints that spin49 has no joint for: fingers, the face, the inner joints of SMPL."""
    kept = {*SLOTS, *list_stand_ins(present)}
    return [int(slot) for slot in present if int(slot) not in kept]
