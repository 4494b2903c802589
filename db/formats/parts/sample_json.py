"""All of a fit as JSON, for formats that hold a mesh and little else: the sidecar of an OBJ, the extras of a glTF.

Fields and units are those of :class:`~db.formats.fits.FitSample`; what is unknown is left out.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np

from db.formats.errors import FormatError
from db.formats.fits import FitSample, FitStart, FloatArray, Gender, check_array, check_rotations, check_sample
from db.formats.parts.checks import ItemError, decode_item
from db.formats.parts.identity import name_sample

_Row3: TypeAlias = tuple[float, float, float]
_Matrix: TypeAlias = tuple[_Row3, _Row3, _Row3]
_Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]


class _Start(msgspec.Struct, omit_defaults=True):
    rotations: list[_Matrix]
    betas: list[float]
    camera: list[float]
    l2d: float | None = None
    loss: float | None = None


class _Sample(msgspec.Struct, omit_defaults=True):
    image_name: str
    rotations: list[_Matrix]
    betas: list[float]
    annotation_id: int | None = None
    camera: list[float] | None = None
    box_center_px: list[float] | None = None
    box_scale: float | None = None
    keypoints_px: list[_Row3] | None = None
    validity: list[float] | None = None
    subject_id: str | None = None
    gender: Gender = "neutral"
    bbox_xywh: tuple[float, float, float, float] | None = None
    image_size_px: tuple[_Pixels, _Pixels] | None = None
    translation_cam: list[float] | None = None
    initial: _Start | None = None
    l2d: float | None = None
    loss: float | None = None
    iterations: int | None = None


def build_sample_json(sample: FitSample) -> dict[str, Any]:
    """A fit in plain types; it passed :func:`~db.formats.parts.writing.check_writable`.

    Raises:
        FormatError: What it started from is no body.
    """
    row = _Sample(
        image_name=sample.image_name,
        rotations=_plain(sample.rotations),
        betas=_plain(sample.betas),
        annotation_id=sample.annotation_id,
        camera=_plain(sample.camera),
        box_center_px=_plain(sample.box_center_px),
        box_scale=sample.box_scale,
        keypoints_px=_plain(sample.keypoints_px) if sample.keypoints_px.any() else None,
        validity=_plain(sample.validity),
        subject_id=sample.subject_id,
        gender=sample.gender,
        bbox_xywh=sample.bbox_xywh,
        image_size_px=sample.image_size_px,
        translation_cam=_plain(sample.translation_cam),
        initial=None if sample.initial is None else _build_start(sample, sample.initial),
        l2d=sample.l2d,
        loss=sample.loss,
        iterations=sample.iterations,
    )
    plain: dict[str, Any] = msgspec.to_builtins(row)
    return plain


def read_sample_json(content: bytes, item: str) -> FitSample:
    """The fit of :func:`build_sample_json`, encoded.

    Args:
        content: One JSON object.
        item: What a message calls the sample.

    Raises:
        ItemError: It does not hold a fit.
    """
    row = decode_item(msgspec.Raw(content), _Sample)
    keypoints = {} if row.keypoints_px is None else {"keypoints_px": _array(row.keypoints_px)}
    sample = FitSample(
        image_name=row.image_name,
        rotations=_array(row.rotations),
        betas=_array(row.betas),
        annotation_id=row.annotation_id,
        camera=_find_array(row.camera),
        box_center_px=_find_array(row.box_center_px),
        box_scale=row.box_scale,
        validity=_find_array(row.validity),
        subject_id=row.subject_id,
        gender=row.gender,
        bbox_xywh=row.bbox_xywh,
        image_size_px=row.image_size_px,
        translation_cam=_find_array(row.translation_cam),
        initial=None if row.initial is None else _read_start(row.initial),
        l2d=row.l2d,
        loss=row.loss,
        iterations=row.iterations,
        item=item,
        **keypoints,
    )
    check_sample(sample)
    return sample


def _build_start(sample: FitSample, start: FitStart) -> _Start:
    try:
        _check_start(start)
    except ItemError as error:
        raise FormatError(f"{name_sample(sample)} cannot be exported: {error}") from error
    return _Start(_plain(start.rotations), _plain(start.betas), _plain(start.camera), start.l2d, start.loss)


def _read_start(row: _Start) -> FitStart:
    start = FitStart(_array(row.rotations), _array(row.betas), _array(row.camera), row.l2d, row.loss)
    _check_start(start)
    return start


def _check_start(start: FitStart) -> None:
    check_array("initial rotations", start.rotations, (24, 3, 3))
    check_array("initial betas", start.betas, (10,))
    check_array("initial camera", start.camera, (3,))
    check_rotations("initial rotations", start.rotations)


def _plain(array: FloatArray | None) -> Any:
    return None if array is None else np.asarray(array, dtype=np.float64).tolist()


def _array(numbers: Any) -> FloatArray:
    try:
        return np.array(numbers, dtype=np.float64)
    except (ValueError, OverflowError) as error:
        raise ItemError("an array has rows of different lengths or a number out of range") from error


def _find_array(numbers: list[float] | None) -> FloatArray | None:
    return None if numbers is None else _array(numbers)
