"""Entries of COCO's lists from what a project has: as they came, but for what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.formats.errors import FormatError
from db.formats.parts.boxes import NO_EXTENT_PX
from db.formats.parts.coco_header import OURS, Header
from db.formats.parts.json_items import KEPT_APART, split_fields
from db.formats.people_export import ExportedImage, ExportedPerson

_BODY = 17
_TRUE = bytes(KEPT_APART)


def build_image(image: ExportedImage, number: int, header: Header, *, renumbered: bool) -> bytes:
    """Entry of a picture.

    Args:
        image: The picture.
        number: Its id in the file.
        header: The file's licences.
        renumbered: The id is not its own.
    """
    fields = _split(image.details, ("id", "file_name"))
    ours = {"id": image.external_id} if renumbered and image.external_id is not None else None
    row: dict[str, Any] = {**fields, "id": number}
    row.setdefault("file_name", image.path)
    row.setdefault("width", image.width)
    row.setdefault("height", image.height)
    licence = _read_number(fields.get("license"))
    if licence is not None and (joined := header.find_license(image.source, licence)) is not None:
        row["license"] = joined
    return _encode(row, ours)


def build_annotation(
    person: ExportedPerson, number: int, image_number: int, header: Header, *, renumbered: bool
) -> bytes:
    """Entry of a person.

    Args:
        person: The person.
        number: Their id in the file.
        image_number: Id of their picture in the file.
        header: The file's categories.
        renumbered: The id is not their own.

    Raises:
        FormatError: A keypoint or the box is not finite.
    """
    if not np.isfinite(person.keypoints).all() or not np.isfinite(person.bbox_xywh).all():
        raise FormatError(
            f"person {person.external_id} has a value that is not a finite number; correct the keypoints first"
        )
    fields = _split(person.details, ("id", "image_id", "category_id"))
    ours = dict(person.ours or {}) | ({"id": person.external_id} if renumbered and person.external_id else {})
    feet_apart = "foot_kpts" in fields and person.skeleton == "coco23"
    category = header.find_category(
        person.source, _read_number(fields.get("category_id")), person.skeleton, feet_apart=feet_apart
    )
    named: dict[str, Any] = {"id": number, "image_id": image_number, "category_id": category}
    if not fields:
        return _encode(named | _build_fields(person), ours)
    row: dict[str, Any] = {**fields, **named}
    if person.is_completed:
        row = {**row, **{key: value for key, value in _build_fields(person).items() if key not in row}}
    points = person.keypoints[:_BODY] if feet_apart else person.keypoints
    _put_points(row, "keypoints", points)
    if feet_apart:
        _put_points(row, "foot_kpts", person.keypoints[_BODY:])
    if person.is_edited and "num_keypoints" in row:
        row["num_keypoints"] = _count(points)
    if _is_moved(row.get("bbox"), person):
        row["bbox"] = _as_numbers(np.array(person.bbox_xywh))
    return _encode(row, ours)


def _build_fields(person: ExportedPerson) -> dict[str, Any]:
    width, height = person.bbox_xywh[2:]
    return {
        "keypoints": _as_numbers(person.keypoints.ravel()),
        "num_keypoints": _count(person.keypoints),
        "bbox": _as_numbers(np.array(person.bbox_xywh)),
        "area": width * height if person.area is None else person.area,
        "iscrowd": int(person.is_crowd),
        "segmentation": [],
    }


def _split(details: bytes | None, needed: tuple[str, ...]) -> dict[str, msgspec.Raw]:
    """The fields of an entry as it came; none where it came from a file of another shape."""
    fields = {} if details is None else split_fields(details)
    return fields if all(key in fields for key in needed) else {}


def _put_points(row: dict[str, Any], key: str, points: NDArray[np.float64]) -> None:
    """Put keypoints in, unless the entry has them in other words: a place that stands for none was cleared."""
    raw = row.get(key)
    if isinstance(raw, msgspec.Raw) and bytes(raw) != _TRUE and _says(bytes(raw), points):
        return
    row[key] = _as_numbers(points.ravel())


def _says(raw: bytes, points: NDArray[np.float64]) -> bool:
    try:
        numbers = msgspec.json.decode(raw, type=list[float])
    except msgspec.ValidationError:
        return False
    if len(numbers) != points.size:
        return False
    said = np.array(numbers).reshape(-1, 3)
    labelled = points[:, 2] > 0
    return bool((said[:, 2] == points[:, 2]).all() and (said[labelled] == points[labelled]).all())


def _is_moved(raw: Any, person: ExportedPerson) -> bool:
    """Whether the person's box is another than the entry's; one without an area never was the person's."""
    try:
        box = msgspec.json.decode(bytes(raw), type=list[float]) if isinstance(raw, msgspec.Raw) else []
    except msgspec.ValidationError:
        return False
    return len(box) == 4 and min(box[2:]) > NO_EXTENT_PX and tuple(box) != tuple(person.bbox_xywh)


def _read_number(raw: msgspec.Raw | None) -> int | None:
    try:
        return None if raw is None else msgspec.json.decode(bytes(raw), type=int)
    except msgspec.ValidationError:
        return None


def _count(points: NDArray[np.float64]) -> int:
    return int(np.count_nonzero(points[:, 2] > 0))


def _as_numbers(values: NDArray[np.float64]) -> list[float | int]:
    floats: list[float] = values.astype(np.float64).tolist()
    return [int(value) if value.is_integer() else value for value in floats]


def _encode(row: dict[str, Any], ours: Mapping[str, object] | None) -> bytes:
    row.pop(OURS, None)
    return msgspec.json.encode({**row, OURS: ours} if ours else row)
