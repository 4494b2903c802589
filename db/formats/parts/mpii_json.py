"""MPII as training code keeps it, in three forms; all count from 1 and leave centre and scale as the release has them.

* HRNet, mmpose: a list of ``image``, ``center``, ``scale``, ``joints`` 16 x 2 and ``joints_vis``, which is 1 where a
  joint is annotated, seen or not, and 0 with the place (-1, -1) or (0, 0) where it is not; rows of the test set have
  no joints.
* Convolutional pose machines, pytorch-pose: a list of ``img_paths``, ``objpos``, ``scale_provided`` and ``joint_self``
  16 x 3, whose third number is the release's ``is_visible``.
* Stacked hourglass (``annot.h5`` as json): columns ``imgname``, ``center``, ``scale``, ``part`` and ``visible``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportedImage, ImportProblem, ImportRecord, OnShare
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.checks import ItemError, decode_item
from db.formats.parts.json_text import read_document
from db.formats.parts.mpii_person import JOINTS, build_mpii_person, find_place
from db.formats.parts.picture_finder import PictureFinder
from db.formats.parts.reading import check_numbers, leave_out_picture

_TITLE = "a json of MPII"


class _Name(msgspec.Struct):
    image: str | None = None
    img_paths: str | None = None


class _Row(msgspec.Struct):
    """A row of any of the forms."""

    center: list[float | None] | None = None
    scale: float | None = None
    joints: list[list[float | None]] | None = None
    joints_vis: list[float | None] | None = None
    objpos: list[float | None] | None = None
    scale_provided: float | None = None
    joint_self: list[list[float | None]] | None = None
    part: list[list[float | None]] | None = None
    visible: list[float | None] | None = None


class _Columns(msgspec.Struct):
    imgname: list[str]
    center: list[msgspec.Raw]
    scale: list[msgspec.Raw]
    part: list[msgspec.Raw]
    visible: list[msgspec.Raw] | None = None


def looks_like_mpii_json(evidence: Evidence) -> bool:
    """Whether a file begins as one of the forms does."""
    if not evidence.is_json:
        return False
    forms = (("image", "center", "scale"), ("joint_self", "img_paths"), ("imgname", "part", "center", "scale"))
    return any(evidence.mentions(*form) for form in forms)


def read_mpii_json(source: Path, images: Path, on_share: OnShare) -> Iterator[ImportRecord]:
    """Read images and people.

    Raises:
        FormatError: The file is in none of the forms, or the folder of images does not exist.
    """
    document = read_document(source, msgspec.Raw, _TITLE)
    rows = _list_rows(source, document)
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, rows, on_share)


def _list_rows(source: Path, document: msgspec.Raw) -> list[tuple[str | None, msgspec.Raw]]:
    """Picture and content of each person; no picture where the row names none."""
    try:
        if bytes(document).lstrip().startswith(b"{"):
            columns = decode_item(document, _Columns)
            return _turn(columns)
        raws = decode_item(document, list[msgspec.Raw])
    except ItemError as error:
        raise FormatError(f"{source} is not {_TITLE}: {error}") from error
    rows = [(_find_name(raw), raw) for raw in raws]
    if rows and not any(name for name, _ in rows):
        raise FormatError(f"{source} is not {_TITLE}: no row has an image")
    if not rows:
        raise FormatError(f"{source} is not {_TITLE}: it is empty")
    return rows


def _find_name(raw: msgspec.Raw) -> str | None:
    try:
        name = decode_item(raw, _Name)
    except ItemError:
        return None  # said where the row's turn comes
    return name.image or name.img_paths


def _turn(columns: _Columns) -> list[tuple[str | None, msgspec.Raw]]:
    """Rows of columns.

    Raises:
        ItemError: The columns are not of one length.
    """
    visible = columns.visible or [msgspec.Raw(b"null")] * len(columns.part)
    lengths = {len(columns.imgname), len(columns.center), len(columns.scale), len(columns.part), len(visible)}
    if len(lengths) != 1:
        raise ItemError("imgname, center, scale, part and visible are not of one length")
    rows: list[tuple[str | None, msgspec.Raw]] = []
    for name, *values in zip(columns.imgname, columns.center, columns.scale, columns.part, visible, strict=True):
        fields = zip(("center", "scale", "part", "visible"), values, strict=True)
        rows.append((name, msgspec.Raw(msgspec.json.encode(dict(fields)))))
    return rows


def _iter_records(
    source: Path, images: Path, rows: Sequence[tuple[str | None, msgspec.Raw]], on_share: OnShare
) -> Iterator[ImportRecord]:
    finder, places = PictureFinder(images), defaultdict[str, list[int]](list)
    for place, (name, _) in enumerate(rows):
        if name:
            places[name].append(place)
        else:
            yield ImportProblem(f"[{place}] in {source.name}", "it names no picture", "people")
    done, seen = 0, set[str]()
    for name, people in places.items():
        on_share(done / len(rows))
        done += len(people)
        try:
            path = finder.find(name, f"images/{name}")
            if path in seen:
                raise ItemError(f"{path} is listed under another name already; the first was taken")
            seen.add(path)
        except ItemError as error:
            yield leave_out_picture(f"picture {name} in {source.name}", error, len(people))
            continue
        yield ImportedImage(path, None, None)
        ordinal = 0
        for place in people:
            try:
                row = decode_item(rows[place][1], _Row)
                x, y = _find_pair(row.center or row.objpos)
                crop = find_place(x, y, row.scale if row.scale is not None else row.scale_provided)
                yield build_mpii_person(path, ordinal, str(place), _read_joints(row), crop)
                ordinal += 1
            except ItemError as error:
                yield ImportProblem(f"[{place}] of {name} in {source.name}", str(error), "people")


def _find_pair(numbers: list[float | None] | None) -> tuple[float | None, float | None]:
    if numbers is None:
        return None, None
    if len(numbers) != 2:
        raise ItemError(f"center has {len(numbers)} numbers, expected 2")
    return numbers[0], numbers[1]


def _read_joints(row: _Row) -> NDArray[np.float64]:
    """Joints ``(16, 3)`` x, y counted from 1 and visibility.

    Raises:
        ItemError: They are not 16, or not numbers.
    """
    if row.joints is not None:
        places, flags = _to_matrix("joints", row.joints, 2), _to_vector("joints_vis", row.joints_vis)
        visibility = np.where(flags > 0, 2, 0)
    elif row.joint_self is not None:
        joints = _to_matrix("joint_self", row.joint_self, 3)
        places, visibility = joints[:, :2], _from_is_visible(joints[:, :2], joints[:, 2])
    elif row.part is not None:
        places = _to_matrix("part", row.part, 2)
        flags = np.ones(len(JOINTS)) if row.visible is None else _to_vector("visible", row.visible)
        visibility = _from_is_visible(places, flags)
    else:
        return np.zeros((len(JOINTS), 3))  # of the test set: a place alone
    return np.column_stack((places, visibility.astype(np.float64)))


def _from_is_visible(places: NDArray[np.float64], flags: NDArray[np.float64]) -> NDArray[Any]:
    """Visibility where a joint that is not annotated has no positive place, and 0 means that it is hidden."""
    return np.where((places <= 0).all(axis=1), 0, np.where(flags > 0, 2, 1))


def _to_matrix(name: str, rows: list[list[float | None]], width: int) -> NDArray[np.float64]:
    if len(rows) != len(JOINTS):
        raise ItemError(f"{name} has {len(rows)} joints, expected {len(JOINTS)}")
    for joint, row in zip(JOINTS, rows, strict=True):
        if len(row) != width:
            raise ItemError(f"{name} has {len(row)} numbers for {joint}, expected {width}")
    matrix = np.array(rows, dtype=np.float64)
    check_numbers(matrix, JOINTS)
    return matrix


def _to_vector(name: str, numbers: list[float | None] | None) -> NDArray[np.float64]:
    if numbers is None or len(numbers) != len(JOINTS):
        raise ItemError(f"{name} has {len(numbers or ())} numbers, expected {len(JOINTS)}")
    vector = np.array(numbers, dtype=np.float64)
    if not np.isfinite(vector).all():
        raise ItemError(f"{name} has a value that is not a finite number")
    return vector
