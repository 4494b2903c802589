"""Whom a fit shows, as arrays with one row a person: the part that npz formats of body parameters have no keys for.

``image_name``, ``annotation_id`` (-1: none), ``subject_id`` ('': none), ``gender``, ``box_center`` (N, 2) and
``bbox_xywh`` (N, 4) in pixels, ``box_scale`` = side / 200, ``weak_camera`` (N, 3) ``[s, tx, ty]`` of the box,
``image_size`` (N, 2), ``keypoints`` (N, 49, 3) of spin49, ``l2d``, ``loss``, ``iterations``. An unknown number is NaN,
an unknown count -1. Files of others lack most of them, and hold what is the same for all rows only once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.fits import FitSample, FloatArray, Gender, check_sample
from db.formats.parts.arrays import Arrays
from db.formats.parts.checks import ItemError
from db.formats.parts.identity import find_annotation_id, to_image_name
from resources.skeleton import get_skeleton

KEYS: Final = (
    *("image_name", "annotation_id", "subject_id", "gender", "box_center", "box_scale", "weak_camera", "image_size"),
    *("bbox_xywh", "keypoints", "l2d", "loss", "iterations"),
)
"""Keys of the columns."""

HELD: Final = (
    *("image_name", "rotations", "betas", "annotation_id", "camera", "box_center_px", "box_scale", "keypoints_px"),
    *("subject_id", "gender", "bbox_xywh", "image_size_px", "l2d", "loss", "iterations"),
)
"""Fields of a sample that these columns and the parameters of a body hold."""

CONVENTIONS: Final[Mapping[str, object]] = {
    "image_name": "path of the picture relative to the folder of images",
    "annotation_id": "the dataset's id of the person, -1 where there is none",
    "gender": "neutral, male or female body model, by sample",
    "box_center": "centre of the box, pixels of the picture, origin at the top-left corner of the top-left pixel",
    "box_scale": "side of the square box in pixels / 200",
    "weak_camera": "weak perspective [s, tx, ty], scale first, relative to the box",
    "camera_formula": "u = cx + 100*box_scale*(s*X + tx), v = cy + 100*box_scale*(s*Y + ty)",
    "image_size": "width and height of the picture in pixels",
    "bbox_xywh": "annotated box: left, top, width, height in pixels",
    "keypoints": "49 x (x, y, validity), pixels of the picture",
    "keypoint_joints": get_skeleton("spin49").joints,
    "pose_joints": get_skeleton("smpl24").joints,
    "l2d, loss, iterations": "keypoint loss, weighted total and iterations of the fit; NaN or -1 where unknown",
}
"""Units, frames and orders, for the manifest beside an export."""

_IMAGE_KEYS = ("image_name", "imgname", "image_path")
_GENDERS: Mapping[str, Gender] = {
    "neutral": "neutral",
    "n": "neutral",
    "male": "male",
    "m": "male",
    "female": "female",
    "f": "female",
}
_LARGEST_WHOLE = 2**53


def build_person_columns(samples: Sequence[FitSample]) -> dict[str, NDArray[Any]]:
    """Columns of checked samples, in their order."""
    count = len(samples)

    def numbers(get: Callable[[FitSample], Any], shape: tuple[int, ...]) -> FloatArray:
        column = np.full((count, *shape), np.nan)
        for row, sample in enumerate(samples):
            if (value := get(sample)) is not None:
                column[row] = value
        return column

    def wholes(get: Callable[[FitSample], int | None]) -> NDArray[np.int64]:
        return np.array([-1 if get(sample) is None else get(sample) for sample in samples], dtype=np.int64)

    return {
        "image_name": np.array([sample.image_name for sample in samples], dtype=np.str_),
        "annotation_id": wholes(lambda sample: sample.annotation_id),
        "subject_id": np.array([sample.subject_id or "" for sample in samples], dtype=np.str_),
        "gender": np.array([sample.gender for sample in samples], dtype=np.str_),
        "box_center": numbers(lambda sample: sample.box_center_px, (2,)),
        "box_scale": numbers(lambda sample: sample.box_scale, ()),
        "weak_camera": numbers(lambda sample: sample.camera, (3,)),
        "image_size": numbers(lambda sample: sample.image_size_px, (2,)),
        "bbox_xywh": numbers(lambda sample: sample.bbox_xywh, (4,)),
        "keypoints": numbers(lambda sample: sample.keypoints_px, (49, 3)),
        "l2d": numbers(lambda sample: sample.l2d, ()),
        "loss": numbers(lambda sample: sample.loss, ()),
        "iterations": wholes(lambda sample: sample.iterations),
    }


@dataclass(frozen=True, slots=True)
class PersonTable:
    """Arrays of a file, looked at row by row.

    Attributes:
        path: The file.
        arrays: Its arrays by key.
        count: Number of people.
    """

    path: Path
    arrays: Arrays
    count: int

    def find_entry(self, key: str, row: int, shape: tuple[int, ...]) -> NDArray[Any] | None:
        """Entry of a column in this shape; one without rows counts for all; None without the column.

        Raises:
            ItemError: The column has another shape.
        """
        array = self.arrays.get(key)
        if array is None:
            return None
        if array.shape == shape:
            return array
        if array.shape[1:] != shape or array.shape[:1] not in ((1,), (self.count,)):
            raise ItemError(f"{key} has the shape {array.shape}, expected {(self.count, *shape)}")
        return np.asarray(array[row if len(array) > 1 else 0])

    def find_numbers(self, key: str, row: int, shape: tuple[int, ...]) -> FloatArray | None:
        """Numbers of a column, None without the column or where all are NaN.

        Raises:
            ItemError: The column has another shape, or some of the numbers are not finite.
        """
        entry = self.find_entry(key, row, shape)
        if entry is None:
            return None
        if entry.dtype.kind not in "fiu":
            raise ItemError(f"{key} is no array of numbers")
        values = entry.astype(np.float64)
        if np.isnan(values).all():
            return None
        if not np.isfinite(values).all():
            raise ItemError(f"{key} has a value that is not a finite number")
        return values

    def find_number(self, key: str, row: int) -> float | None:
        """One number of a column, see :meth:`find_numbers`."""
        value = self.find_numbers(key, row, ())
        return None if value is None else float(value)

    def find_whole(self, key: str, row: int) -> int | None:
        """Whole number of a column, None without the column.

        Raises:
            ItemError: The entry is none.
        """
        entry = self.find_entry(key, row, ())
        if entry is None:
            return None
        value = entry.item()
        if not isinstance(value, int | float) or (isinstance(value, float) and not value.is_integer()):
            raise ItemError(f"{key} is {str(value)[:20]}, expected a whole number")
        return int(value)

    def find_text(self, key: str, row: int) -> str | None:
        """Text of a column, None without the column or where it is empty.

        Raises:
            ItemError: The entry is no text.
        """
        entry = self.find_entry(key, row, ())
        if entry is None:
            return None
        value = entry.item()
        text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
        if not isinstance(text, str):
            raise ItemError(f"{key} is no text")
        return text or None


def build_person(
    table: PersonTable, row: int, rotations: FloatArray, betas: FloatArray, translation_cam: FloatArray | None
) -> FitSample:
    """Fit of a row.

    Args:
        table: The columns; without a name of the picture the file's own name stands for it.
        row: Which row.
        rotations: ``(24, 3, 3)``, root in the camera frame.
        betas: ``(10,)``.
        translation_cam: ``(3,)`` metres, None if the file has none.

    Raises:
        ItemError: The row is faulty.
    """
    number = table.find_whole("annotation_id", row)
    size = table.find_numbers("image_size", row, (2,))
    bbox = table.find_numbers("bbox_xywh", row, (4,))
    keypoints = table.find_numbers("keypoints", row, (49, 3))
    iterations = table.find_whole("iterations", row)
    sample = FitSample(
        image_name=_get_image_name(table, row),
        rotations=rotations,
        betas=betas,
        annotation_id=None if number is None else find_annotation_id(number),
        camera=table.find_numbers("weak_camera", row, (3,)),
        box_center_px=table.find_numbers("box_center", row, (2,)),
        box_scale=table.find_number("box_scale", row),
        keypoints_px=np.zeros((49, 3)) if keypoints is None else keypoints,
        subject_id=table.find_text("subject_id", row),
        gender=_get_gender(table, row),
        bbox_xywh=None if bbox is None else (float(bbox[0]), float(bbox[1]), float(bbox[2]), float(bbox[3])),
        image_size_px=None if size is None else _to_size(size),
        translation_cam=translation_cam,
        l2d=table.find_number("l2d", row),
        loss=table.find_number("loss", row),
        iterations=None if iterations is None or iterations < 0 else iterations,
        item=name_row(table, row),
    )
    check_sample(sample)
    return sample


def name_row(table: PersonTable, row: int) -> str:
    """What a message calls a row: ``person 3 of fits.npz``."""
    return table.path.name if table.count == 1 else f"person {row} of {table.path.name}"


def _to_size(size: FloatArray) -> tuple[int, int]:
    width, height = size
    if not (0 < width <= _LARGEST_WHOLE and 0 < height <= _LARGEST_WHOLE) or (size != np.floor(size)).any():
        raise ItemError(f"image_size is {width:g} x {height:g}, expected whole positive numbers")
    return int(width), int(height)


def _get_image_name(table: PersonTable, row: int) -> str:
    for key in _IMAGE_KEYS:
        if (text := table.find_text(key, row)) is not None:
            return to_image_name(text)
    return to_image_name(table.path.stem)


def _get_gender(table: PersonTable, row: int) -> Gender:
    text = table.find_text("gender", row) or "neutral"
    if text.lower() not in _GENDERS:
        raise ItemError(f"gender is {text[:20]!r}, expected neutral, male or female")
    return _GENDERS[text.lower()]
