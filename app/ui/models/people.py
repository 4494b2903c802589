"""The list of people, a page at a time (:mod:`app.ui.models.paged`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

from PySide6.QtCore import QObject, Qt

from app.services.flags import title_of
from app.services.suspects import describe_suspects
from app.ui.context import Context
from app.ui.models.paged import PAGE_ROWS, SUMMARY_ROLE, PagedModel
from app.ui.models.people_filter import PeopleFilter
from app.ui.widgets.state_badge import state_title
from db.conditions import OneOf
from db.presence import PRESENCE_TABLES
from db.records import UNDECIDED_STATES, ChangeSet, PersonId, PersonSummary

__all__ = ["BOND_ROLE", "PAGE_ROWS", "SUMMARY_ROLE", "Bond", "PeopleFilter", "PeopleModel", "describe"]

_LOOK_AHEAD: Final = 256
"""People asked about at once for the next undecided one, before all of the undecided are read."""

BOND_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""Role of the :class:`Bond` of a row."""


class Bond(NamedTuple):
    """Whether the rows above and below are people of the same image."""

    above: bool
    below: bool


class PeopleModel(PagedModel[PersonId, PersonSummary]):
    """People of the open project."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(context, parent)
        self._filter = PeopleFilter()
        context.changed.connect(self._on_changed)
        context.annotator_changed.connect(lambda: self.set_filter(self._filter))

    @property
    def filter(self) -> PeopleFilter:
        """The filter in force."""
        return self._filter

    def set_filter(self, wanted: PeopleFilter) -> None:
        """Show other people; :attr:`filtered` follows."""
        self._filter = wanted
        self._list(lambda: self._read_ids(wanted))

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

    def _more(self, summary: PersonSummary, row: int, role: int) -> Any:
        if role == BOND_ROLE:
            return Bond(self._is_mate(summary, row - 1), self._is_mate(summary, row + 1))
        return None

    def _is_mate(self, summary: PersonSummary, row: int) -> bool:
        if not 0 <= row < len(self._ids):
            return False
        other = self._summaries.get(self._ids[row])
        return other is not None and other.image_id == summary.image_id

    def _read_ids(self, wanted: PeopleFilter) -> list[PersonId]:
        project = self._context.project
        # Whoever asks for the undecided does not want those they have decided on themselves.
        mine = project.annotator_id if OneOf("state", UNDECIDED_STATES) in wanted.conditions else None
        with project.store.read() as reader:
            return reader.queue.ids(where=wanted.conditions, order=wanted.order, seed=wanted.seed, waiting_for=mine)

    def _read_summaries(self, ids: Sequence[PersonId]) -> list[PersonSummary]:
        with self._context.project.store.read() as reader:
            return reader.queue.summaries(ids)

    def _id_of(self, summary: PersonSummary) -> PersonId:
        return summary.person_id

    def _describe(self, summary: PersonSummary) -> str:
        return describe(summary)

    def _on_changed(self, changeset: ChangeSet) -> None:
        if changeset.touched_tables & PRESENCE_TABLES:
            self.set_filter(self._filter)
        else:
            self._refresh_rows(list(changeset.touched_people))


def describe(summary: PersonSummary) -> str:
    """A row in words, for screen readers and search."""
    place = f"person {summary.ordinal + 1} of {summary.people_in_image}"
    flags = "".join(f", {title_of(name)}" for name in summary.flags)
    doubts = "".join(f", {words}" for words in describe_suspects(summary.suspects))
    return f"{summary.image_path}, {place}, {state_title(summary.state)}{flags}{doubts}"


def _before(ids: list[PersonId], start: int) -> list[PersonId]:
    return ids[max(start - _LOOK_AHEAD, 0) : start][::-1]
