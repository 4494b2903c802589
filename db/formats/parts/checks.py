"""Checks of one item of a dataset: what is wrong is said in a sentence, and the rest of the file goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.parts.boxes import NO_EXTENT_PX, Bbox, find_keypoint_bbox
from resources.skeleton import Skeleton

_T = TypeVar("_T")


class ItemError(Exception):
    """One item is faulty; the message is the reason, and whoever knows the item's name adds it."""


class NoFileError(ItemError):
    """The picture of an item is not there."""


def decode_item(raw: msgspec.Raw, kind: type[_T]) -> _T:
    """Decode one JSON item.

    Raises:
        ItemError: It does not have the fields and types of ``kind``.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ItemError(explain(error)) from error


def explain(error: Exception) -> str:
    """Say of an msgspec error which field is wrong and how: ``bbox: expected `array | null`, got `str```."""
    message, _, place = str(error).partition(" - at `$")
    message = message[:1].lower() + message[1:]
    return f"{place.strip('`.')}: {message}" if place.strip("`.") else message


def check_picture(file_name: str, images: Path) -> str:
    """Posix path of a picture relative to the folder ``images``.

    Raises:
        NoFileError: No file is there.
        ItemError: The name leads out of the folder.
    """
    path = PurePosixPath(file_name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ItemError(f"file_name {file_name[:80]!r} does not lead into the folder of images")
    try:
        exists = (images / path).is_file()
    except (OSError, ValueError) as error:
        raise ItemError(f"file_name {file_name[:80]!r} is no file name on this machine") from error
    if not exists:
        raise NoFileError(f"{path} is not in {images}; put it there or give another folder of images")
    return path.as_posix()


def check_keypoints(
    numbers: Sequence[float | None], skeleton: Skeleton, width: int | None, height: int | None
) -> NDArray[np.float64]:
    """Keypoints ``(J, 3)`` x, y in pixels and visibility from their flat list, None standing for not a number.

    Args:
        numbers: ``3 * J`` numbers.
        skeleton: Layout they are in.
        width: Pixels of the picture; None if the dataset does not say, and the place is checked by the import.
        height: Pixels of the picture; likewise.

    Raises:
        ItemError: Too few or too many, not finite, a visibility that is none, or a joint far outside the picture.
    """
    if len(numbers) != 3 * len(skeleton):
        raise ItemError(f"keypoints has {len(numbers)} numbers, expected {3 * len(skeleton)}")
    flat = np.array(numbers, dtype=np.float64)
    finite = np.isfinite(flat)
    if not finite.all():
        raise ItemError(f"keypoints[{_find_first(~finite)}] is not a finite number")
    keypoints = flat.reshape(-1, 3)
    visibility = keypoints[:, 2]
    known = (visibility == 0) | (visibility == 1) | (visibility == 2)
    if not known.all():
        joint = int(np.argmin(known))
        raise ItemError(f"the visibility of {skeleton.joints[joint]} is {visibility[joint]:g}, expected 0, 1 or 2")
    return keypoints if width is None or height is None else check_places(keypoints, skeleton, width, height)


def check_places(keypoints: NDArray[np.float64], skeleton: Skeleton, width: int, height: int) -> NDArray[np.float64]:
    """Keypoints ``(J, 3)`` whose labelled joints lie in the picture or not far from it; the others' places are cleared.

    Raises:
        ItemError: A labelled joint lies far outside the picture.
    """
    points_px, visibility = keypoints[:, :2], keypoints[:, 2]
    # Annotators place joints a little outside; a whole picture away is another picture or another unit.
    size = np.array((width, height), dtype=np.float64)
    astray = ((points_px < -size) | (points_px > 2 * size)).any(axis=1)
    if not astray.any():
        return keypoints
    if (joint := _find_first(astray & (visibility > 0))) is not None:
        x, y = points_px[joint]
        name = skeleton.joints[joint]
        raise ItemError(f"{name} lies at ({x:g}, {y:g}), far outside the picture of {width} x {height}")
    keypoints = keypoints.copy()
    keypoints[astray, :2] = 0  # not labelled: the place means nothing, and drawing it could overflow
    return keypoints


def check_bbox(
    numbers: Sequence[float | None] | None, keypoints_px: NDArray[np.float64], width: int | None, height: int | None
) -> Bbox:
    """The annotated box; where it is missing or has no area, the tight box of the keypoints.

    Args:
        numbers: Left, top, width, height; None without a box.
        keypoints_px: ``(J, 3)`` checked keypoints of the person.
        width: Pixels of the picture; None if the dataset does not say, and the place is checked by the import.
        height: Pixels of the picture; likewise.

    Raises:
        ItemError: The box is no box, lies outside the picture, or is missing and nothing stands in for it.
    """
    if numbers is not None:
        if len(numbers) != 4:
            raise ItemError(f"bbox has {len(numbers)} numbers, expected 4")
        box = np.array(numbers, dtype=np.float64)
        if not np.isfinite(box).all():
            raise ItemError("bbox has a value that is not a finite number")
        left, top, box_width, box_height = (float(value) for value in box)
        if min(box_width, box_height) > NO_EXTENT_PX:
            bbox = left, top, box_width, box_height
            if width is not None and height is not None:
                check_bbox_place(bbox, width, height)
            return bbox
    stand_in = find_keypoint_bbox(keypoints_px)
    if stand_in is None:
        raise ItemError("bbox is missing or has no area, and too few keypoints are labelled to stand in for it")
    return stand_in


def corners_to_box(corners: Sequence[float | None] | None) -> Sequence[float | None] | None:
    """Left, top, width, height of a box given as left, top, right, bottom; what is no such box as it is."""
    if corners is None or len(corners) != 4:
        return corners
    left, top, right, bottom = corners
    if left is None or top is None or right is None or bottom is None:
        return corners
    return [left, top, right - left, bottom - top]


def translate_visibility(numbers: Sequence[float | None], meanings: Mapping[float, float]) -> list[float | None]:
    """A flat list of keypoints with COCO's visibility in the place of a dataset's; what has no meaning stays."""
    translated = list(numbers)
    translated[2::3] = [value if value is None else meanings.get(value, value) for value in translated[2::3]]
    return translated


def check_bbox_place(bbox: Bbox, width: int, height: int) -> None:
    """Raise ItemError unless a box lies in a picture, or reaches not far out of it."""
    left, top, box_width, box_height = bbox
    right, bottom = left + box_width, top + box_height
    if left >= width or top >= height or right <= 0 or bottom <= 0:
        raise ItemError(f"bbox lies outside the picture of {width} x {height}")
    if left < -width or top < -height or right > 2 * width or bottom > 2 * height:
        raise ItemError(f"bbox reaches far outside the picture of {width} x {height}")


def _find_first(mask: NDArray[np.bool_]) -> int | None:
    places = np.flatnonzero(mask)
    return int(places[0]) if len(places) else None
