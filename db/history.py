"""The undo log of one session and the change log of the project.

Undo never deletes: it sets ``retracted`` on the rows a change inserted, redo clears it. Each step writes a row of the
append-only change log. The undo log itself lives in memory, as long as the store is open.

Before a step, the rows' ``version`` and the ``change_id`` of the people's heads must be what this session left behind.
Otherwise somebody else has built on them, and taking them back would pull the ground from under that work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.errors import StaleWriteError
from db.heads import read_stamps, rederive_heads, refresh_heads
from db.models import ChangeRow
from db.records import AnnotatorId, ChangeId, ChangeKind, ChangeSet, PersonId
from db.repositories.base import RETRACTABLE, WriteScope


@dataclass(frozen=True, slots=True)
class RowVersion:
    """One inserted row and how often undo and redo have touched it."""

    table: str
    id: int
    version: int


@dataclass(frozen=True, slots=True)
class UndoEntry:
    """How to take one change back, and how to do it again.

    Attributes:
        change_id: The change.
        label: Its name for people.
        person_id: The person to show.
        rows: What it inserted.
        before: What the heads of its people showed before it; None for people who had none.
        after: What they show after it; None for people it took away.
    """

    change_id: ChangeId
    label: str
    person_id: PersonId | None
    rows: tuple[RowVersion, ...]
    before: Mapping[PersonId, ChangeId | None]
    after: Mapping[PersonId, ChangeId | None]


class UndoLog:
    """What can be undone and redone, newest last."""

    def __init__(self) -> None:
        self._undo: list[UndoEntry] = []
        self._redo: list[UndoEntry] = []

    def push(self, entry: UndoEntry) -> None:
        """A change was made: it can be undone, and what was undone before can no longer be redone."""
        self._undo.append(entry)
        self._redo.clear()

    def push_onto(self, entry: UndoEntry, row: tuple[str, int]) -> None:
        """A change was made that goes with the one before, if that one stored the row: both are one step.

        The step keeps the name of the first.
        """
        last = self._undo[-1] if self._undo and not self._redo else None
        joins = last is not None and last.before.keys() == entry.before.keys()
        if last is None or not joins or row not in ((made.table, made.id) for made in last.rows):
            self.push(entry)
            return
        self._undo[-1] = replace(last, change_id=entry.change_id, rows=last.rows + entry.rows, after=entry.after)

    def find_next(self, kind: ChangeKind) -> UndoEntry | None:
        """What ``undo`` or ``redo`` would act on."""
        stack = self._stack(kind)
        return stack[-1] if stack else None

    def label(self, kind: ChangeKind) -> str | None:
        """Name of that change."""
        entry = self.find_next(kind)
        return None if entry is None else entry.label

    def drop(self, kind: ChangeKind) -> None:
        """Forget it: somebody else has touched its rows."""
        self._stack(kind).pop()

    def move(self, kind: ChangeKind, entry: UndoEntry) -> None:
        """It was undone (or redone); ``entry`` is what the opposite step needs."""
        self._stack(kind).pop()
        (self._redo if kind == "undo" else self._undo).append(entry)

    def _stack(self, kind: ChangeKind) -> list[UndoEntry]:
        return self._undo if kind == "undo" else self._redo


def write_change(scope: WriteScope) -> tuple[ChangeSet, UndoEntry | None]:
    """Finish a change inside its transaction: log it and refresh the heads of the people touched.

    Returns:
        What was touched, and how to take it back (None when it cannot be, or when nothing was written).
    """
    person_id = next(iter(scope.people), None) if scope.undoable else None
    touched = frozenset(scope.people), frozenset(scope.rows)
    if not scope.rows:
        return ChangeSet(None, scope.label, "do", *touched, person_id), None
    change_id = _log(
        scope.session, scope.label, "do", scope.annotator_id, person_id, scope.rows, scope.now, scope.undoable
    )
    steps = refresh_heads(scope.session, dict.fromkeys(scope.people, change_id), scope.now)
    if scope.rederive:
        touched = frozenset(rederive_heads(scope.session, scope.now)), frozenset(scope.rows)
    changeset = ChangeSet(change_id, scope.label, "do", *touched, person_id)
    rows = tuple(RowVersion(table, row_id, 1) for table in RETRACTABLE for row_id in scope.rows.get(table, ()))
    if not scope.undoable or not rows:
        return changeset, None
    return changeset, UndoEntry(change_id, scope.label, person_id, rows, steps.before, steps.after)


def reverse_entry(
    session: Session, entry: UndoEntry, kind: ChangeKind, annotator_id: AnnotatorId | None, now: datetime
) -> tuple[ChangeSet, UndoEntry]:
    """Undo or redo a change inside a transaction.

    Returns:
        What was touched, and the entry for the opposite step.

    Raises:
        StaleWriteError: Somebody else has touched its rows or people since.
    """
    expected, wanted = (entry.after, entry.before) if kind == "undo" else (entry.before, entry.after)
    stamps = dict(read_stamps(session, list(expected)))
    if any(stamps.get(person_id) != stamp for person_id, stamp in expected.items()):
        raise _stale(entry, kind)
    rows = tuple(_flip(session, row, kind, entry) for row in entry.rows)
    written: dict[str, list[int]] = {}
    for row in rows:
        written.setdefault(row.table, []).append(row.id)
    change_id = _log(session, entry.label, kind, annotator_id, entry.person_id, written, now, False, entry.change_id)
    refresh_heads(session, wanted, now)
    changeset = ChangeSet(change_id, entry.label, kind, frozenset(entry.before), frozenset(written), entry.person_id)
    return changeset, replace(entry, rows=rows)


def build_runs(ids: Iterable[int]) -> list[list[int]]:
    """Runs ``[first, last]`` of ids, ascending: an import's hundred thousand rows take one."""
    runs: list[list[int]] = []
    for number in sorted(ids):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def _flip(session: Session, row: RowVersion, kind: ChangeKind, entry: UndoEntry) -> RowVersion:
    table = RETRACTABLE[row.table]
    statement = (
        update(table)
        .where(table.id == row.id, table.version == row.version)
        .values(retracted=kind == "undo", version=row.version + 1)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(statement) is None:
        raise _stale(entry, kind)
    return replace(row, version=row.version + 1)


def _stale(entry: UndoEntry, kind: ChangeKind) -> StaleWriteError:
    return StaleWriteError(
        f"'{entry.label}' can no longer be {'undone' if kind == 'undo' else 'done again'}: the same person was changed "
        "elsewhere since; edit the person instead."
    )


def _log(
    session: Session,
    label: str,
    kind: ChangeKind,
    annotator_id: AnnotatorId | None,
    person_id: PersonId | None,
    rows: Mapping[str, Iterable[int]],
    now: datetime,
    undoable: bool,
    reverses_id: ChangeId | None = None,
) -> ChangeId:
    row = ChangeRow(
        label=label,
        kind=kind,
        undoable=undoable,
        reverses_id=reverses_id,
        annotator_id=annotator_id,
        person_id=person_id,
        created_at=now,
        rows={table: build_runs(ids) for table, ids in rows.items()},
    )
    session.add(row)
    session.flush()
    return ChangeId(row.id)
