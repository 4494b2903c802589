"""AMASS-like sequences of one frame, a file a person in a folder (annotation_anchors.md section 5).

``poses`` (1, 156) axis-angle of SMPL-H: root, 21 body joints, 30 finger joints at rest; ``trans`` (1, 3) metres,
``betas`` (16,) of which SMPL has ten, ``dmpls`` (1, 8) zeros, ``gender``, ``mocap_framerate``.

AMASS stands in a world with z up. Ours is the camera's, turned: x right, y away from the camera, z up, by
``WORLD_FROM_CAMERA``, which the file repeats; the floor is not known. The body turns about its pelvis joint, so the
camera stands in this world at ``p - WORLD_FROM_CAMERA p`` with p the pelvis of the shaped body at rest.

Beyond AMASS's keys a file holds SMPL's two hand joints (``smpl_hand_pose``), which SMPL-H has not, ``focal_length``,
and whom it shows (:mod:`db.formats.parts.person_columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FitRecord, FitSample
from db.formats.parts import person_columns
from db.formats.parts.arrays import Arrays, read_npz, write_npz
from db.formats.parts.checks import ItemError
from db.formats.parts.conventions import AXIS_ANGLE, EACH, WEAK_PERSPECTIVE, state_conventions
from db.formats.parts.file_names import build_file_name
from db.formats.parts.files import CONTENTS, hash_file, replacing_folder
from db.formats.parts.folders import iter_files
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.person_columns import HELD, PersonTable, build_person_columns
from db.formats.parts.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from db.formats.parts.smpl_parameters import build_parameters, check_parameters, iter_samples, settle
from db.formats.parts.writing import check_read_back
from resources.skeleton import get_skeleton

WORLD_FROM_CAMERA: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""From camera axes (x right, y down, z forward) to a world with z up (x right, y away, z up)."""

POSES_JOINTS: Final = (
    *get_skeleton("smpl24").joints[:22],
    *(
        f"{side}_{finger}{place}"
        for side in ("left", "right")
        for finger in ("index", "middle", "pinky", "ring", "thumb")
        for place in (1, 2, 3)
    ),
)
"""Joints of SMPL-H in its order: SMPL's without its hands, then fingers from the palm outwards."""

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "AMASS-like npz, one file a person, one frame each",
    **state_conventions(
        camera_model=f"{WEAK_PERSPECTIVE}: weak_camera with box_center and box_scale; and a pinhole camera: trans, "
        "world_from_camera and focal_length",
        rotation_form=AXIS_ANGLE,
        gender=EACH,
        joint_order="poses_joints for poses, pose_joints for the body they are of, keypoint_joints for keypoints",
        handedness="right-handed: x right, y away from the camera, z up",
    ),
    "poses_joints": POSES_JOINTS,
    "poses": "52 x axis-angle in radians (SMPL-H): root in world axes, 21 body joints, 30 finger joints, all at rest",
    "smpl_hand_pose": "SMPL's joints left_hand and right_hand, axis-angle in radians",
    "trans": "metres, world axes; added to the posed body, which turns about its pelvis joint as in smplx",
    "betas": "16 shape coefficients, the last six zero",
    "world_frame": "metres, right-handed: x right, y away from the camera, z up; the height of the floor is not known",
    "world_from_camera": WORLD_FROM_CAMERA.tolist(),
    "camera_place": "p - world_from_camera p, with p the pelvis joint of the shaped body at rest",
    "camera_frame": "metres, right-handed: x right, y down, z forward (away from the camera)",
    "focal_length": "pixels of the picture; pinhole camera, principal point in the middle of the picture",
    "mocap_framerate": "a still picture has none; 30 for readers that divide by it",
    **person_columns.CONVENTIONS,
}
"""Units, frames and orders, for the manifest beside an export."""

_NUMBERS = 156
_BODY = slice(3, 66)
_FRAMERATE = 30.0


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read a folder of files, or one (a :class:`~db.formats.fits.FitReader`); every frame is a fit.

    Raises:
        FormatError: It is no such file, or no folder of ``.npz`` files.
    """
    return iter_files(source, ".npz", _read_file) if source.is_dir() else _read_file(source)


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:
    """Write a folder (a :class:`~db.formats.fits.FitWriter`).

    Raises:
        FormatError: A sample is not what the format holds, something else is in the place, or the disk refuses.
    """
    count = 0
    with replacing_folder(path) as folder:
        for sample in samples:
            (settled,) = settle([sample])
            target = folder / build_file_name(sample, count, ".npz")
            with target.open("xb") as file:
                write_npz(file, _build_arrays(settled, context.focal_px))
            check_read_back(path, [settled], _read_file(target), HELD)
            count += 1
    return WrittenExport(path=path, count=count, sha256=hash_file(path / CONTENTS))


def _build_arrays(sample: FitSample, focal_px: float) -> dict[str, NDArray[Any]]:
    parameters = build_parameters([sample], focal_px)
    root = matrix_to_axis_angle(WORLD_FROM_CAMERA @ sample.rotations[0])
    body_pose = parameters["body_pose"][0]
    hands = body_pose[_BODY.stop - _BODY.start :]
    person = build_person_columns([sample])
    return {
        "poses": np.concatenate((root, body_pose[: -len(hands)], np.zeros(_NUMBERS - _BODY.stop)))[None],
        "trans": parameters["transl"] @ WORLD_FROM_CAMERA.T,
        "betas": np.concatenate((sample.betas, np.zeros(6))),
        "dmpls": np.zeros((1, 8)),
        "gender": np.array(person.pop("gender")[0]),
        "mocap_framerate": np.array(_FRAMERATE),
        "smpl_hand_pose": hands[None],
        "world_from_camera": WORLD_FROM_CAMERA,
        "focal_length": parameters["focal_length"],
        **person,
    }


def _read_file(path: Path) -> Iterator[FitRecord]:
    arrays = read_npz(path)
    poses = _get_frames(path, arrays, "poses", _NUMBERS)
    columns = {key: array for key, array in arrays.items() if key not in {"poses", "trans", "smpl_hand_pose"}}
    hands = _get_frames(path, arrays, "smpl_hand_pose", 6) if "smpl_hand_pose" in arrays else np.zeros((len(poses), 6))
    if len(hands) != len(poses):
        raise FormatError(f"{path}: smpl_hand_pose has {len(hands)} frames and poses {len(poses)}; export it again")
    try:
        root = WORLD_FROM_CAMERA.T @ axis_angle_to_matrix(poses[:, :3])
    except ItemError as error:
        raise FormatError(f"{path}: {error}; export it again") from error
    columns["global_orient"] = root
    columns["body_pose"] = np.hstack((poses[:, _BODY], hands))
    if "trans" in arrays:
        columns["transl"] = _get_frames(path, arrays, "trans", 3) @ WORLD_FROM_CAMERA
    table = PersonTable(path, columns, len(poses))
    check_parameters(table)
    return iter_samples(table)


def _get_frames(path: Path, arrays: Arrays, key: str, width: int) -> NDArray[np.float64]:
    frames = arrays.get(key, np.empty(0))
    if frames.ndim != 2 or frames.shape[1] != width or frames.dtype.kind not in "fiu":
        shape = frames.shape if key in arrays else "no array"
        raise FormatError(f"{path} is no AMASS-like npz: {key} has {shape}, expected (T, {width}) numbers")
    if not np.isfinite(frames).all():
        raise FormatError(f"{path}: {key} has a value that is not a finite number; export it again")
    return frames.astype(np.float64)
