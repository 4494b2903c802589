"""Decisions about people: append-only, the newest one not taken back is current."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from db.errors import NotFoundError, StaleWriteError
from db.heads import iter_votes, read_reviews_per_person
from db.models import DecisionRow, FitRow, HeadRow
from db.presence import absent_people
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
from db.verdicts import Outcome, Vote, build_vote, weigh

_PIECE = 500


@dataclass(frozen=True, slots=True)
class WeighedDecisions:
    """What decisions about people are worth.

    Attributes:
        counting: Those that the present states rest on.
        secret: Those of a first reviewer while the second has yet to decide, with what they have changed since.
    """

    counting: frozenset[DecisionId]
    secret: frozenset[DecisionId]


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

    def iter_all(self) -> Iterator[DecisionRecord]:
        """Every decision that was not taken back, about whoever is there, oldest first, fetched in pieces.

        Those that nobody else may know of yet are among them; :meth:`weigh_people` names them.
        """
        statement = (
            select(DecisionRow)
            .where(DecisionRow.retracted.is_(False), DecisionRow.person_id.not_in(absent_people()))
            .order_by(DecisionRow.id)
        )
        return (_build_record(row) for row in self._session.scalars(statement.execution_options(yield_per=_PIECE)))

    def count_taken_back(self) -> int:
        """Number of decisions that were taken back."""
        statement = select(func.count()).select_from(DecisionRow).where(DecisionRow.retracted.is_(True))
        return int(self._session.scalar(statement) or 0)

    def weigh_people(self, people: Collection[PersonId]) -> WeighedDecisions:
        """What the decisions about these people are worth now; meant for some hundreds."""
        heads = select(HeadRow.person_id, HeadRow.fit_id, HeadRow.state).where(HeadRow.person_id.in_(people))
        current = {PersonId(row.person_id): row for row in self._session.execute(heads)}
        votes: defaultdict[PersonId, list[Vote]] = defaultdict(list)
        for person_id, fit_id, vote in iter_votes(self._session, DecisionRow.person_id.in_(people)):
            if fit_id == current[person_id].fit_id:
                votes[person_id].append(vote)
        needed = self.reviews_per_person()
        counting, secret = set[DecisionId](), set[DecisionId]()
        for person_id, cast_votes in votes.items():
            outcome = weigh(cast_votes, needed)
            if outcome.state == current[person_id].state:
                counting.update(vote.id for vote in outcome.counting)
            begin = max((vote.id for vote in cast_votes if vote.verdict == "reopen"), default=0)
            secret.update(vote.id for vote in cast_votes if vote.id > begin and vote.annotator_id in outcome.secret)
        return WeighedDecisions(frozenset(counting), frozenset(secret))

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
