"""Size and orientation of the pictures of a dataset, and whether its people lie in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path

from app.services.images import ImageSize, read_size
from db.formats.base import ImportedImage, ImportedPerson
from db.formats.parts.checks import check_bbox_place, check_places
from db.records import ImageRecord
from db.transactions import Reading
from resources.skeleton import get_skeleton


def find_stored(reader: Reading, root: Path, paths: Collection[str]) -> dict[str, ImageRecord]:
    """Those of these pictures that the project has, below this folder or below another one that leads to the same file.

    Args:
        reader: Transaction to read in.
        root: Absolute folder of the pictures.
        paths: Posix paths below it.
    """
    found = reader.images.find_many(str(root), paths)
    for other in reader.images.count_roots():
        other_root = Path(other)
        if other_root == root or not (other_root.is_relative_to(root) or root.is_relative_to(other_root)):
            continue
        elsewhere = {
            (root / path).relative_to(other_root).as_posix(): path
            for path in paths
            if path not in found and (root / path).is_relative_to(other_root)
        }
        found |= {elsewhere[path]: image for path, image in reader.images.find_many(other, elsewhere).items()}
    return found


def measure_picture(path: Path, image: ImportedImage) -> tuple[ImageSize, bool]:
    """Size of a picture in the pixels its dataset counts in, and whether that is turned as its EXIF data says.

    Published annotations count in the stored pixels and tools that draw in a browser in the turned ones; a size in the
    file settles it where only one of the two has it.

    Raises:
        ImageError: The picture is missing, damaged, too large or none.
    """
    stored = read_size(path)
    said = None if image.width is None or image.height is None else (image.width, image.height)
    if said == stored and said != stored[::-1]:
        return stored, False
    if not image.honour_exif and said in (None, stored):
        return stored, False
    turned = read_size(path, honour_exif=True)
    if image.honour_exif or said == turned:
        return turned, True
    return stored, False


def check_person(person: ImportedPerson, width: int, height: int) -> ImportedPerson:
    """The person with the places of joints that are not labelled cleared where they mean nothing.

    Raises:
        ItemError: Box or labelled joints lie far outside the picture.
    """
    check_bbox_place(person.bbox_xywh, width, height)
    keypoints = check_places(person.keypoints, get_skeleton(person.skeleton), width, height)
    return dataclasses.replace(person, keypoints=keypoints)
