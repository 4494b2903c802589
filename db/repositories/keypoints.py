"""Keypoint revisions of people: append-only, the newest one not taken back is current."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, select

from db.chunks import iter_chunks
from db.columns import CONFIDENCE, KEYPOINTS, decode_sources, encode_sources
from db.errors import NotFoundError, StaleWriteError
from db.models import HeadRow, RevisionRow
from db.records import (
    AnnotatorId,
    FloatArray,
    KeypointRevision,
    NewRevision,
    PersonId,
    PersonState,
    RevisionId,
    count_labelled,
    count_limb_joints,
)
from db.repositories.base import Repository, WriteScope, check_person, insert_many


class Keypoints(Repository):
    """Reads keypoint revisions."""

    def find(self, revision_id: RevisionId) -> KeypointRevision | None:
        """The revision, taken back or not (a fit may have been made from it), or None."""
        row = self._session.get(RevisionRow, revision_id)
        return None if row is None else _build_record(row)

    def get(self, revision_id: RevisionId) -> KeypointRevision:
        """The revision, taken back or not; raises NotFoundError."""
        record = self.find(revision_id)
        if record is None:
            raise NotFoundError(f"There are no keypoints {revision_id} in the project; reload the person.")
        return record

    def get_many(self, ids: Collection[RevisionId]) -> dict[RevisionId, KeypointRevision]:
        """These revisions by id, taken back or not; unknown ids are left out. Meant for some hundreds."""
        rows = self._session.scalars(select(RevisionRow).where(RevisionRow.id.in_(ids)))
        return {RevisionId(row.id): _build_record(row) for row in rows}

    def current(self, person_id: PersonId) -> KeypointRevision | None:
        """The person's newest keypoints; None for a person without any."""
        row = self._session.scalar(select(RevisionRow).where(_live(person_id)).order_by(RevisionRow.id.desc()).limit(1))
        return None if row is None else _build_record(row)

    def history(self, person_id: PersonId) -> list[KeypointRevision]:
        """All keypoints of a person that were not taken back, oldest first."""
        statement = select(RevisionRow).where(_live(person_id)).order_by(RevisionRow.id)
        return [_build_record(row) for row in self._session.scalars(statement)]

    def arrays_of(self, people: Collection[PersonId]) -> dict[PersonId, list[tuple[str, FloatArray]]]:
        """Layout and keypoints of every revision of these people that was not taken back, oldest first."""
        found: dict[PersonId, list[tuple[str, FloatArray]]] = {person_id: [] for person_id in people}
        for chunk in iter_chunks(people):
            statement = (
                select(RevisionRow.id, RevisionRow.person_id, RevisionRow.skeleton, RevisionRow.keypoints)
                .where(RevisionRow.person_id.in_(chunk), RevisionRow.retracted.is_(False))
                .order_by(RevisionRow.id)
            )
            for row_id, person_id, skeleton, keypoints in self._session.execute(statement):
                points = KEYPOINTS.decode(keypoints, f"keypoint revision {row_id}")
                found[PersonId(person_id)].append((skeleton, points))
        return found

    def iter_current(self, states: Collection[PersonState] | None = None) -> Iterator[KeypointRevision]:
        """The current keypoints of everybody (in these states), in order of import, fetched in pieces."""
        statement = select(RevisionRow).join(HeadRow, HeadRow.revision_id == RevisionRow.id).order_by(HeadRow.person_id)
        if states is not None:
            statement = statement.where(HeadRow.state.in_(states))
        rows = self._session.scalars(statement.execution_options(yield_per=500))
        return (_build_record(row) for row in rows)


class KeypointsWriter(Keypoints):
    """Adds keypoint revisions."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, revision: NewRevision) -> KeypointRevision:
        """Store keypoints as the person's newest.

        Raises:
            NotFoundError: No such person.
            StaleWriteError: ``parent_id`` is no longer current: somebody else has edited the person meanwhile.
            ValueError: Wrong shape, NaN, a visibility other than 0, 1, 2: the caller's mistake.
        """
        check_person(self._session, revision.person_id)
        (revision_id,) = self.add_many([revision])
        return self.get(revision_id)

    def add_many(self, revisions: Sequence[NewRevision]) -> list[RevisionId]:
        """Store the keypoints of many people; their ids in the same order. Raises as :meth:`add` does."""
        for revision in revisions:
            if revision.parent_id is not None:
                self._check_parent(revision.person_id, revision.parent_id)
        ids = insert_many(self._session, RevisionRow, [self._build_values(revision) for revision in revisions])
        self._scope.note(RevisionRow.__tablename__, ids, (revision.person_id for revision in revisions))
        return [RevisionId(row_id) for row_id in ids]

    def _check_parent(self, person_id: PersonId, parent_id: RevisionId) -> None:
        newest = self._session.scalar(
            select(RevisionRow.id).where(_live(person_id)).order_by(RevisionRow.id.desc()).limit(1)
        )
        if newest != parent_id:
            raise StaleWriteError(
                f"The keypoints of person {person_id} were changed by somebody else meanwhile, so this edit was not "
                "stored; look at the new keypoints and edit those."
            )

    def _build_values(self, revision: NewRevision) -> dict[str, Any]:
        points = np.asarray(revision.keypoints, dtype=np.float64)
        blob = KEYPOINTS.encode(points)
        confidence = _check_joints(revision, points)
        annotator_id = revision.annotator_id if revision.annotator_id is not None else self._scope.annotator_id
        return {
            "person_id": revision.person_id,
            "skeleton": revision.skeleton,
            "label": self._scope.label if revision.label is None else revision.label,
            "labelled_count": count_labelled(points),
            "limb_count": count_limb_joints(revision.skeleton, points),
            "annotator_id": annotator_id,
            "parent_id": revision.parent_id,
            "created_at": self._scope.now,
            "sources": encode_sources(revision.sources),
            "keypoints": blob,
            "confidence": CONFIDENCE.encode(confidence),
        }


def _check_joints(revision: NewRevision, points: FloatArray) -> FloatArray:
    """The confidences ``(J,)`` of checked keypoints ``(J, 3)``."""
    visibility = points[:, 2]
    if not np.isin(visibility, (0, 1, 2)).all():
        raise ValueError("visibility is 0, 1 or 2")
    confidence = (visibility > 0).astype(np.float64) if revision.confidence is None else revision.confidence
    if not len(points) == len(confidence) == len(revision.sources):
        raise ValueError(
            f"{len(points)} keypoints, {len(confidence)} confidences and {len(revision.sources)} sources do not match"
        )
    return np.asarray(confidence, dtype=np.float64)


def _live(person_id: PersonId) -> ColumnElement[bool]:
    return and_(RevisionRow.person_id == person_id, RevisionRow.retracted.is_(False))


def _build_record(row: RevisionRow) -> KeypointRevision:
    owner = f"keypoint revision {row.id}"
    return KeypointRevision(
        id=RevisionId(row.id),
        person_id=PersonId(row.person_id),
        skeleton=row.skeleton,
        keypoints=KEYPOINTS.decode(row.keypoints, owner),
        confidence=CONFIDENCE.decode(row.confidence, owner),
        sources=decode_sources(row.sources, owner),
        annotator_id=None if row.annotator_id is None else AnnotatorId(row.annotator_id),
        created_at=row.created_at,
        label=row.label,
        parent_id=None if row.parent_id is None else RevisionId(row.parent_id),
    )
