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
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.checks import ItemError
from db.formats.parts.joint_names import NameTable, match_names
from db.formats.parts.json_items import EntryDecoder
from db.formats.parts.json_stream import iter_entries
from db.formats.parts.json_text import read_document
from db.formats.parts.label_studio_regions import Task, count_people, list_names, pick_annotation, read_regions
from db.formats.parts.label_studio_urls import list_paths
from db.formats.parts.named_points import place_points
from db.formats.parts.picture_finder import PictureFinder
from db.formats.parts.reading import build_person, leave_out_picture

_TITLE = "a JSON export of Label Studio"


class _Minimal(msgspec.Struct):
    annotation_id: Any = None
    annotator: Any = None


_TASKS: EntryDecoder[Task] = EntryDecoder(Task)
_MINIMAL: EntryDecoder[_Minimal] = EntryDecoder(_Minimal)


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
    names = _list_names(source)
    table = match_names(names)
    if table is None and names:
        listed = ", ".join(sorted(names)[:5])
        raise FormatError(f"{source}: its keypoints are named {listed}, no joint among them; name them (left elbow)")
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(source, images, table or NameTable("coco17", {}, ()), on_share)


def _list_names(source: Path) -> set[str]:
    """Labels of all keypoints, from a first look through the file.

    Raises:
        FormatError: It has no task.
    """
    names: set[str] = set()
    fault, tasks = "it has no tasks", 0
    for raw, _ in _iter_tasks(source):
        try:
            task, _ = _TASKS.decode(raw)
            tasks += 1
            names |= list_names(pick_annotation(task))
        except ItemError as error:  # said where the task's turn comes
            fault = (
                "it is JSON-MIN, which has lost whose a keypoint is; export it as JSON"
                if _is_minimal(raw)
                else str(error)
            )
    if not tasks:
        raise FormatError(f"{source} is not {_TITLE}: {fault}")
    return names


def _iter_tasks(source: Path) -> Iterator[tuple[bytes, float]]:
    """Tasks with the share of the file that has been read; a file of one task may be that task.

    Raises:
        FormatError: The file cannot be read, or is no JSON.
    """
    if Evidence(source).head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        yield bytes(read_document(source, msgspec.Raw, _TITLE)), 0.0
        return
    size = max(1, source.stat().st_size if source.is_file() else 1)
    for raw, end in iter_entries(source):
        yield raw, min(1.0, end / size)


def _is_minimal(raw: bytes) -> bool:
    try:
        row, _ = _MINIMAL.decode(raw)
    except ItemError:
        return False
    return row.annotation_id is not None or row.annotator is not None


def _iter_records(source: Path, images: Path, table: NameTable, on_share: OnShare) -> Iterator[ImportRecord]:
    for name in table.unknown:
        reason = f"it is no joint of {table.skeleton}; its keypoints were left out"
        yield ImportProblem(f"'{name}' in {source.name}", reason)
    finder, seen = PictureFinder(images), set[str]()
    for place, (raw, share) in enumerate(_iter_tasks(source)):
        on_share(share)
        item, people = f"[{place}] in {source.name}", 0
        try:
            task, _ = _TASKS.decode(raw)
            item = f"task {task.id} in {source.name}" if task.id is not None else item
            result = pick_annotation(task)
            people = count_people(result)
            regions = read_regions(result)
            people = len(regions.people)
            path = finder.find(*list_paths(task))
            if path in seen:
                raise ItemError(f"{path} belongs to another task already; the first was taken")
            seen.add(path)
        except ItemError as error:
            yield leave_out_picture(item, error, people)
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
