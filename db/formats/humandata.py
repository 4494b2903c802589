"""HumanData, the npz of mmhuman3d: SMPL parameters, the crop box and 190 named keypoints of N people.

``image_path`` (N,), ``bbox_xywh`` (N, 5) the crop and its score, ``keypoints2d`` in the order HUMAN_DATA, kept without
the joints that ``keypoints2d_mask`` (190,) says are never there, ``smpl`` {``global_orient`` (N, 3), ``body_pose``
(N, 23, 3), ``betas`` (N, 10), ``transl`` (N, 3)}, ``meta`` {``gender``}, ``config``. ``smpl`` and ``meta`` are pickled
objects; they are read as plain data.

Everything else we know of a person stands under keys of its own with one row a person, so that mmhuman3d slices them
with the rest (:mod:`db.formats.parts.person_columns`; our annotated box is ``annotated_bbox_xywh``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportProblem, ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.fits import ExportContext, FitRecord, FitSample
from db.formats.parts import person_columns, smpl_parameters
from db.formats.parts.arrays import Arrays, read_npz, write_npz
from db.formats.parts.checks import ItemError
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.humandata_joints import JOINT_COUNT, SLOTS, find_present, to_spin49
from db.formats.parts.humandata_people import read_people
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.person_columns import HELD, PersonTable, build_person_columns, name_row
from db.formats.parts.smpl_parameters import build_parameters, check_parameters, iter_samples, settle
from db.formats.parts.writing import check_read_back

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

__all__ = ["CONVENTIONS", "JOINT_COUNT", "SLOTS", "iter_fits", "read", "recognises", "write_fits"]

_ORDER = np.argsort(SLOTS)
_KEYPOINT_KEYS = ("keypoints2d", "keypoints2d_original")


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read the people of a file, with SMPL parameters or without (a :class:`~db.formats.base.Reader`).

    Raises:
        FormatError: It is no HumanData file.
    """
    return read_people(source, images, on_share)


def recognises(evidence: Evidence) -> bool:
    """Whether it is such a file (a :class:`~db.formats.evidence.Recogniser`)."""
    return evidence.npz_keys >= {"image_path", "bbox_xywh"}


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
        found, mask = arrays[key], arrays.get(f"{key}_mask")
        if found.dtype.kind not in "fiu" or found.shape[:1] != (count,) or found.shape[2:] != (3,):
            raise FormatError(f"{path}: {key} has the shape {found.shape}, expected {(count, JOINT_COUNT, 3)}")
        try:
            keypoints = to_spin49(found, find_present(key, found.shape, mask))
        except ItemError as error:
            raise FormatError(f"{path}: {error}") from error
    return keypoints
