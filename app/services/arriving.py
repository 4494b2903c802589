"""What has been dropped on the window or named in it: a project, a bundle, annotations, fits, or something else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

from app.services.bundle.container import is_bundle
from app.services.bundle.manifest import SUFFIX
from app.services.errors import ServiceError
from app.services.places import resolve_place, usable
from app.services.project import DATABASE_NAME, holds_project
from db.formats import get_reader, sniff_fits, sniff_people
from db.formats.base import ImportedImage, ImportProblem
from db.formats.coco import list_names
from db.formats.errors import FormatError

ArrivalKind: TypeAlias = Literal["project", "bundle", "annotations", "other"]

PICTURE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".jp2"})
_PLAIN = "folder"
"""Format of pictures with nobody in them yet."""
_ANNOTATIONS = frozenset({".json", ".mat", ".npz", ".xml", ".csv"})
_SAMPLE = 5
_LOOKED_AT = 2000
_RECORDS = 400
_NAMES = ("images", "val2017", "train2017", "val2014", "train2014", "test2017")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a file or folder is by what is in it.

    Attributes:
        people: Format of the people it holds, None if it holds none.
        fits: Format of the fits it holds, None if it holds none.
    """

    people: str | None = None
    fits: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What something is.

    Attributes:
        kind: What can be done with it; ``other`` is told in the sentence.
        path: Project folder, bundle, or file or folder of annotations or fits.
        images: Of annotations: the folder of their pictures, None if it was not found beside them.
        sentence: What is needed instead, for people.
        guess: Of annotations and fits: their format.
    """

    kind: ArrivalKind
    path: Path
    images: Path | None = None
    sentence: str = ""
    guess: Guess = Guess()


def look_at(path: Path) -> Arrival:
    """Find out what a file or a folder is. Reads the annotation file once.

    Raises:
        ServiceError: It cannot be looked at.
    """
    path = resolve_place(path)
    with usable(path):
        if path.is_dir():
            return _look_at_folder(path)
        if not path.exists():
            raise ServiceError(f"{path} does not exist; check the name.")
    if holds_project(path.parent) and path.name.startswith(DATABASE_NAME):
        return Arrival("project", path.parent)
    return Arrival("bundle", path) if path.suffix.lower() == SUFFIX and is_bundle(path) else _look_at_file(path)


def guess_formats(path: Path) -> Guess:
    """The formats of a file or folder, by what is in it; little of it is read.

    Raises:
        ServiceError: It cannot be looked at.
    """
    return Guess(_sniff(sniff_people, path), _sniff(sniff_fits, path))


def find_images(source: Path, format_name: str = "coco") -> Path | None:
    """Folder beside a file or folder of people that holds their pictures, judged by the first few; None without.

    Raises:
        ServiceError: It holds no people in this format.
    """
    if format_name == _PLAIN:
        return source
    if format_name != "coco":
        return _find_by_reading(source, format_name)
    names = _sample_names(source)
    for place in _places(source):
        found = sum(os.access(place / name, os.R_OK) for name in names)
        if 2 * found > len(names):  # some pictures of a release may not have been downloaded
            return place
    return None


def _look_at_file(path: Path) -> Arrival:
    guess = guess_formats(path)
    if guess != Guess():
        return _look_at_annotations(path, guess)
    if holds_project(path.parent):
        return Arrival("project", path.parent)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return Arrival("other", path, sentence=_pictures_need(path.name))
    return Arrival("other", path, sentence=f"{path.name} holds neither people nor fits in a known format.")


def _sniff(sniff: Callable[[Path], str], path: Path) -> str | None:
    try:
        return sniff(path)
    except FormatError:
        return None  # in no format of that kind


def _places(source: Path) -> list[Path]:
    """Where the pictures of a file or folder may lie, the likelier places first."""
    beside, above = source.parent, source.parent.parent
    # person_keypoints_val2017.json has its pictures in val2017, beside it or one folder up.
    own = source.stem.rpartition("_")[2]
    places = [source, source / "images"] if source.is_dir() else []
    places += [beside, beside / own, above / own]
    places += [folder / name for folder in (beside, above) for name in _NAMES]
    return list(dict.fromkeys(places))


def _find_by_reading(source: Path, format_name: str) -> Path | None:
    """The place in which the reader finds the first pictures; of each only what lies in it directly is looked at."""
    try:
        for place in _places(source):
            if place.is_dir() and _holds_pictures(place) and _reads_pictures(source, format_name, place):
                return place
    except (FormatError, OSError) as error:
        raise ServiceError(f"{source.name} is not what it looks like: {error}.") from error
    return None


def _holds_pictures(folder: Path) -> bool:
    return any(Path(name).suffix.lower() in PICTURE_SUFFIXES for name in islice(_iter_names(folder), _LOOKED_AT))


def _iter_names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        yield from (entry.name for entry in entries)


def _reads_pictures(source: Path, format_name: str, folder: Path) -> bool:
    found = missing = 0
    for record in islice(get_reader(format_name)(source, folder), _RECORDS):
        found += isinstance(record, ImportedImage) and os.access(folder / record.path, os.R_OK)
        missing += isinstance(record, ImportProblem) and record.skipped == "images"
        if found >= _SAMPLE or missing >= _SAMPLE:
            break
    return found > missing


def _look_at_folder(folder: Path) -> Arrival:
    if holds_project(folder):
        return Arrival("project", folder)
    guess = guess_formats(folder)
    if guess.people not in (None, _PLAIN):
        return _look_at_annotations(folder, guess)
    children = list(islice(folder.iterdir(), _LOOKED_AT))
    for child in sorted(child for child in children if child.suffix.lower() in _ANNOTATIONS):
        arrival = look_at(child)
        if arrival.kind == "annotations" and arrival.guess.people is not None:
            return arrival
    if guess != Guess():
        return _look_at_annotations(folder, guess)
    return Arrival("other", folder, sentence=f"{folder.name} holds no project, no people, no fits and no pictures.")


def _look_at_annotations(path: Path, guess: Guess) -> Arrival:
    if guess.people is None:
        return Arrival("annotations", path, guess=guess)
    try:
        return Arrival("annotations", path, find_images(path, guess.people), guess=guess)
    except ServiceError as error:
        return Arrival("other", path, sentence=str(error))


def _sample_names(source: Path) -> list[str]:
    try:
        return list_names(source, _SAMPLE)
    except FormatError as error:
        raise ServiceError(f"{source.name} is no COCO keypoint file: {error}.") from error


def _pictures_need(name: str) -> str:
    return (
        f"{name} is a picture without keypoints; drop the file with its people (a COCO keypoint file, for one), or the"
        " folder it lies in, to draw them yourself."
    )
