"""Images and people of files of COCO's shape: the way they are all read, with what sets one apart in a dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

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
from db.formats.parts.boxes import coco_box
from db.formats.parts.checks import ItemError, NoFileError, check_bbox, check_keypoints
from db.formats.parts.coco_outline import KEYS, LISTS, Id, Key, Outline, read_outline
from db.formats.parts.json_items import EntryDecoder, keep_entry
from db.formats.parts.json_stream import iter_entries
from db.formats.parts.picture_finder import PictureFinder, check_clip
from resources.skeleton import get_skeleton

_Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
_Numbers: TypeAlias = list[float | None]


class Image(msgspec.Struct):
    """What is read of an entry of ``images``."""

    id: Id
    file_name: str
    width: _Pixels | None = None
    height: _Pixels | None = None


class Annotation(msgspec.Struct):
    """What is read of an entry of ``annotations``; further fields are those of the relatives of COCO."""

    id: Id
    image_id: Id
    category_id: Id
    keypoints: _Numbers | None = None
    bbox: _Numbers | None = None
    area: float | None = None
    iscrowd: int | bool | None = 0
    foot_kpts: _Numbers | None = None
    keypoints_21: _Numbers | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Keypoints of an entry.

    Attributes:
        skeleton: Their layout.
        numbers: ``3 * J`` numbers.
        keys: The fields they come from.
    """

    skeleton: str
    numbers: Sequence[float | None]
    keys: tuple[str, ...] = ("keypoints",)


def take_keypoints(annotation: Annotation, skeleton: str) -> Points:
    """The keypoints as they are.

    Raises:
        ItemError: There are none.
    """
    if annotation.keypoints is None:
        raise ItemError("keypoints: it has none")
    return Points(skeleton, annotation.keypoints)


def no_further_names(file_name: str) -> tuple[str, ...]:  # noqa: ARG001
    """A picture has the one name."""
    return ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """What sets one relative of COCO apart.

    Attributes:
        title: What its files are, with the article.
        take_points: The keypoints of an annotation, in COCO's visibility.
        further_names: Other names a picture may have.
        layouts: Layouts of its people; None for all we know.
        default: Layout of a category that does not name its joints.
        clips: Its pictures are frames, and every clip has pictures of the same names.
        first_pixel: What joints and boxes count from: 1 in what comes from MATLAB.
    """

    title: str
    take_points: Callable[[Annotation, str], Points] = take_keypoints
    further_names: Callable[[str], tuple[str, ...]] = no_further_names
    layouts: frozenset[str] | None = None
    default: str = "coco17"
    clips: bool = False
    first_pixel: int = 0


class Pictures:
    """The pictures of one file, or of several that are one dataset.

    Args:
        folder: Folder of the pictures.
        clips: They are frames: a picture of that name in another clip's folder is not the one.
    """

    def __init__(self, folder: Path, *, clips: bool = False) -> None:
        self._finder = PictureFinder(folder)
        self._clips = clips
        self._taken: set[str] = set()

    def take(self, name: str, *others: str) -> str:
        """Path of a picture that was not listed before.

        Raises:
            ItemError: It is not there, or was listed before.
        """
        path = self._finder.find(name, *others)
        if self._clips:
            check_clip(name, path)
        if path in self._taken:
            raise ItemError(f"{path} is listed under another id already; the first was taken")
        self._taken.add(path)
        return path


_IMAGES: EntryDecoder[Image] = EntryDecoder(Image)
_ANNOTATIONS: EntryDecoder[Annotation] = EntryDecoder(Annotation)


def read_coco_like(
    source: Path, images: Path, dialect: Dialect, on_share: OnShare = no_share, pictures: Pictures | None = None
) -> Iterator[ImportRecord]:
    """Read a file of COCO's shape: what it says of itself, its images, then its people, each in the order of the file.

    Args:
        source: The file.
        images: Folder of the pictures.
        dialect: What sets it apart.
        on_share: Called with the share of the file that has been read.
        pictures: Those of the dataset so far, where it has several files.

    Raises:
        FormatError: The file is no such file, or the folder of images does not exist.
    """
    outline = read_outline(source, dialect.title, dialect.layouts, dialect.default)
    if not images.is_dir():
        raise FormatError(f"the folder of images {images} does not exist; give the folder that holds the pictures")
    return _Reading(
        source, outline, pictures or Pictures(images, clips=dialect.clips), dialect, on_share
    ).iter_records()


def list_file_names(source: Path, dialect: Dialect, limit: int) -> list[str]:
    """The first file names of a file, to look for its pictures by; malformed entries are left out.

    Raises:
        FormatError: The file is no such file.
    """
    outline = read_outline(source, dialect.title, dialect.layouts, dialect.default)
    names: list[str] = []
    for raw, _ in iter_entries(source, outline.starts["images"]):
        if len(names) == limit:
            break
        try:
            names.append(_IMAGES.decode(raw)[0].file_name)
        except ItemError:
            continue
    return names


@dataclass(slots=True)
class _Known:
    """An image of the file whose picture is there."""

    path: str
    width: int | None
    height: int | None
    people: int = 0


class _Reading:
    """One file while it is read."""

    def __init__(self, source: Path, outline: Outline, pictures: Pictures, dialect: Dialect, on_share: OnShare) -> None:
        self._source = source
        self._outline = outline
        self._pictures = pictures
        self._dialect = dialect
        self._on_share = on_share
        self._images: dict[int, _Known | None] = {}
        self._met: set[int] = set()

    def iter_records(self) -> Iterator[ImportRecord]:
        yield DatasetDetails(self._outline.details)
        yield from self._outline.list_problems(self._source)
        for place, raw in enumerate(self._iter_list("images")):
            yield self._read_image(place, raw)
        for raw in self._iter_list("annotations"):
            if (person := self._read_person(raw)) is not None:
                yield person

    def _iter_list(self, key: str) -> Iterator[bytes]:
        outline = self._outline
        start, before = outline.starts[key], 0 if key == "images" else outline.sizes["images"]
        whole = max(1, sum(outline.sizes[name] for name in LISTS))
        for raw, end in iter_entries(self._source, start) if outline.sizes[key] else ():
            self._on_share(min(1.0, (before + end - start) / whole))
            yield raw

    def _read_image(self, place: int, raw: bytes) -> ImportedImage | ImportProblem:
        item, people = f"images[{place}] in {self._source.name}", 0
        try:
            entry, details = _IMAGES.decode(raw)
            item = f"image {entry.id} in {self._source.name}"
            if entry.id in self._images:
                raise ItemError("its id occurs twice; the first was taken")
            self._images[entry.id] = None
            people = self._outline.people.pop(entry.id, 0)
            path = self._pictures.take(entry.file_name, *self._dialect.further_names(entry.file_name))
        except ItemError as error:
            left_out = f"; its {people} people were left out" if people else ""
            kind = NO_FILE if isinstance(error, NoFileError) else FAULTY
            return ImportProblem(item, f"{error}{left_out}", "images", kind=kind, people=people)
        self._images[entry.id] = _Known(path, entry.width, entry.height)
        return ImportedImage(path, entry.width, entry.height, str(entry.id), details=details)

    def _read_person(self, raw: bytes) -> ImportedPerson | ImportProblem | None:
        """The person of an entry; None for an entry of a thing, of a picture left out, or one listed before."""
        try:
            entry, clean = _ANNOTATIONS.decode(raw)
        except ItemError as error:
            return self._name_fault(raw, error)
        image = self._find_image(entry)
        if not isinstance(image, _Known):
            return image
        try:
            self._check_id(entry.id)
            person = self._build_person(entry, clean, image)
        except ItemError as error:
            return ImportProblem(self._name(entry), str(error), "people")
        image.people += 1
        return person

    def _name_fault(self, raw: bytes, error: ItemError) -> ImportProblem | None:
        """A malformed entry with its id; None if it is none of a person, or listed already for having no id."""
        try:
            key, _ = KEYS.decode(raw)
        except ItemError:
            return None
        image = self._find_image(key)
        return ImportProblem(self._name(key), str(error), "people") if isinstance(image, _Known) else image

    def _find_image(self, entry: Annotation | Key) -> _Known | ImportProblem | None:
        """The image of an annotation; a problem or None where it is left out."""
        if entry.category_id not in self._outline.skeletons:
            return None
        if entry.image_id not in self._images:
            reason = f"image {entry.image_id} has no usable entry in 'images'"
            return ImportProblem(self._name(entry), reason, "people")
        return self._images[entry.image_id]  # None: counted with the picture

    def _name(self, entry: Annotation | Key) -> str:
        return f"annotation {entry.id} in {self._source.name}"

    def _check_id(self, annotation_id: int) -> None:
        if annotation_id in self._outline.twice:
            if annotation_id in self._met:
                raise ItemError("its id occurs twice; the first was taken")
            self._met.add(annotation_id)

    def _build_person(self, entry: Annotation, raw: bytes, image: _Known) -> ImportedPerson:
        points = self._dialect.take_points(entry, self._outline.skeletons[entry.category_id])
        keypoints = check_keypoints(points.numbers, get_skeleton(points.skeleton), image.width, image.height)
        box = entry.bbox
        if first := self._dialect.first_pixel:
            keypoints[keypoints[:, 2] > 0, :2] -= first
            box = [
                number - first if place < 2 and number is not None else number for place, number in enumerate(box or ())
            ]
        bbox = check_bbox(box or None, keypoints, image.width, image.height)
        if entry.iscrowd not in (0, 1, None):
            raise ItemError(f"iscrowd is {entry.iscrowd}, expected 0 or 1")
        center, scale = coco_box(bbox)
        as_they_are = _is_same(keypoints, points.numbers)
        return ImportedPerson(
            image_path=image.path,
            ordinal=image.people,
            external_id=str(entry.id),
            bbox_xywh=bbox,
            box_center_px=center,
            box_scale=scale,
            area=entry.area,
            is_crowd=bool(entry.iscrowd),
            skeleton=points.skeleton,
            keypoints=keypoints,
            details=keep_entry(raw, points.keys if as_they_are else ()),
        )


def _is_same(keypoints: NDArray[np.float64], numbers: Sequence[float | None]) -> bool:
    """Whether the keypoints say all that the file says: a place without a label far outside is cleared."""
    return bool((keypoints.ravel() == np.array(numbers, dtype=np.float64)).all())
