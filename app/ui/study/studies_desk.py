"""The Studies page beside the review page: opened and left by one key, read anew while it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from app.ui.handbook import SECTION_PROPERTY
from app.ui.review.side_page import SideDoor
from db.records import ChangeId, StudyId

if TYPE_CHECKING:
    from app.services.where import Choices
    from app.ui.action_set import Handler
    from app.ui.exchange.work_dialog import WorkDialog
    from app.ui.review.attachments import Place
    from app.ui.study.studies_page import StudiesPage
    from app.ui.study.study_parts import StudyParts
    from app.ui.study.study_reading import StudiesRead, StudyOnShow

LOOK_EVERY_MS: Final = 1000
"""The page asks so often whether anything has changed, by whatever program, and is read anew only then."""


class StudiesDesk(QObject):
    """Opens the page, lists studies, shows the one that is chosen."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.page)
        self._place = place
        self._context = place.page.context
        self._parts: StudyParts | None = None
        self._door: SideDoor | None = None
        self._seen: ChangeId | None = None
        self._chosen: StudyId | None = None
        self._wanted_name = ""
        self._reading = False
        self._dialog: WorkDialog | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    @property
    def page(self) -> StudiesPage | None:
        """The page, None before it was opened for the first time."""
        return None if self._parts is None else self._parts.page

    @property
    def parts(self) -> StudyParts | None:
        """What is behind the page."""
        return self._parts

    @property
    def dialog(self) -> WorkDialog | None:
        """The dialog on screen."""
        return self._dialog

    def handlers(self) -> Mapping[str, Handler]:
        """What the part's actions do."""
        return {"studies.show": self.toggle}

    def toggle(self) -> None:
        """Open the page, or go back to the person."""
        if self._door is None:
            self._build()
        assert self._door is not None
        self._door.toggle()

    def close(self) -> None:
        """The project is closing: what was edited and is sound is stored, what is under way is stopped."""
        if self._dialog is not None:
            self._dialog.blockSignals(True)
            self._dialog.close()
            self._dialog = None
        if self._door is not None:
            self._door.leave()
        if self._parts is not None:
            self._parts.close()
            self._parts = None
        if self._door is not None:
            self._door.close()
            self._door = None

    def _build(self) -> None:
        # Statistics and the rater's window are not loaded with the window.
        from app.ui.study.study_parts import StudyParts

        self._parts = parts = StudyParts(self._context, self)
        page = parts.page
        page.setProperty(SECTION_PROPERTY, "preference-studies")
        self._door = SideDoor(self._place, page, self)
        self._door.opened.connect(self._on_opened)
        self._door.closed.connect(self._on_left)
        page.new_wanted.connect(self._on_new)
        page.form.copy.clicked.connect(self._on_copy)
        page.studies.chosen.connect(self._on_chosen)
        page.tabs.currentChanged.connect(lambda _place: self._on_part())
        parts.design.stored.connect(self._on_stored)
        parts.design.drafts_changed.connect(self._on_drafts)
        parts.design.opening_wanted.connect(self._on_opening)
        parts.run.changed.connect(self._read_anew)
        for desk in (parts.design, parts.run):
            desk.refused.connect(page.say)
        for shows in (parts.run, parts.results):
            shows.dialog_opened.connect(self._on_dialog)
        parts.work.crashed.connect(self._context.reads.crashed)
        parts.tasks.crashed.connect(self._context.reads.crashed)
        parts.tasks.refused.connect(page.say)

    # ---- reading

    def _on_opened(self) -> None:
        self._timer.start()
        self._read_anew()
        if self._parts is not None:
            context, design = self._context, self._parts.design

            def read() -> Choices:
                with context.project.store.read() as reader:
                    return reader.queue.words()

            context.reads.run(read, design.set_choices)

    def _on_left(self) -> None:
        self._timer.stop()
        if self._parts is not None:
            self._parts.design.leave()
            self._parts.run.leave()

    def _read_anew(self) -> None:
        self._seen = None
        self._look()

    def _look(self) -> None:
        """Read the studies, if anything was written since they were read last."""
        from app.ui.study.study_reading import read_studies

        if self._reading:
            return
        self._reading = True
        project, seen = self._context.project, self._seen
        self._context.reads.run(lambda: read_studies(project, seen), self._on_read, self._on_not_read)

    def _on_read(self, found: StudiesRead | None) -> None:
        self._reading = False
        parts = self._parts
        if parts is None or found is None:
            return
        self._seen = found.newest
        parts.design.set_methods(found.methods)
        parts.page.studies.show_studies(found.studies, parts.design.drafts)
        ids = {study.name: study.id for study in found.studies}
        if self._wanted_name in ids:
            self._chosen, self._wanted_name = ids[self._wanted_name], ""
        if self._chosen not in ids.values():
            self._chosen = None
        if self._chosen is None and not parts.design.shows_new and found.studies:
            self._chosen = found.studies[-1].id
        parts.page.studies.mark(self._chosen)
        if self._chosen is not None:
            self._show(self._chosen)
        elif not parts.design.shows_new:
            parts.page.show_empty()

    def _on_not_read(self, error: Exception) -> None:
        self._reading = False
        if self._parts is not None:
            self._parts.page.say(str(error))

    def _show(self, study_id: StudyId) -> None:
        from app.ui.study.study_reading import read_study

        project = self._context.project
        self._context.reads.run(lambda: read_study(project, study_id), self._on_study_read, self._on_not_read)

    def _on_study_read(self, study: StudyOnShow) -> None:
        parts = self._parts
        if parts is None or study.id != self._chosen or self._door is None or not self._door.is_open:
            return
        parts.page.show_study(study.name, study.state)
        parts.design.show_study(study)
        if study.state == "design":
            parts.run.leave()
        else:
            parts.run.show_study(study)
        parts.results.show_study(study)
        self._on_part()

    # ---- what people ask for

    def _on_chosen(self, study_id: StudyId) -> None:
        self._chosen = study_id
        if self._parts is not None:
            self._parts.page.say("")
        self._show(study_id)

    def _on_new(self) -> None:
        self._begin(copied=False)

    def _on_copy(self) -> None:
        self._begin(copied=True)

    def _begin(self, *, copied: bool) -> None:
        parts = self._parts
        if parts is None:
            return
        taken = [study.name for study in parts.page.studies.studies]
        self._chosen = None
        parts.run.leave()
        parts.page.say("")
        parts.page.studies.mark(None)
        parts.page.show_study(parts.page.tr("New study"), None)
        if copied:
            parts.design.begin_copy(taken)
        else:
            parts.design.begin_new(taken)

    def _on_stored(self, name: str) -> None:
        self._wanted_name = name
        self._read_anew()

    def _on_drafts(self) -> None:
        if self._parts is not None:
            studies = self._parts.page.studies
            studies.show_studies(list(reversed(studies.studies)), self._parts.design.drafts)

    def _on_part(self) -> None:
        if self._parts is not None and self._parts.page.shows_results:
            self._parts.results.look()

    def _on_opening(self, study: StudyOnShow) -> None:
        from app.ui.study.open_dialog import OpenStudyDialog

        parts = self._parts
        if parts is None or self._make_way():
            return
        context = self._context
        dialog = OpenStudyDialog(parts.work, context.project, study, context.make_runner, parts.page.window())
        dialog.opened.connect(self._on_study_opened)
        dialog.show()
        self._on_dialog(dialog)

    def _on_study_opened(self, name: str) -> None:
        self._on_stored(name)
        if self._parts is not None:
            self._parts.page.show_part_soon()

    def _make_way(self) -> bool:
        """Whether a dialog is at work, which is shown then; one that is not is closed."""
        if self._dialog is None:
            return False
        if self._dialog.work.busy:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return True
        self._dialog.close()
        return False

    def _on_dialog(self, dialog: WorkDialog) -> None:
        self._dialog = dialog
        dialog.finished.connect(lambda _result: self._on_dialog_closed(dialog))

    def _on_dialog_closed(self, dialog: WorkDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None
            self._read_anew()
