"""From one person to the next."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

from app.services.person_view import PersonView
from app.ui.context import Context
from app.ui.models.people import PeopleModel
from db.records import PersonId


class Navigator(QObject):
    """Moves through the list of people; what it decides is put into the context.

    Signals:
        stuck: ``str``, why there is nobody to go to.
    """

    stuck = Signal(str)

    def __init__(self, context: Context, people: PeopleModel) -> None:
        super().__init__(context)
        self._context = context
        self._people = people
        self._last_row = 0
        self._searching = False
        self._waiting: list[Literal[1, -1]] = []
        people.filtered.connect(self._on_filtered)
        context.person_changed.connect(self._on_person_changed)

    def step(self, direction: Literal[1, -1]) -> None:
        """One row down or up; from a person the filter leaves out, to the row that took the place."""
        row = self._people.find_row(self._context.person_id)
        if row is None:
            wanted = self._last_row if direction > 0 else self._last_row - 1
            self._go(min(max(wanted, 0), len(self._people.ids) - 1))
        elif not 0 <= row + direction < len(self._people.ids):
            self.stuck.emit(
                self.tr("This is the last person of the list.")
                if direction > 0
                else self.tr("This is the first person of the list.")
            )
        else:
            self._go(row + direction)

    def jump_undecided(self, direction: Literal[1, -1] = 1) -> None:
        """To the next person without a decision, going on from the other end of the list.

        Asked again while the answer is on its way, it goes on from there: no press is lost.
        """
        if self._searching:
            self._waiting.append(direction)
            return
        self._searching = True
        here = self._context.person_id
        search = self._people.build_undecided_search(here, direction)
        self._context.reads.run(search, lambda found: self._on_found(here, found), self._on_search_failed)

    def first(self) -> None:
        """Top of the list."""
        self._go(0)

    def last(self) -> None:
        """Bottom of the list."""
        self._go(len(self._people.ids) - 1)

    def person_of_image(self, view: PersonView, number: int) -> None:
        """The person of this number, from 1, in the image on screen."""
        if number > len(view.people):
            self.stuck.emit(self.tr("This image has {0} people.").format(len(view.people)))
            return
        self._context.set_person(view.people[number - 1].id)

    def find_neighbours(self) -> list[PersonId]:
        """People who are likely to be wanted next: the rows below and above."""
        row = self._people.find_row(self._context.person_id)
        if row is None:
            return []
        ids = self._people.ids
        return [ids[near] for near in (row + 1, row - 1) if 0 <= near < len(ids)]

    def _go(self, row: int) -> None:
        if 0 <= row < len(self._people.ids):
            self._context.set_person(self._people.ids[row])
        else:
            self.stuck.emit(self.tr("No person matches the filter."))

    def _on_search_failed(self, error: Exception) -> None:
        self._searching = False
        self._waiting.clear()
        self.stuck.emit(str(error))

    def _on_found(self, here: PersonId | None, found: PersonId | None) -> None:
        self._searching = False
        if self._context.person_id != here:
            self._waiting.clear()
            return  # gone elsewhere meanwhile
        if found is None:
            self.stuck.emit(
                self.tr("Nobody else waits for a decision.")
                if self._people.filter.is_plain
                else self.tr("Nobody else of this list waits for a decision.")
            )
            self._waiting.clear()
        else:
            self._context.set_person(found)
            if self._waiting:
                self.jump_undecided(self._waiting.pop(0))

    def _on_filtered(self) -> None:
        if self._context.person_id is None and self._context.image_id is None and self._people.ids:
            self.first()

    def _on_person_changed(self, person_id: PersonId | None) -> None:
        row = self._people.find_row(person_id)
        if row is not None:
            self._last_row = row
