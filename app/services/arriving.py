"""What has been dropped on the window or named in it: a project, annotations, pictures, or something else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

from app.services.errors import ServiceError
from app.services.places import resolve_place, usable
from app.services.project import holds_project
from db.formats.coco import list_names
from db.formats.errors import FormatError

ArrivalKind: TypeAlias = Literal["project", "annotations", "other"]

PICTURE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".jp2"})
_SAMPLE = 5
_LOOKED_AT = 2000
_NAMES = ("images", "val2017", "train2017", "val2014", "train2014", "test2017")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What something is.

    Attributes:
        kind: What can be done with it; ``other`` is told in the sentence.
        path: Project folder, or annotation file.
        images: Of annotations: the folder of their pictures, None if it was not found beside them.
        sentence: What is needed instead, for people.
    """

    kind: ArrivalKind
    path: Path
    images: Path | None = None
    sentence: str = ""


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
    if path.suffix.lower() == ".json":
        return _look_at_json(path)
    if holds_project(path.parent):
        return Arrival("project", path.parent)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return Arrival("other", path, sentence=_pictures_need(path.name))
    return Arrival("other", path, sentence=f"{path.name} is neither a COCO keypoint file nor a project folder.")


def find_images(source: Path) -> Path | None:
    """Folder beside a COCO file that holds its pictures, judged by the first few; None if there is none.

    Raises:
        ServiceError: The file holds no people with keypoints.
    """
    names = _sample_names(source)
    beside, above = source.parent, source.parent.parent
    # person_keypoints_val2017.json has its pictures in val2017, beside it or one folder up.
    own = source.stem.rpartition("_")[2]
    places = [beside, beside / own, above / own]
    places += [folder / name for folder in (beside, above) for name in _NAMES]
    for place in dict.fromkeys(places):
        if names and all(os.access(place / name, os.R_OK) for name in names):
            return place
    return None


def _look_at_folder(folder: Path) -> Arrival:
    if holds_project(folder):
        return Arrival("project", folder)
    children = list(islice(folder.iterdir(), _LOOKED_AT))
    for child in sorted(child for child in children if child.suffix.lower() == ".json"):
        try:
            return Arrival("annotations", child, find_images(child))
        except ServiceError:
            continue  # some other JSON file
    if any(child.suffix.lower() in PICTURE_SUFFIXES for child in children):
        return Arrival("other", folder, sentence=_pictures_need(folder.name))
    return Arrival("other", folder, sentence=f"{folder.name} holds no project, no COCO keypoint file and no pictures.")


def _look_at_json(path: Path) -> Arrival:
    try:
        return Arrival("annotations", path, find_images(path))
    except ServiceError as error:
        return Arrival("other", path, sentence=str(error))


def _sample_names(source: Path) -> list[str]:
    try:
        return list_names(source, _SAMPLE)
    except FormatError as error:
        raise ServiceError(f"{source.name} is no COCO keypoint file: {error}.") from error


def _pictures_need(name: str) -> str:
    return (
        f"{name} holds pictures without keypoints; drop the COCO keypoint file (JSON) that belongs to them,"
        " its people are fitted and reviewed here."
    )
