"""What another program changes shows in the open window: a command that fits, a second window, a colleague's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.ui.review.attachments import Place
from db.records import ChangeId, ChangeSet

if TYPE_CHECKING:
    from app.ui.action_set import Handler

LOOK_EVERY_MS: Final = 1000


class OutsideChanges(QObject):
    """Looks at the change log while the window is in use, and tells of changes as if they had been made here.

    A look is one seek in the log's index; only what was touched is read anew. The person on screen is read again too,
    but never in the middle of a drag: the news then waits for the next look.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._context = place.page.context
        self._seen: ChangeId | None = self._context.opened_at
        self._looking = self._told = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def handlers(self) -> Mapping[str, Handler]:
        """Nobody starts it."""
        return {}

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Look now, unless nobody is there to see it, somebody drags, or a look is under way."""
        dragging = QApplication.mouseButtons() != QApplication.mouseButtons().NoButton
        if self._looking or dragging or not self._page.isActiveWindow():
            return
        self._looking = True
        seen = self._seen
        self._context.reads.run(lambda: self._read(seen), self._on_read, self._on_failed)

    def _read(self, seen: ChangeId | None) -> tuple[ChangeId | None, ChangeSet | None]:
        store = self._context.project.store
        with store.read() as reader:
            latest = reader.changes.latest_id()
            if latest == seen:
                return seen, None
            return latest, reader.changes.find_outside(seen, store.own_changes)

    def _on_read(self, news: tuple[ChangeId | None, ChangeSet | None]) -> None:
        self._looking = self._told = False
        self._seen, changeset = news
        if changeset is not None:
            self._context.report_change(changeset)

    def _on_failed(self, error: Exception) -> None:
        self._looking = False
        if not self._told:  # once, not every second
            self._told = True
            self._page.tell(str(error), "warning")
