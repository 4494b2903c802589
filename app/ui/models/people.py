"""The list of people: all ids at once, rows a page at a time when they are looked at.

Cost follows the screen, not the project. The list stays as it was filtered until the filter is used again, so that
nothing jumps under the annotator's hand; what a row says is always up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.services.flags import title_of
from app.ui.context import Context
from app.ui.widgets.state_badge import state_title
from db.records import UNDECIDED_STATES, ChangeSet, PersonId, PersonState, PersonSummary, QueueOrder

PAGE_ROWS: Final = 64

SUMMARY_ROLE: Final = Qt.ItemDataRole.UserRole
"""Role of the :class:`PersonSummary`, None until it has been read."""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people the list shows, and in which order."""

    text: str = ""
    states: tuple[PersonState, ...] | None = None
    order: QueueOrder = "import"
    flagged: bool | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is everybody in order of import."""
        return self == PeopleFilter()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody out."""
        return bool(self.text) or self.states is not None or self.flagged is not None


class PeopleModel(QAbstractListModel):
    """People of the open project.

    Signals:
        filtered: The ids of the newest filter are there.
    """

    filtered = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._filter = PeopleFilter()
        self._newest = 0
        self._ids: list[PersonId] = []
        self._rows: dict[PersonId, int] = {}
        self._summaries: dict[PersonId, PersonSummary] = {}
        self._pages_asked: set[int] = set()
        context.changed.connect(self._on_changed)
        context.annotator_changed.connect(lambda: self.set_filter(self._filter))

    @property
    def filter(self) -> PeopleFilter:
        """The filter in force."""
        return self._filter

    @property
    def ids(self) -> Sequence[PersonId]:
        """Everybody in the list, in order."""
        return self._ids

    def set_filter(self, wanted: PeopleFilter) -> None:
        """Show other people; :attr:`filtered` follows."""
        self._filter = wanted
        self._newest += 1
        ticket = self._newest
        self._context.reads.run(
            lambda: self._read_ids(wanted) if ticket == self._newest else None,
            lambda ids: self._reset(ticket, ids),
        )

    def find_row(self, person_id: PersonId | None) -> int | None:
        """Row of a person, None when the filter leaves it out."""
        return None if person_id is None else self._rows.get(person_id)

    def build_undecided_search(self, after: PersonId | None, direction: int) -> Callable[[], PersonId | None]:
        """Search for the next person of this list who waits for a decision, to be run on the reading thread.

        It goes on from the other end of the list and never finds ``after`` itself.
        """
        project, wanted, ids = self._context.project, self._filter, self._ids
        beside = -1 if direction > 0 else len(ids)
        start = beside if after is None else self._rows.get(after, beside)

        def search() -> PersonId | None:
            mine = project.annotator_id
            with project.store.read() as reader:
                if wanted.is_plain:
                    forward: Literal[1, -1] = 1 if direction > 0 else -1
                    return reader.queue.next_undecided(after, forward, wrap=True, annotator_id=mine)
                undecided = set(reader.queue.ids(states=UNDECIDED_STATES, waiting_for=mine))
            ahead = ids[start + 1 :] + ids[: start + 1] if direction > 0 else ids[:start][::-1] + ids[start:][::-1]
            return next((found for found in ahead if found in undecided and found != after), None)

        return search

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Number of people."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a row says; asks for its page when nobody has looked at it before."""
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        summary = self._summaries.get(self._ids[index.row()])
        if summary is None:
            self._ask_for(index.row() // PAGE_ROWS)
        if role == SUMMARY_ROLE:
            return summary
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return "…" if summary is None else describe(summary)
        return None

    def _read_ids(self, wanted: PeopleFilter) -> list[PersonId]:
        project = self._context.project
        with project.store.read() as reader:
            return reader.queue.ids(
                states=wanted.states,
                text=wanted.text or None,
                order=wanted.order,
                flagged=wanted.flagged,
                waiting_for=project.annotator_id if wanted.states == UNDECIDED_STATES else None,
            )

    def _reset(self, ticket: int, ids: list[PersonId] | None) -> None:
        if ids is None or ticket != self._newest:
            return
        self.beginResetModel()
        self._ids = ids
        self._rows = {person_id: row for row, person_id in enumerate(ids)}
        self._summaries.clear()
        self._pages_asked.clear()
        self.endResetModel()
        self.filtered.emit()

    def _ask_for(self, page: int) -> None:
        if page in self._pages_asked:
            return
        self._pages_asked.add(page)
        ids = self._ids[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
        ticket = self._newest
        self._context.reads.run(lambda: self._read_rows(ids), lambda rows: self._fill(ticket, page, ids, rows))

    def _read_rows(self, ids: list[PersonId]) -> list[PersonSummary]:
        with self._context.project.store.read() as reader:
            return reader.queue.summaries(ids)

    def _fill(self, ticket: int, page: int, ids: list[PersonId], rows: list[PersonSummary]) -> None:
        if ticket != self._newest:
            return
        self._pages_asked.discard(page)
        self._summaries.update((summary.person_id, summary) for summary in rows)
        self._announce(ids)

    def _on_changed(self, changeset: ChangeSet) -> None:
        if "people" in changeset.touched_tables:
            self.set_filter(self._filter)
            return
        shown = [person_id for person_id in changeset.touched_people if person_id in self._rows]
        if len(shown) > PAGE_ROWS:
            self._summaries.clear()
            self._announce(shown)
        elif shown:
            ticket = self._newest
            self._context.reads.run(lambda: self._read_rows(shown), lambda rows: self._refresh(ticket, shown, rows))

    def _refresh(self, ticket: int, ids: list[PersonId], rows: list[PersonSummary]) -> None:
        if ticket == self._newest:
            self._summaries.update((summary.person_id, summary) for summary in rows)
            self._announce(ids)

    def _announce(self, ids: Sequence[PersonId]) -> None:
        rows = sorted(self._rows[person_id] for person_id in ids if person_id in self._rows)
        if rows:
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))


def describe(summary: PersonSummary) -> str:
    """A row in words, for screen readers and search."""
    place = f"person {summary.ordinal + 1} of {summary.people_in_image}"
    flags = "".join(f", {title_of(name)}" for name in summary.flags)
    return f"{summary.image_path}, {place}, {state_title(summary.state)}{flags}"
