"""The list of people: all ids at once, rows a page at a time when they are looked at.

Cost follows the screen, not the project. The list stays as it was filtered until the filter is used again, so that
nothing jumps under the annotator's hand; what a row says is always up to date.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.services.flags import title_of
from app.services.suspects import describe_suspects
from app.ui.context import Context
from app.ui.models.people_filter import PeopleFilter
from app.ui.widgets.state_badge import state_title
from db.conditions import OneOf
from db.records import UNDECIDED_STATES, ChangeSet, PersonId, PersonSummary

__all__ = ["BOND_ROLE", "PAGE_ROWS", "SUMMARY_ROLE", "Bond", "PeopleFilter", "PeopleModel", "describe"]

PAGE_ROWS: Final = 64
KEPT_PAGES: Final = 40
"""Pages of rows kept in memory; what was scrolled past long ago is read again when somebody comes back."""
_LOOK_AHEAD: Final = 256
"""People asked about at once for the next undecided one, before all of the undecided are read."""

SUMMARY_ROLE: Final = Qt.ItemDataRole.UserRole
"""Role of the :class:`PersonSummary`, None until it has been read."""
BOND_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""Role of the :class:`Bond` of a row."""


class Bond(NamedTuple):
    """Whether the rows above and below are people of the same image."""

    above: bool
    below: bool


class _Listed(NamedTuple):
    """Ids in order, and the row of each."""

    ids: list[PersonId]
    rows: dict[PersonId, int]


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
        self._generation = 0
        self._ids: list[PersonId] = []
        self._rows: dict[PersonId, int] = {}
        self._summaries: dict[PersonId, PersonSummary] = {}
        self._pages_asked: set[int] = set()
        self._pages: OrderedDict[int, None] = OrderedDict()
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
            lambda listed: self._reset(ticket, listed),
        )

    def find_row(self, person_id: PersonId | None) -> int | None:
        """Row of a person, None when the filter leaves it out."""
        return None if person_id is None else self._rows.get(person_id)

    def build_undecided_search(self, after: PersonId | None, direction: int) -> Callable[[], PersonId | None]:
        """Search for the next person of this list who waits for a decision, to be run on the reading thread.

        It follows the order of the list, goes on from its other end and never finds ``after`` itself. It asks about
        the rows ahead first; only if none of them waits, it reads everybody who does: the more people wait, the
        sooner one is met, and the fewer wait, the fewer are read.
        """
        project, wanted, ids, rows = self._context.project, self._filter, self._ids, self._rows
        me = project.annotator_id
        beside = -1 if direction > 0 else len(ids)
        start = beside if after is None else rows.get(after, beside)

        def search() -> PersonId | None:
            with project.store.read() as reader:
                if wanted.is_plain:
                    way: Literal[1, -1] = 1 if direction > 0 else -1
                    return reader.queue.next_undecided(after, way, wrap=True, annotator_id=me)
                near = ids[start + 1 : start + 1 + _LOOK_AHEAD] if direction > 0 else _before(ids, start)
                undecided = reader.queue.undecided_of(near, me)
                found = next((person_id for person_id in near if person_id in undecided and person_id != after), None)
                if found is not None:
                    return found
                waiting = reader.queue.ids(states=UNDECIDED_STATES, waiting_for=me)
            places = (rows[person_id] for person_id in waiting if person_id in rows and person_id != after)
            # Rows behind the start come after all those ahead of it.
            distance = min(((place - start) * direction % max(len(ids), 1) or len(ids) for place in places), default=0)
            return ids[(start + distance * direction) % len(ids)] if distance else None

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
        if role == BOND_ROLE and summary is not None:
            return Bond(self._is_mate(summary, index.row() - 1), self._is_mate(summary, index.row() + 1))
        return None

    def _is_mate(self, summary: PersonSummary, row: int) -> bool:
        if not 0 <= row < len(self._ids):
            return False
        other = self._summaries.get(self._ids[row])
        return other is not None and other.image_id == summary.image_id

    def _read_ids(self, wanted: PeopleFilter) -> _Listed:
        project = self._context.project
        # Whoever asks for the undecided does not want those they have decided on themselves.
        mine = project.annotator_id if OneOf("state", UNDECIDED_STATES) in wanted.conditions else None
        with project.store.read() as reader:
            ids = reader.queue.ids(where=wanted.conditions, order=wanted.order, seed=wanted.seed, waiting_for=mine)
        return _Listed(ids, dict(zip(ids, range(len(ids)), strict=True)))

    def _reset(self, ticket: int, listed: _Listed | None) -> None:
        if listed is None or ticket != self._newest:
            return
        self.beginResetModel()
        self._ids, self._rows = listed
        self._forget_rows()
        self.endResetModel()
        self.filtered.emit()

    def _forget_rows(self) -> None:
        """Read every row anew when it is looked at; what is being read may be out of date already."""
        self._generation += 1
        self._summaries.clear()
        self._pages_asked.clear()
        self._pages.clear()

    def _ask_for(self, page: int) -> None:
        if page in self._pages_asked or page in self._pages:
            return
        self._pages_asked.add(page)
        ids = self._ids[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
        ticket = self._generation
        self._context.reads.run(lambda: self._read_rows(ids), lambda rows: self._fill(ticket, page, ids, rows))

    def _read_rows(self, ids: list[PersonId]) -> list[PersonSummary]:
        with self._context.project.store.read() as reader:
            return reader.queue.summaries(ids)

    def _fill(self, ticket: int, page: int, ids: list[PersonId], rows: list[PersonSummary]) -> None:
        if ticket != self._generation:
            return
        self._pages_asked.discard(page)
        self._summaries.update((summary.person_id, summary) for summary in rows)
        self._pages[page] = None
        while len(self._pages) > KEPT_PAGES:
            oldest, _ = self._pages.popitem(last=False)
            for person_id in self._ids[oldest * PAGE_ROWS : (oldest + 1) * PAGE_ROWS]:
                self._summaries.pop(person_id, None)
        self._announce(ids)

    def _on_changed(self, changeset: ChangeSet) -> None:
        if "people" in changeset.touched_tables:
            self.set_filter(self._filter)
            return
        shown = [person_id for person_id in changeset.touched_people if person_id in self._rows]
        if len(shown) > PAGE_ROWS:
            self._forget_rows()
            self._announce(shown)
        elif shown:
            ticket = self._generation
            self._context.reads.run(lambda: self._read_rows(shown), lambda rows: self._refresh(ticket, shown, rows))

    def _refresh(self, ticket: int, ids: list[PersonId], rows: list[PersonSummary]) -> None:
        if ticket == self._generation:
            # A row that was let go meanwhile is read again when somebody looks at it.
            self._summaries.update((row.person_id, row) for row in rows if row.person_id in self._summaries)
            self._announce(ids)

    def _announce(self, ids: Sequence[PersonId]) -> None:
        rows = sorted(self._rows[person_id] for person_id in ids if person_id in self._rows)
        if rows:
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))


def describe(summary: PersonSummary) -> str:
    """A row in words, for screen readers and search."""
    place = f"person {summary.ordinal + 1} of {summary.people_in_image}"
    flags = "".join(f", {title_of(name)}" for name in summary.flags)
    doubts = "".join(f", {words}" for words in describe_suspects(summary.suspects))
    return f"{summary.image_path}, {place}, {state_title(summary.state)}{flags}{doubts}"


def _before(ids: list[PersonId], start: int) -> list[PersonId]:
    return ids[max(start - _LOOK_AHEAD, 0) : start][::-1]
