"""Changing how many people review a person, from the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services.review import set_reviews_per_person
from app.ui.reviewers_dialog import ReviewersDialog
from db.records import ChangeSet

if TYPE_CHECKING:
    from app.ui.action_set import Handler
    from app.ui.review.attachments import Place


class ReviewerMode(QObject):
    """Asks, changes the project, and tells everybody who shows a state."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._page = place.page
        self._context = place.page.context

    def handlers(self) -> Mapping[str, Handler]:
        """Asking for the number."""
        return {"project.reviewers": self._ask}

    def close(self) -> None:
        """Nothing outlives the page."""

    def _ask(self) -> None:
        project = self._context.project

        def read() -> tuple[int, int]:
            with project.store.read() as reader:
                counts = reader.progress.counts()
                return reader.decisions.reviews_per_person(), counts["accepted"] + counts["rejected"]

        self._context.reads.run(read, lambda answer: self._open(*answer))

    def _open(self, current: int, decided: int) -> None:
        dialog = ReviewersDialog(current, decided, self._page.window())
        dialog.chosen.connect(self._change)
        dialog.open()

    def _change(self, reviewers: int) -> None:
        project = self._context.project
        self._context.writes.run(lambda: set_reviews_per_person(project, reviewers), self._on_changed)

    def _on_changed(self, changeset: ChangeSet) -> None:
        self._context.report_change(changeset)
        self._page.tell(self.tr("{0} from now on.").format(changeset.label), "success")
