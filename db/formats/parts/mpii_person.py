"""A person of MPII from what all its files say: joints, and the place ``center`` and ``scale`` in units of 200 px."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportedPerson
from db.formats.parts.boxes import Bbox, find_keypoint_bbox
from db.formats.parts.checks import ItemError
from db.formats.parts.reading import Crop, build_person, check_numbers
from resources.skeleton import get_skeleton

SKELETON = "mpii16"
JOINTS = get_skeleton(SKELETON).joints
_FROM_ONE = 1
_LARGEST_SCALE = 500.0  # a person of 100,000 px
_FARTHEST_PX = 1e6


def build_mpii_person(
    image_path: str,
    ordinal: int,
    external_id: str,
    joints: NDArray[np.float64],
    place: Crop | None,
    details: bytes | None = None,
) -> ImportedPerson:
    """A person from numbers as the file has them, counted from 1.

    Args:
        image_path: Its picture.
        ordinal: Its place among the people of the picture.
        external_id: Its id.
        joints: ``(16, 3)`` x, y and visibility.
        place: Centre and scale of the file; None without them.
        details: What else the file says.

    Raises:
        ItemError: Neither joints nor place say where the person is.
    """
    check_numbers(joints, JOINTS)
    keypoints = joints.copy()
    keypoints[:, :2] -= _FROM_ONE
    keypoints[keypoints[:, 2] == 0] = 0
    bbox = find_keypoint_bbox(keypoints)
    crop = None
    if place is not None:
        (x, y), scale = place
        crop = (x - _FROM_ONE, y - _FROM_ONE), scale
        bbox = bbox or _square(crop)
    return build_person(image_path, ordinal, external_id, SKELETON, keypoints, bbox=bbox, crop=crop, details=details)


def find_place(x: float | None, y: float | None, scale: float | None) -> Crop | None:
    """Centre and scale; None where the file has none, which some say by a scale of -1.

    Raises:
        ItemError: The scale is that of nobody.
    """
    if x is None or y is None or scale is None or scale <= 0:
        return None
    if scale > _LARGEST_SCALE:
        raise ItemError(f"its scale is {scale:g}, expected its height / 200 px")
    if max(abs(x), abs(y)) > _FARTHEST_PX:
        raise ItemError(f"its centre is ({x:g}, {y:g}), which is no place in a picture")
    return (x, y), scale


def _square(crop: Crop) -> Bbox:
    (x, y), scale = crop
    side = 200 * scale
    return x - side / 2, y - side / 2, side, side
