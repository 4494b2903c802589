"""CVAT, in: XML 1.1 "for images" and "for video" (docs.cvat.ai, XML annotation format), a file or its folder.

A ``<skeleton>`` is a person, its ``<points>`` are joints by their labels. Older files have a ``<points>`` for each
joint, whose label or attribute names it; one of many points has no names and is not read, because nobody knows their
order. Of a video only keyframes are read. ``outside`` is not labelled, ``occluded`` occluded, the rest visible.

The file is read twice, piece by piece: once for the names, which say what layout they are of, and once for the people.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from db.formats.base import ImportedImage, ImportProblem, ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.checks import ItemError
from db.formats.parts.cvat_frames import Frames
from db.formats.parts.cvat_shapes import Shapes, list_names, read_shapes
from db.formats.parts.cvat_xml import iter_elements
from db.formats.parts.joint_names import NameTable, match_names
from db.formats.parts.named_points import place_points
from db.formats.parts.picture_finder import PictureFinder
from db.formats.parts.reading import build_person, leave_out_picture

_FILE = "annotations.xml"
_FRAME_SUFFIXES = (".png", ".PNG", ".jpg", ".JPG", ".jpeg", ".webp")


def recognises(evidence: Evidence) -> bool:
    """Whether a file or folder is CVAT's (a :class:`~db.formats.evidence.Recogniser`)."""
    if evidence.is_folder:
        return (evidence.path / _FILE).is_file() and recognises(Evidence(evidence.path / _FILE))
    return b"<annotations>" in evidence.head and any(tag in evidence.head for tag in (b"<image ", b"<track ", b"<meta"))


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Read images and people of CVAT (a :class:`~db.formats.base.Reader`).

    Args:
        source: ``annotations.xml``, or the folder it lies in.
        images: Folder the pictures lie in.
        on_share: Called with the share of the file that has been read.

    Raises:
        FormatError: The file is none of CVAT's, names no joint, or the folder of images does not exist.
    """
    path = source / _FILE if source.is_dir() else source
    names: set[str] = set()
    shapes = 0
    for piece in iter_elements(path):
        names |= list_names(piece.element)
        shapes += piece.element.tag in ("image", "track")
    if not shapes:
        raise FormatError(f"{path} has neither images nor tracks; export it from CVAT as 'CVAT for images 1.1'")
    table = match_names(names)
    if table is None and names:
        listed = ", ".join(sorted(names)[:5])
        raise FormatError(
            f"{path}: its points are named {listed}, which are no joints; name them in CVAT (left elbow …)"
        )
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _iter_records(path, images, table or NameTable("coco17", {}, ()), on_share)


def _iter_records(source: Path, images: Path, table: NameTable, on_share: OnShare) -> Iterator[ImportRecord]:
    for name in table.unknown:
        yield ImportProblem(
            f"'{name}' in {source.name}", f"it is no joint of {table.skeleton}; its points were left out"
        )
    finder, seen, frames = PictureFinder(images), set[str](), Frames()
    for piece in iter_elements(source):
        element = piece.element
        on_share(piece.share / 2)
        if element.tag == "image":
            yield from _iter_image(source, finder, seen, table, element)
        elif element.tag == "track":
            frames.add(element)
        elif element.tag == "meta":
            frames.read_size(element)
        if piece.fault:
            yield ImportProblem(source.name, piece.fault)
    yield from frames.problems(source)
    for done, (frame, shapes) in enumerate(frames.items()):
        on_share((1 + done / len(frames)) / 2)
        item = f"frame {frame} in {source.name}"
        names = [f"frame_{frame:06d}{suffix}" for suffix in _FRAME_SUFFIXES]
        try:
            path = finder.find(*names, *(f"images/{name}" for name in names))
        except ItemError as error:
            yield leave_out_picture(item, error, len(shapes.people))
            continue
        yield ImportedImage(path, frames.width, frames.height, str(frame), honour_exif=True)
        yield from _iter_people(item, path, shapes, table)


def _iter_image(
    source: Path, finder: PictureFinder, seen: set[str], table: NameTable, element: Element
) -> Iterator[ImportRecord]:
    name = element.get("name", "")
    item, shapes = f"image {name or '?'} in {source.name}", Shapes()
    try:
        shapes = read_shapes(element)
        if not name:
            raise ItemError("it has no name")
        path = finder.find(name, f"images/{name}")
        if path in seen:
            raise ItemError(f"{path} is listed already; the first was taken")
        width, height = _pixels(element, "width"), _pixels(element, "height")
        seen.add(path)
    except ItemError as error:
        yield leave_out_picture(item, error, len(shapes.people))
        return
    yield ImportedImage(path, width, height, element.get("id"), honour_exif=True)
    yield from _iter_people(item, path, shapes, table)


def _iter_people(item: str, path: str, shapes: Shapes, table: NameTable) -> Iterator[ImportRecord]:
    for problem in shapes.faults:
        yield ImportProblem(item, problem)
    ordinal, seen = 0, set[str]()
    for group in shapes.people:
        try:
            if group.id in seen:
                raise ItemError("its id occurs twice; the first was taken")
            seen.add(group.id)
            keypoints = place_points(group, table)
            bbox = None if group.box is None else group.box.bbox
            yield build_person(path, ordinal, group.id, table.skeleton, keypoints, bbox=bbox)
            ordinal += 1
        except ItemError as error:
            yield ImportProblem(f"person {group.id} of {item}", str(error), "people")


def _pixels(element: Element, name: str) -> int | None:
    text = element.get(name)
    if text is None:
        return None
    if not text.isdecimal() or not 0 < int(text[:10]) < 2**31:
        raise ItemError(f"its {name} is {text[:40]!r}, expected pixels")
    return int(text[:10])
