"""People of training files as SPIN, VIBE, PARE and EFT make them: columns with one row a person (eft_method.md 5.3).

``imgname``, ``center`` (N, 2) and ``scale`` of the crop, ``part`` (N, 24, 3) and ``openpose`` (N, 25, 3), ``S``
(N, 24, 4) metres, ``pose`` (N, 72), ``shape`` (N, 10), ``has_smpl``, ``gender``, ``annotIds``. Every column but the
name may be missing: Human3.6M for evaluation has ``S`` and no keypoints, 3DPW poses and no keypoints. They come as an
npz, which is read a few rows at a time, or as a pickled dict of arrays or list of dicts, which is read whole.

Poses of files that hold no 3D joints and no gender are fits, and no truth (SPIN's files of COCO), and so are those of
our own exports.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportProblem, ImportRecord, OnShare
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.fits import FloatArray
from db.formats.parts import humandata_people
from db.formats.parts.boxes import Bbox
from db.formats.parts.checks import ItemError
from db.formats.parts.identity import find_annotation_id
from db.formats.parts.people_rows import PIECE, Row, RowPerson, check_count, iter_records
from db.formats.parts.pickles import is_pickle, read_pickle
from db.formats.parts.row_truth import arrange_keypoints, build_truth, read_gender
from resources.npz_rows import NpzRows
from resources.plain_npz import PlainNpzError
from resources.plain_pickle import PlainPickleError

_SHAPES: Final[Mapping[str, tuple[int, ...]]] = {
    "imgname": (),
    "center": (2,),
    "scale": (),
    "bbox": (4,),
    "part": (24, 3),
    "openpose": (25, 3),
    "joints2D": (49, 3),
    "pose": (72,),
    "has_smpl": (),
    "gender": (),
    "annotIds": (),
}
"""Columns and the shape of a row; ``S`` and ``shape`` come in several."""
_PART_OF_17 = (17, 3)
"""What mmpose's files of Human3.6M and MPI-INF-3DHP have in place of the 24."""
_ALIASES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("img_name", "image_name", "imgnames", "image_path"), "imgname"),
    **dict.fromkeys(("joints3D", "pose_3d", "joints_3d"), "S"),
    "betas": "shape",
    "genders": "gender",
    "annotId": "annotIds",
    "annot_id": "annotIds",
    "img_names": "imgname",
}
"""Other names of columns (VIBE's, PARE's)."""
_FREE = ("S", "shape")
_WANTED = frozenset((*_SHAPES, *_ALIASES, *_FREE))
_TEXTS = frozenset({"imgname", "gender"})
_BOX_SOURCES = frozenset({"scale", "bbox", "part", "openpose", "joints2D"})
_OF_OURS = "parm_cam"
"""A key that only this program's exports have (:mod:`db.formats.spin_npz`)."""
_OPENPOSE = 25
_MOST_NUMBERS = 1000

Columns = Mapping[str, Sequence[Any] | NDArray[Any]]


@dataclass(frozen=True, slots=True)
class SpinFile:
    """An opened file.

    Attributes:
        path: The file.
        count: People in it.
        keys: Columns it has, under SPIN's names.
        holds_fits: This program wrote it, so that its poses are fits and no truth.
        verify: Looks through the whole file for damage.
        iter_pieces: Some rows of every column at a time.
    """

    path: Path
    count: int
    keys: frozenset[str]
    holds_fits: bool
    verify: Callable[[], None]
    iter_pieces: Callable[[], Iterator[Columns]]


def read_people(
    source: Path, images: Path, on_share: OnShare, *, has_truth: bool, margin: float = 1.2
) -> Iterator[ImportRecord]:
    """People of a file.

    Args:
        source: Npz or pickle.
        images: Folder of the pictures.
        on_share: Told how far it is read.
        has_truth: Whether poses are truth even where the file has neither 3D joints nor gender.
        margin: How many times the longer side of a person the crop is, where there are no keypoints to tell it.

    Raises:
        FormatError: It is no such file.
    """
    if Evidence(source).npz_keys >= {"image_path", "bbox_xywh"}:  # mmhuman3d's edition of the dataset
        return humandata_people.read_people(source, images, on_share)
    file = open_file(source)
    has_truth = not file.holds_fits and (has_truth or bool({"S", "gender"} & file.keys))
    return iter_records(_iter_rows(file, on_share, has_truth, margin), images, source)


def find_first_names(evidence: Evidence) -> tuple[str, ...]:
    """Names of the first pictures of a SPIN-style npz; none of any other file."""
    names = evidence.npz_keys & {"imgname", "imgnames", "img_name"}
    if not names or not evidence.npz_keys & {"center", "scale", "part", "S", "pose"}:
        return ()
    try:
        rows = NpzRows(evidence.path, names)
        shape = next(iter(rows.shapes.values()), ())
        if len(shape) != 1:
            return ()
        piece = next(rows.iter_pieces(shape[0], 3), {})
        return tuple(_to_text(value) for column in piece.values() for value in column)
    except (PlainNpzError, PlainPickleError, ItemError):
        return ()


def names_match(evidence: Evidence, pattern: re.Pattern[str]) -> bool:
    """Whether the first pictures of a SPIN-style npz have names like these."""
    names = find_first_names(evidence)
    return bool(names) and all(pattern.search(name) for name in names)


def open_file(path: Path) -> SpinFile:
    """Look at a file's columns.

    Raises:
        FormatError: It is no such file.
    """
    if path.is_dir():
        raise FormatError(f"{path} is a folder, expected a file")
    file = _open_pickle(path) if is_pickle(path) else _open_npz(path)
    if "imgname" not in file.keys:
        raise FormatError(f"{path} is no SPIN-style file: it has no 'imgname'")
    if not file.keys & _BOX_SOURCES:
        raise FormatError(f"{path} has neither 'center' and 'scale' nor keypoints: nobody could be found in a picture")
    check_count(file.count, path)
    try:
        file.verify()
    except PlainNpzError as error:
        raise FormatError(str(error).removesuffix(".")) from error
    return file


def _open_npz(path: Path) -> SpinFile:
    try:
        rows = NpzRows(path, _WANTED)
    except (PlainNpzError, PlainPickleError) as error:
        raise FormatError(str(error).removesuffix(".")) from error
    shapes = _rename(rows.shapes)
    kinds = _rename({name: dtype.kind for name, dtype in rows.dtypes.items()})
    if "imgname" not in shapes:
        raise FormatError(f"{path} is no SPIN-style file: it has no 'imgname'")
    name_shape = shapes["imgname"]
    if len(name_shape) != 1:
        raise FormatError(f"{path}: 'imgname' has the shape {name_shape}, expected one name a person")
    for key, shape in shapes.items():
        if shape[:1] != name_shape or not _is_row_shape(key, shape[1:]):
            expected = (*name_shape, *_SHAPES.get(key, ("…",)))
            raise FormatError(f"{path}: '{key}' has the shape {shape}, expected {expected}; export it again")
        if key in _FREE and math.prod(shape[1:]) > _MOST_NUMBERS:
            raise FormatError(f"{path}: '{key}' has the shape {shape}, far more numbers a person than it should")
        if key not in _TEXTS and kinds[key] not in "fiubO":
            raise FormatError(f"{path}: '{key}' is no array of numbers; export it again")

    def iter_pieces() -> Iterator[Columns]:
        return (_rename(piece) for piece in rows.iter_pieces(name_shape[0], PIECE))

    return SpinFile(path, name_shape[0], frozenset(shapes), _OF_OURS in rows.names, rows.verify, iter_pieces)


def _is_row_shape(key: str, shape: tuple[int, ...]) -> bool:
    return key not in _SHAPES or shape == _SHAPES[key] or (key == "part" and shape == _PART_OF_17)


def _open_pickle(path: Path) -> SpinFile:
    value = read_pickle(path)
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        keys = {key for row in value for key in row if isinstance(key, str)}
        value = {key: [row.get(key) for row in value] for key in keys}
    if not isinstance(value, dict):
        raise FormatError(f"{path} holds a {type(value).__name__}, expected a dict of arrays or a list of dicts")
    named = {key: column for key, column in value.items() if isinstance(key, str) and key in _WANTED}
    columns: dict[str, Any] = {}
    for key, column in _rename(named).items():
        if not isinstance(column, list | tuple | np.ndarray) or (isinstance(column, np.ndarray) and not column.ndim):
            raise FormatError(f"{path}: '{key}' is no list with one entry a person")
        columns[key] = column
    lengths = {key: len(column) for key, column in columns.items()}
    count = lengths.get("imgname", 0)
    for key, length in lengths.items():
        if length != count and "imgname" in lengths:
            raise FormatError(f"{path}: '{key}' has {length} entries and 'imgname' {count}; export it again")

    def iter_pieces() -> Iterator[Columns]:
        for first in range(0, count, PIECE):
            yield {key: column[first : first + PIECE] for key, column in columns.items()}

    return SpinFile(path, count, frozenset(columns), _OF_OURS in value, lambda: None, iter_pieces)


def _rename(columns: Mapping[str, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, column in columns.items():
        name = _ALIASES.get(key, key)
        if name in renamed and key != name:
            continue  # the name SPIN gives it is there too
        renamed[name] = column
    return renamed


def _iter_rows(file: SpinFile, on_share: OnShare, has_truth: bool, margin: float) -> Iterator[list[Row]]:
    first = 0
    try:
        for piece in file.iter_pieces():
            names = piece["imgname"]
            rows = [_build_row(file.path, piece, row, first + row, has_truth) for row in range(len(names))]
            yield [replace(row, margin=margin) if isinstance(row, RowPerson) else row for row in rows]
            first += len(names)
            on_share(first / file.count)
    except PlainNpzError as error:
        reason = str(error).removeprefix(f"{file.path} ").removesuffix(".")
        yield [ImportProblem(file.path.name, f"{reason}; get it again", "people", count=file.count - first)]


def _build_row(path: Path, columns: Columns, row: int, number: int, has_truth: bool) -> Row:
    item = f"person {number} of {path.name}"
    try:
        cells = {key: _to_cell(key, column[row]) for key, column in columns.items() if column[row] is not None}
        if "imgname" not in cells:
            raise ItemError("imgname is missing")
        truth, truth_fault = None, ""
        if has_truth:
            try:
                gender = read_gender(cells["gender"].item()) if "gender" in cells else None
                has_smpl = "has_smpl" not in cells or bool(cells["has_smpl"])
                pose, shape = (cells.get(key) if has_smpl else None for key in ("pose", "shape"))
                truth = build_truth(cells.get("S"), pose, shape, gender)
            except ItemError as error:
                truth_fault = str(error)
        bbox, center, scale = _find_box(cells)
        return RowPerson(
            item=item,
            image_name=_to_text(cells["imgname"].item()),
            external_id=_find_id(cells, number),
            keypoints=_join_keypoints(cells),
            box_center_px=center,
            box_scale=scale,
            bbox_xywh=bbox,
            truth=truth,
            truth_fault=truth_fault,
        )
    except ItemError as error:
        return ImportProblem(item, str(error), "people")


def _to_cell(key: str, value: Any) -> NDArray[Any]:
    """Entry of a row as an array of the shape that its column has."""
    try:
        cell = np.asarray(value)
    except (ValueError, OverflowError) as error:
        raise ItemError(f"{key} is no array of numbers") from error
    expected = _SHAPES.get(key)
    if expected == () and cell.shape == (1,):
        cell = cell.reshape(())
    if key == "part" and cell.shape == _PART_OF_17:
        expected = _PART_OF_17
    if expected is not None and cell.shape != expected:
        raise ItemError(f"{key} has the shape {cell.shape}, expected {expected}")
    if key not in _TEXTS and cell.dtype.kind not in "fiub":
        raise ItemError(f"{key} is no array of numbers")
    return cell


def _join_keypoints(cells: Mapping[str, NDArray[Any]]) -> FloatArray:
    if "joints2D" in cells:
        return cells["joints2D"].astype(np.float64)
    keypoints = np.zeros((49, 3))
    if "openpose" in cells:
        keypoints[:_OPENPOSE] = cells["openpose"]
    if "part" in cells:
        part = cells["part"]
        keypoints[_OPENPOSE:] = part if len(part) == 24 else arrange_keypoints(part.astype(np.float64), cells.get("S"))
    return keypoints


def _find_box(cells: Mapping[str, NDArray[Any]]) -> tuple[Bbox | None, FloatArray | None, float | None]:
    if "center" in cells and "scale" in cells:
        return None, cells["center"].astype(np.float64), float(cells["scale"])
    if "bbox" not in cells:
        return None, None, None
    x, y, width, height = (float(value) for value in cells["bbox"])  # VIBE's: centre, width and height
    if not np.isfinite((x, y, width, height)).all() or min(width, height) <= 0:
        raise ItemError("bbox is no centre, width and height of a box")
    return None, np.array((x, y)), max(width, height) / 200


def _find_id(cells: Mapping[str, NDArray[Any]], number: int) -> str:
    cell = cells.get("annotIds")
    if cell is None:
        return str(number)
    value = float(cell)
    if not value.is_integer():
        raise ItemError(f"annotIds is {value:g}, expected a whole number")
    found = find_annotation_id(int(cell))
    return str(number if found is None else found)


def _to_text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if not isinstance(text, str) or not text:
        raise ItemError("imgname is no text")
    return text
