"""The store's door: open a project database, read it, change it, take changes back.

What it promises:

* ``read()`` sees one consistent state for as long as the block lasts, never waits for writers, and may be called from
  any thread.
* ``change()`` is one transaction: everything in the block is stored at its end, or nothing. Any thread may call it; one
  writer a process goes at a time, and other processes are waited for (``busy_timeout_s``).
* What is committed survives ``kill -9`` and, on SQLite, a power cut.
* Everything that leaves is a frozen record of :mod:`db.records`; everything known to go wrong is a
  :class:`~db.errors.StoreError`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.copying import OnCopied, copy_database
from db.engine import build_engine, describe, find_database_file, parse_place, translated_errors, writing
from db.errors import StaleWriteError, StoreAccessError
from db.file_faults import Fault
from db.heads import derive_heads, find_wrong_heads
from db.history import UndoLog, reverse_entry, write_change
from db.integrity import OnChecked, iter_row_faults
from db.models import RevisionRow
from db.records import AnnotatorId, ChangeId, ChangeKind, ChangeSet, PersonId, RevisionId
from db.repositories.base import WriteScope
from db.schema import create_schema, ensure_current_schema
from db.transactions import Change, Reading


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """A project's database. Made by :meth:`create` or :meth:`open`; close it, or use it in a ``with``.

    Attributes:
        location: The database as people know it: the file's path, or the URL without its password.
        database_file: The SQLite file, None for a database server.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = _now) -> None:
        self.location = describe(engine.url)
        self.database_file = find_database_file(engine.url)
        self._engine = engine
        self._writing_engine = writing(engine)
        self._clock = clock
        self._undo_log = UndoLog()
        self._write_lock = threading.Lock()
        self._writer: int | None = None
        self._closed = False
        self._own_changes: set[ChangeId] = set()

    @classmethod
    def create(cls, place: str | Path, *, busy_timeout_s: float = 5.0) -> Self:
        """Make a new, empty project database.

        Args:
            place: Path of the SQLite file (its folder must exist), or an SQLAlchemy URL.
            busy_timeout_s: How long to wait for another process that writes.

        Raises:
            ProjectExistsError: There is one already.
            StoreAccessError: The place cannot be written.
        """
        engine = build_engine(parse_place(place), busy_timeout_s)
        return cls._prepared(engine, create_schema)

    @classmethod
    def open(cls, place: str | Path, *, busy_timeout_s: float = 5.0) -> Self:
        """Open a project database; one of an older version is backed up beside itself and brought up to date.

        Raises:
            ProjectNotFoundError: There is none at this place.
            SchemaTooNewError: It was written by a newer version of the program.
            CorruptStoreError: The file is damaged or something else.
            StoreLockedError: Another program holds it.
        """
        engine = build_engine(parse_place(place), busy_timeout_s)
        return cls._prepared(engine, ensure_current_schema)

    @classmethod
    def _prepared(cls, engine: Engine, prepare: Callable[[Engine], None]) -> Self:
        try:
            with translated_errors(describe(engine.url)):
                prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Close every connection. Closing twice is allowed."""
        self._closed = True
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """One consistent view of the project; nothing read in the block changes while it lasts."""
        self._check_open()
        with translated_errors(self.location), Session(self._engine) as session:
            yield Reading(session)

    @contextmanager
    def change(
        self,
        label: str,
        *,
        annotator_id: AnnotatorId | None = None,
        undoable: bool = True,
        follows: RevisionId | None = None,
    ) -> Iterator[Change]:
        """One change of the project: stored as a whole at the end of the block, or not at all.

        Args:
            label: The change in words, as the menu will name it ("Accept fit").
            annotator_id: Who makes it.
            undoable: Whether :meth:`undo` can take it back. Images, people and settings are stored by changes that
                cannot; these leave the undo log as it is.
            follows: Keypoints that the change was made for of itself. If storing them is the newest step of the undo
                log, the change joins it, so that one undo takes both back.

        Yields:
            The change; after the block its ``changeset`` says what was touched.
        """
        with self._exclusive():
            with self._transaction() as session:
                scope = WriteScope(session, label, annotator_id, undoable, self._clock())
                change = Change(scope)
                yield change
                changeset, entry = write_change(scope)
                self._remember(changeset)
            if entry is not None:
                if follows is None:
                    self._undo_log.push(entry)
                else:
                    self._undo_log.push_onto(entry, (RevisionRow.__tablename__, follows))
            change.finish(changeset)

    @property
    def undo_label(self) -> str | None:
        """What :meth:`undo` would take back; None when there is nothing."""
        return self._undo_log.label("undo")

    @property
    def redo_label(self) -> str | None:
        """What :meth:`redo` would do again; None when there is nothing."""
        return self._undo_log.label("redo")

    def undo(self, *, annotator_id: AnnotatorId | None = None) -> ChangeSet | None:
        """Take back the newest undoable change of this session; None when there is none.

        Raises:
            StaleWriteError: Somebody else has changed the same people since. The step is dropped from the log, so the
                next call reaches the one before.
        """
        return self._reverse("undo", annotator_id)

    def redo(self, *, annotator_id: AnnotatorId | None = None) -> ChangeSet | None:
        """Do again what was undone last; None when there is nothing. Raises as :meth:`undo` does."""
        return self._reverse("redo", annotator_id)

    @property
    def own_changes(self) -> frozenset[ChangeId]:
        """Changes that this store has made; those of the change log that are not among them are somebody else's."""
        return frozenset(self._own_changes)

    def forget_steps(self) -> None:
        """Undo and redo reach no further back than now: somebody else works from here on."""
        with self._exclusive():
            self._undo_log = UndoLog()

    def verify_heads(self) -> tuple[PersonId, ...]:
        """People whose derived row differs from what their history says; empty in a sound project."""
        self._check_open()
        with translated_errors(self.location), Session(self._engine) as session:
            return find_wrong_heads(session)

    def repair_heads(self) -> tuple[PersonId, ...]:
        """Derive the rows of :meth:`verify_heads` anew from the history; whose they are. No history is written."""
        with self._exclusive(), self._transaction() as session:
            wrong = find_wrong_heads(session)
            derive_heads(session, wrong, self._clock())
        return wrong

    def iter_faults(self, on_checked: OnChecked = lambda table, rows: None) -> Iterator[Fault]:
        """What is wrong with the rows, see :mod:`db.integrity`; to be exhausted without a pause."""
        self._check_open()
        with translated_errors(self.location), Session(self._engine) as session:
            yield from iter_row_faults(session, on_checked)

    def copy_to(self, target: Path, on_copied: OnCopied = lambda done, total: None) -> None:
        """Copy the database as it is at this moment, while others may write, into one SQLite file.

        Args:
            target: File to make.
            on_copied: Called with pages done and in all; may raise to cancel.

        Raises:
            StoreAccessError: The database is on a server, which has a way of its own.
        """
        self._check_open()
        if self.database_file is None:
            raise StoreAccessError(
                f"{self.location} is on a server, and only SQLite files can be copied; dump it with the server's own"
                " tool (PostgreSQL: pg_dump)."
            )
        copy_database(self.database_file, target, on_copied)

    def _reverse(self, kind: ChangeKind, annotator_id: AnnotatorId | None) -> ChangeSet | None:
        with self._exclusive():
            entry = self._undo_log.find_next(kind)
            if entry is None:
                return None
            try:
                with self._transaction() as session:
                    changeset, moved = reverse_entry(session, entry, kind, annotator_id, self._clock())
                    self._remember(changeset)
            except StaleWriteError:
                self._undo_log.drop(kind)
                raise
            self._undo_log.move(kind, moved)
            return changeset

    def _remember(self, changeset: ChangeSet) -> None:
        """Before the commit, so that nobody sees a change of ours and takes it for another's."""
        if changeset.id is not None:
            self._own_changes.add(changeset.id)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """One writer a process; a change within a change would wait for itself, so it is refused."""
        self._check_open()
        if self._writer == threading.get_ident():
            raise RuntimeError("a change was begun within a change of the same thread")
        with self._write_lock:
            self._writer = threading.get_ident()
            try:
                yield
            finally:
                self._writer = None

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with translated_errors(self.location), Session(self._writing_engine) as session, session.begin():
            yield session

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError(f"the store {self.location} is closed")
