"""How the newest fit by one method stands, derived from the history like the heads but not stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.chunks import iter_chunks
from db.heads import iter_votes, read_reviews_per_person
from db.models import DecisionRow, FitRow, HeadRow
from db.records import FitId, PersonId, PersonState, RevisionId
from db.verdicts import Vote, weigh


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's newest fit by one method.

    Attributes:
        person_id: The person.
        fit_id: The fit, current or not.
        revision_id: The keypoints it was made from.
        state: ``stale`` when these are not the current ones; otherwise what the decisions about this very fit come to,
            whichever fit has become current since; ``fitted`` without any.
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
    statement = (
        select(FitRow.person_id, FitRow.id, FitRow.revision_id, HeadRow.revision_id)
        .join(HeadRow, HeadRow.person_id == FitRow.person_id)
        .where(FitRow.id.in_(newest))
        .order_by(FitRow.person_id)
    )
    needed = read_reviews_per_person(session)
    for rows in iter_chunks(session.execute(statement).all()):
        votes = _read_votes(session, [person_id for person_id, *_ in rows])
        for person_id, fit_id, revision_id, current_revision_id in rows:
            decided = weigh(votes[FitId(fit_id)], needed).state
            yield Standing(
                PersonId(person_id),
                FitId(fit_id),
                RevisionId(revision_id),
                "stale" if revision_id != current_revision_id else decided or "fitted",
            )


def _read_votes(session: Session, people: list[int]) -> defaultdict[FitId | None, list[Vote]]:
    votes: defaultdict[FitId | None, list[Vote]] = defaultdict(list)
    for _person_id, fit_id, vote in iter_votes(session, DecisionRow.person_id.in_(people)):
        votes[fit_id].append(vote)
    return votes
