"""MPII as released: ``RELEASE`` of ``mpii_human_pose_v1_u12_1.mat`` (human-pose.mpi-inf.mpg.de, README).

``annolist(i).annorect(k)`` is a person: ``annopoints.point`` its joints in any order with ids from 0, ``objpos`` and
``scale`` its place, ``x1 … y2`` its head. People of the test set have a place and no joints. ``is_visible`` is 1 or 0,
as a number or a text, or empty for neck and head top, which come from the head's box and count as visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportedImage, ImportProblem, ImportRecord, OnShare
from db.formats.errors import FormatError
from db.formats.parts.checks import ItemError
from db.formats.parts.matlab import (
    Record,
    find_field,
    find_number,
    find_number_field,
    find_record,
    find_text,
    get_cell,
    is_empty,
    list_records,
    read_mat,
)
from db.formats.parts.matlab_bytes import MatValue
from db.formats.parts.mpii_person import JOINTS, build_mpii_person, find_place
from db.formats.parts.picture_finder import PictureFinder
from db.formats.parts.reading import Crop, leave_out_picture

_HEAD = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True, slots=True)
class _Release:
    pictures: list[Record]
    train: MatValue
    single: MatValue
    activities: list[Record]


def read_mpii_mat(source: Path, images: Path, on_share: OnShare) -> Iterator[ImportRecord]:
    """Read images and people.

    Raises:
        FormatError: The file is no release of MPII, or the folder of images does not exist.
    """
    release = _read_release(source)
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, release, on_share)


def _read_release(source: Path) -> _Release:
    records = list_records(read_mat(source, "RELEASE")["RELEASE"])
    try:
        pictures = list_records(find_field(records[0], "annolist")) if records else []
        if not pictures:
            raise FormatError(f"{source}: RELEASE has no annolist; expected mpii_human_pose_v1_u12_1.mat")
        train, single = (find_field(records[0], name) for name in ("img_train", "single_person"))
        return _Release(pictures, train, single, list_records(find_field(records[0], "act")))
    except ItemError as error:
        raise FormatError(f"{source} is damaged ({error}); download it again") from error


def _iter_records(source: Path, images: Path, release: _Release, on_share: OnShare) -> Iterator[ImportRecord]:
    finder, seen = PictureFinder(images), set[str]()
    for row, picture in enumerate(release.pictures):
        on_share(row / len(release.pictures))
        item = f"annolist({row + 1}) in {source.name}"
        people: list[tuple[int, Record]] = []
        try:
            rects = enumerate(list_records(find_field(picture, "annorect")), 1)
            people = [(rect, person) for rect, person in rects if _holds_anything(person)]
            image = find_record(picture, "image")
            name = None if image is None else find_text(find_field(image, "name"))
            if not name:
                raise ItemError("it names no picture")
            item = f"{name}, {item}"
            path = finder.find(name, f"images/{name}")
            if path in seen:
                raise ItemError(f"{path} is listed in another row already; the first was taken")
            seen.add(path)
        except ItemError as error:
            yield leave_out_picture(item, error, len(people))
            continue
        yield ImportedImage(path, None, None, str(row + 1), details=_picture_details(release, row))
        yield from _iter_people(item, path, row, people, _list_single(release, row))


def _holds_anything(rect: Record) -> bool:
    """Whether a rectangle is a person: it has joints or a place; some are only a head nobody went on with."""
    return any(not is_empty(find_field(rect, name)) for name in ("annopoints", "objpos"))


def _iter_people(
    item: str, path: str, row: int, people: list[tuple[int, Record]], single: set[int]
) -> Iterator[ImportRecord]:
    ordinal = 0
    for rect, person in people:
        try:
            joints, place = _read_joints(person), _read_place(person)
            details = _person_details(person, rect in single)
            yield build_mpii_person(path, ordinal, f"{row + 1}-{rect}", joints, place, details)
            ordinal += 1
        except ItemError as error:
            yield ImportProblem(f"annorect({rect}) of {item}", str(error), "people")


def _read_joints(person: Record) -> NDArray[np.float64]:
    """Joints ``(16, 3)`` x, y counted from 1 and visibility.

    Raises:
        ItemError: A joint is malformed, unknown or there twice.
    """
    joints = np.zeros((len(JOINTS), 3))
    annopoints = find_record(person, "annopoints")
    for point in list_records(find_field(annopoints, "point")) if annopoints is not None else []:
        number = find_number_field(point, "id", "the id of a joint")
        if number is None or number not in range(len(JOINTS)):
            raise ItemError(f"a joint has the id {'' if number is None else f'{number:g}'}, expected 0 to 15")
        joint = int(number)
        x = find_number_field(point, "x", f"x of {JOINTS[joint]}")
        y = find_number_field(point, "y", f"y of {JOINTS[joint]}")
        if x is None or y is None:
            raise ItemError(f"{JOINTS[joint]} has no place")
        if joints[joint, 2]:
            raise ItemError(f"{JOINTS[joint]} is there twice")
        visible = find_number_field(point, "is_visible", f"is_visible of {JOINTS[joint]}")
        joints[joint] = x, y, 1 if visible == 0 else 2
    return joints


def _read_place(person: Record) -> Crop | None:
    position = find_record(person, "objpos")
    if position is None:
        return None
    return find_place(
        find_number_field(position, "x", "objpos.x"),
        find_number_field(position, "y", "objpos.y"),
        find_number_field(person, "scale", "scale"),
    )


def _list_single(release: _Release, row: int) -> set[int]:
    """Rectangles of a picture, from 1, that stand apart from other people."""
    try:
        numbers = get_cell(release.single, row)
    except ItemError:
        return set()  # beside the annotation
    if not isinstance(numbers, np.ndarray):
        return set()
    return {int(number) for number in numbers.ravel() if np.isfinite(number)}


def _person_details(person: Record, single: bool) -> bytes:
    said: dict[str, object] = {"single_person": single}
    head = [find_number_field(person, name, name) for name in _HEAD]
    if None not in head:
        said["head_box"] = head
    return msgspec.json.encode({"mpii": said})


def _picture_details(release: _Release, row: int) -> bytes:
    said: dict[str, object] = {}
    try:
        train = find_number(get_cell(release.train, row), "img_train")
        said["img_train"] = None if train is None else bool(train)
        for name in ("vididx", "frame_sec"):
            said[name] = find_number_field(release.pictures[row], name, name)
        if row < len(release.activities):
            activity = release.activities[row]
            said |= {name: find_text(find_field(activity, name)) for name in ("cat_name", "act_name")}
            said["act_id"] = find_number_field(activity, "act_id", "act_id")
    except ItemError:
        pass  # beside the annotation: what was read until here is kept
    return msgspec.json.encode({"mpii": {name: value for name, value in said.items() if value is not None}})
