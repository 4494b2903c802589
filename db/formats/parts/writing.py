"""What every writer of fits makes sure of: a sample fits the format, and the file says afterwards what it was told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitRecord, FitSample, FitStart, FloatArray, check_sample
from db.formats.parts.checks import ItemError
from db.formats.parts.identity import find_annotation_id, name_sample, to_image_name

_TOLERANCE = 1e-6


def check_writable(sample: FitSample, *, neutral: bool = False) -> None:
    """Raise FormatError unless a sample is sound and its body one the format can hold.

    Args:
        sample: What is to be written.
        neutral: The format has no place for the gender of the body and means the neutral one.
    """
    try:
        check_sample(sample)
        find_annotation_id(sample.annotation_id or 0)
        if to_image_name(sample.image_name) != sample.image_name:
            raise ItemError("the name of its picture is no plain path with slashes, relative to the folder of images")
    except ItemError as error:
        raise _refuse(sample, str(error)) from error
    if neutral and sample.gender != "neutral":
        raise _refuse(sample, f"its body is {sample.gender}, and this format holds neutral ones only; take spin-npz")


def get_box(sample: FitSample) -> tuple[FloatArray, float]:
    """Box of a sample: centre ``(2,)`` in pixels and scale = side / 200.

    Raises:
        FormatError: The sample has none.
    """
    if sample.box_center_px is None or sample.box_scale is None:
        raise _refuse(sample, "it has no box, which this format needs")
    return np.asarray(sample.box_center_px, dtype=np.float64), float(sample.box_scale)


def get_camera(sample: FitSample) -> FloatArray:
    """Camera of a sample, ``(3,)`` ``[s, tx, ty]`` relative to its box.

    Raises:
        FormatError: The sample has none.
    """
    if sample.camera is None:
        raise _refuse(sample, "it has no camera, which this format needs")
    return np.asarray(sample.camera, dtype=np.float64)


def check_read_back(path: Path, written: Iterable[FitSample], read: Iterable[FitRecord], held: Collection[str]) -> None:
    """Raise FormatError unless a file gave back every sample, in order and to 1e-6.

    Args:
        path: The file as people know it.
        written: What was written.
        read: What the format's reader finds in the file.
        held: The fields of :class:`FitSample` the format holds.
    """
    for before, after in zip_longest(map(_without_false_id, written), read):
        if isinstance(after, ImportProblem):
            what = str(after)
        elif before is None or after is None:
            what = "the number of fits is another"
        elif (field := find_difference(before, after, held)) is not None:
            what = f"{name_sample(before)}: {field} is another"
        else:
            continue
        raise FormatError(f"{path} did not read back as it was written ({what}); check the disk and export again")


def find_difference(one: FitSample | FitStart, other: FitSample | FitStart, names: Collection[str]) -> str | None:
    """First of the named fields in which two samples differ by more than 1e-6, None if they agree."""
    return next((name for name in names if not _agree(getattr(one, name), getattr(other, name))), None)


def _without_false_id(sample: FitSample) -> FitSample:
    # No format can tell person 0 from nobody.
    identity = None if sample.annotation_id is None else find_annotation_id(sample.annotation_id)
    return replace(sample, annotation_id=identity)


def _agree(one: object, other: object) -> bool:
    if isinstance(one, FitStart) and isinstance(other, FitStart):
        return find_difference(one, other, [field.name for field in fields(FitStart)]) is None
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        first, second = np.asarray(one), np.asarray(other)
        return first.shape == second.shape and bool((np.abs(first - second) <= _TOLERANCE).all())
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= _TOLERANCE
    return one == other


def _refuse(sample: FitSample, reason: str) -> FormatError:
    return FormatError(f"{name_sample(sample)} cannot be exported: {reason}")
