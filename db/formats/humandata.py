"""HumanData, the npz of mmhuman3d: SMPL parameters, the crop box and 190 named keypoints of N people.

``image_path`` (N,), ``bbox_xywh`` (N, 5) the crop and its score, ``keypoints2d`` in the order HUMAN_DATA, kept without
the joints that ``keypoints2d_mask`` (190,) says are never there, ``smpl`` {``global_orient`` (N, 3), ``body_pose``
(N, 23, 3), ``betas`` (N, 10), ``transl`` (N, 3)}, ``meta`` {``gender``}, ``config``. ``smpl`` and ``meta`` are pickled
objects; they are read as plain data.

Everything else we know of a person stands under keys of its own with one row a person, so that mmhuman3d slices them
with the rest (:mod:`db.formats.person_columns`; our annotated box is ``annotated_bbox_xywh``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats import person_columns, smpl_parameters
from db.formats.arrays import Arrays, read_npz, write_npz
from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.files import hash_file, replacing
from db.formats.fits import ExportContext, FitRecord, FitSample
from db.formats.manifest import WrittenExport
from db.formats.person_columns import HELD, PersonTable, build_person_columns, name_row
from db.formats.smpl_parameters import build_parameters, check_parameters, iter_samples, settle
from db.formats.writing import check_read_back

JOINT_COUNT: Final = 190
"""Joints of mmhuman3d's order HUMAN_DATA (mmhuman3d, conventions/keypoints_mapping/human_data.py)."""

SLOTS: Final = (
    # The 25 of OpenPose stand together; of the 24-set most are SMPL's own joints, the others stand after the face.
    *range(153, 178),
    *(8, 5, 144, 145, 4, 7, 21, 19, 17, 16, 18, 20, 146, 147, 148, 149, 150, 151, 152, 55, 57, 56, 59, 58),
)
"""Place in HUMAN_DATA of each joint of spin49, which mmhuman3d calls smpl_49; both name the same anatomical places."""

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "HumanData npz (mmhuman3d), keypoints compressed by their mask",
    **smpl_parameters.CONVENTIONS,
    **{key: text for key, text in person_columns.CONVENTIONS.items() if key not in {"keypoints", "image_name"}},
    "image_path": "path of the picture relative to the folder of images",
    "bbox_xywh": "square crop around the person and score 1: left, top, width, height in pixels",
    "annotated_bbox_xywh": "annotated box: left, top, width, height in pixels",
    "keypoints2d": "joints x (x, y, validity), pixels of the picture; order HUMAN_DATA without those of mask 0",
    "keypoint_slots": "place in HUMAN_DATA of each joint of keypoint_joints: " + ", ".join(map(str, SLOTS)),
}
"""Units, frames and orders, for the manifest beside an export."""

_ORDER = np.argsort(SLOTS)
_KEYPOINT_KEYS = ("keypoints2d", "keypoints2d_original")


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read a file (a :class:`~db.formats.fits.FitReader`).

    Raises:
        FormatError: It is no HumanData file, or holds no SMPL parameters.
    """
    return _read_file(source)


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:
    """Write one file (a :class:`~db.formats.fits.FitWriter`).

    Raises:
        FormatError: A sample is not what the format holds, or the disk refuses; an older file stays as it was.
    """
    settled = settle(samples)
    with replacing(path) as (file, temporary):
        write_npz(file, _build_arrays(settled, context))
        file.flush()
        check_read_back(path, settled, _read_file(temporary), HELD)
        sha256 = hash_file(temporary)
    return WrittenExport(path=path, count=len(settled), sha256=sha256)


def _build_arrays(samples: Sequence[FitSample], context: ExportContext) -> dict[str, NDArray[Any]]:
    parameters = build_parameters(samples, context.focal_px)
    person = build_person_columns(samples)
    focal, keypoints = parameters.pop("focal_length"), person.pop("keypoints")
    side = 200 * person["box_scale"][:, None]
    count = len(samples)
    mask = np.zeros(JOINT_COUNT, dtype=np.int64)
    mask[list(SLOTS)] = 1
    return {
        # One is what releases of mmhuman3d before 2023 look for, the other what later ones do.
        "__temporal_len__": np.array(count),
        "__data_len__": np.array(count),
        "__key_strict__": np.array(False),
        "__keypoints_compressed__": np.array(True),
        "image_path": person.pop("image_name"),
        "bbox_xywh": np.hstack((person["box_center"] - side / 2, side, side, np.ones((count, 1)))),
        "config": np.array(context.dataset_name),
        "keypoints2d": keypoints[:, _ORDER],
        "keypoints2d_mask": mask,
        "keypoints2d_convention": np.array("human_data"),
        "smpl": _wrap({**parameters, "body_pose": parameters["body_pose"].reshape(-1, 23, 3)}),
        "meta": _wrap({"gender": person.pop("gender")}),
        "focal_length": focal,
        "annotated_bbox_xywh": person.pop("bbox_xywh"),
        **person,
    }


def _wrap(value: dict[str, NDArray[Any]]) -> NDArray[Any]:
    holder = np.empty((), dtype=object)
    holder[()] = {key: np.ascontiguousarray(array) for key, array in value.items()}
    return holder


def _read_file(path: Path) -> Iterator[FitRecord]:
    arrays = read_npz(path)
    smpl = _get_mapping(path, arrays, "smpl")
    box = _get_box(path, arrays)
    with np.errstate(all="ignore"):  # what is not finite is found with its row
        center, scale = box[:, :2] + box[:, 2:4] / 2, box[:, 2:4].max(axis=1) / 200
    columns: dict[str, NDArray[Any]] = {
        **{key: arrays[key] for key in person_columns.KEYS if key in arrays and key != "bbox_xywh"},
        **smpl,
        **{key: arrays[key] for key in ("image_path", "focal_length") if key in arrays},
        "box_center": center,
        "box_scale": scale,
        "keypoints": _get_keypoints(path, arrays, len(box)),
    }
    if "annotated_bbox_xywh" in arrays:
        columns["bbox_xywh"] = arrays["annotated_bbox_xywh"]
    if "meta" in arrays:
        columns |= {key: array for key, array in _get_mapping(path, arrays, "meta").items() if key == "gender"}
    table = PersonTable(path, columns, len(box))
    check_parameters(table)
    has_fit = arrays.get("has_smpl", np.ones(len(box))).ravel()
    if has_fit.shape != (len(box),) or has_fit.dtype.kind not in "fiub":
        raise FormatError(f"{path}: has_smpl has {has_fit.size} entries and bbox_xywh {len(box)}; export it again")
    return _iter_fitted(table, has_fit)


def _iter_fitted(table: PersonTable, has_fit: NDArray[Any]) -> Iterator[FitRecord]:
    for row, record in enumerate(iter_samples(table)):
        yield record if has_fit[row] else ImportProblem(name_row(table, row), "has_smpl says that there is no fit")


def _get_mapping(path: Path, arrays: Arrays, key: str) -> dict[str, NDArray[Any]]:
    value = arrays[key].item() if key in arrays and arrays[key].ndim == 0 else None
    if not isinstance(value, dict):
        raise FormatError(f"{path} is no HumanData of SMPL fits: it has no table '{key}'; choose another format")
    try:
        return {str(name): np.asarray(entry) for name, entry in value.items()}
    except ValueError as error:
        raise FormatError(f"{path}: {key} has rows of different lengths; export it again") from error


def _get_box(path: Path, arrays: Arrays) -> NDArray[np.float64]:
    """Crop boxes ``(N, 4 or 5)``."""
    box = arrays.get("bbox_xywh", np.empty(0))
    if box.ndim != 2 or box.shape[1] not in (4, 5) or box.dtype.kind not in "fiu":
        raise FormatError(f"{path} is no HumanData: bbox_xywh has the shape {box.shape}, expected (N, 5)")
    return box.astype(np.float64)


def _get_keypoints(path: Path, arrays: Arrays, count: int) -> NDArray[np.float64]:
    """Keypoints ``(N, 49, 3)`` of spin49, zeros where the file has none."""
    keypoints = np.zeros((count, len(SLOTS), 3))
    for key in [key for key in _KEYPOINT_KEYS if key in arrays][:1]:
        found, mask = arrays[key], arrays.get(f"{key}_mask", np.ones(JOINT_COUNT))
        if mask.shape != (JOINT_COUNT,) or mask.dtype.kind not in "fiub" or found.dtype.kind not in "fiu":
            raise FormatError(f"{path}: {key} and its mask {mask.shape} are not in HUMAN_DATA's {JOINT_COUNT} joints")
        present = np.flatnonzero(mask == 1)
        if found.shape not in ((count, len(present), 3), (count, JOINT_COUNT, 3)):
            raise FormatError(f"{path}: {key} has the shape {found.shape}, expected {(count, JOINT_COUNT, 3)}")
        compressed = found.shape[1] == len(present)
        places = {int(slot): place if compressed else int(slot) for place, slot in enumerate(present)}
        for joint, slot in enumerate(SLOTS):
            if slot in places:
                keypoints[:, joint] = found[:, places[slot]]
    return keypoints
