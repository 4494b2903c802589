"""Which methods have fitted whom."""

from __future__ import annotations

from sqlalchemy import func, select

from db.models import FitRow
from db.presence import absent_people
from db.records import PersonId
from db.repositories.base import Repository
from db.standings import Standing, iter_standings


class Methods(Repository):
    """Reads fits by method, whether they are current or not."""

    def counts(self) -> dict[str, int]:
        """Number of people with a fit by each method, by name."""
        statement = (
            select(FitRow.method, func.count(FitRow.person_id.distinct()))
            .where(FitRow.retracted.is_(False), FitRow.person_id.not_in(absent_people()))
            .group_by(FitRow.method)
            .order_by(FitRow.method)
        )
        return {str(method): people for method, people in self._session.execute(statement)}

    def standings(self, method: str) -> dict[PersonId, Standing]:
        """How the newest fit by a method stands, for everybody who has one, in order of import."""
        return {row.person_id: row for row in iter_standings(self._session, method)}
