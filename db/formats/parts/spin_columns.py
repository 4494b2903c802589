"""Writing the columns of a SPIN-style npz (eft_method.md 5.3): shared by training arrays and static fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.formats.fits import FitSample, FloatArray, Gender
from db.formats.parts.conventions import AXIS_ANGLE, EACH, WEAK_PERSPECTIVE, state_conventions
from db.formats.parts.rotations import matrix_to_axis_angle
from db.formats.parts.writing import get_box
from resources.skeleton import get_skeleton

HELD: Final = (
    *("image_name", "rotations", "betas", "annotation_id", "box_center_px", "box_scale"),
    *("keypoints_px", "subject_id", "gender", "camera"),
)
"""Fields of a sample that these columns and a pose hold."""

CONVENTIONS: Final[Mapping[str, object]] = {
    **state_conventions(
        camera_model=f"{WEAK_PERSPECTIVE}; parm_cam with center and scale",
        rotation_form=AXIS_ANGLE,
        gender=EACH,
        joint_order="pose_joints for the pose, part_joints for part, openpose_joints for openpose",
    ),
    "imgname": "path of the picture relative to the folder of images",
    "center": "centre of the box, pixels of the picture, origin at the top-left corner of the top-left pixel",
    "scale": "side of the square box in pixels / 200",
    "part": "24 x (x, y, validity), pixels of the picture",
    "openpose": "25 x (x, y, validity), pixels of the picture",
    "annotIds": "the dataset's id of the person, -1 where there is none",
    "gender": "m, f or n (neutral) by sample; absent where all are neutral",
    "parm_cam": "weak perspective [s, tx, ty], scale first, relative to the box; not a number where there is none",
    "camera_formula": "u = cx + 100*scale*(s*X + tx), v = cy + 100*scale*(s*Y + ty)",
    "camera_frame": "metres, right-handed: x right, y down, z forward (away from the camera)",
    "pose_joints": get_skeleton("smpl24").joints,
    "part_joints": get_skeleton("spin24").joints,
    "openpose_joints": get_skeleton("openpose25").joints,
}
"""Units, frames and orders, for the manifest beside an export."""

_OPENPOSE = len(get_skeleton("openpose25"))
_LETTERS: Mapping[Gender, str] = {"male": "m", "female": "f", "neutral": "n"}
_NO_ANNOTATION = -1


def build_columns(samples: Sequence[FitSample]) -> dict[str, NDArray[Any]]:
    """Columns of samples, in their order.

    Raises:
        FormatError: A sample has no box.
    """
    boxes = [get_box(sample) for sample in samples]
    keypoints = np.array([sample.keypoints_px for sample in samples], dtype=np.float64).reshape(-1, 49, 3)
    ids = [_NO_ANNOTATION if sample.annotation_id is None else sample.annotation_id for sample in samples]
    columns: dict[str, NDArray[Any]] = {
        "imgname": np.array([sample.image_name for sample in samples], dtype=np.str_),
        "center": np.array([center for center, _ in boxes], dtype=np.float64).reshape(-1, 2),
        "scale": np.array([scale for _, scale in boxes], dtype=np.float64),
        "part": keypoints[:, _OPENPOSE:],
        "openpose": keypoints[:, :_OPENPOSE],
        "annotIds": np.array(ids, dtype=np.int64),
    }
    if any(sample.subject_id is not None for sample in samples):
        columns["subjectIds"] = np.array([sample.subject_id or "" for sample in samples], dtype=np.str_)
    if any(sample.gender != "neutral" for sample in samples):
        columns["gender"] = np.array([_LETTERS[sample.gender] for sample in samples], dtype=np.str_)
    if any(sample.camera is not None for sample in samples):
        columns["parm_cam"] = _build_cameras(samples)
    return columns


def build_poses(samples: Sequence[FitSample]) -> FloatArray:
    """Axis-angle poses of samples, ``(N, 72)`` radians, root in the camera frame."""
    # One at a time: the matrices of a hundred thousand people and their decompositions would fill half a gigabyte.
    poses = [matrix_to_axis_angle(sample.rotations).reshape(72) for sample in samples]
    return np.array(poses, dtype=np.float64).reshape(-1, 72)


def _build_cameras(samples: Sequence[FitSample]) -> FloatArray:
    unknown = np.full(3, np.nan)
    return np.array([unknown if sample.camera is None else sample.camera for sample in samples], dtype=np.float64)
