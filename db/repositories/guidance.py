"""Guidance of people: append-only, the newest one not taken back is current."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from db.errors import NotFoundError, StaleWriteError
from db.models import GuidanceRow
from db.records import AnnotatorId, Guidance, GuidanceId, NewGuidance, PersonId
from db.repositories.base import Repository, WriteScope, check_person, insert_many
from resources.limbs import get_limb


class Guidances(Repository):
    """Reads guidance."""

    def find(self, guidance_id: GuidanceId) -> Guidance | None:
        """The guidance, taken back or not, or None."""
        row = self._session.get(GuidanceRow, guidance_id)
        return None if row is None else _build_record(row)

    def get(self, guidance_id: GuidanceId) -> Guidance:
        """The guidance, taken back or not; raises NotFoundError."""
        record = self.find(guidance_id)
        if record is None:
            raise NotFoundError(f"There is no guidance {guidance_id} in the project; reload the person.")
        return record

    def current(self, person_id: PersonId) -> Guidance | None:
        """The person's newest guidance; None for a person who never had any."""
        row = self._session.scalar(select(GuidanceRow).where(_live(person_id)).order_by(GuidanceRow.id.desc()).limit(1))
        return None if row is None else _build_record(row)

    def history(self, person_id: PersonId) -> list[Guidance]:
        """All guidance of a person that was not taken back, oldest first."""
        statement = select(GuidanceRow).where(_live(person_id)).order_by(GuidanceRow.id)
        return [_build_record(row) for row in self._session.scalars(statement)]


class GuidancesWriter(Guidances):
    """Adds guidance."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, guidance: NewGuidance) -> Guidance:
        """Store guidance as the person's newest.

        Raises:
            NotFoundError: No such person.
            StaleWriteError: ``parent_id`` is no longer current: somebody else has guided the person meanwhile.
            ValueError: An unknown limb or hint, a weight that is negative or no number: the caller's mistake.
        """
        check_person(self._session, guidance.person_id)
        _check(guidance)
        if guidance.parent_id is not None:
            self._check_parent(guidance.person_id, guidance.parent_id)
        (row_id,) = insert_many(self._session, GuidanceRow, [self._build_values(guidance)])
        self._scope.note(GuidanceRow.__tablename__, [row_id], [guidance.person_id])
        return self.get(GuidanceId(row_id))

    def _check_parent(self, person_id: PersonId, parent_id: GuidanceId) -> None:
        newest = self._session.scalar(
            select(GuidanceRow.id).where(_live(person_id)).order_by(GuidanceRow.id.desc()).limit(1)
        )
        if newest != parent_id:
            raise StaleWriteError(
                f"The hints and pins of person {person_id} were changed by somebody else meanwhile, so this one was "
                "not stored; look at the new ones and set yours again."
            )

    def _build_values(self, guidance: NewGuidance) -> dict[str, Any]:
        annotator_id = guidance.annotator_id if guidance.annotator_id is not None else self._scope.annotator_id
        return {
            "person_id": guidance.person_id,
            "label": self._scope.label if guidance.label is None else guidance.label,
            "annotator_id": annotator_id,
            "parent_id": guidance.parent_id,
            "created_at": self._scope.now,
            "depth_hints": dict(guidance.depth_hints),
            "joint_weights": {joint: float(weight) for joint, weight in guidance.joint_weights.items()},
        }


def _check(guidance: NewGuidance) -> None:
    for name, hint in guidance.depth_hints.items():
        try:
            get_limb(name)
        except KeyError as error:
            raise ValueError(str(error.args[0])) from error
        if hint not in ("toward", "away"):
            raise ValueError(f"the hint of {name} is '{hint}', expected 'toward' or 'away'")
    for joint, weight in guidance.joint_weights.items():
        if not (math.isfinite(weight) and weight >= 0):
            raise ValueError(f"the weight of {joint} is {weight}, expected 0 or a positive number")


def _live(person_id: PersonId) -> ColumnElement[bool]:
    return and_(GuidanceRow.person_id == person_id, GuidanceRow.retracted.is_(False))


def _build_record(row: GuidanceRow) -> Guidance:
    return Guidance(
        id=GuidanceId(row.id),
        person_id=PersonId(row.person_id),
        depth_hints=dict(row.depth_hints),
        joint_weights=dict(row.joint_weights),
        annotator_id=None if row.annotator_id is None else AnnotatorId(row.annotator_id),
        created_at=row.created_at,
        label=row.label,
        parent_id=None if row.parent_id is None else GuidanceId(row.parent_id),
    )
