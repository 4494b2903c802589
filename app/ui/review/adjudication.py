"""Ruling where two reviewers disagree: both decisions over the picture, and the way to the next such person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services.disputes import Side, load_dispute
from app.services.person_view import PersonView
from app.ui.widgets.dispute_panel import DisputePanel
from db.records import PersonId

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place


class Adjudication(QObject):
    """Shows a dispute as long as the person on screen is in one."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._context = place.page.context
        self.panel = DisputePanel()
        place.page.frame.add_above_picture(self.panel)
        place.page.person_shown.connect(self._on_person_shown)
        self._context.person_changed.connect(lambda _person: self.panel.set_sides(()))

    def handlers(self) -> Mapping[str, Handler]:
        """The way to the next dispute."""
        return {"decide.next_dispute": self._go_on}

    def close(self) -> None:
        """Nothing outlives the page."""

    def _on_person_shown(self, view: PersonView | None) -> None:
        if view is None or view.state != "disputed":
            self.panel.set_sides(())
            return
        project, person_id = self._context.project, view.person.id
        self._context.reads.run(lambda: load_dispute(project, person_id), lambda sides: self._on_read(person_id, sides))

    def _on_read(self, person_id: PersonId, sides: tuple[Side, ...]) -> None:
        if self._page.view is not None and self._page.view.person.id == person_id:
            self.panel.set_sides(sides)

    def _go_on(self) -> None:
        here, project = self._context.person_id, self._context.project

        def find() -> PersonId | None:
            with project.store.read() as reader:
                disputed = reader.queue.ids(states=["disputed"])
            behind = [person for person in disputed if here is None or person > here]
            return next(iter([*behind, *disputed]), None)

        self._context.reads.run(find, lambda found: self._on_found(here, found))

    def _on_found(self, here: PersonId | None, found: PersonId | None) -> None:
        if self._context.person_id != here:
            return  # gone elsewhere meanwhile
        if found is None:
            self._page.tell(self.tr("Nobody is disputed: no two reviewers disagree."))
        elif found == here:
            self._page.tell(self.tr("This is the only person about whom reviewers disagree."))
        else:
            self._context.set_person(found)
