"""What readers of people have in common: the record of a person, and of a picture that cannot be taken."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.formats.base import FAULTY, NO_FILE, ImportedPerson, ImportProblem, Origin
from db.formats.parts.boxes import Bbox, coco_box, find_keypoint_bbox
from db.formats.parts.checks import ItemError, NoFileError
from resources.skeleton import get_skeleton

Crop: TypeAlias = tuple[tuple[float, float], float]
"""Centre of a square crop in pixels, and its side / 200."""

_FARTHEST_PX = 1e6


def build_person(
    image_path: str,
    ordinal: int,
    external_id: str,
    skeleton: str,
    keypoints: NDArray[np.float64],
    *,
    bbox: Bbox | None = None,
    crop: Crop | None = None,
    confidence: NDArray[np.float64] | None = None,
    origin: Origin = "imported",
    details: bytes | None = None,
) -> ImportedPerson:
    """A person; without a box it gets the tight box of its labelled joints, without a crop the box's (6.2).

    Raises:
        ItemError: Too few joints are labelled to stand in for the box, or one has no place.
    """
    check_numbers(keypoints, get_skeleton(skeleton).joints)
    bbox = bbox or find_keypoint_bbox(keypoints)
    if bbox is None:
        raise ItemError("it has no box, and too few joints are labelled to stand in for one")
    if max(map(abs, bbox)) > _FARTHEST_PX:
        raise ItemError(f"its box ({', '.join(f'{number:g}' for number in bbox)}) is no place in a picture")
    center, scale = crop or coco_box(bbox)
    return ImportedPerson(
        image_path=image_path,
        ordinal=ordinal,
        external_id=external_id,
        bbox_xywh=bbox,
        box_center_px=center,
        box_scale=scale,
        area=None,
        is_crowd=False,
        skeleton=skeleton,
        keypoints=keypoints,
        confidence=confidence,
        origin=origin,
        details=details,
    )


def leave_out_picture(item: str, error: ItemError, people: int) -> ImportProblem:
    """The problem that a picture is left out, and its people with it."""
    left_out = f"; its {people} people were left out" if people else ""
    kind = NO_FILE if isinstance(error, NoFileError) else FAULTY
    return ImportProblem(item, f"{error}{left_out}", "images", kind=kind, people=people)


def check_numbers(rows: NDArray[np.float64], joints: tuple[str, ...]) -> None:
    """Raise ItemError unless every number is finite and that of a place in a picture; the message names the joint."""
    if np.isfinite(rows).all() and np.abs(rows).max(initial=0) <= _FARTHEST_PX:
        return
    for joint, row in zip(joints, rows, strict=True):
        if not np.isfinite(row).all():
            raise ItemError(f"{joint} has a value that is not a finite number")
        if np.abs(row).max() > _FARTHEST_PX:
            raise ItemError(f"{joint} has the value {row[np.abs(row).argmax()]:g}, which is no place in a picture")
