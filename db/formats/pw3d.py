"""3DPW: its own sequence files, and what SPIN, VIBE, PARE and EFT make of them.

A sequence file is a pickle of Python 2 with a list entry for each of its one or two people: ``poses`` (F, 72) in the
frame of the world, ``betas``, ``genders``, ``poses2d`` (F, 3, 18) of OpenPose, ``jointPositions`` (F, 72) of SMPL and
``campose_valid`` (F,), and for both ``cam_poses`` (F, 4, 4), world to camera, and ``cam_intrinsics``. Pictures are
``imageFiles/SEQUENCE/image_00000.jpg``. A folder of such files is read file by file. Frames without a valid camera are
left out, as everybody leaves them out, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportedTruth, ImportProblem, ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.fits import FloatArray
from db.formats.parts.boxes import find_keypoint_bbox
from db.formats.parts.checks import ItemError
from db.formats.parts.people_rows import Row, RowPerson, iter_records
from db.formats.parts.pickles import is_pickle, read_pickle
from db.formats.parts.rotations import axis_angle_to_matrix
from db.formats.parts.row_truth import read_gender
from db.formats.parts.spin_people import names_match, read_people
from resources.skeleton import build_mapping, get_skeleton

_NAME = re.compile(r"imageFiles/[^/]+/image_\d{5}\.jpg")
_POSES, _SURE = "poses2d", 0.3
_INVALID = "no valid camera pose"
_TO_SPIN49: Final = build_mapping(get_skeleton("openpose18"), get_skeleton("spin49"))
_MOST_PEOPLE = 4
"""Sequences have one or two; the same arrays listed a thousand times would be endless to read."""


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read a file or a folder of sequence files (a :class:`~db.formats.base.Reader`).

    Raises:
        FormatError: It is no such file, or there is none in the folder.
    """
    if source.is_dir():
        return iter_records(_iter_folder(_list_sequences(source), on_share), images, source)
    if is_pickle(source):
        value = read_pickle(source)
        if _is_sequence(value):
            return iter_records(_iter_sequence(value, source, on_share), images, source)
    return read_people(source, images, on_share, has_truth=True)


def recognises(evidence: Evidence) -> bool:
    """Whether it is such a file or folder (a :class:`~db.formats.evidence.Recogniser`)."""
    if evidence.is_folder:
        files = [Evidence(file) for file in _find_sequences(evidence.path)[:1]]
        return bool(files) and recognises(files[0])
    if evidence.suffix == ".pkl":
        # Keys come in any order, and two megabytes of texture may lie between them.
        return b"poses2d" in evidence.head + evidence.tail or _mentions_in_full(evidence.path)
    return names_match(evidence, _NAME)


def _mentions_in_full(path: Path) -> bool:
    try:
        return _is_sequence(read_pickle(path))
    except FormatError:
        return False


def _find_sequences(folder: Path) -> list[Path]:
    """Pickles of a folder, or of its sub-folders ``train``, ``validation`` and ``test``."""
    found = sorted(file for file in folder.glob("*.pkl") if file.is_file())
    return found or sorted(file for file in folder.glob("*/*.pkl") if file.is_file())


def _list_sequences(folder: Path) -> list[Path]:
    found = _find_sequences(folder)
    if not found:
        raise FormatError(f"{folder} has no .pkl file in it; name the folder of the sequence files")
    return found


def _is_sequence(value: object) -> bool:
    return isinstance(value, dict) and {"poses", _POSES, "cam_poses", "sequence"} <= value.keys()


def _iter_folder(files: Sequence[Path], on_share: OnShare) -> Iterator[list[Row]]:
    for number, file in enumerate(files):
        try:
            value = read_pickle(file)
            if not _is_sequence(value):
                raise FormatError(f"{file} is no sequence of 3DPW: it has no '{_POSES}' or no 'cam_poses'")
            yield from _iter_sequence(value, file, no_share)
        except FormatError as error:
            yield [ImportProblem(file.name, str(error))]
        on_share((number + 1) / len(files))


@dataclass(frozen=True, slots=True, eq=False)
class _Actor:
    """Somebody of a sequence, F frames."""

    poses: FloatArray
    betas: FloatArray
    gender: object
    poses2d: FloatArray
    valid: NDArray[np.bool_]
    joints_world: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class _Camera:
    to_camera: FloatArray
    intrinsics: FloatArray | None


def _iter_sequence(value: object, path: Path, on_share: OnShare) -> Iterator[list[Row]]:
    """Rows of a sequence, somebody after somebody.

    Raises:
        FormatError: At the first row: it is none after all.
    """
    assert isinstance(value, dict)
    try:
        name = value["sequence"]
        if not isinstance(name, str) or not re.fullmatch(r"[\w.-]{1,200}", name) or name in (".", ".."):
            raise ItemError("'sequence' is no name of a folder")
        to_camera = _to_numbers("cam_poses", value["cam_poses"], (None, 4, 4))
        intrinsics = value.get("cam_intrinsics")
        camera = _Camera(to_camera, None if intrinsics is None else _to_numbers("cam_intrinsics", intrinsics, (3, 3)))
        people = value["poses"]
        if not isinstance(people, list | tuple | np.ndarray) or len(people) > _MOST_PEOPLE:
            raise ItemError("'poses' is no list of one or two people")
    except ItemError as error:
        raise FormatError(f"{path} is no sequence of 3DPW: {error}") from error
    for number in range(len(people)):
        item = f"person {number} of {path.name}"
        try:
            actor = _build_actor(value, number, len(to_camera))
        except ItemError as error:
            yield [ImportProblem(item, str(error), "people")]
            continue
        yield list(_iter_frames(actor, camera, number, name, path))
        on_share((number + 1) / len(people))


def _build_actor(value: Mapping[str, Any], number: int, frames: int) -> _Actor:
    def find(key: str) -> Any:
        column = value.get(key)
        if not isinstance(column, list | tuple | np.ndarray) or len(column) <= number:
            raise ItemError(f"'{key}' has no entry for the person")
        return column[number]

    betas = _to_numbers("betas", find("betas"), None).reshape(-1)
    if len(betas) < 10:
        raise ItemError(f"betas has {len(betas)} numbers, expected 10")
    joints = _to_numbers("jointPositions", find("jointPositions"), None) if "jointPositions" in value else None
    if joints is not None and joints.size != frames * 72:
        raise ItemError(f"jointPositions has the shape {joints.shape}, expected {(frames, 72)}")
    return _Actor(
        poses=_to_numbers("poses", find("poses"), (frames, 72)),
        betas=betas[:10],
        gender=find("genders"),
        poses2d=_to_numbers(_POSES, find(_POSES), (frames, 3, 18)),
        valid=_to_numbers("campose_valid", find("campose_valid"), (frames,)) > 0,
        joints_world=None if joints is None else joints.reshape(frames, 24, 3),
    )


def _iter_frames(actor: _Actor, camera: _Camera, number: int, sequence: str, path: Path) -> Iterator[Row]:
    invalid = int((~actor.valid).sum())
    if invalid:
        item = f"person {number} of {path.name}"
        yield ImportProblem(item, f"{invalid} frames have {_INVALID}", "people", count=invalid, kind=_INVALID)
    for frame in np.flatnonzero(actor.valid):
        item = f"person {number}, frame {frame} of {path.name}"
        try:
            yield _build_row(actor, camera, int(frame), number, sequence, item)
        except ItemError as error:
            yield ImportProblem(item, str(error), "people")


def _build_row(actor: _Actor, camera: _Camera, frame: int, number: int, sequence: str, item: str) -> RowPerson:
    keypoints = np.zeros((49, 3))
    for source, target in _TO_SPIN49:
        x, y, confidence = actor.poses2d[frame, :, source]
        if confidence > _SURE:
            keypoints[target] = (x, y, 1)
    extrinsics = camera.to_camera[frame]
    joints_cam = None
    if actor.joints_world is not None:
        joints_cam = actor.joints_world[frame] @ extrinsics[:3, :3].T + extrinsics[:3, 3]
    bbox = find_keypoint_bbox(keypoints)
    if bbox is None and joints_cam is not None:
        bbox = find_keypoint_bbox(_project(joints_cam, camera))
    fault, truth = "", None
    try:
        truth = _build_truth(actor, frame, extrinsics, joints_cam)
    except ItemError as error:
        fault = str(error)
    return RowPerson(
        item=item,
        image_name=f"imageFiles/{sequence}/image_{frame:05d}.jpg",
        external_id=str(number),
        keypoints=keypoints,
        bbox_xywh=bbox,
        truth=truth,
        truth_fault=fault,
    )


def _build_truth(actor: _Actor, frame: int, extrinsics: FloatArray, joints_cam: FloatArray | None) -> ImportedTruth:
    rotation = extrinsics[:3, :3]
    if not np.isfinite(extrinsics).all() or np.abs(rotation.T @ rotation - np.eye(3)).max() > 1e-3:
        raise ItemError("its entry of cam_poses is no camera")
    rotations = axis_angle_to_matrix(actor.poses[frame].reshape(24, 3))
    rotations[0] = rotation @ rotations[0]
    if not np.isfinite(actor.betas).all():
        raise ItemError("betas has a value that is not a finite number")
    joints = np.zeros((24, 4))
    if joints_cam is not None:
        if not np.isfinite(joints_cam).all():
            raise ItemError("jointPositions has a value that is not a finite number")
        joints = np.hstack((joints_cam, np.ones((24, 1))))
    return ImportedTruth("smpl24", joints, rotations, actor.betas, read_gender(actor.gender))


def _project(joints_cam: FloatArray, camera: _Camera) -> FloatArray:
    """Joints in the picture, ``(24, 3)``; nowhere without a lens, or behind it."""
    points = np.zeros((len(joints_cam), 3))
    if camera.intrinsics is None:
        return points
    with np.errstate(all="ignore"):
        projected = joints_cam @ camera.intrinsics.T
        points[:, :2] = projected[:, :2] / projected[:, 2:]
    points[:, 2] = np.isfinite(points).all(axis=1) & (joints_cam[:, 2] > 0)
    points[points[:, 2] == 0] = 0
    return points


def _to_numbers(key: str, value: object, shape: tuple[int | None, ...] | None) -> FloatArray:
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError) as error:
        raise ItemError(f"{key} is no array of numbers") from error
    if array.dtype.kind not in "fiub":
        raise ItemError(f"{key} is no array of numbers")
    if shape is not None and (
        array.ndim != len(shape)
        or any(wanted not in (None, size) for wanted, size in zip(shape, array.shape, strict=True))
    ):
        wanted = ", ".join("F" if size is None else str(size) for size in shape)
        raise ItemError(f"{key} has the shape {array.shape}, expected ({wanted})")
    return array.astype(np.float64)
