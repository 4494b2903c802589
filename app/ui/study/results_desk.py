"""What a study found, as the page shows it: computed when somebody has decided to look."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.services.study.reporting import load_results
from app.study.report.facts import StudyFacts
from app.study.results import StudyResults
from app.ui.context import Context
from app.ui.exchange.long_work import LongWork
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.study.report_dialog import ReportDialog
from app.ui.study.results_view import ResultsView
from app.ui.study.study_reading import StudyOnShow
from app.ui.tasks import Tasks
from db.records import StudyId


class ResultsDesk(QObject):
    """Behind the results.

    Args:
        view: Of the page.
        context: Of the open project.
        tasks: Thread of the statistics.
        work: Writes reports.

    Signals:
        dialog_opened: :class:`WorkDialog`, on screen now.
    """

    dialog_opened = Signal(object)

    def __init__(self, view: ResultsView, context: Context, tasks: Tasks, work: LongWork, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._context = context
        self._tasks = tasks
        self._work = work
        self._study: StudyOnShow | None = None
        self._looked: set[StudyId] = set()
        self._computing: StudyId | None = None
        view.wanted.connect(self._on_wanted)
        view.save.clicked.connect(self._on_save)

    def show_study(self, study: StudyOnShow) -> None:
        """Show what may be shown of a study: everything once it is closed, before that a question."""
        same = self._study is not None and self._study.id == study.id and self._study.state == study.state
        self._study = study
        if same and (self._view.results is not None or self._computing == study.id):
            return
        view = self._view
        if not study.votes:
            view.show_message(self.tr("No vote has been collected yet, so there is nothing to show."))
        elif study.state == "closed":
            view.show_message(self.tr("The study is closed."), can_look=True, button=self.tr("Show results"))
        elif study.id in self._looked and same:
            return
        else:
            view.show_message(
                self.tr(
                    "{0:,} of {1:,} votes are collected. Looking early can change when you stop, and a study that is"
                    " stopped when it looks good proves too much. Say in the paper that you looked, or wait until the"
                    " study is closed."
                ).format(study.votes, study.planned),
                can_look=True,
                button=self.tr("Show interim results"),
            )

    def look(self) -> None:
        """The results' tab is in front: a closed study is computed at once."""
        study = self._study
        if study is not None and study.state == "closed" and study.votes and self._view.results is None:
            self._compute(study)

    def _on_wanted(self) -> None:
        if self._study is not None:
            self._looked.add(self._study.id)
            self._compute(self._study)

    def _compute(self, study: StudyOnShow) -> None:
        if self._computing == study.id:
            return
        self._computing = study.id
        self._view.show_message(self.tr("Computing…"))
        project = self._context.project

        def work() -> tuple[StudyResults, StudyFacts]:
            return load_results(project, study.name)

        self._tasks.run(
            work, lambda found: self._on_computed(study, *found), lambda error: self._on_failed(study, error)
        )

    def _on_computed(self, study: StudyOnShow, results: StudyResults, facts: StudyFacts) -> None:
        self._computing = None
        if self._study is not None and self._study.id == study.id:
            self._view.show_results(results, facts)

    def _on_failed(self, study: StudyOnShow, error: Exception) -> None:
        self._computing = None
        if self._study is not None and self._study.id == study.id:
            self._view.show_message(str(error), can_look=True, button=self.tr("Try again"))

    def _on_save(self) -> None:
        if (study := self._study) is not None:
            dialog: WorkDialog = ReportDialog(self._work, self._context.project, study.name, self._view.window())
            dialog.show()
            self.dialog_opened.emit(dialog)
