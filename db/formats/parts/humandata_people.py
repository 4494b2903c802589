"""People of HumanData files: keypoints by name, the box, and what is known in 3D. A few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.base import Gender, ImportedTruth, ImportProblem, ImportRecord, OnShare
from db.formats.errors import FormatError
from db.formats.fits import FloatArray
from db.formats.parts.boxes import Bbox
from db.formats.parts.checks import ItemError
from db.formats.parts.humandata_joints import find_present, list_left_out, to_spin49
from db.formats.parts.identity import find_annotation_id
from db.formats.parts.people_rows import PIECE, Row, RowPerson, check_count, iter_records
from db.formats.parts.row_truth import build_truth, read_gender
from resources.npz_rows import NpzRows
from resources.plain_npz import PlainNpzError
from resources.plain_pickle import PlainPickleError

_KEYPOINTS: Final = ("keypoints2d", "keypoints2d_original")
_JOINTS: Final = ("keypoints3d", "keypoints3d_original")
_OF_OURS: Final = frozenset({"weak_camera", "l2d", "iterations"})
"""Keys of files that this program wrote: their bodies are fits."""
_WANTED: Final = frozenset(
    (
        *("image_path", "bbox_xywh", "annotated_bbox_xywh", "annotation_id", "box_center", "box_scale"),
        *("smpl", "meta", "gender"),
        *(key + end for key in (*_KEYPOINTS, *_JOINTS) for end in ("", "_mask", "_convention")),
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Keys of a file's joints, where each of them belongs, and what it knows of bodies."""

    keypoints: str | None
    keypoint_slots: NDArray[np.intp]
    joints: str | None
    joint_slots: NDArray[np.intp]
    bodies: Mapping[str, NDArray[Any]]
    genders: NDArray[Any] | None


def read_people(source: Path, images: Path, on_share: OnShare) -> Iterator[ImportRecord]:
    """People of a file.

    Raises:
        FormatError: It is no such file.
    """
    if source.is_dir():
        raise FormatError(f"{source} is a folder, expected a file")
    try:
        rows = NpzRows(source, _WANTED)
    except (PlainNpzError, PlainPickleError) as error:
        raise FormatError(str(error).removesuffix(".")) from error
    names = rows.shapes.get("image_path", ())
    if len(names) != 1:
        raise FormatError(f"{source} is no HumanData: it has no list 'image_path'")
    count = names[0]
    if rows.shapes.get("bbox_xywh") not in ((count, 4), (count, 5)):
        raise FormatError(
            f"{source} is no HumanData: bbox_xywh has the shape {rows.shapes.get('bbox_xywh')}, expected {(count, 5)}"
        )
    for key in ("bbox_xywh", "annotated_bbox_xywh"):
        if key in rows.dtypes and rows.dtypes[key].kind not in "fiu":
            raise FormatError(f"{source}: {key} is no array of numbers; export it again")
    check_count(count, source)
    try:
        layout = _find_layout(source, rows, count)
        rows.verify()
    except PlainNpzError as error:
        raise FormatError(str(error).removesuffix(".")) from error
    return iter_records(_iter_rows(source, rows, layout, count, on_share), images, source)


def _find_layout(path: Path, rows: NpzRows, count: int) -> _Layout:
    keypoints, keypoint_slots = _find_joints(path, rows, _KEYPOINTS, count, 3)
    joints, joint_slots = _find_joints(path, rows, _JOINTS, count, 4)
    bodies, meta = _get_mapping(path, rows, "smpl"), _get_mapping(path, rows, "meta")
    genders = meta.get("gender")
    is_said = genders is not None and bool(np.isin(genders.astype(np.str_), ("m", "f", "male", "female")).any())
    if rows.names & _OF_OURS or not (joints or is_said):
        bodies = {}
    return _Layout(keypoints, keypoint_slots, joints, joint_slots, bodies, genders)


def _find_joints(
    path: Path, rows: NpzRows, keys: tuple[str, ...], count: int, numbers: int
) -> tuple[str | None, NDArray[np.intp]]:
    """The first of these keys that the file has, and the places in HUMAN_DATA that its joints have."""
    for key in keys:
        shape = rows.shapes.get(key)
        if shape is None:
            continue
        convention = rows.get_whole(f"{key}_convention")
        if convention is not None and str(convention) not in ("human_data", "None"):
            raise FormatError(f"{path}: {key} is in the order '{str(convention)[:40]}', expected 'human_data'")
        if shape[:1] != (count,) or shape[2:] != (numbers,) or rows.dtypes[key].kind not in "fiu":
            raise FormatError(f"{path}: {key} has the shape {shape}, expected {(count, 190, numbers)}")
        try:
            return key, find_present(key, shape, rows.get_whole(f"{key}_mask"))
        except ItemError as error:
            raise FormatError(f"{path}: {error}") from error
    return None, np.zeros(0, dtype=np.intp)


def _get_mapping(path: Path, rows: NpzRows, key: str) -> dict[str, NDArray[Any]]:
    array = rows.get_whole(key)
    value = None if array is None or array.ndim else array.item()
    if not isinstance(value, dict):
        return {}
    try:
        return {str(name): np.asarray(entry) for name, entry in value.items()}
    except (ValueError, OverflowError) as error:
        raise FormatError(f"{path}: {key} has rows of different lengths; export it again") from error


def _iter_rows(path: Path, rows: NpzRows, layout: _Layout, count: int, on_share: OnShare) -> Iterator[list[Row]]:
    first = 0
    if left_out := list_left_out(layout.keypoint_slots):
        yield [_tell_left_out(path, left_out)]
    try:
        for piece in rows.iter_pieces(count, PIECE):
            size = len(piece["image_path"])
            keypoints = np.zeros((size, 49, 3))
            if layout.keypoints is not None:
                keypoints = to_spin49(piece[layout.keypoints], layout.keypoint_slots)
            joints = None
            if layout.joints is not None:
                joints = to_spin49(piece[layout.joints], layout.joint_slots)
            yield [
                _build_row(
                    path, piece, layout, row, first + row, keypoints[row], None if joints is None else joints[row]
                )
                for row in range(size)
            ]
            first += size
            on_share(first / count)
    except PlainNpzError as error:
        reason = str(error).removeprefix(f"{path} ").removesuffix(".")
        yield [ImportProblem(path.name, f"{reason}; get it again", "people", count=count - first)]


def _tell_left_out(path: Path, slots: list[int]) -> ImportProblem:
    fingers = sum(25 <= slot <= 54 or 66 <= slot <= 75 for slot in slots)
    face = sum(slot in (22, 23, 24) or 76 <= slot <= 143 for slot in slots)
    parts = [f"{count} of {name}" for name, count in (("the fingers", fingers), ("the face", face)) if count]
    if rest := len(slots) - fingers - face:
        parts.append(f"{rest} within the body or beyond hands and feet")
    return ImportProblem(
        path.name, f"{len(slots)} of its joints have no place among ours and are left out: " + ", ".join(parts)
    )


def _build_row(
    path: Path,
    piece: Mapping[str, NDArray[Any]],
    layout: _Layout,
    row: int,
    number: int,
    keypoints: FloatArray,
    joints: FloatArray | None,
) -> Row:
    item = f"person {number} of {path.name}"
    try:
        truth, fault = _find_truth(layout, number, joints)
        bbox, center, scale = _find_box(piece, row)
        return RowPerson(
            item=item,
            image_name=_get_name(piece["image_path"][row]),
            external_id=_find_id(piece, row, number),
            keypoints=keypoints,
            box_center_px=center,
            box_scale=scale,
            bbox_xywh=bbox,
            truth=truth,
            truth_fault=fault,
        )
    except ItemError as error:
        return ImportProblem(item, str(error), "people")


def _find_truth(layout: _Layout, number: int, joints: FloatArray | None) -> tuple[ImportedTruth | None, str]:
    if joints is None and not layout.bodies:
        return None, ""
    try:
        pose = betas = None
        if layout.bodies:
            orient, body, shape = (
                _get_entry(layout.bodies, key, number) for key in ("global_orient", "body_pose", "betas")
            )
            if orient.size != 3 or body.size != 69:
                raise ItemError(f"its pose has the shapes {orient.shape} and {body.shape}, expected (3,) and (23, 3)")
            pose, betas = np.concatenate((orient.reshape(-1), body.reshape(-1))), shape
        gender: Gender | None = None
        if layout.genders is not None and layout.genders.ndim == 1 and number < len(layout.genders):
            gender = read_gender(layout.genders[number])
        return build_truth(joints, pose, betas, gender), ""
    except ItemError as error:
        return None, str(error)


def _get_entry(columns: Mapping[str, NDArray[Any]], key: str, number: int) -> NDArray[Any]:
    column = columns.get(key)
    if column is None or not column.ndim or len(column) <= number:
        raise ItemError(f"smpl has no {key} for it")
    if column.dtype.kind not in "fiu":
        raise ItemError(f"smpl's {key} is no array of numbers")
    return np.asarray(column[number])


def _find_box(piece: Mapping[str, NDArray[Any]], row: int) -> tuple[Bbox | None, FloatArray | None, float | None]:
    """Annotated rectangle and crop: the crop is the file's box; a file of ours has the rectangle besides."""
    left, top, width, height = (float(value) for value in piece["bbox_xywh"][row][:4])
    if not np.isfinite((left, top, width, height)).all():
        raise ItemError("bbox_xywh has a value that is not a finite number")
    if min(width, height) <= 0:
        return None, None, None
    bbox: Bbox = (left, top, width, height)
    if "annotated_bbox_xywh" in piece and piece["annotated_bbox_xywh"].shape[1:] == (4,):
        told = piece["annotated_bbox_xywh"][row].astype(np.float64)
        if np.isfinite(told).all() and told[2:].min() > 0:
            bbox = (float(told[0]), float(told[1]), float(told[2]), float(told[3]))
    return bbox, np.array((left + width / 2, top + height / 2)), max(width, height) / 200


def _find_id(piece: Mapping[str, NDArray[Any]], row: int, number: int) -> str:
    column = piece.get("annotation_id")
    if column is None or column.ndim != 1 or column.dtype.kind not in "iu":
        return str(number)
    found = find_annotation_id(int(column[row]))
    return str(number if found is None else found)


def _get_name(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if not isinstance(text, str) or not text:
        raise ItemError("image_path is no text")
    return text
