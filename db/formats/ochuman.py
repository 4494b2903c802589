"""OCHuman (``ochuman.json``): people who cover each other, listed within their images; 19 joints.

Boxes are corners ``[x1, y1, x2, y2]``. Visibility is 0 missing, 1 visible, 2 hidden by the person, 3 hidden by others:
1 becomes COCO's 2, and both kinds of hidden its 1. Many people have a box and no keypoints (null). Outlines and the
overlap with others are kept as details. The dataset's other files, ``ochuman_coco_format_*.json``, are COCO's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from db.formats.base import (
    FAULTY,
    NO_FILE,
    DatasetDetails,
    ImportedImage,
    ImportedPerson,
    ImportProblem,
    ImportRecord,
    OnShare,
    no_share,
)
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.checks import (
    ItemError,
    NoFileError,
    check_bbox,
    check_keypoints,
    corners_to_box,
    translate_visibility,
)
from db.formats.parts.coco_outline import encode_head
from db.formats.parts.coco_reading import Dialect, Pictures, read_coco_like
from db.formats.parts.json_items import EntryDecoder, keep_entry
from db.formats.parts.json_stream import iter_entries, iter_members
from db.formats.parts.reading import build_person
from resources.skeleton import get_skeleton

SKELETON = "ochuman19"

_Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
_COCO_FORMAT = Dialect("an OCHuman file", layouts=frozenset({"coco17"}))
_VISIBILITY: Mapping[float, float] = {0: 0, 1: 2, 2: 1, 3: 1}


class _Image(msgspec.Struct):
    file_name: str
    annotations: list[msgspec.Raw]
    image_id: str | int | None = None
    width: _Pixels | None = None
    height: _Pixels | None = None


class _Person(msgspec.Struct):
    bbox: list[float | None] | None = None
    keypoints: list[float | None] | None = None


_IMAGES: EntryDecoder[_Image] = EntryDecoder(_Image)
_PEOPLE: EntryDecoder[_Person] = EntryDecoder(_Person)


def recognises(evidence: Evidence) -> bool:
    """Whether a file is OCHuman's (a :class:`~db.formats.evidence.Recogniser`)."""
    return (
        evidence.is_json
        and evidence.mentions("images")
        and not evidence.mentions("categories")
        and (evidence.mentions("keypoint_visible") or evidence.mentions("segms") or evidence.mentions("max_iou"))
    )


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people (a :class:`~db.formats.base.Reader`).

    Args:
        source: The file.
        images: Folder of the pictures.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is not OCHuman's, or the folder of images does not exist.
    """
    if Evidence(source).mentions("images", "annotations", "categories"):
        return read_coco_like(source, images, _COCO_FORMAT, on_share)
    head, start, size = dict[str, msgspec.Raw](), -1, 1
    for member in iter_members(source, ("images",)):
        if member.key != "images":
            head[member.key] = msgspec.Raw(member.raw)
        else:
            start, size = member.start, max(1, member.end - member.start)
    if start < 0 or "categories" in head:
        raise FormatError(f"{source} is not an OCHuman file: expected images that list their people")
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, Pictures(images), start, size, encode_head(source, head), on_share)


def _iter_records(
    source: Path, pictures: Pictures, start: int, size: int, details: bytes, on_share: OnShare
) -> Iterator[ImportRecord]:
    yield DatasetDetails(details)
    for place, (raw, end) in enumerate(iter_entries(source, start) if size > 1 else ()):
        on_share(min(1.0, (end - start) / size))
        item, people = f"images[{place}] in {source.name}", 0
        try:
            entry, clean = _IMAGES.decode(raw)
            item, people = f"image {entry.file_name[:80]} in {source.name}", len(entry.annotations)
            path = pictures.take(entry.file_name)
        except ItemError as error:
            kind = NO_FILE if isinstance(error, NoFileError) else FAULTY
            left_out = f"; its {people} people were left out" if people else ""
            yield ImportProblem(item, f"{error}{left_out}", "images", kind=kind, people=people)
            continue
        kept = keep_entry(clean, ("annotations",))
        number = None if entry.image_id is None else str(entry.image_id)
        yield ImportedImage(path, entry.width, entry.height, number, details=kept)
        yield from _iter_people(item, path, entry)


def _iter_people(item: str, path: str, image: _Image) -> Iterator[ImportedPerson | ImportProblem]:
    skeleton, ordinal = get_skeleton(SKELETON), 0
    for place, raw in enumerate(image.annotations):
        try:
            entry, clean = _PEOPLE.decode(bytes(raw))
            numbers = translate_visibility(entry.keypoints or (0.0,) * (3 * len(skeleton)), _VISIBILITY)
            keypoints = check_keypoints(numbers, skeleton, image.width, image.height)
            bbox = check_bbox(corners_to_box(entry.bbox), keypoints, image.width, image.height)
            details = keep_entry(clean, ("keypoints", "bbox"))
            yield build_person(path, ordinal, str(place), SKELETON, keypoints, bbox=bbox, details=details)
            ordinal += 1
        except ItemError as error:
            yield ImportProblem(f"annotations[{place}] of {item}", str(error), "people")
