"""How the newest fit by one method stands, derived from the history like the heads but not stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.heads import state_of_verdict
from db.models import DecisionRow, FitRow, HeadRow
from db.records import FitId, PersonId, PersonState, RevisionId, Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's newest fit by one method.

    Attributes:
        person_id: The person.
        fit_id: The fit, current or not.
        revision_id: The keypoints it was made from.
        state: ``stale`` when these are not the current ones; otherwise what the newest decision about this very fit
            says, whichever fit has become current since; ``fitted`` without one.
    """

    person_id: PersonId
    fit_id: FitId
    revision_id: RevisionId
    state: PersonState


def iter_standings(session: Session, method: str) -> Iterator[Standing]:
    """How the newest fit by a method stands, for everybody who has one, in order of import."""
    newest = (
        select(func.max(FitRow.id))
        .where(FitRow.method == method, FitRow.retracted.is_(False))
        .group_by(FitRow.person_id)
    )
    verdict = (
        select(DecisionRow.verdict)
        .where(
            DecisionRow.person_id == FitRow.person_id,
            DecisionRow.retracted.is_(False),
            DecisionRow.fit_id == FitRow.id,
        )
        .order_by(DecisionRow.id.desc())
        .limit(1)
        .correlate(FitRow)
        .scalar_subquery()
    )
    statement = (
        select(FitRow.person_id, FitRow.id, FitRow.revision_id, HeadRow.revision_id, verdict)
        .join(HeadRow, HeadRow.person_id == FitRow.person_id)
        .where(FitRow.id.in_(newest))
        .order_by(FitRow.person_id)
    )
    for person_id, fit_id, revision_id, current_revision_id, word in session.execute(statement):
        yield Standing(
            PersonId(person_id),
            FitId(fit_id),
            RevisionId(revision_id),
            _derive(revision_id == current_revision_id, word),
        )


def _derive(is_fresh: bool, verdict: str | None) -> PersonState:
    if not is_fresh:
        return "stale"
    return "fitted" if verdict is None else state_of_verdict(cast(Verdict, verdict))
