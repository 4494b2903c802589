"""Writes the report of a study, and offers to open it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.services.project import Project
from app.services.study.reporting import ReportFiles, report_study
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog

_SIZE: Final = (720, 360)


class ReportDialog(WorkDialog):
    """Where to.

    Args:
        work: Does the work.
        project: Of the study.
        name: Of the study.

    Attributes:
        folder: Where to.
        replace: Replace an earlier report.
        show_page: Opens the page that was written.
    """

    def __init__(self, work: LongWork, project: Project, name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Save the report"), work, self.tr("Save report"), self.tr("Cancel the report"), _SIZE, parent
        )
        self._project = project
        self._name = name
        self._page: Path | None = None
        words = QLabel(
            self.tr(
                "One page with tables and plots for a browser, the same as PDF, every vote as a table, and all results"
                " and the design in files that programs read."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("quiet", True)
        self.folder = QLineEdit(str(_suggest(project, name)), self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setColumnStretch(1, 1)
        self.add_path_row(
            grid, 0, self.tr("Folder"), self.folder, ((self.tr("Choose…"), lambda: self.ask_folder(self.folder)),)
        )
        self.replace = QCheckBox(self.tr("Replace the report that is there"), self)
        grid.addWidget(self.replace, 1, 1)
        self.show_page = QPushButton(self.tr("Open the report"), self)
        self.show_page.setAutoDefault(False)
        self.show_page.clicked.connect(self._on_show_page)
        self.show_page.hide()
        self.buttons.addWidget(self.show_page)
        self.form.addWidget(words)
        self.form.addLayout(grid)
        self.form.addStretch(1)
        self.folder.textChanged.connect(lambda _text: self.edited())
        self.edited()

    def missing(self) -> str:
        """What is still to be named."""
        return "" if self.folder.text().strip() else self.tr("Name a folder for the report.")

    def start(self) -> None:
        """Begin, if everything is named."""
        if self.missing():
            return
        project, name, folder = self._project, self._name, Path(self.folder.text().strip())
        replace = self.replace.isChecked()

        def work(_meter: Meter) -> ReportFiles:
            return report_study(project, name, folder, replace=replace)

        self.begin(work, self.tr("Computing and writing…"))

    def take_result(self, result: object) -> None:
        """Say what was written."""
        assert isinstance(result, ReportFiles)
        self._page = result.html
        files = (result.html, result.pdf, result.votes_csv, result.results_json, result.study_json)
        notes = (", ".join(path.name for path in files), *result.answer, *result.problems)
        self.show_outcome(
            Outcome(self.tr("The report is in {0}.").format(result.html.parent), notes=notes),
            can_go_back=False,
        )
        self.show_page.show()

    def _on_show_page(self) -> None:
        if self._page is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._page)))


def _suggest(project: Project, name: str) -> Path:
    plain = "".join(sign if sign.isalnum() else "-" for sign in name.lower()).strip("-") or "study"
    return project.folder / "reports" / plain
