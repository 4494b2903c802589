"""JHMDB as json for mmpose: COCO's form with 15 joints, counted from 1, visibility as 2.0, boxes likewise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from db.formats.base import ImportedImage, ImportedPerson, ImportProblem, ImportRecord, OnShare
from db.formats.checks import ItemError, check_bbox, check_keypoints, decode_item
from db.formats.errors import FormatError
from db.formats.jhmdb_person import FROM_ONE, NAMES_ELSEWHERE, SKELETON, find_frame
from db.formats.json_text import read_document
from db.formats.picture_finder import PictureFinder
from db.formats.reading import build_person, check_numbers, leave_out_picture
from resources.skeleton import get_skeleton

_Id: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class _Category(msgspec.Struct):
    keypoints: list[str] | None = None


class _Document(msgspec.Struct):
    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[_Category]


class _Image(msgspec.Struct):
    id: _Id
    file_name: str
    width: _Pixels | None = None
    height: _Pixels | None = None


class _Annotation(msgspec.Struct):
    id: _Id
    image_id: _Id
    keypoints: list[float | None]
    bbox: list[float | None] | None = None


class _Key(msgspec.Struct):
    image_id: _Id


def read_jhmdb_json(source: Path, images: Path, on_share: OnShare) -> Iterator[ImportRecord]:
    """Read images and people.

    Raises:
        FormatError: The file is none of JHMDB, or the folder of images does not exist.
    """
    document = read_document(source, _Document, "a json of JHMDB")
    named = [[NAMES_ELSEWHERE.get(name, name) for name in category.keypoints or ()] for category in document.categories]
    if list(get_skeleton(SKELETON).joints) not in named:
        raise FormatError(f"{source} is not a json of JHMDB: no category has its 15 joints, neck, belly, head …")
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, document, on_share)


def _iter_records(source: Path, images: Path, document: _Document, on_share: OnShare) -> Iterator[ImportRecord]:
    places = defaultdict[int, list[int]](list)
    for place, raw in enumerate(document.annotations):
        try:
            places[decode_item(raw, _Key).image_id].append(place)
        except ItemError as error:
            yield ImportProblem(f"annotations[{place}] in {source.name}", str(error), "people")
    finder, seen, ids = PictureFinder(images), set[str](), set[int]()
    for place, raw in enumerate(document.images):
        on_share(place / len(document.images))
        item, people = f"images[{place}] in {source.name}", list[int]()
        try:
            entry = decode_item(raw, _Image)
            item = f"image {entry.id} in {source.name}"
            if entry.id in ids:
                raise ItemError("its id occurs twice; the first was taken")
            ids.add(entry.id)
            people = places.pop(entry.id, [])
            path = find_frame(finder, entry.file_name)
            if path in seen:
                raise ItemError(f"{path} is listed under another id already; the first was taken")
            seen.add(path)
        except ItemError as error:
            yield leave_out_picture(item, error, len(people))
            continue
        image = ImportedImage(path, entry.width, entry.height, str(entry.id))
        yield image
        yield from _iter_people(source, document, image, people)
    for image_id, people in places.items():
        reason = f"image {image_id} has no usable entry in 'images'"
        yield ImportProblem(f"annotations of image {image_id} in {source.name}", reason, "people", count=len(people))


def _iter_people(
    source: Path, document: _Document, image: ImportedImage, people: list[int]
) -> Iterator[ImportedPerson | ImportProblem]:
    ordinal, seen = 0, set[int]()
    for place in people:
        item = f"annotations[{place}] in {source.name}"
        try:
            annotation = decode_item(document.annotations[place], _Annotation)
            item = f"annotation {annotation.id} in {source.name}"
            if annotation.id in seen:
                raise ItemError("its id occurs twice; the first was taken")
            seen.add(annotation.id)
            yield _build_person(annotation, image, ordinal)
            ordinal += 1
        except ItemError as error:
            yield ImportProblem(item, str(error), "people")


def _build_person(annotation: _Annotation, image: ImportedImage, ordinal: int) -> ImportedPerson:
    keypoints = check_keypoints(annotation.keypoints, get_skeleton(SKELETON), image.width, image.height)
    check_numbers(keypoints, get_skeleton(SKELETON).joints)
    keypoints[:, :2] -= FROM_ONE
    keypoints[keypoints[:, 2] == 0] = 0
    bbox = check_bbox(_from_zero(annotation.bbox), keypoints, image.width, image.height)
    return build_person(image.path, ordinal, str(annotation.id), SKELETON, keypoints, bbox=bbox)


def _from_zero(bbox: list[float | None] | None) -> list[float | None] | None:
    if bbox is None:
        return None
    return [number if number is None or place > 1 else number - FROM_ONE for place, number in enumerate(bbox)]
