"""The Progress page beside the review page: opened and left by one key, read anew while it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from app.services.progress import Pace, ProgressReport, local_now, read_pace, read_progress
from app.ui.handbook import SECTION_PROPERTY
from app.ui.review.queue_link import can_show, show_in_queue
from app.ui.review.side_page import SideDoor
from db.records import ChangeId

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.pages.progress import ProgressPage
    from app.ui.review.attachments import Place

LOOK_EVERY_MS: Final = 1000
"""The page asks so often whether anything has changed, by whatever program, and is read anew only then."""


class ProgressDesk(QObject):
    """Opens the page, keeps it up to date, and goes back."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._place = place
        self._context = place.page.context
        self._page: ProgressPage | None = None
        self._door: SideDoor | None = None
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
        return self._door is not None and self._door.is_open

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do."""
        return {"progress.show": self.toggle}

    def toggle(self) -> None:
        """Open the page, or go back to the person."""
        if self._door is None:
            from app.ui.pages.progress import ProgressPage

            self._page = ProgressPage(can_show)
            self._page.setProperty(SECTION_PROPERTY, "progress-and-quality")
            self._page.query_chosen.connect(self._on_query_chosen)
            self._door = SideDoor(self._place, self._page, self)
            self._door.opened.connect(self._on_opened)
            self._door.closed.connect(self._timer.stop)
        self._door.toggle()

    def close(self) -> None:
        """The project is closing."""
        self._closed = True
        if self._door is not None:
            self._door.close()
            self._door = self._page = None

    def _on_opened(self) -> None:
        self._timer.start(LOOK_EVERY_MS)
        self._look()

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
        if self.is_open:
            self._timer.start(10 * LOOK_EVERY_MS)

    def _on_query_chosen(self, query: str) -> None:
        if self._door is not None:
            self._door.leave()
        show_in_queue(self._place.page.people_column, query)
