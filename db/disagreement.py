"""How far the fits of other methods to the same keypoints lie from a person's current fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from db.columns import ROTATIONS
from db.models import FitRow
from db.records import FitId, FloatArray, PersonId, RevisionId
from db.suspicion import mean_turn_degrees

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def read_disagreements(session: Session, current: Mapping[PersonId, tuple[FitId, RevisionId]]) -> dict[PersonId, float]:
    """Mean turn to the most different newest fit by another method, degrees; people without another are left out.

    Args:
        session: A transaction.
        current: Each person's current fit and the keypoints it was made from; at most some thousand.
    """
    newest: dict[PersonId, list[FitId]] = {}
    # The index leads to a person's fits; nearly everybody has one, and then nothing else is read.
    several = (
        select(FitRow.person_id)
        .where(FitRow.person_id.in_(current), FitRow.retracted.is_(False))
        .group_by(FitRow.person_id)
        .having(func.count() > 1)
    )
    people = list(session.scalars(several))
    if not people:
        return {}
    statement = (
        select(FitRow.person_id, func.max(FitRow.id))
        .where(FitRow.person_id.in_(people), FitRow.retracted.is_(False))
        .group_by(FitRow.person_id, FitRow.method)
    )
    for person_id, fit_id in session.execute(statement):
        newest.setdefault(PersonId(person_id), []).append(FitId(fit_id))
    wanted = {person_id: fits for person_id, fits in newest.items() if len(fits) > 1}
    fits = _read_rotations(session, [fit_id for ids in wanted.values() for fit_id in ids])
    turns: dict[PersonId, float] = {}
    for person_id, ids in wanted.items():
        own_id, revision_id = current[person_id]
        own = fits[own_id][1]
        others = [fits[fit_id][1] for fit_id in ids if fit_id != own_id and fits[fit_id][0] == revision_id]
        if others:
            turns[person_id] = max(mean_turn_degrees(own, other) for other in others)
    return turns


def _read_rotations(session: Session, ids: Collection[FitId]) -> dict[FitId, tuple[RevisionId, FloatArray]]:
    statement = select(FitRow.id, FitRow.revision_id, FitRow.rotations).where(FitRow.id.in_(ids))
    return {
        FitId(fit_id): (RevisionId(revision_id), ROTATIONS.decode(blob, f"fit {fit_id}"))
        for fit_id, revision_id, blob in session.execute(statement)
    }
