"""What the repositories share: the transaction, and the note of what it wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.errors import NotFoundError
from db.models import (
    Base,
    CommentRow,
    DecisionRow,
    FitRow,
    GoldRow,
    GuidanceRow,
    PersonRow,
    PresenceRow,
    RetractableRow,
    RevisionRow,
)
from db.presence import find_absent
from db.records import AnnotatorId, PersonId

RETRACTABLE: dict[str, type[RetractableRow]] = {
    row.__tablename__: row for row in (RevisionRow, GuidanceRow, FitRow, DecisionRow, CommentRow, GoldRow, PresenceRow)
}
"""The append-only tables that undo can take back, by name."""

_MANY = 8


@dataclass(slots=True)
class WriteScope:
    """One change while it is being made.

    Attributes:
        session: Its transaction.
        label: Its name for people.
        annotator_id: Who makes it.
        undoable: Whether it may be taken back.
        now: The moment all its rows carry.
        rows: Ids written, by table.
        people: People touched, in order.
        rederive: Whether everybody's head must be derived anew: the rule has changed, not the history.
    """

    session: Session
    label: str
    annotator_id: AnnotatorId | None
    undoable: bool
    now: datetime
    rows: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    people: dict[PersonId, None] = field(default_factory=dict)
    rederive: bool = False

    def note(self, table: str, row_ids: Iterable[int], people: Iterable[PersonId] = ()) -> None:
        """Remember rows written, for the change log, the heads and undo."""
        self.rows[table].extend(row_ids)
        self.people.update(dict.fromkeys(people))

    def forbid_undo(self, what: str) -> None:
        """Refuse a write that undo could not take back within a change that promises it.

        Raises:
            ValueError: The change is undoable: the caller's mistake.
        """
        if self.undoable:
            raise ValueError(f"{what} cannot be taken back; use store.change({self.label!r}, undoable=False)")


class Repository:
    """Reads one table within a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session


def insert_many(session: Session, row: type[Base], values: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows in one go and give their ids in the same order."""
    if not values:
        return []
    if len(values) >= _MANY and session.get_bind().dialect.name == "sqlite":
        return _insert_numbered(session, row, values)
    key = row.__mapper__.primary_key[0]
    statement = insert(row).returning(key, sort_by_parameter_order=True)
    return list(session.execute(statement, values).scalars())


def _insert_numbered(session: Session, row: type[Base], values: Sequence[dict[str, Any]]) -> list[int]:
    """The same where the writer is alone: SQLite gives ids in order only row by row, a third of an import."""
    key = row.__mapper__.primary_key[0]
    first = (session.scalar(select(func.max(key))) or 0) + 1
    ids = range(first, first + len(values))
    insert_keyed(session, row, [{**value, key.name: row_id} for row_id, value in zip(ids, values, strict=True)])
    return list(ids)


def insert_keyed(session: Session, row: type[Base], values: Sequence[dict[str, Any]]) -> None:
    """Insert rows whose key is known, many times faster than asking for it again."""
    if values:
        session.connection().execute(insert(row.__table__), values)  # type: ignore[arg-type]


def check_person(session: Session, person_id: PersonId) -> None:
    """Raise NotFoundError unless the person exists and was not taken away."""
    if session.get(PersonRow, person_id) is None or find_absent(session, [person_id]):
        raise NotFoundError(f"There is no person {person_id} in the project; reload the list.")
