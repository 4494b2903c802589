"""The published format of EFT fits, ver 0.1 and 1.0 (eft_method.md 5.1); both have the same fields.

Rotation matrices map body to camera axes (metres, x right, y down, z forward); ``parm_cam = [s, tx, ty]`` belongs to
the box ``bbox_center``, ``bbox_scale`` = side / 200 of the original picture:
``u = cx + 100 b (s X + tx)``, ``v = cy + 100 b (s Y + ty)``. Numbers are written in full double precision.

A published file has hundreds of megabytes. Items therefore stay undecoded bytes until their turn comes, which also
keeps a fault in one from spoiling the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FitRecord, FitSample, FloatArray, check_sample
from db.formats.parts.checks import ItemError, decode_item
from db.formats.parts.conventions import MATRICES, NEUTRAL, WEAK_PERSPECTIVE, state_conventions
from db.formats.parts.files import hash_file, replacing
from db.formats.parts.identity import find_annotation_id, to_image_name
from db.formats.parts.json_text import read_document
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.writing import check_writable, get_box, get_camera
from resources.skeleton import build_mapping, get_skeleton

VERSION: Final = 0.1
"""Fits as they come out of a project."""

CURATED_VERSION: Final = 1.0
"""Published files that people had filtered by hand."""

_KNOWN_VERSIONS = (VERSION, CURATED_VERSION)
_NO_ANNOTATION = 0
_OPENPOSE_BLOCK = 25

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "EFT JSON, ver 0.1",
    **state_conventions(
        camera_model=f"{WEAK_PERSPECTIVE}; parm_cam with bbox_center and bbox_scale",
        rotation_form=MATRICES,
        gender=NEUTRAL,
        joint_order="pose_joints for parm_pose, keypoint_joints for gt_keypoint_2d, validity_joints for "
        "joint_validity_openpose18",
    ),
    "parm_pose": "24 rotation matrices 3x3, row by row; 0 is the root in the camera frame, the others relative to "
    "their parent",
    "parm_shape": "10 shape coefficients of the body, in standard deviations",
    "parm_cam": "weak perspective [s, tx, ty], scale first, relative to the box",
    "bbox_center": "pixels of the original picture, origin at the top-left corner of the top-left pixel",
    "bbox_scale": "side of the square box in pixels / 200",
    "gt_keypoint_2d": "49 x (x, y, validity), pixels of the original picture",
    "camera_formula": "u = cx + 100*bbox_scale*(s*X + tx), v = cy + 100*bbox_scale*(s*Y + ty)",
    "camera_frame": "metres, right-handed: x right, y down, z forward (away from the camera)",
    "pose_joints": get_skeleton("smpl24").joints,
    "keypoint_joints": get_skeleton("spin49").joints,
    "validity_joints": get_skeleton("openpose18").joints,
}
"""Units, frames and orders, for the manifest beside an export."""


class _Document(msgspec.Struct):
    ver: float
    data: list[msgspec.Raw]


class _Row(msgspec.Struct, omit_defaults=True, kw_only=True):
    parm_pose: list[list[list[float]]]
    parm_shape: list[float]
    parm_cam: list[float]
    bbox_scale: float
    bbox_center: list[float]
    joint_validity_openpose18: list[float]
    smpltype: str
    annotId: int | None = None  # noqa: N815, the name is the format's
    imageName: str  # noqa: N815
    gt_keypoint_2d: list[list[float]] | None = None
    subjectId: str | None = None  # noqa: N815


def build_validity(keypoints_px: FloatArray) -> FloatArray:
    """``joint_validity_openpose18`` of keypoints: ``(18,)`` 0 or 1, from the 24-set (eft_method.md 3.5).

    Args:
        keypoints_px: ``(49, 3)``, order spin49.
    """
    gather = [target for _, target in build_mapping(get_skeleton("openpose18"), get_skeleton("spin24"))]
    valid: NDArray[np.bool_] = keypoints_px[_OPENPOSE_BLOCK:, 2][gather] > 0
    return valid.astype(np.float64)


def write_fits(
    path: Path, samples: Iterable[FitSample], context: ExportContext, *, version: float = VERSION
) -> WrittenExport:
    """Write samples as they come, none kept in memory (a :class:`~db.formats.fits.FitWriter`).

    Args:
        path: The file.
        samples: Fits of the neutral body, with camera and box.
        context: Names that go into ``meta``.
        version: :data:`VERSION` or :data:`CURATED_VERSION`.

    Raises:
        FormatError: A sample is not what the format holds, or the disk refuses; an older file stays as it was.
    """
    digest = hashlib.sha256()
    count = 0
    meta = {"dbname": context.dataset_name, "rawname": context.raw_name}
    with replacing(path) as (file, temporary):
        file.write(f'{{"ver": {version}, "meta": {json.dumps(meta)}, "data": ['.encode())
        for sample in samples:
            check_writable(sample, neutral=True)
            row = msgspec.json.encode(_build_row(sample))
            digest.update(row)
            file.write((b",\n" if count else b"\n") + row)
            count += 1
        file.write(b"\n]}\n")
        file.flush()
        _verify(temporary, path, digest.digest())
        sha256 = hash_file(temporary)
    return WrittenExport(path=path, count=count, sha256=sha256)


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read a file of fits, ours or published (a :class:`~db.formats.fits.FitReader`).

    A faulty item is told as ``data[3] in fits.json: parm_cam has the shape (4,), expected (3,)``.

    Raises:
        FormatError: The file is no EFT JSON.
    """
    document = read_document(source, _Document, "an EFT file")
    if document.ver not in _KNOWN_VERSIONS:
        known = " and ".join(map(str, _KNOWN_VERSIONS))
        raise FormatError(f"{source} is an EFT file of version {document.ver:g}; versions {known} can be read")
    return _iter_records(document.data, source.name)


def _iter_records(rows: list[msgspec.Raw], file_name: str) -> Iterator[FitRecord]:
    for place, raw in enumerate(rows):
        item = f"data[{place}] in {file_name}"
        try:
            yield _build_sample(decode_item(raw, _Row), item)
        except ItemError as error:
            yield ImportProblem(item, str(error))


def _verify(temporary: Path, path: Path, written: bytes) -> None:
    digest = hashlib.sha256()
    for record in iter_fits(temporary):
        if isinstance(record, FitSample):
            digest.update(msgspec.json.encode(_build_row(record)))
    if digest.digest() != written:
        raise FormatError(f"{path} did not read back as it was written; check the disk and export again")


def _build_row(sample: FitSample) -> _Row:
    validity = build_validity(sample.keypoints_px) if sample.validity is None else sample.validity
    center_px, scale = get_box(sample)
    return _Row(
        parm_pose=_to_list(sample.rotations),
        parm_shape=_to_list(sample.betas),
        parm_cam=_to_list(get_camera(sample)),
        bbox_scale=scale,
        bbox_center=_to_list(center_px),
        joint_validity_openpose18=_to_list(validity),
        smpltype="smpl",
        annotId=_NO_ANNOTATION if sample.annotation_id is None else sample.annotation_id,
        imageName=sample.image_name,
        gt_keypoint_2d=_to_list(sample.keypoints_px),
        subjectId=sample.subject_id,
    )


def _build_sample(row: _Row, item: str) -> FitSample:
    if row.smpltype != "smpl":
        raise ItemError(f"smpltype is '{row.smpltype[:20]}', only bodies of 'smpl' can be read")
    keypoints = [[0.0] * 3] * 49 if row.gt_keypoint_2d is None else row.gt_keypoint_2d
    sample = FitSample(
        image_name=to_image_name(row.imageName),
        annotation_id=find_annotation_id(row.annotId or _NO_ANNOTATION),
        rotations=_to_array("parm_pose", row.parm_pose),
        betas=_to_array("parm_shape", row.parm_shape),
        camera=_to_array("parm_cam", row.parm_cam),
        box_center_px=_to_array("bbox_center", row.bbox_center),
        box_scale=row.bbox_scale,
        keypoints_px=_to_array("gt_keypoint_2d", keypoints),
        validity=_to_array("joint_validity_openpose18", row.joint_validity_openpose18),
        subject_id=row.subjectId,
        item=item,
    )
    check_sample(sample)
    return sample


def _to_array(name: str, numbers: list[float] | list[list[float]] | list[list[list[float]]]) -> FloatArray:
    try:
        return np.array(numbers, dtype=np.float64)
    except ValueError as error:
        raise ItemError(f"{name} has rows of different lengths") from error


def _to_list(array: FloatArray) -> list[Any]:
    numbers: list[Any] = np.asarray(array, dtype=np.float64).tolist()
    return numbers
