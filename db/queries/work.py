"""What annotators have done: decisions in the order of time, edits, and the keypoints they vouched for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, case, func, select, type_coerce
from sqlalchemy.orm import aliased

from db.chunks import iter_chunks
from db.models import DecisionRow, FitRow, RevisionRow
from db.presence import absent_people
from db.records import AnnotatorId, DecisionId, PersonId, RevisionId, Verdict
from db.repositories.base import Repository

NOBODY = AnnotatorId(0)
"""Stands for an annotator who was not named; stored ids begin at 1."""


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTimes:
    """Decisions of one annotator, oldest first, one array for each column.

    Attributes:
        people: ``(N,)`` about whom.
        times_s: ``(N,)`` when, seconds since 1970 UTC.
        seconds: ``(N,)`` how long the person had been on screen.
    """

    people: NDArray[np.int64]
    times_s: NDArray[np.float64]
    seconds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.people)


@dataclass(frozen=True, slots=True)
class Vouched:
    """An annotator's newest decision on a person, and the keypoints that were current at that moment."""

    decision_id: DecisionId
    person_id: PersonId
    annotator_id: AnnotatorId
    verdict: Verdict
    revision_id: RevisionId | None


class Work(Repository):
    """Reads what annotators have done."""

    def verdicts(self) -> dict[AnnotatorId, dict[Verdict, int]]:
        """Number of people by the annotator's newest verdict on each, by annotator."""
        newest = (
            select(func.max(DecisionRow.id).label("id"))
            .where(DecisionRow.retracted.is_(False), DecisionRow.person_id.not_in(absent_people()))
            .group_by(DecisionRow.annotator_id, DecisionRow.person_id)
            .subquery()
        )
        annotator = func.coalesce(DecisionRow.annotator_id, NOBODY)
        statement = (
            select(annotator, DecisionRow.verdict, func.count())
            .join(newest, newest.c.id == DecisionRow.id)
            .group_by(annotator, DecisionRow.verdict)
        )
        counts: dict[AnnotatorId, dict[Verdict, int]] = {}
        for annotator_id, verdict, people in self._session.execute(statement):
            counts.setdefault(AnnotatorId(annotator_id), {})[cast(Verdict, verdict)] = people
        return counts

    def latest(self, annotator_id: AnnotatorId, limit: int, since: datetime | None = None) -> DecisionTimes:
        """An annotator's latest decisions that were not taken back.

        Args:
            annotator_id: Who; :data:`NOBODY` for those of whom nobody is named.
            limit: At most so many.
            since: Only from then on.
        """
        statement = (
            select(type_coerce(DecisionRow.created_at, BigInteger), DecisionRow.person_id, DecisionRow.seconds_spent)
            .where(_by(annotator_id), DecisionRow.retracted.is_(False))
            .order_by(DecisionRow.created_at.desc(), DecisionRow.person_id.desc())
            .limit(limit)
        )
        if since is not None:
            statement = statement.where(DecisionRow.created_at >= since)
        rows = np.array([tuple(row) for row in self._session.execute(statement)], dtype=np.float64).reshape(-1, 3)
        times_us, people, seconds = rows[::-1].T
        return DecisionTimes(people.astype(np.int64), times_us / 1e6, seconds)

    def people_since(self, annotators: Collection[AnnotatorId], since: datetime) -> int:
        """Number of people decided on from then on by any of these annotators, each counted once."""
        people: set[int] = set()
        for annotator_id in annotators:
            statement = select(DecisionRow.person_id).where(
                _by(annotator_id), DecisionRow.retracted.is_(False), DecisionRow.created_at >= since
            )
            people.update(self._session.scalars(statement))
        return len(people)

    def first_time(self) -> datetime | None:
        """When the first decision that was not taken back was made."""
        statement = (
            select(DecisionRow.created_at).where(DecisionRow.retracted.is_(False)).order_by(DecisionRow.id).limit(1)
        )
        return self._session.scalar(statement)

    def edits(self) -> dict[AnnotatorId, int]:
        """Number of edits of keypoints by annotator; imports are none, edits taken back are not counted."""
        statement = (
            select(RevisionRow.annotator_id, func.count())
            .where(
                RevisionRow.retracted.is_(False),
                RevisionRow.parent_id.is_not(None),
            )
            .group_by(RevisionRow.annotator_id)
        )
        return {
            AnnotatorId(annotator): edits
            for annotator, edits in self._session.execute(statement)
            if annotator is not None
        }

    def vouched(self, people: Collection[PersonId], before: datetime | None = None) -> list[Vouched]:
        """Each annotator's newest decision on each of these people, in order of person and annotator.

        Args:
            people: About whom.
            before: Only decisions made before then; None for all.
        """
        return [row for chunk in iter_chunks(people) for row in self._vouched(chunk, before)]

    def _vouched(self, people: Collection[PersonId], before: datetime | None) -> list[Vouched]:
        newest = select(func.max(DecisionRow.id)).where(
            DecisionRow.person_id.in_(people), DecisionRow.retracted.is_(False), DecisionRow.annotator_id.is_not(None)
        )
        if before is not None:
            newest = newest.where(DecisionRow.created_at < before)
        revision = aliased(RevisionRow)
        keypoints = (
            select(func.max(revision.id))
            .where(
                revision.person_id == DecisionRow.person_id,
                revision.retracted.is_(False),
                revision.created_at <= DecisionRow.created_at,
            )
            .correlate(DecisionRow)
            .scalar_subquery()
        )
        # What was accepted is known without asking clocks: the keypoints of the fit.
        fitted = select(FitRow.revision_id).where(FitRow.id == DecisionRow.fit_id).correlate(DecisionRow)
        vouched = case((DecisionRow.verdict == "accept", fitted.scalar_subquery()), else_=keypoints)
        statement = (
            select(DecisionRow.id, DecisionRow.person_id, DecisionRow.annotator_id, DecisionRow.verdict, vouched)
            .where(DecisionRow.id.in_(newest.group_by(DecisionRow.person_id, DecisionRow.annotator_id)))
            .order_by(DecisionRow.person_id, DecisionRow.annotator_id)
        )  # fmt: skip
        return [
            Vouched(
                DecisionId(decision),
                PersonId(person),
                AnnotatorId(annotator),
                cast(Verdict, verdict),
                None if revision_id is None else RevisionId(revision_id),
            )
            for decision, person, annotator, verdict, revision_id in self._session.execute(statement)
        ]


def _by(annotator_id: AnnotatorId) -> ColumnElement[bool]:
    return DecisionRow.annotator_id.is_(None) if annotator_id == NOBODY else DecisionRow.annotator_id == annotator_id
