"""How far the project is."""

from __future__ import annotations

from collections import Counter
from typing import cast

from sqlalchemy import func, select

from db.models import HeadRow
from db.records import PERSON_STATES, PersonState
from db.repositories.base import Repository


class Progress(Repository):
    """Counts people by state and by flag."""

    def counts(self) -> dict[PersonState, int]:
        """Number of people in every state, zeros included."""
        counts: dict[PersonState, int] = dict.fromkeys(PERSON_STATES, 0)
        for state, count in self._session.execute(select(HeadRow.state, func.count()).group_by(HeadRow.state)):
            counts[cast(PersonState, state)] = count
        return counts

    def flags(self) -> dict[str, int]:
        """Number of people whose current fit has each flag, by name; flags of nobody are left out."""
        statement = select(HeadRow.flags, func.count()).where(HeadRow.flags != "").group_by(HeadRow.flags)
        counts: Counter[str] = Counter()
        for names, people in self._session.execute(statement):
            counts.update(dict.fromkeys(names.split(), people))
        return dict(sorted(counts.items()))
