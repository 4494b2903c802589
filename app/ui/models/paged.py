"""Long lists: all ids at once, rows a page at a time when they are looked at. Cost follows the screen.

A list stays as it was read until it is asked for again, so that nothing jumps under the annotator's hand; what a row
says is always up to date.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.ui.context import Context

PAGE_ROWS: Final = 64
KEPT_PAGES: Final = 40
"""Pages of rows kept in memory; what was scrolled past long ago is read again when somebody comes back."""

SUMMARY_ROLE: Final = Qt.ItemDataRole.UserRole
"""Role of what is known of a row, None until it has been read."""

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")


class _Listed(NamedTuple, Generic[Id]):
    """Ids in order, and the row of each."""

    ids: list[Id]
    rows: dict[Id, int]


class PagedModel(QAbstractListModel, Generic[Id, Row]):
    """Rows of the open project, by id.

    Signals:
        filtered: The ids asked for last are there.
    """

    filtered = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._newest = 0
        self._generation = 0
        self._ids: list[Id] = []
        self._rows: dict[Id, int] = {}
        self._summaries: dict[Id, Row] = {}
        self._pages_asked: set[int] = set()
        self._pages: OrderedDict[int, None] = OrderedDict()

    @property
    def ids(self) -> Sequence[Id]:
        """Everything in the list, in order."""
        return self._ids

    def find_row(self, row_id: Id | None) -> int | None:
        """Row of an id, None when the filter leaves it out."""
        return None if row_id is None else self._rows.get(row_id)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Number of rows."""
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
            return "…" if summary is None else self._describe(summary)
        return None if summary is None else self._more(summary, index.row(), role)

    # ---- what a list is made of

    def _read_summaries(self, ids: Sequence[Id]) -> list[Row]:
        """What these rows say, on the reading thread; unknown ids are left out."""
        raise NotImplementedError

    def _id_of(self, summary: Row) -> Id:
        """Id of a row."""
        raise NotImplementedError

    def _describe(self, summary: Row) -> str:
        """A row in words."""
        raise NotImplementedError

    def _more(self, _summary: Row, _row: int, _role: int) -> Any:
        """What a row says in further roles."""
        return None

    # ---- reading

    def _list(self, read: Callable[[], list[Id]]) -> None:
        """Show other rows; :attr:`filtered` follows."""
        self._newest += 1
        ticket = self._newest

        def read_listed() -> _Listed[Id] | None:
            if ticket != self._newest:
                return None
            ids = read()
            return _Listed(ids, dict(zip(ids, range(len(ids)), strict=True)))

        self._context.reads.run(read_listed, lambda listed: self._reset(ticket, listed))

    def _refresh_rows(self, ids: Sequence[Id]) -> None:
        """Read some rows again; many are read when they are looked at."""
        shown = [row_id for row_id in ids if row_id in self._rows]
        if len(shown) > PAGE_ROWS:
            self._forget_rows()
            self._announce(shown)
        elif shown:
            ticket = self._generation
            self._context.reads.run(lambda: self._read_summaries(shown), lambda rows: self._refill(ticket, shown, rows))

    def _reset(self, ticket: int, listed: _Listed[Id] | None) -> None:
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
        self._context.reads.run(lambda: self._read_summaries(ids), lambda rows: self._fill(ticket, page, ids, rows))

    def _fill(self, ticket: int, page: int, ids: list[Id], rows: list[Row]) -> None:
        if ticket != self._generation:
            return
        self._pages_asked.discard(page)
        self._summaries.update((self._id_of(summary), summary) for summary in rows)
        self._pages[page] = None
        while len(self._pages) > KEPT_PAGES:
            oldest, _ = self._pages.popitem(last=False)
            for row_id in self._ids[oldest * PAGE_ROWS : (oldest + 1) * PAGE_ROWS]:
                self._summaries.pop(row_id, None)
        self._announce(ids)

    def _refill(self, ticket: int, ids: list[Id], rows: list[Row]) -> None:
        if ticket == self._generation:
            # A row that was let go meanwhile is read again when somebody looks at it.
            known = ((self._id_of(row), row) for row in rows)
            self._summaries.update((row_id, row) for row_id, row in known if row_id in self._summaries)
            self._announce(ids)

    def _announce_all(self) -> None:
        if self._ids:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    def _announce(self, ids: Sequence[Id]) -> None:
        rows = sorted(self._rows[row_id] for row_id in ids if row_id in self._rows)
        if rows:
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))
