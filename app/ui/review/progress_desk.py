"""The Progress page beside the review page: opened and left by one key, read anew while it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QStackedWidget

from app.services.progress import Pace, ProgressReport, local_now, read_pace, read_progress
from app.ui.actions import get_action
from app.ui.handbook import SECTION_PROPERTY
from app.ui.review.queue_link import can_show, show_in_queue
from db.records import ChangeId

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.pages.progress import ProgressPage
    from app.ui.review.attachments import Place

LOOK_EVERY_MS: Final = 1000
"""The page asks so often whether anything has changed, by whatever program, and is read anew only then."""


class ProgressDesk(QObject):
    """Opens the page, keeps it up to date, and goes back.

    While the page is open the keys of the review do nothing: nobody decides on a person who is not on screen.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._place = place
        self._context = place.page.context
        self._page: ProgressPage | None = None
        self._resting: list[str] = []
        self._seen: ChangeId | None = None
        self._reading = False
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._context.changed.connect(lambda _changeset: self._count_day())
        self._context.annotator_changed.connect(self._count_day)
        self._count_day()

    @property
    def page(self) -> ProgressPage | None:
        """The page, None before it was opened for the first time."""
        return self._page

    @property
    def is_open(self) -> bool:
        """Whether the page is on screen."""
        return self._timer.isActive()

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do."""
        return {"progress.show": self.toggle}

    def toggle(self) -> None:
        """Open the page, or go back to the person."""
        if self.is_open:
            self.leave()
        else:
            self.open()

    def open(self) -> None:
        """Show the page."""
        stack = self._place.page.parentWidget()
        if self.is_open or not isinstance(stack, QStackedWidget):
            return
        if self._page is None:
            from app.ui.pages.progress import ProgressPage

            self._page = ProgressPage(can_show)
            self._page.setProperty(SECTION_PROPERTY, "progress-and-quality")
            self._page.left.connect(self.leave)
            self._page.query_chosen.connect(self._on_query_chosen)
            stack.addWidget(self._page)
        actions = self._place.actions
        self._resting = [name for name in actions.ids() if _rests(name) and actions[name].isEnabled()]
        for name in self._resting:
            actions[name].setEnabled(False)
        self._place.toolbar.hide()
        stack.setCurrentWidget(self._page)
        self._page.setFocus()
        self._timer.start(LOOK_EVERY_MS)
        self._look()

    def leave(self) -> None:
        """Go back to the person."""
        if not self.is_open:
            return
        self._timer.stop()
        for name in self._resting:
            self._place.actions[name].setEnabled(True)
        self._place.toolbar.show()
        stack = self._place.page.parentWidget()
        if isinstance(stack, QStackedWidget):
            stack.setCurrentWidget(self._place.page)
        self._place.page.canvas.setFocus()

    def close(self) -> None:
        """The project is closing."""
        self._closed = True
        self.leave()
        if self._page is not None:
            self._page.setParent(None)
            self._page.deleteLater()
            self._page = None

    def _count_day(self) -> None:
        """Tell the status line how the annotator's day goes."""
        project = self._context.project

        def read() -> Pace:
            with project.store.read() as reader:
                return read_pace(reader, project.annotator_id, local_now())

        self._context.reads.run(read, self._on_day_counted)

    def _on_day_counted(self, pace: Pace) -> None:
        if not self._closed:
            self._place.status.show_pace(pace)

    def _look(self) -> None:
        """Read the numbers, if anything was written since they were read last."""
        if self._reading:
            return
        self._reading = True
        store, seen = self._context.project.store, self._seen

        def read() -> tuple[ChangeId | None, ProgressReport, datetime] | None:
            with store.read() as reader:
                newest = reader.changes.latest_id()
                if newest == seen and seen is not None:
                    return None
                now = local_now()
                return newest, read_progress(reader, now), now

        self._context.reads.run(read, self._on_read, self._on_failed)

    def _on_read(self, found: tuple[ChangeId | None, ProgressReport, datetime] | None) -> None:
        self._reading = False
        if found is not None and self._page is not None:
            self._seen, report, now = found
            self._page.show_report(report, now)

    def _on_failed(self, error: Exception) -> None:
        self._reading = False
        self._timer.stop()
        self._place.messages.show_message(str(error), "error")
        self._timer.start(10 * LOOK_EVERY_MS)

    def _on_query_chosen(self, query: str) -> None:
        self.leave()
        show_in_queue(self._place.page.people_column, query)


def _rests(action_id: str) -> bool:
    """Whether an action has nothing to act on while the page is open."""
    return get_action(action_id).scope == "E" or action_id == "program.next_pane"
