"""Storing a piece of a dataset."""

from __future__ import annotations

from app.services.dataset_import.comparing import Outcome, Piece
from db.formats.base import ImportedPerson
from db.records import ImageId, NewPerson, NewRevision, PersonId, TruthRecord
from db.transactions import Change


def write_piece(change: Change, piece: Piece, outcome: Outcome, source: str, *, update: bool) -> None:
    """Store what is new, and with ``update`` the keypoints of people in conflict as their newest.

    Args:
        change: Transaction to write in.
        piece: The piece.
        outcome: What comparing it came to.
        source: Name of its file.
        update: Whether the file's keypoints win.
    """
    image_ids = outcome.image_ids | _add_images(change, piece, outcome)
    people = change.people.add_many(_place_people(outcome, image_ids, source))
    newcomers = list(zip(people, outcome.new, strict=True))
    revisions = [_build_revision(person_id, person, source) for person_id, person in newcomers]
    if update:
        revisions += [_build_revision(person_id, person, source) for person_id, person in outcome.conflicting]
    change.keypoints.add_many(revisions)
    change.details.add_people({row: person.details for row, person in newcomers if person.details is not None})
    change.truth.add_many(
        [_build_truth(person_id, person, source) for person_id, person in newcomers if person.truth is not None]
    )


def _add_images(change: Change, piece: Piece, outcome: Outcome) -> dict[str, ImageId]:
    new = {path: row for path, row in piece.images.items() if path not in outcome.image_ids}
    ids = dict(zip(new, change.images.add_many([image for image, _ in new.values()]), strict=True))
    change.details.add_images({ids[path]: details for path, (_, details) in new.items() if details is not None})
    return ids


def _place_people(outcome: Outcome, image_ids: dict[str, ImageId], source: str) -> list[NewPerson]:
    """Each person at its place in the picture, or the next free one where another dataset's people stand."""
    rows: list[NewPerson] = []
    for person in outcome.new:
        taken = outcome.taken.setdefault(person.image_path, set())
        ordinal = person.ordinal if person.ordinal not in taken else max(taken) + 1
        taken.add(ordinal)
        rows.append(
            NewPerson(
                image_id=image_ids[person.image_path],
                ordinal=ordinal,
                bbox_xywh=person.bbox_xywh,
                box_center_px=person.box_center_px,
                box_scale=person.box_scale,
                skeleton=person.skeleton,
                source=source,
                external_id=person.external_id,
                is_crowd=person.is_crowd,
                area=person.area,
            )
        )
    return rows


def _build_revision(person_id: PersonId, person: ImportedPerson, source: str) -> NewRevision:
    return NewRevision(
        person_id=person_id,
        skeleton=person.skeleton,
        keypoints=person.keypoints,
        sources=(person.origin,) * len(person.keypoints),
        confidence=person.confidence,
        label=f"Import {source}",
    )


def _build_truth(person_id: PersonId, person: ImportedPerson, source: str) -> TruthRecord:
    truth = person.truth
    if truth is None:
        raise ValueError("the person has no truth")
    return TruthRecord(person_id, source, truth.skeleton, truth.joints_m, truth.rotations, truth.betas, truth.gender)
