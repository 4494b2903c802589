"""The append-only log of changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import func, select

from db.models import ChangeRow
from db.records import AnnotatorId, ChangeId, ChangeKind, ChangeRecord, PersonId
from db.repositories.base import Repository


class Changes(Repository):
    """Reads the change log."""

    def latest_id(self) -> ChangeId | None:
        """The newest change, of whatever program: a window compares it to notice a command's work."""
        newest = self._session.scalar(select(func.max(ChangeRow.id)))
        return None if newest is None else ChangeId(newest)

    def iter_since(self, change_id: ChangeId | None = None) -> Iterator[ChangeRecord]:
        """Every change after this one (all of them for None), oldest first, fetched in pieces."""
        statement = select(ChangeRow).order_by(ChangeRow.id).execution_options(yield_per=500)
        if change_id is not None:
            statement = statement.where(ChangeRow.id > change_id)
        return (_build_record(row) for row in self._session.scalars(statement))


def _build_record(row: ChangeRow) -> ChangeRecord:
    return ChangeRecord(
        id=ChangeId(row.id),
        label=row.label,
        kind=cast(ChangeKind, row.kind),
        reverses_id=None if row.reverses_id is None else ChangeId(row.reverses_id),
        annotator_id=None if row.annotator_id is None else AnnotatorId(row.annotator_id),
        person_id=None if row.person_id is None else PersonId(row.person_id),
        created_at=row.created_at,
        rows={table: tuple((first, last) for first, last in runs) for table, runs in row.rows.items()},
    )
