"""Label Studio, in: a JSON export of keypoints and rectangles (labelstud.io, task format, KeyPointLabels).

Places are per cent of the picture as the browser shows it, turned by its EXIF data; ``original_width`` and
``original_height`` make pixels of them. A keypoint belongs to the rectangle that is its ``parentID`` or to which a
relation leads, else to the one that holds it. Label Studio has no visibility: a keypoint is visible, unless a choice
made for it says *occluded*. Of several annotations of a task the newest that was not cancelled is read; predictions are
not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from db.formats.base import ImportedImage, ImportProblem, ImportRecord, OnShare, no_share
from db.formats.checks import ItemError, decode_item
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.joint_names import NameTable, match_names
from db.formats.json_text import read_document
from db.formats.label_studio_regions import Regions, Task, list_names, pick_annotation, read_regions
from db.formats.label_studio_urls import list_paths
from db.formats.named_points import place_points
from db.formats.picture_finder import PictureFinder
from db.formats.reading import build_person, leave_out_picture

_TITLE = "a JSON export of Label Studio"


class _Minimal(msgspec.Struct):
    annotation_id: Any = None
    annotator: Any = None


def recognises(evidence: Evidence) -> bool:
    """Whether a file is Label Studio's (a :class:`~db.formats.evidence.Recogniser`)."""
    if not evidence.is_json:
        return False
    if evidence.mentions("keypointlabels", "original_width"):
        return True
    return evidence.mentions("data", "result") and (
        evidence.mentions("annotations") or evidence.mentions("completions")
    )


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of Label Studio (a :class:`~db.formats.base.Reader`).

    Args:
        source: The export, JSON (not JSON-MIN).
        images: Folder the pictures lie in.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is no such export, names no joint, or the folder of images does not exist.
    """
    tasks = _list_tasks(source)
    names: set[str] = set()
    for raw in tasks:
        try:
            names |= list_names(pick_annotation(decode_item(raw, Task)))
        except ItemError:
            continue  # said where the task's turn comes
    table = match_names(names)
    if table is None and names:
        listed = ", ".join(sorted(names)[:5])
        raise FormatError(f"{source}: its keypoints are named {listed}, no joint among them; name them (left elbow)")
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, tasks, table or NameTable("coco17", {}, ()), on_share)


def _list_tasks(source: Path) -> list[msgspec.Raw]:
    document = read_document(source, msgspec.Raw, _TITLE)
    if bytes(document).lstrip().startswith(b"{"):
        tasks = [document]
    else:
        try:
            tasks = decode_item(document, list[msgspec.Raw])
        except ItemError as error:
            raise FormatError(f"{source} is not {_TITLE}: {error}") from error
    faults: list[str] = []
    for raw in tasks:
        try:
            decode_item(raw, Task)
            return tasks
        except ItemError as error:
            faults.append(str(error))
    if tasks and _is_minimal(tasks[0]):
        raise FormatError(f"{source} is JSON-MIN, which says of no keypoint whose it is; export it as JSON")
    raise FormatError(f"{source} is not {_TITLE}: {faults[0] if faults else 'it has no tasks'}")


def _is_minimal(raw: msgspec.Raw) -> bool:
    try:
        row = decode_item(raw, _Minimal)
    except ItemError:
        return False
    return row.annotation_id is not None or row.annotator is not None


def _iter_records(
    source: Path, images: Path, tasks: list[msgspec.Raw], table: NameTable, on_share: OnShare
) -> Iterator[ImportRecord]:
    for name in table.unknown:
        reason = f"it is no joint of {table.skeleton}; its keypoints were left out"
        yield ImportProblem(f"'{name}' in {source.name}", reason)
    finder, seen = PictureFinder(images), set[str]()
    for place, raw in enumerate(tasks):
        on_share(place / len(tasks))
        item, regions = f"[{place}] in {source.name}", Regions()
        try:
            task = decode_item(raw, Task)
            item = f"task {task.id} in {source.name}" if task.id is not None else item
            regions = read_regions(pick_annotation(task))
            path = finder.find(*list_paths(task))
            if path in seen:
                raise ItemError(f"{path} belongs to another task already; the first was taken")
            seen.add(path)
        except ItemError as error:
            yield leave_out_picture(item, error, len(regions.people))
            continue
        external_id = None if task.id is None else str(task.id)
        yield ImportedImage(path, regions.width, regions.height, external_id, honour_exif=True)
        for fault in regions.faults:
            yield ImportProblem(item, fault)
        ordinal = 0
        for group in regions.people:
            try:
                bbox = None if group.box is None else group.box.bbox
                keypoints = place_points(group, table)
                yield build_person(path, ordinal, group.id, table.skeleton, keypoints, bbox=bbox)
                ordinal += 1
            except ItemError as error:
                yield ImportProblem(f"person {group.id} of {item}", str(error), "people")
