"""The published format of EFT fits, ver 0.1 (eft_method.md 5.1).

Rotation matrices map body to camera axes (metres, x right, y down, z forward); ``parm_cam = [s, tx, ty]`` belongs to
the box ``bbox_center``, ``bbox_scale`` = side / 200 of the original picture:
``u = cx + 100 b (s X + tx)``, ``v = cy + 100 b (s Y + ty)``. Numbers are written in full double precision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.checks import ItemError, decode_item, explain
from db.formats.errors import FormatError
from db.formats.files import hash_file, read_bytes, replacing
from db.formats.manifest import WrittenExport
from resources.skeleton import build_mapping, get_skeleton

VERSION: Final = 0.1
NO_ANNOTATION: Final = 0
"""``annotId`` of a sample that has none, as the released exporter writes it."""

_ORTHONORMAL_TOLERANCE = 1e-5
_OPENPOSE_BLOCK = 25

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "EFT JSON, ver 0.1",
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


@dataclass(frozen=True, slots=True, eq=False)
class EftSample:
    """One published fit.

    Attributes:
        image_name: Base name of the picture; sequences keep their folder, posix.
        annotation_id: The dataset's id of the person, None if it has none.
        rotations: ``(24, 3, 3)`` rotation matrices, root in the camera frame.
        betas: ``(10,)`` shape.
        camera: ``(3,)`` ``[s, tx, ty]`` relative to the box.
        box_center_px: ``(2,)`` centre of the box, pixels of the picture.
        box_scale: Side of the box / 200.
        keypoints_px: ``(49, 3)`` x, y in pixels and validity, order spin49; zeros where nothing is known.
        validity: ``(18,)`` 0 or 1 for each joint of openpose18; None derives it from the keypoints.
        subject_id: Person of a sequence.
    """

    image_name: str
    annotation_id: int | None
    rotations: NDArray[np.float64]
    betas: NDArray[np.float64]
    camera: NDArray[np.float64]
    box_center_px: NDArray[np.float64]
    box_scale: float
    keypoints_px: NDArray[np.float64]
    validity: NDArray[np.float64] | None = None
    subject_id: str | None = None


class _Document(msgspec.Struct):
    ver: float
    data: list[msgspec.Raw]


class _Row(msgspec.Struct, omit_defaults=True):
    parm_pose: list[list[list[float]]]
    parm_shape: list[float]
    parm_cam: list[float]
    bbox_scale: float
    bbox_center: list[float]
    joint_validity_openpose18: list[float]
    smpltype: str
    annotId: int  # noqa: N815, the name is the format's
    imageName: str  # noqa: N815
    gt_keypoint_2d: list[list[float]] | None = None
    subjectId: str | None = None  # noqa: N815


def build_validity(keypoints_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """``joint_validity_openpose18`` of keypoints: ``(18,)`` 0 or 1, from the 24-set (eft_method.md 3.5).

    Args:
        keypoints_px: ``(49, 3)``, order spin49.
    """
    gather = [target for _, target in build_mapping(get_skeleton("openpose18"), get_skeleton("spin24"))]
    valid: NDArray[np.bool_] = keypoints_px[_OPENPOSE_BLOCK:, 2][gather] > 0
    return valid.astype(np.float64)


def write_eft_json(path: Path, samples: Iterable[EftSample], *, dataset_name: str, raw_name: str) -> WrittenExport:
    """Write samples as they come, read the file again, compare, and only then put it in place.

    Args:
        path: The file.
        samples: Fits; none is kept in memory.
        dataset_name: ``meta.dbname``.
        raw_name: ``meta.rawname``.

    Raises:
        FormatError: A sample is not what the format holds, or the disk refuses; an older file stays as it was.
    """
    digest = hashlib.sha256()
    count = 0
    meta = {"dbname": dataset_name, "rawname": raw_name}
    with replacing(path) as (file, temporary):
        file.write(f'{{"ver": {VERSION}, "meta": {json.dumps(meta)}, "data": ['.encode())
        for sample in samples:
            row = _build_row(sample)
            digest.update(msgspec.json.encode(row))
            file.write((b",\n" if count else b"\n") + msgspec.json.encode(row))
            count += 1
        file.write(b"\n]}\n")
        file.flush()
        _verify(temporary, path, digest.digest())
        sha256 = hash_file(temporary)
    return WrittenExport(path=path, count=count, sha256=sha256)


def read_eft_json(path: Path) -> list[EftSample]:
    """Read a file of fits, ours or published, and take nothing on trust.

    Raises:
        FormatError: The file is no EFT JSON, or one sample is faulty; the message names it (``data[3]: ...``).
    """
    return list(iter_eft_json(path))


def iter_eft_json(path: Path) -> Iterator[EftSample]:
    """Like :func:`read_eft_json`, one sample at a time.

    Raises:
        FormatError: As there; a faulty sample when its turn comes.
    """
    document = _read_document(path)
    for place, raw in enumerate(document.data):
        try:
            yield _build_sample(decode_item(raw, _Row))
        except ItemError as error:
            raise FormatError(f"{path}: data[{place}]: {error}") from error


def _read_document(path: Path) -> _Document:
    try:
        document = msgspec.json.decode(read_bytes(path), type=_Document)
    except msgspec.ValidationError as error:
        raise FormatError(f"{path} is not an EFT file: {explain(error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"{path} is not valid JSON ({error}); export or download it again") from error
    return document


def _verify(temporary: Path, path: Path, written: bytes) -> None:
    digest = hashlib.sha256()
    for sample in iter_eft_json(temporary):
        digest.update(msgspec.json.encode(_build_row(sample)))
    if digest.digest() != written:
        raise FormatError(f"{path} did not read back as it was written; check the disk and export again")


def _build_row(sample: EftSample) -> _Row:
    try:
        _check_sample(sample)
    except ItemError as error:
        item = f"annotation {sample.annotation_id} of {sample.image_name}"
        raise FormatError(f"{item} cannot be exported: {error}") from error
    validity = build_validity(sample.keypoints_px) if sample.validity is None else sample.validity
    annotation_id = NO_ANNOTATION if sample.annotation_id is None else sample.annotation_id
    return _Row(
        parm_pose=_double(sample.rotations).tolist(),
        parm_shape=_double(sample.betas).tolist(),
        parm_cam=_double(sample.camera).tolist(),
        bbox_scale=float(sample.box_scale),
        bbox_center=_double(sample.box_center_px).tolist(),
        joint_validity_openpose18=_double(validity).tolist(),
        smpltype="smpl",
        annotId=annotation_id,
        imageName=sample.image_name,
        gt_keypoint_2d=_double(sample.keypoints_px).tolist(),
        subjectId=sample.subject_id,
    )


def _build_sample(row: _Row) -> EftSample:
    if row.smpltype != "smpl":
        raise ItemError(f"smpltype is '{row.smpltype}', only 'smpl' can be read")
    keypoints = [[0.0] * 3] * 49 if row.gt_keypoint_2d is None else row.gt_keypoint_2d
    sample = EftSample(
        image_name=row.imageName,
        annotation_id=None if row.annotId == NO_ANNOTATION else row.annotId,
        rotations=_to_array("parm_pose", row.parm_pose),
        betas=_to_array("parm_shape", row.parm_shape),
        camera=_to_array("parm_cam", row.parm_cam),
        box_center_px=_to_array("bbox_center", row.bbox_center),
        box_scale=row.bbox_scale,
        keypoints_px=_to_array("gt_keypoint_2d", keypoints),
        validity=_to_array("joint_validity_openpose18", row.joint_validity_openpose18),
        subject_id=row.subjectId,
    )
    _check_sample(sample)
    return sample


def _check_sample(sample: EftSample) -> None:
    _check_array("parm_pose", sample.rotations, (24, 3, 3))
    _check_array("parm_shape", sample.betas, (10,))
    _check_array("parm_cam", sample.camera, (3,))
    _check_array("bbox_center", sample.box_center_px, (2,))
    _check_array("gt_keypoint_2d", sample.keypoints_px, (49, 3))
    if sample.validity is not None:
        _check_array("joint_validity_openpose18", sample.validity, (18,))
        if not np.isin(sample.validity, (0, 1)).all():
            raise ItemError("joint_validity_openpose18 has a value other than 0 and 1")
    if not (np.isfinite(sample.box_scale) and sample.box_scale > 0):
        raise ItemError(f"bbox_scale is {sample.box_scale:g}, expected a positive number")
    _check_rotations(sample.rotations)
    if not sample.image_name:
        raise ItemError("imageName is empty")


def _check_rotations(rotations: NDArray[np.float64]) -> None:
    exact = _double(rotations)
    # Entries of a rotation are within [-1, 1]; a bound first keeps absurd numbers from overflowing the products.
    residual = np.full(len(exact), np.inf)
    small = np.abs(exact).max(axis=(1, 2)) <= 2
    products = exact[small].transpose(0, 2, 1) @ exact[small] - np.eye(3)
    residual[small] = np.abs(products).max(axis=(1, 2))
    worst = int(residual.argmax())
    if residual[worst] > _ORTHONORMAL_TOLERANCE:
        raise ItemError(f"parm_pose[{worst}] is no rotation: its columns are off orthonormal by {residual[worst]:.1g}")
    mirrored = np.flatnonzero(np.linalg.det(exact) < 0)
    if len(mirrored):
        raise ItemError(f"parm_pose[{int(mirrored[0])}] is no rotation: it mirrors (determinant -1)")


def _check_array(name: str, array: NDArray[np.float64], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ItemError(f"{name} has the shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        raise ItemError(f"{name} has a value that is not a finite number")


def _to_array(name: str, numbers: list[float] | list[list[float]] | list[list[list[float]]]) -> NDArray[np.float64]:
    try:
        return np.array(numbers, dtype=np.float64)
    except ValueError as error:
        raise ItemError(f"{name} has rows of different lengths") from error


def _double(array: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(array, dtype=np.float64)
