"""Decisions about people: append-only, the newest one not taken back is current."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from db.errors import NotFoundError, StaleWriteError
from db.heads import read_reviews_per_person
from db.models import DecisionRow, FitRow
from db.records import (
    AnnotatorId,
    DecisionId,
    DecisionRecord,
    DecisionRole,
    FitId,
    NewDecision,
    PersonId,
    Verdict,
)
from db.repositories.base import Repository, WriteScope, check_person, insert_many
from db.verdicts import Outcome, build_vote, weigh


class Decisions(Repository):
    """Reads decisions."""

    def find(self, decision_id: DecisionId) -> DecisionRecord | None:
        """The decision, taken back or not, or None."""
        row = self._session.get(DecisionRow, decision_id)
        return None if row is None else _build_record(row)

    def get(self, decision_id: DecisionId) -> DecisionRecord:
        """The decision, taken back or not; raises NotFoundError."""
        record = self.find(decision_id)
        if record is None:
            raise NotFoundError(f"There is no decision {decision_id} in the project; reload the person.")
        return record

    def current(self, person_id: PersonId) -> DecisionRecord | None:
        """The newest decision about a person, whatever fit it concerns; the person's state tells whether it counts.

        Who may not know of it, see :class:`db.verdicts.Outcome`, must not be shown it.
        """
        row = self._session.scalar(select(DecisionRow).where(_live(person_id)).order_by(DecisionRow.id.desc()).limit(1))
        return None if row is None else _build_record(row)

    def history(self, person_id: PersonId) -> list[DecisionRecord]:
        """All decisions about a person that were not taken back, oldest first."""
        statement = select(DecisionRow).where(_live(person_id)).order_by(DecisionRow.id)
        return [_build_record(row) for row in self._session.scalars(statement)]

    def outcome(self, person_id: PersonId) -> Outcome:
        """What the decisions about the person's current fit come to, be it fresh or stale."""
        fit_id = _newest_fit(self._session, person_id)
        votes = (build_vote(record) for record in self.history(person_id) if record.fit_id == fit_id)
        return weigh(votes, self.reviews_per_person())

    def reviews_per_person(self) -> int:
        """How many people must decide the same before it counts."""
        return read_reviews_per_person(self._session)


class DecisionsWriter(Decisions):
    """Adds decisions."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def add(self, decision: NewDecision) -> DecisionRecord:
        """Store a decision as the person's newest.

        Raises:
            NotFoundError: No such person.
            StaleWriteError: Another fit is current than the one that was looked at.
            ValueError: An accept without a fit, an adjudication that does not rule, a reason with blanks: the caller's
                mistake.
        """
        if decision.verdict == "accept" and decision.fit_id is None:
            raise ValueError("only a fit can be accepted")
        if decision.role == "adjudication" and decision.verdict not in ("accept", "reject"):
            raise ValueError("an adjudication accepts or rejects")
        if any(len(code.split()) != 1 for code in decision.reasons):
            raise ValueError("a reason code is one word")
        check_person(self._session, decision.person_id)
        self._check_fit(decision.person_id, decision.fit_id)
        (row_id,) = insert_many(self._session, DecisionRow, [self._build_values(decision)])
        self._scope.note(DecisionRow.__tablename__, [row_id], [decision.person_id])
        return self.get(DecisionId(row_id))

    def _check_fit(self, person_id: PersonId, fit_id: FitId | None) -> None:
        if _newest_fit(self._session, person_id) != fit_id:
            raise StaleWriteError(
                f"The fit of person {person_id} was replaced meanwhile, so this decision was not stored; look at the "
                "new fit and decide again."
            )

    def _build_values(self, decision: NewDecision) -> dict[str, Any]:
        annotator_id = decision.annotator_id if decision.annotator_id is not None else self._scope.annotator_id
        return {
            "person_id": decision.person_id,
            "fit_id": decision.fit_id,
            "verdict": decision.verdict,
            "reasons": list(decision.reasons),
            "comment": decision.comment,
            "annotator_id": annotator_id,
            "created_at": self._scope.now,
            "seconds_spent": decision.seconds_spent,
            "role": decision.role,
        }


def _newest_fit(session: Session, person_id: PersonId) -> FitId | None:
    newest = session.scalar(
        select(FitRow.id)
        .where(FitRow.person_id == person_id, FitRow.retracted.is_(False))
        .order_by(FitRow.id.desc())
        .limit(1)
    )
    return None if newest is None else FitId(newest)


def _live(person_id: PersonId) -> ColumnElement[bool]:
    return and_(DecisionRow.person_id == person_id, DecisionRow.retracted.is_(False))


def _build_record(row: DecisionRow) -> DecisionRecord:
    return DecisionRecord(
        id=DecisionId(row.id),
        person_id=PersonId(row.person_id),
        fit_id=None if row.fit_id is None else FitId(row.fit_id),
        verdict=cast(Verdict, row.verdict),
        reasons=tuple(row.reasons),
        comment=row.comment,
        annotator_id=None if row.annotator_id is None else AnnotatorId(row.annotator_id),
        created_at=row.created_at,
        seconds_spent=row.seconds_spent,
        role=cast(DecisionRole, row.role),
    )
