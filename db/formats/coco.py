"""COCO person keypoints, in and out (cocodataset.org, "Data format", Keypoint Detection).

``keypoints`` holds 17 x (x, y, v): v = 0 not labelled, 1 labelled but occluded, 2 visible. ``num_keypoints`` repeats
what the keypoints say and is not read. People without any labelled keypoint and crowd regions are read like all
others: what to do with them is decided elsewhere.

A file of 100,000 people has hundreds of megabytes, most of it segmentation. Items therefore stay undecoded bytes until
their turn comes, which also keeps a fault in one from spoiling the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import numpy as np

from db.formats.base import (
    FAULTY,
    NO_FILE,
    ImportedImage,
    ImportedPerson,
    ImportProblem,
    ImportRecord,
    OnShare,
    no_share,
)
from db.formats.boxes import coco_box
from db.formats.checks import (
    ItemError,
    NoFileError,
    check_bbox,
    check_keypoints,
    check_picture,
    decode_item,
)
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.files import replacing
from db.formats.json_text import read_document
from resources.skeleton import get_skeleton

SKELETON = "coco17"

_Id: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class _Document(msgspec.Struct):
    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[msgspec.Raw]


class _Category(msgspec.Struct):
    id: _Id
    name: str
    keypoints: list[str] | None = None


class _Image(msgspec.Struct):
    id: _Id
    file_name: str
    width: _Pixels
    height: _Pixels


class _Key(msgspec.Struct):
    id: _Id
    image_id: _Id
    category_id: _Id


class _Annotation(msgspec.Struct):
    keypoints: list[float | None]
    bbox: list[float | None] | None = None
    area: float | None = None
    iscrowd: int | bool = 0


@dataclass(slots=True)
class _Index:
    """Where the people of each image lie in the list of annotations: ``(annotation id, position)``."""

    people: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    problems: list[ImportProblem] = field(default_factory=list)


def recognises(evidence: Evidence) -> bool:
    """Whether a file is one of COCO's with keypoints (a :class:`~db.formats.evidence.Recogniser`)."""
    return evidence.is_json and evidence.mentions("images", "annotations", "categories")


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of a COCO keypoint file (a :class:`~db.formats.base.Reader`).

    Args:
        source: The annotation file, for example ``person_keypoints_val2017.json``.
        images: Folder that ``file_name`` is relative to.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is no COCO keypoint file, or the folder of images does not exist.
    """
    document = read_document(source, _Document, "a COCO file")
    person = _get_person_category(source, document)
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, document, person, on_share)


def list_names(source: Path, limit: int) -> list[str]:
    """The first file names of a COCO keypoint file, to look for its pictures by; malformed entries are left out.

    Raises:
        FormatError: The file is no COCO keypoint file.
    """
    document = read_document(source, _Document, "a COCO file")
    _get_person_category(source, document)
    names: list[str] = []
    for raw in document.images:
        if len(names) == limit:
            break
        try:
            names.append(decode_item(raw, _Image).file_name)
        except ItemError:
            continue
    return names


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


def _get_person_category(source: Path, document: _Document) -> int:
    joints = get_skeleton(SKELETON).joints
    for raw in document.categories:
        try:
            category = decode_item(raw, _Category)
        except ItemError as error:
            raise FormatError(f"{source}: a category is malformed: {error}") from error
        if category.name != "person":
            continue
        if category.keypoints is not None and tuple(category.keypoints) != joints:
            raise FormatError(
                f"{source}: the keypoints of the category person are {', '.join(category.keypoints)}; "
                f"expected COCO's {len(joints)}, {joints[0]} to {joints[-1]}"
            )
        return category.id
    raise FormatError(f"{source} has no category 'person'; expected COCO person keypoints")


def _iter_records(
    source: Path, images: Path, document: _Document, person: int, on_share: OnShare
) -> Iterator[ImportRecord]:
    index = _build_index(source, document, person)
    yield from index.problems
    seen_ids: set[int] = set()
    seen_paths: set[str] = set()
    for place, raw in enumerate(document.images):
        on_share(place / len(document.images))
        item, people = f"images[{place}] in {source.name}", []
        try:
            entry = decode_item(raw, _Image)
            item = f"image {entry.id} in {source.name}"
            if entry.id in seen_ids:
                raise ItemError("its id occurs twice; the first was taken")
            seen_ids.add(entry.id)
            people = index.people.pop(entry.id, [])
            path = check_picture(entry.file_name, images)
            if path in seen_paths:
                raise ItemError(f"{path} is listed under another id already; the first was taken")
            seen_paths.add(path)
        except ItemError as error:
            left_out = f"; its {len(people)} people were left out" if people else ""
            kind = NO_FILE if isinstance(error, NoFileError) else FAULTY
            yield ImportProblem(item, f"{error}{left_out}", "images", kind=kind, people=len(people))
            continue
        image = ImportedImage(path, entry.width, entry.height, str(entry.id))
        yield image
        yield from _iter_people(source, document, image, people)
    for image_id, people in index.people.items():
        for annotation_id, _ in people:
            reason = f"image {image_id} has no usable entry in 'images'"
            yield ImportProblem(f"annotation {annotation_id} in {source.name}", reason, "people")


def _build_index(source: Path, document: _Document, person: int) -> _Index:
    index = _Index()
    seen: set[int] = set()
    for place, raw in enumerate(document.annotations):
        item = f"annotations[{place}] in {source.name}"
        try:
            key = decode_item(raw, _Key)
            if key.category_id != person:
                continue
            item = f"annotation {key.id} in {source.name}"
            if key.id in seen:
                raise ItemError("its id occurs twice; the first was taken")
        except ItemError as error:
            index.problems.append(ImportProblem(item, str(error), "people"))
            continue
        seen.add(key.id)
        index.people[key.image_id].append((key.id, place))
    return index


def _iter_people(
    source: Path, document: _Document, image: ImportedImage, people: list[tuple[int, int]]
) -> Iterator[ImportedPerson | ImportProblem]:
    ordinal = 0
    for annotation_id, place in people:
        try:
            annotation = decode_item(document.annotations[place], _Annotation)
            yield _build_person(annotation, annotation_id, image, ordinal)
            ordinal += 1
        except ItemError as error:
            yield ImportProblem(f"annotation {annotation_id} in {source.name}", str(error), "people")


def _build_person(annotation: _Annotation, annotation_id: int, image: ImportedImage, ordinal: int) -> ImportedPerson:
    keypoints = check_keypoints(annotation.keypoints, get_skeleton(SKELETON), image.width, image.height)
    bbox = check_bbox(annotation.bbox, keypoints, image.width, image.height)
    center, scale = coco_box(bbox)
    if annotation.iscrowd not in (0, 1):
        raise ItemError(f"iscrowd is {annotation.iscrowd}, expected 0 or 1")
    return ImportedPerson(
        image_path=image.path,
        ordinal=ordinal,
        external_id=str(annotation_id),
        bbox_xywh=bbox,
        box_center_px=center,
        box_scale=scale,
        area=annotation.area,
        is_crowd=bool(annotation.iscrowd),
        skeleton=SKELETON,
        keypoints=keypoints,
    )


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
