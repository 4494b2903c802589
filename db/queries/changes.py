"""The append-only log of changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import func, select

from db.models import AnnotatorRow, ChangeRow, PersonRow, SettingRow
from db.records import AnnotatorId, ChangeId, ChangeKind, ChangeRecord, ChangeSet, PersonId
from db.repositories.base import RETRACTABLE, Repository


class Changes(Repository):
    """Reads the change log."""

    def latest_id(self) -> ChangeId | None:
        """The newest change, of whatever program: a window compares it to notice a command's work."""
        newest = self._session.scalar(select(func.max(ChangeRow.id)))
        return None if newest is None else ChangeId(newest)

    def latest_at(self) -> datetime | None:
        """When the newest change was made."""
        return self._session.scalar(select(ChangeRow.created_at).order_by(ChangeRow.id.desc()).limit(1))

    def find_newest(self) -> ChangeRecord | None:
        """The newest change of what the project holds; a new annotator's name alone is none. None without any."""
        statement = select(ChangeRow).order_by(ChangeRow.id.desc()).execution_options(yield_per=10)
        for row in self._session.scalars(statement):
            if set(row.rows) != {AnnotatorRow.__tablename__}:
                return _build_record(row)
        return None

    def iter_since(self, change_id: ChangeId | None = None) -> Iterator[ChangeRecord]:
        """Every change after this one (all of them for None), oldest first, fetched in pieces."""
        statement = select(ChangeRow).order_by(ChangeRow.id).execution_options(yield_per=500)
        if change_id is not None:
            statement = statement.where(ChangeRow.id > change_id)
        return (_build_record(row) for row in self._session.scalars(statement))

    def find_outside(self, since: ChangeId | None, own: Collection[ChangeId]) -> ChangeSet | None:
        """What the changes after this one have touched, those of one's own left out; None when there are none.

        Several are told as one, under the name of the newest. The cost follows the rows they have touched.
        """
        rows: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        newest: ChangeRecord | None = None
        for record in self.iter_since(since):
            if record.id in own:
                continue
            newest = record
            for table, runs in record.rows.items():
                rows[table].extend(runs)
        if newest is None:
            return None
        people = frozenset(self._iter_people(rows))
        return ChangeSet(newest.id, newest.label, newest.kind, people, frozenset(rows), newest.person_id, outside=True)

    def _iter_people(self, rows: Mapping[str, list[tuple[int, int]]]) -> Iterator[PersonId]:
        if SettingRow.__tablename__ in rows:
            # A rule may have changed (how many must agree), and with it what is current for anybody.
            yield from map(PersonId, self._session.scalars(select(PersonRow.id)))
            return
        for first, last in rows.get(PersonRow.__tablename__, ()):
            yield from map(PersonId, range(first, last + 1))
        for name, table in RETRACTABLE.items():
            for first, last in rows.get(name, ()):
                statement = select(table.person_id).where(table.id.between(first, last))
                yield from map(PersonId, self._session.scalars(statement))


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
