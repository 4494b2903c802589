"""``joints.mat`` of Leeds Sports Pose and of its extension: one person a picture, pictures numbered from 1.

Numbers are taken as they are, as SPIN and mmhuman3d take them: nobody documents whether they count from 0 or from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportedImage, ImportProblem, ImportRecord, OnShare
from db.formats.errors import FormatError
from db.formats.parts.checks import ItemError
from db.formats.parts.matlab import read_mat, to_numbers
from db.formats.parts.picture_finder import PictureFinder
from db.formats.parts.reading import build_person, check_numbers, leave_out_picture
from resources.skeleton import get_skeleton

SKELETON = "lsp14"
_JOINTS = len(get_skeleton(SKELETON))
_SUFFIXES = (".jpg", ".png", ".jpeg")
_FOLDERS = ("", "images/")


@dataclass(frozen=True, slots=True)
class Leeds:
    """What is particular to one of the two.

    Attributes:
        digits: Of a picture's number in its name.
        unset: Visibility of a joint whose flag is 0.
        set: Visibility of a joint whose flag is 1.
    """

    digits: int
    unset: int
    set: int


def read_leeds(source: Path, images: Path, dataset: Leeds, on_share: OnShare) -> Iterator[ImportRecord]:
    """Read images and people.

    Args:
        source: ``joints.mat``.
        images: Folder the pictures lie in, or the one above it.
        dataset: Which of the two it is.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is none, or the folder of images does not exist.
    """
    people = _read_joints(source)
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, dataset, people, on_share)


def is_leeds(shape: tuple[int, ...], axes: tuple[int, int]) -> bool:
    """Whether an array of this shape holds joints with these first two axes."""
    return shape[:2] == axes and len(shape) in (2, 3)


def _read_joints(source: Path) -> NDArray[np.float64]:
    """Joints ``(N, 14, 3)`` from either order of axes.

    Raises:
        FormatError: They are in none.
    """
    joints = read_mat(source, "joints")["joints"]
    try:
        numbers = to_numbers(joints, "joints")
    except ItemError as error:
        raise FormatError(f"{source}: {error}") from error
    if numbers.ndim == 2:  # MATLAB drops a last axis of one
        numbers = numbers[:, :, None]
    if numbers.ndim == 3 and numbers.shape[:2] == (3, _JOINTS):
        return numbers.transpose(2, 1, 0)
    if numbers.ndim == 3 and numbers.shape[:2] == (_JOINTS, 3):
        return numbers.transpose(2, 0, 1)
    shape = " x ".join(str(side) for side in numbers.shape)
    raise FormatError(f"{source}: joints is {shape}, expected 3 x {_JOINTS} x N or {_JOINTS} x 3 x N")


def _iter_records(
    source: Path, images: Path, dataset: Leeds, people: NDArray[np.float64], on_share: OnShare
) -> Iterator[ImportRecord]:
    finder = PictureFinder(images)
    in_order = _list_in_order(images, dataset, len(people))
    for place, joints in enumerate(people):
        on_share(place / len(people))
        number = place + 1
        item = f"picture {number} in {source.name}"
        try:
            names = in_order[place : place + 1] or _name(number, dataset)
            path = finder.find(*names)
        except ItemError as error:
            yield leave_out_picture(item, error, 1)
            continue
        yield ImportedImage(path, None, None, str(number))
        try:
            yield build_person(path, 0, str(number), SKELETON, _build_keypoints(joints, dataset))
        except ItemError as error:
            yield ImportProblem(item, str(error), "people")


def _build_keypoints(joints: NDArray[np.float64], dataset: Leeds) -> NDArray[np.float64]:
    check_numbers(joints, get_skeleton(SKELETON).joints)
    flags = joints[:, 2]
    if not np.isin(flags, (0, 1)).all():
        joint = int(np.flatnonzero(~np.isin(flags, (0, 1)))[0])
        raise ItemError(f"the flag of {get_skeleton(SKELETON).joints[joint]} is {flags[joint]:g}, expected 0 or 1")
    visibility = np.where(flags == 1, dataset.set, dataset.unset).astype(np.float64)
    keypoints = np.column_stack((joints[:, :2], visibility))
    keypoints[visibility == 0] = 0
    return keypoints


def _name(number: int, dataset: Leeds) -> tuple[str, ...]:
    stem = f"im{number:0{dataset.digits}d}"
    return tuple(f"{folder}{stem}{suffix}" for suffix in _SUFFIXES for folder in _FOLDERS)


def _list_in_order(images: Path, dataset: Leeds, count: int) -> list[str]:
    """Names of the pictures where their numbers have gaps: high-resolution LSPet kept the numbers and not the rows.

    Only where a folder has as many pictures as there are people and numbers beyond; else nothing, and numbers count.
    """
    pattern = re.compile(rf"im(\d{{{dataset.digits}}})\.(?:jpe?g|png)", re.IGNORECASE)
    for folder in _FOLDERS:
        place = images / folder
        names = [entry.name for entry in place.iterdir()] if place.is_dir() else []
        numbered = sorted(name for name in names if pattern.fullmatch(name))
        if len(numbered) == count and count and int(numbered[-1][2 : 2 + dataset.digits]) > count:
            return [f"{folder}{name}" for name in numbered]
    return []
