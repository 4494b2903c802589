"""Parameters of SMPL as arrays with one row a person, the heart of every npz that body models are driven with.

``global_orient`` (N, 3), ``body_pose`` (N, 69) axis-angle in radians, ``betas`` (N, 10), ``transl`` (N, 3) metres, for
a pinhole camera of ``focal_length`` (N,) pixels with its principal point in the middle of the picture
(:mod:`db.formats.parts.perspective`). As in smplx the body turns about its pelvis joint, and ``transl`` is added to the
posed body. Others' files may leave ``transl`` out, hold rotation matrices instead (``pose2rot=False``), or only the 63
numbers of SMPL-H's body, whose hands then stay as they are at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitRecord, FitSample, FloatArray
from db.formats.parts.checks import ItemError
from db.formats.parts.conventions import AXIS_ANGLE, EACH, WEAK_PERSPECTIVE, state_conventions
from db.formats.parts.person_columns import PersonTable, build_person, name_row
from db.formats.parts.perspective import build_translation, find_camera
from db.formats.parts.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from db.formats.parts.writing import check_writable

CONVENTIONS: Final[Mapping[str, object]] = {
    **state_conventions(
        camera_model=f"{WEAK_PERSPECTIVE}: weak_camera with box_center and box_scale; and a pinhole camera: transl and "
        "focal_length",
        rotation_form=AXIS_ANGLE,
        gender=EACH,
        joint_order="pose_joints for global_orient and then body_pose, keypoint_joints for the keypoints",
    ),
    "global_orient": "axis-angle in radians, camera axes",
    "body_pose": "23 x axis-angle in radians, relative to the parent",
    "betas": "10 shape coefficients of SMPL",
    "transl": "metres, camera axes; added to the posed body, which turns about its pelvis joint as in smplx",
    "focal_length": "pixels of the picture; pinhole camera, principal point in the middle of the picture",
    "perspective_formula": "u = W/2 + F*(X + transl_x)/(Z + transl_z), v = H/2 + F*(Y + transl_y)/(Z + transl_z); "
    "equal to the weak perspective at Z = 0",
    "camera_frame": "metres, right-handed: x right, y down, z forward (away from the camera)",
}
"""Units, frames and forms, for the manifest beside an export."""

_KEYS = ("global_orient", "body_pose", "betas")
# Parameters of SMPL-X alone; its betas describe another body.
_SMPLX_ONLY = ("jaw_pose", "leye_pose", "reye_pose", "expression")
_BODY = 23
_BODY_WITHOUT_HANDS = 21


def settle(samples: Iterable[FitSample]) -> list[FitSample]:
    """Samples as axis-angle keeps them: of matrices that are orthonormal only to rounding, the nearest true rotations.

    Raises:
        FormatError: A sample is malformed.
    """
    settled = list[FitSample]()
    for sample in samples:
        check_writable(sample)
        rotations = axis_angle_to_matrix(matrix_to_axis_angle(sample.rotations))
        settled.append(replace(sample, rotations=rotations))
    return settled


def build_parameters(samples: Sequence[FitSample], focal_px: float) -> dict[str, NDArray[np.float64]]:
    """Parameter arrays of settled samples, in their order.

    Raises:
        FormatError: A sample lacks what its translation comes from.
    """
    rotations = np.array([sample.rotations for sample in samples], dtype=np.float64)
    vectors = matrix_to_axis_angle(rotations.reshape(-1, 24, 3, 3))
    translations = [build_translation(sample, focal_px) for sample in samples]
    return {
        "global_orient": vectors[:, 0],
        "body_pose": vectors[:, 1:].reshape(-1, 3 * _BODY),
        "betas": np.array([sample.betas for sample in samples], dtype=np.float64).reshape(-1, 10),
        "transl": np.array(translations, dtype=np.float64).reshape(-1, 3),
        "focal_length": np.full(len(samples), float(focal_px)),
    }


def check_parameters(table: PersonTable) -> None:
    """Raise FormatError unless a table holds parameters of SMPL."""
    for key in _KEYS:
        if key not in table.arrays:
            found = ", ".join(table.arrays)[:200] or "none"
            raise FormatError(f"{table.path} holds no parameters of SMPL: '{key}' is missing; its keys are {found}")
        if table.arrays[key].dtype.kind not in "fiu" or not table.arrays[key].ndim:
            raise FormatError(f"{table.path}: {key} is no array of numbers; export it again")
    for key in _SMPLX_ONLY:
        if key in table.arrays:
            raise FormatError(f"{table.path} belongs to SMPL-X, as its '{key}' says; only SMPL can be read")


def iter_samples(table: PersonTable) -> Iterator[FitRecord]:
    """Fits of a checked table; a faulty row is a problem and the rest goes on."""
    for row in range(table.count):
        try:
            yield _build_sample(table, row)
        except ItemError as error:
            yield ImportProblem(name_row(table, row), str(error))


def _build_sample(table: PersonTable, row: int) -> FitSample:
    root = _get_rotations(table, "global_orient", row, (1,))
    body = _get_rotations(table, "body_pose", row, (_BODY, _BODY_WITHOUT_HANDS))
    hands = np.tile(np.eye(3), (_BODY - len(body), 1, 1))
    translation = table.find_numbers("transl", row, (3,))
    sample = build_person(table, row, np.concatenate((root, body, hands)), _get_betas(table, row), translation)
    if sample.camera is not None:
        return sample
    return replace(sample, camera=find_camera(sample, table.find_number("focal_length", row)))


def _get_rotations(table: PersonTable, key: str, row: int, counts: tuple[int, ...]) -> FloatArray:
    array = table.arrays[key]
    numbers = array.reshape(table.count, -1)[row].astype(np.float64) if array.size % table.count == 0 else np.empty(0)
    for count in counts:
        if numbers.size == 3 * count:
            return axis_angle_to_matrix(numbers.reshape(count, 3))
        if numbers.size == 9 * count:
            return numbers.reshape(count, 3, 3)
    expected = " or ".join(str(3 * count) for count in counts)
    raise ItemError(f"{key} has the shape {array.shape}, expected {expected} numbers a person")


def _get_betas(table: PersonTable, row: int) -> FloatArray:
    """The ten betas of the body, from as many or more."""
    width = table.arrays["betas"].shape[-1]
    betas = table.find_numbers("betas", row, (width,))
    if betas is None:
        raise ItemError("betas has a value that is not a finite number")
    if width < 10:
        raise ItemError(f"betas has {width} numbers, expected 10")
    if betas[10:].any():
        raise ItemError(f"betas has {width} numbers, and those after the tenth are not zero; the body has ten")
    return betas[:10]
