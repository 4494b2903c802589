"""Who is in the project at all: people drawn by hand can be taken away again, and nothing is deleted for it.

Whoever came with a dataset is there for good. Whoever was drawn has rows of their own that say so, append-only as
everything else: the newest one not taken back counts, and without any the drawing itself was undone. Somebody who is
not there has no head, and lists, counts, fits and exports go by the heads: what is asked of 100,000 people does not
pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.models import HeadRow, PersonRow, PresenceRow
from db.records import PersonId

DRAWN_SOURCE = "drawn by hand"
"""What stands in the place of a dataset's file for people who were drawn."""

PRESENCE_TABLES: Final = frozenset({PersonRow.__tablename__, PresenceRow.__tablename__})
"""A change that touches one of them may have changed who is there."""


def find_absent(session: Session, ids: Sequence[PersonId]) -> set[PersonId]:
    """Those of at most some thousand people who are not there, from the history."""
    row = PresenceRow
    statement = select(row.person_id, row.retracted, row.is_present).where(row.person_id.in_(ids)).order_by(row.id)
    present: dict[PersonId, bool] = {}
    for person_id, retracted, is_present in session.execute(statement):
        before = present.setdefault(PersonId(person_id), False)
        present[PersonId(person_id)] = before if retracted else bool(is_present)
    return {person_id for person_id, is_present in present.items() if not is_present}


def absent_people() -> Select[int]:
    """Ids of everybody who is not there, by the heads: as of the last finished change.

    The cost follows the people ever drawn by hand.
    """
    return select(PresenceRow.person_id).where(PresenceRow.person_id.not_in(select(HeadRow.person_id)))
