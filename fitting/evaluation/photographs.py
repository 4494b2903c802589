"""Annotated photographs: people without a known body, on whom only 2D errors can be measured."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from fitting.errors import AssetError
from fitting.evaluation.annotations import read_annotations
from fitting.evaluation.people_sets import EvaluatedPerson, PeopleSet
from fitting.geometry.boxes import box_around_rectangle

NAME: Final = "photographs"
LEAST_KEYPOINTS = 6
"""People with fewer labelled keypoints are left out, as the program never fits them."""


def read_photographs(annotations: Path, images: Path, *, with_pictures: bool) -> PeopleSet:
    """People of a COCO keypoint file with at least six labelled keypoints, boxed by eft_method.md 6.2.

    Args:
        annotations: COCO keypoint file.
        images: Folder of the pictures.
        with_pictures: The method looks at the pictures; they are then part of the set's hash.

    Raises:
        AssetError: The file is no such file, or nobody in it has enough keypoints.
    """
    try:
        content = annotations.read_bytes()
    except OSError as error:
        raise AssetError(f"{annotations} cannot be read ({error.strerror}); name a COCO keypoint file.") from error
    people = tuple(
        EvaluatedPerson(
            person_id=found.annotation_id,
            label=f"person {found.ordinal + 1} of {found.file_name}",
            keypoints_px=found.keypoints_px,
            box=box_around_rectangle(*found.rectangle),
            extent_px=max(found.rectangle[2:]),
            picture=images / found.file_name,
            picture_size_px=found.picture_size_px,
        )
        for found in read_annotations(content, annotations)
    )
    people = tuple(person for person in people if person.labelled >= LEAST_KEYPOINTS)
    if not people:
        raise AssetError(f"Nobody in {annotations} has {LEAST_KEYPOINTS} labelled keypoints; name another file.")
    digest = hashlib.sha256(content)
    if with_pictures:
        for picture in sorted({person.picture for person in people}):
            digest.update(picture.name.encode() + (picture.read_bytes() if picture.is_file() else b""))
    return PeopleSet(NAME, digest.hexdigest(), people)
