"""AI Challenger's human keypoints (``keypoint_train_annotations_20170909.json`` and the like).

A list of pictures, each with people by name: ``human_annotations`` has boxes as corners, ``keypoint_annotations`` 14
joints in an order of its own, x, y and visibility: 1 visible, 2 hidden, 3 not labelled. They become COCO's 2, 1 and 0.
``image_id`` is the name of the picture without ``.jpg``; sizes are not given. Files that mmpose converted have COCO's
shape and visibility, and the same joints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

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
from db.formats.parts.coco_reading import Dialect, Pictures, read_coco_like
from db.formats.parts.json_items import EntryDecoder, keep_entry
from db.formats.parts.json_stream import iter_entries
from db.formats.parts.reading import build_person
from resources.skeleton import get_skeleton

SKELETON = "aic14"

_CONVERTED = Dialect("an AI Challenger file", layouts=frozenset({SKELETON}), default=SKELETON)
_VISIBILITY: Mapping[float, float] = {0: 0, 1: 2, 2: 1, 3: 0}


class _Picture(msgspec.Struct):
    image_id: str
    keypoint_annotations: dict[str, msgspec.Raw]
    human_annotations: dict[str, msgspec.Raw] = {}


_PICTURES: EntryDecoder[_Picture] = EntryDecoder(_Picture)
_NUMBERS: EntryDecoder[list[float | None]] = EntryDecoder(list[float | None])


def recognises(evidence: Evidence) -> bool:
    """Whether a file is one of AI Challenger's (a :class:`~db.formats.evidence.Recogniser`)."""
    if _is_coco_like(evidence):
        return evidence.says("Right Shoulder", "Head top")
    return evidence.is_json and evidence.mentions("image_id", "human_annotations", "keypoint_annotations")


def _is_coco_like(evidence: Evidence) -> bool:
    """Whether a file was converted to COCO's shape and visibility."""
    return evidence.is_json and evidence.mentions("images", "annotations", "categories")


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people (a :class:`~db.formats.base.Reader`).

    Args:
        source: The file.
        images: Folder of the pictures.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is none of AI Challenger's, or the folder of images does not exist.
    """
    if _is_coco_like(Evidence(source)):
        return read_coco_like(source, images, _CONVERTED, on_share)
    size, known = 1, False
    for raw, end in iter_entries(source):
        size = end
        known = known or _is_picture(raw)
    if not known:
        raise FormatError(f"{source} is not an AI Challenger file: expected a list of pictures with their people")
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, Pictures(images), size, on_share)


def _is_picture(raw: bytes) -> bool:
    try:
        _PICTURES.decode(raw)
    except ItemError:
        return False
    return True


def _iter_records(source: Path, pictures: Pictures, size: int, on_share: OnShare) -> Iterator[ImportRecord]:
    for place, (raw, end) in enumerate(iter_entries(source)):
        on_share(end / size)
        item, people = f"entry {place} of {source.name}", 0
        try:
            entry, clean = _PICTURES.decode(raw)
            names = list(dict.fromkeys((*entry.keypoint_annotations, *entry.human_annotations)))
            item, people = f"image {entry.image_id[:80]} in {source.name}", len(names)
            path = pictures.take(f"{entry.image_id}.jpg", entry.image_id)
        except ItemError as error:
            kind = NO_FILE if isinstance(error, NoFileError) else FAULTY
            left_out = f"; its {people} people were left out" if people else ""
            yield ImportProblem(item, f"{error}{left_out}", "images", kind=kind, people=people)
            continue
        kept = keep_entry(clean, ("keypoint_annotations", "human_annotations"))
        yield ImportedImage(path, None, None, entry.image_id, details=kept)
        yield from _iter_people(item, path, entry, names)


def _iter_people(item: str, path: str, entry: _Picture, names: list[str]) -> Iterator[ImportedPerson | ImportProblem]:
    ordinal = 0
    for name in names:
        try:
            yield _build_person(path, ordinal, name, entry)
            ordinal += 1
        except ItemError as error:
            yield ImportProblem(f"{name[:80]} of {item}", str(error), "people")


def _build_person(path: str, ordinal: int, name: str, entry: _Picture) -> ImportedPerson:
    skeleton = get_skeleton(SKELETON)
    numbers: list[float | None] = [0.0] * (3 * len(skeleton))
    if name in entry.keypoint_annotations:
        numbers, _ = _NUMBERS.decode(bytes(entry.keypoint_annotations[name]))
        numbers = translate_visibility(numbers, _VISIBILITY)
    corners = None
    if name in entry.human_annotations:
        corners, _ = _NUMBERS.decode(bytes(entry.human_annotations[name]))
    keypoints = check_keypoints(numbers, skeleton, None, None)
    bbox = check_bbox(corners_to_box(corners), keypoints, None, None)
    return build_person(path, ordinal, name, SKELETON, keypoints, bbox=bbox)
