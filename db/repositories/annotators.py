"""People who edit and decide."""

from __future__ import annotations

from sqlalchemy import select

from db.errors import NotFoundError
from db.models import AnnotatorRow
from db.records import AnnotatorId, AnnotatorRecord
from db.repositories.base import Repository, WriteScope


class Annotators(Repository):
    """Reads annotators."""

    def get(self, annotator_id: AnnotatorId) -> AnnotatorRecord:
        """The annotator; raises NotFoundError."""
        row = self._session.get(AnnotatorRow, annotator_id)
        if row is None:
            raise NotFoundError(f"There is no annotator {annotator_id} in the project; add them by name.")
        return _build_record(row)

    def find(self, name: str) -> AnnotatorRecord | None:
        """The annotator of this name."""
        row = self._session.scalar(select(AnnotatorRow).where(AnnotatorRow.name == name))
        return None if row is None else _build_record(row)

    def list_all(self) -> list[AnnotatorRecord]:
        """Everybody, by name."""
        return [_build_record(row) for row in self._session.scalars(select(AnnotatorRow).order_by(AnnotatorRow.name))]


class AnnotatorsWriter(Annotators):
    """Adds annotators; an undo of the change leaves them known."""

    def __init__(self, scope: WriteScope) -> None:
        super().__init__(scope.session)
        self._scope = scope

    def get_or_add(self, name: str) -> AnnotatorRecord:
        """The annotator of this name, made if there is none."""
        known = self.find(name)
        if known is not None:
            return known
        row = AnnotatorRow(name=name, created_at=self._scope.now)
        self._session.add(row)
        self._session.flush()
        self._scope.note(AnnotatorRow.__tablename__, [row.id])
        return _build_record(row)


def _build_record(row: AnnotatorRow) -> AnnotatorRecord:
    return AnnotatorRecord(id=AnnotatorId(row.id), name=row.name, created_at=row.created_at)
