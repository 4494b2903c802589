"""The tab that tells what happened to the person on screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services.person_history import HistoryEvent, load_history
from app.services.person_view import PersonView
from app.ui.widgets.history_list import HistoryList
from db.records import PersonId

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place


class HistoryPanel(QObject):
    """Reads the history of the person on screen again whenever something has changed."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._context = place.page.context
        self.list = HistoryList()
        place.page.column.add_tab(self.list, self.tr("History"))
        place.page.person_shown.connect(self._on_person_shown)

    def handlers(self) -> Mapping[str, Handler]:
        """It has no actions."""
        return {}

    def close(self) -> None:
        """Nothing outlives the page."""

    def _on_person_shown(self, view: PersonView | None) -> None:
        if view is None:
            self.list.set_events(None)
            return
        project, person_id = self._context.project, view.person.id
        self._context.reads.run(
            lambda: load_history(project, person_id), lambda events: self._on_read(person_id, events)
        )

    def _on_read(self, person_id: PersonId, events: tuple[HistoryEvent, ...]) -> None:
        if self._context.person_id == person_id:
            self.list.set_events(events)
