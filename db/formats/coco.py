"""COCO person keypoints, in and out (cocodataset.org, "Data format", Keypoint Detection).

``keypoints`` holds 17 x (x, y, v): v = 0 not labelled, 1 labelled but occluded, 2 visible. ``num_keypoints`` repeats
what the keypoints say and is not read. People without any labelled keypoint and crowd regions are read like all
others: what to do with them is decided elsewhere.

The feet of COCO-WholeBody (``foot_kpts``) are joined to the 17 as coco23; its hands and faces are kept as details. A
category may also name the joints of any other layout we know, as our own exports do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from db.formats.base import ImportedImage, ImportedPerson, ImportRecord, OnShare, no_share
from db.formats.coco_names import list_other_names
from db.formats.coco_reading import Annotation, Dialect, Points, list_file_names, read_coco_like, take_keypoints
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.files import replacing
from resources.skeleton import get_skeleton

SKELETON = "coco17"


def recognises(evidence: Evidence) -> bool:
    """Whether a file is one of COCO's with keypoints (a :class:`~db.formats.evidence.Recogniser`)."""
    return evidence.is_json and evidence.mentions("images", "annotations", "categories")


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of a COCO keypoint file (a :class:`~db.formats.base.Reader`).

    Args:
        source: The annotation file, for example ``person_keypoints_val2017.json``.
        images: Folder that ``file_name`` is relative to, or one above or below it.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is no COCO keypoint file, or the folder of images does not exist.
    """
    return read_coco_like(source, images, _DIALECT, on_share)


def list_names(source: Path, limit: int) -> list[str]:
    """The first file names of a COCO keypoint file, to look for its pictures by; malformed entries are left out.

    Raises:
        FormatError: The file is no COCO keypoint file.
    """
    return list_file_names(source, _DIALECT, limit)


def find_further_names(file_name: str) -> tuple[str, ...]:
    """What a picture is called in other editions of COCO."""
    return list_other_names(file_name.replace("\\", "/").rsplit("/", 1)[-1])


def write_coco(path: Path, images: Iterable[ImportedImage], people: Iterable[ImportedPerson]) -> None:
    """Write a COCO keypoint file, whole or not at all.

    Args:
        path: The file.
        images: Pictures; their external ids become the COCO ids and must be whole numbers.
        people: People of these pictures, in coco17; likewise.

    Raises:
        FormatError: A record does not fit the format, or the disk refuses.
    """
    skeleton = get_skeleton(SKELETON)
    category = {
        "id": 1,
        "name": "person",
        "supercategory": "person",
        "keypoints": skeleton.joints,
        "skeleton": [(start + 1, end + 1) for start, end in skeleton.bones],
    }
    image_ids: dict[str, int] = {}
    image_rows: list[dict[str, object]] = []
    for image in images:
        image_ids[image.path] = _whole_number(image.external_id, f"image {image.path}")
        row = {"id": image_ids[image.path], "file_name": image.path, "width": image.width, "height": image.height}
        image_rows.append(row)
    annotations = [_build_annotation(person, image_ids) for person in people]
    document = {"info": {}, "licenses": [], "images": image_rows, "annotations": annotations}
    with replacing(path) as (file, _):
        file.write(msgspec.json.encode({**document, "categories": [category]}))


def _take_points(annotation: Annotation, skeleton: str) -> Points:
    if skeleton != SKELETON or annotation.foot_kpts is None:
        return take_keypoints(annotation, skeleton)
    return Points("coco23", (*annotation.keypoints, *annotation.foot_kpts), ("keypoints", "foot_kpts"))


_DIALECT = Dialect("a COCO file", _take_points, find_further_names)


def _build_annotation(person: ImportedPerson, image_ids: dict[str, int]) -> dict[str, object]:
    item = f"person {person.external_id} of {person.image_path}"
    if person.skeleton != SKELETON:
        raise FormatError(f"{item} has the skeleton {person.skeleton}; COCO files hold {SKELETON}")
    if person.image_path not in image_ids:
        raise FormatError(f"{item} belongs to no image of the file; list the image too")
    if not np.isfinite(person.keypoints).all() or not np.isfinite(person.bbox_xywh).all():
        raise FormatError(f"{item} has a value that is not a finite number; correct the keypoints first")
    width, height = person.bbox_xywh[2:]
    return {
        "id": _whole_number(person.external_id, item),
        "image_id": image_ids[person.image_path],
        "category_id": 1,
        "keypoints": person.keypoints.ravel().tolist(),
        "num_keypoints": int(np.count_nonzero(person.keypoints[:, 2] > 0)),
        "bbox": person.bbox_xywh,
        "area": width * height if person.area is None else person.area,
        "iscrowd": int(person.is_crowd),
        "segmentation": [],
    }


def _whole_number(external_id: str | None, item: str) -> int:
    if external_id is None or not external_id.removeprefix("-").isdecimal():
        raise FormatError(f"{item} has the id {external_id!r}; COCO ids are whole numbers")
    return int(external_id)
