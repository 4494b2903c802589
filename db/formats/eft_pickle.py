"""What the released EFT code saves: a pickle for each fit, in one folder (eft_method.md 5.2).

Every array has a leading dimension of 1. Rotation matrices map body to camera axes; ``pred_camera = [s, tx, ty]``
belongs to the box ``center``, ``scale`` = side / 200. ``numOfIteration`` is the index of the last iteration, so one
less than were run. Its SMPLify baseline saves the same with a torch tensor in it, and Panoptic and Penn come as dicts
of samples. Nothing of a pickle is executed; what is no plain data is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import ExportContext, FitRecord, FitSample, FitStart, check_rotations, check_sample
from db.formats.parts.arrays import dump_pickle
from db.formats.parts.checks import ItemError
from db.formats.parts.conventions import MATRICES, NEUTRAL, WEAK_PERSPECTIVE, state_conventions
from db.formats.parts.file_names import build_stem
from db.formats.parts.files import CONTENTS, hash_file, read_bytes, replacing_folder
from db.formats.parts.folders import iter_files
from db.formats.parts.identity import find_annotation_id, to_image_name
from db.formats.parts.manifest import WrittenExport
from db.formats.parts.pickled_fields import PickledFields
from db.formats.parts.released_crop import crop_keypoints
from db.formats.parts.writing import check_read_back, check_writable, get_box, get_camera
from resources.plain_pickle import PlainPickleError, read_plain_pickle
from resources.skeleton import get_skeleton

CONVENTIONS: Final[Mapping[str, object]] = {
    "format": "EFT pickles, one for each fit",
    **state_conventions(
        camera_model=f"{WEAK_PERSPECTIVE}; pred_camera with center and scale",
        rotation_form=MATRICES,
        gender=NEUTRAL,
        joint_order="pose_joints for pred_pose_rotmat, keypoint_joints for keypoint2d and keypoint2d_cropped",
    ),
    "pred_pose_rotmat": "1 x 24 rotation matrices 3x3; 0 is the root in the camera frame, the others relative to their "
    "parent",
    "pred_shape": "1 x 10 shape coefficients of the neutral body, in standard deviations",
    "pred_camera": "1 x 3: weak perspective [s, tx, ty], scale first, relative to the box",
    "center": "1 x 2: centre of the box, pixels of the picture, origin at the top-left corner of the top-left pixel",
    "scale": "1: side of the square box in pixels / 200",
    "keypoint2d": "1 x 49 x (x, y, validity), pixels of the picture",
    "keypoint2d_cropped": "the same in the crop, [-1, 1], cut to whole pixels of 224 and shifted by one as the "
    "released code does; absent joints too",
    "numOfIteration": "zero-based index of the last iteration",
    "annotId": "the dataset's id of the person, -1 where there is none",
    "opt_pose": "zeros: no other fit is kept beside this one",
    "camera_formula": "u = cx + 100*scale*(s*X + tx), v = cy + 100*scale*(s*Y + ty)",
    "camera_frame": "metres, right-handed: x right, y down, z forward (away from the camera)",
    "pose_joints": get_skeleton("smpl24").joints,
    "keypoint_joints": get_skeleton("spin49").joints,
}
"""Units, frames and orders, for the manifest beside an export."""

_HELD = (
    *("image_name", "rotations", "betas", "annotation_id", "camera", "box_center_px", "box_scale"),
    *("keypoints_px", "subject_id", "initial", "l2d", "loss", "iterations"),
)
_NO_ANNOTATION = -1
_POSE = "pred_pose_rotmat"


def iter_fits(source: Path) -> Iterator[FitRecord]:
    """Read a folder of pickles or one of its files (a :class:`~db.formats.fits.FitReader`).

    Raises:
        FormatError: The folder holds no pickle, or the one file is none of a fit.
    """
    return iter_files(source, ".pkl", _iter_file) if source.is_dir() else _iter_file(source)


def write_fits(path: Path, samples: Iterable[FitSample], context: ExportContext) -> WrittenExport:  # noqa: ARG001, holds no names
    """Write a folder of pickles, named like the released ones (a :class:`~db.formats.fits.FitWriter`).

    Raises:
        FormatError: A sample is not what the format holds, or the disk refuses; an older folder stays as it was.
    """
    count = 0
    with replacing_folder(path) as folder:
        for sample in samples:
            check_writable(sample, neutral=True)
            file = folder / f"{build_stem(sample.image_name)}_{count}.pkl"
            file.write_bytes(dump_pickle(_build_fields(sample, count)))
            check_read_back(path / file.name, [sample], _iter_file(file), _HELD)
            count += 1
    return WrittenExport(path=path, count=count, sha256=hash_file(path / CONTENTS))


def _iter_file(path: Path) -> Iterator[FitRecord]:
    try:
        content = read_plain_pickle(read_bytes(path))
    except PlainPickleError as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
    if isinstance(content, Mapping) and _POSE in content:
        return _iter_rows({path.name: content}, path)
    if isinstance(content, Mapping) and any(isinstance(row, Mapping) for row in content.values()):
        return _iter_rows({f"[{key}] in {path.name}": row for key, row in content.items()}, path)
    raise FormatError(f"{path} is no pickle of an EFT fit: it has no '{_POSE}'")


def _iter_rows(rows: Mapping[str, object], path: Path) -> Iterator[FitRecord]:
    for item, row in rows.items():
        try:
            yield _build_sample(PickledFields(row), item, path)
        except ItemError as error:
            yield ImportProblem(item, str(error))


def _build_sample(fields: PickledFields, item: str, path: Path) -> FitSample:
    kind = fields.find_text("smpltype") or "smpl"
    if kind != "smpl":
        raise ItemError(f"smpltype is '{kind[:20]}', only bodies of 'smpl' can be read")
    last_iteration = fields.find_whole_number("numOfIteration")
    keypoints = fields.find_numbers("keypoint2d", (49, 3))
    sample = FitSample(
        image_name=_get_image_name(fields, path),
        rotations=fields.get_numbers(_POSE, (24, 3, 3)),
        betas=fields.get_numbers("pred_shape", (10,)),
        annotation_id=find_annotation_id(fields.find_whole_number("annotId") or 0),
        camera=fields.get_numbers("pred_camera", (3,)),
        box_center_px=fields.get_numbers("center", (2,)),
        box_scale=fields.get_number("scale"),
        keypoints_px=np.zeros((49, 3)) if keypoints is None else keypoints,
        subject_id=fields.find_text("subjectId"),
        initial=_find_start(fields),
        l2d=fields.find_number("loss_keypoints_2d"),
        loss=fields.find_number("loss"),
        iterations=None if last_iteration is None else last_iteration + 1,
        item=item,
    )
    check_sample(sample)
    return sample


def _find_start(fields: PickledFields) -> FitStart | None:
    rotations = fields.find_numbers(f"{_POSE}_init", (24, 3, 3))
    betas = fields.find_numbers("pred_shape_init", (10,))
    camera = fields.find_numbers("pred_camera_init", (3,))
    if rotations is None or betas is None or camera is None:
        return None
    check_rotations(f"{_POSE}_init", rotations)
    l2d, loss = fields.find_number("loss_keypoints_2d_init"), fields.find_number("loss_init")
    return FitStart(rotations, betas, camera, l2d=l2d, loss=loss)


def _get_image_name(fields: PickledFields, path: Path) -> str:
    text = fields.find_text("imageName")
    if text is None:
        raise ItemError("imageName is missing or no text")
    name = to_image_name(text)
    # Of a sequence on somebody's machine the folder is kept where the pickle's own name says it: {seq}_{picture}_{i}.
    folder = PurePosixPath(text.replace("\\", "/")).parent.name
    is_sequence = folder and path.name.startswith(f"{folder}_{PurePosixPath(name).stem}_")
    return f"{folder}/{name}" if "/" not in name and is_sequence else name


def _build_fields(sample: FitSample, index: int) -> dict[str, Any]:
    center_px, scale = get_box(sample)
    fields: dict[str, Any] = {
        "imageName": [sample.image_name],
        "sampleIdx": np.array([index], dtype=np.int64),
        "annotId": np.array([sample.annotation_id or _NO_ANNOTATION], dtype=np.int64),
        "smpltype": "smpl",
        "scale": np.array([scale]),
        "center": _batch(center_px),
        "keypoint2d": _batch(sample.keypoints_px),
        "keypoint2d_cropped": _batch(crop_keypoints(sample.keypoints_px, center_px, scale)),
        _POSE: _batch(sample.rotations),
        "pred_shape": _batch(sample.betas),
        "pred_camera": _batch(get_camera(sample)),
        "opt_pose": np.zeros((1, 72)),
        "opt_beta": np.zeros((1, 10)),
        "loss_keypoints_2d": sample.l2d,
        "loss": sample.loss,
        "numOfIteration": None if sample.iterations is None else sample.iterations - 1,
        "subjectId": sample.subject_id,
    }
    if (start := sample.initial) is not None:
        fields[f"{_POSE}_init"] = _batch(start.rotations)
        fields["pred_shape_init"] = _batch(start.betas)
        fields["pred_camera_init"] = _batch(start.camera)
        fields["loss_keypoints_2d_init"] = start.l2d
        fields["loss_init"] = start.loss
    return {key: value for key, value in fields.items() if value is not None}


def _batch(array: Any) -> Any:
    return np.array(array, dtype=np.float64)[None]
