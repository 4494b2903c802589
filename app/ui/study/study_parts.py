"""The Studies page with what is behind it; made when it is opened for the first time."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.ui.context import Context
from app.ui.exchange.long_work import LongWork
from app.ui.study.design_desk import DesignDesk
from app.ui.study.results_desk import ResultsDesk
from app.ui.study.run_desk import RunDesk
from app.ui.study.studies_page import StudiesPage
from app.ui.tasks import Tasks


class StudyParts(QObject):
    """Owns the page's threads.

    Attributes:
        page: The page.
        tasks: Thread of arithmetic and statistics.
        work: Does what takes minutes.
        design: Behind the form.
        run: Behind the raters.
        results: Behind the results.
    """

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self.page = StudiesPage()
        self.tasks = Tasks("studies", self)
        self.work = LongWork("study-work", self)
        self.design = DesignDesk(self.page.form, context, self.tasks, self)
        self.run = RunDesk(self.page.raters, context, self.work, self)
        self.results = ResultsDesk(self.page.results, context, self.tasks, self.work, self)

    def close(self) -> None:
        """Stop what is under way and end the threads; what was edited and is sound is stored."""
        self.design.leave()
        self.design.flush()
        self.run.close()
        self.work.close()
        self.tasks.close()
