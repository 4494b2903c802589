"""Which people of a piece of a dataset the project has already.

A person is known by picture and annotation id: ids of one dataset occur in others as well. Where the file has another
name than the one stored (a newer edition, the same people with feet), the boxes must agree too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.services.dataset_import.pictures import find_stored
from db.formats.base import ImportedPerson
from db.formats.parts.boxes import overlap
from db.records import FloatArray, ImageId, NewImage, PersonId, PersonRecord
from db.transactions import Reading

_SAME_BOX = 0.5
"""IoU of two boxes from which they are of one person."""


@dataclass(slots=True)
class Piece:
    """Records that are stored in one transaction.

    Attributes:
        images: New pictures by path, with the details of each.
        people: People of these and of pictures stored earlier.
    """

    images: dict[str, tuple[NewImage, bytes | None]] = field(default_factory=dict)
    people: list[ImportedPerson] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.images) + len(self.people)


@dataclass(slots=True)
class Outcome:
    """What a piece comes to.

    Attributes:
        image_ids: Stored pictures of the piece's people, by path.
        taken: Places among the people of each stored picture that are taken.
        new: People the project does not have.
        same: How many it has with these very keypoints, now or at some time.
        conflicting: Those it has with other keypoints only.
        twice: Those whose id occurs in their picture already, within the piece.
        new_images: Pictures that are not stored.
        labelled_joints: Labelled joints of all these but those that occur twice.
    """

    image_ids: dict[str, ImageId]
    taken: dict[str, set[int]] = field(default_factory=dict)
    new: list[ImportedPerson] = field(default_factory=list)
    same: int = 0
    conflicting: list[tuple[PersonId, ImportedPerson]] = field(default_factory=list)
    twice: list[ImportedPerson] = field(default_factory=list)
    new_images: int = 0
    labelled_joints: int = 0

    def writes(self, *, update: bool) -> bool:
        """Whether there is anything to store."""
        return bool(self.new or self.new_images or (update and self.conflicting))


def compare(reader: Reading, piece: Piece, root: Path, source: str) -> Outcome:
    """Compare a piece with what is stored.

    Args:
        reader: Transaction to read in.
        piece: The piece.
        root: Folder of its pictures.
        source: Name of its file.
    """
    stored = find_stored(reader, root, {*piece.images, *(person.image_path for person in piece.people)})
    outcome = Outcome({path: image.id for path, image in stored.items()})
    outcome.new_images = sum(path not in stored for path in piece.images)
    people = reader.people.of_images(list(outcome.image_ids.values()))
    seen: set[tuple[str, str | None]] = set()
    known: list[tuple[PersonRecord, ImportedPerson]] = []
    for path, image_id in outcome.image_ids.items():
        outcome.taken[path] = {person.ordinal for person in people[image_id]}
    arrays = reader.keypoints.arrays_of([person.id for rows in people.values() for person in rows])
    for person in piece.people:
        key = person.image_path, person.external_id
        if person.external_id is not None and key in seen:
            outcome.twice.append(person)
            continue
        seen.add(key)
        outcome.labelled_joints += int(np.count_nonzero(person.keypoints[:, 2] > 0))
        stored_image = outcome.image_ids.get(person.image_path)
        match = None if stored_image is None else _find(person, people[stored_image], source, arrays)
        if match is None:
            outcome.new.append(person)
        else:
            known.append((match, person))
    for match, person in known:
        if _has(person, arrays[match.id]):
            outcome.same += 1
        else:
            outcome.conflicting.append((match.id, person))
    return outcome


def _find(
    person: ImportedPerson,
    stored: Iterable[PersonRecord],
    source: str,
    arrays: dict[PersonId, list[tuple[str, FloatArray]]],
) -> PersonRecord | None:
    for other in stored:
        if person.external_id is None:
            if other.external_id is None and _has(person, arrays[other.id]):
                return other
        elif other.external_id == person.external_id and (
            other.source == source or overlap(other.bbox_xywh, person.bbox_xywh) >= _SAME_BOX
        ):
            return other
    return None


def _has(person: ImportedPerson, revisions: Iterable[tuple[str, FloatArray]]) -> bool:
    return any(
        skeleton == person.skeleton and np.array_equal(keypoints, person.keypoints) for skeleton, keypoints in revisions
    )
