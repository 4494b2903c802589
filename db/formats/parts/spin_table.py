"""Reading the columns of a SPIN-style npz (eft_method.md 5.3): shared by training arrays and static fits.

``imgname``, ``center`` (N, 2) px, ``scale`` (N) side / 200, ``part`` (N, 24, 3) and ``openpose`` (N, 25, 3) px and
validity, ``annotIds``, ``subjectIds``, ``gender``. What a file leaves out is unknown; ``S`` and the hands are not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.formats.errors import FormatError
from db.formats.fits import FitSample, FloatArray
from db.formats.parts.arrays import Arrays, read_npz
from db.formats.parts.checks import ItemError
from db.formats.parts.person_columns import PersonTable, build_person
from db.formats.parts.rotations import axis_angle_to_matrix

_SHAPES: Mapping[str, tuple[int, ...]] = {
    "imgname": (),
    "center": (2,),
    "scale": (),
    "part": (24, 3),
    "openpose": (25, 3),
    "annotIds": (),
    "subjectIds": (),
    "gender": (),
    "pose": (72,),
    "shape": (10,),
    "has_smpl": (),
    "parm_cam": (3,),
}
"""Columns that are read, and the shape of one row."""

_TEXTS = frozenset({"imgname", "subjectIds", "gender"})
_OUR_NAMES = {
    "imgname": "image_name",
    "center": "box_center",
    "scale": "box_scale",
    "annotIds": "annotation_id",
    "subjectIds": "subject_id",
    "parm_cam": "weak_camera",
}
_BLOCKS = ("openpose", "part")


def read_table(path: Path, needed: Sequence[str] = ()) -> PersonTable:
    """Read a SPIN-style npz; nothing in it is executed.

    Args:
        path: The file.
        needed: Columns it must have besides ``imgname``.

    Returns:
        Its columns under the names of :mod:`db.formats.parts.person_columns`; ``pose``, ``shape`` and ``has_smpl`` as
        they are.

    Raises:
        FormatError: The file is no npz, lacks a column, or a column has another length or shape than it should.
    """
    arrays = read_npz(path)
    for key in ("imgname", *needed):
        if key not in arrays:
            raise FormatError(f"{path} is no SPIN-style npz: it has no '{key}'; its keys are {', '.join(arrays)[:200]}")
    columns = {key: arrays[key] for key in _SHAPES if key in arrays}
    count = arrays["imgname"].size
    for key, column in columns.items():
        if column.shape != (count, *_SHAPES[key]):
            expected = (count, *_SHAPES[key])
            raise FormatError(f"{path}: '{key}' has the shape {column.shape}, expected {expected}; export it again")
        if key not in _TEXTS and column.dtype.kind not in "fiub":
            raise FormatError(f"{path}: '{key}' is no array of numbers; export it again")
    renamed = {_OUR_NAMES.get(key, key): column for key, column in columns.items() if key not in _BLOCKS}
    return PersonTable(path, {**renamed, "keypoints": _join_blocks(columns, count)}, count)


def build_sample(table: PersonTable, row: int, pose: FloatArray, betas: FloatArray) -> FitSample:
    """Fit of a row.

    Args:
        table: The columns.
        row: Which row.
        pose: ``(72,)`` axis-angle, radians, root in the camera frame.
        betas: ``(10,)``.

    Raises:
        ItemError: The row is faulty.
    """
    if table.find_text("image_name", row) is None:
        raise ItemError("imgname is empty")
    return build_person(table, row, axis_angle_to_matrix(pose.reshape(24, 3)), betas, None)


def _join_blocks(columns: Arrays, count: int) -> NDArray[Any]:
    """Keypoints ``(N, 49, 3)`` in the order of spin49: OpenPose's block, then the 24-set."""
    blocks = (columns.get(key, np.zeros((count, *_SHAPES[key]))) for key in _BLOCKS)
    return np.concatenate([np.asarray(block, dtype=np.float64) for block in blocks], axis=1)
