"""Fetches votes: from the study's own package, and from whatever came back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QListWidget, QPushButton, QWidget

from app.services.project import Project
from app.services.study.collecting import OWN, CollectReport, collect_votes
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog

_SIZE: Final = (720, 460)


class CollectDialog(WorkDialog):
    """What came back, and what is in it; the study's own package is read in any case.

    Args:
        work: Does the work.
        project: Of the study.
        name: Of the study.
        sources: Packages and files that were dropped on the page.

    Attributes:
        list: Packages and files.
    """

    def __init__(
        self, work: LongWork, project: Project, name: str, sources: Sequence[Path], parent: QWidget | None = None
    ) -> None:
        super().__init__(
            self.tr("Collect votes"), work, self.tr("Collect"), self.tr("Cancel the collection"), _SIZE, parent
        )
        self._project = project
        self._name = name
        self._sources: list[Path] = []
        words = QLabel(
            self.tr(
                "The study's own package is read in any case. Add the folders or files that came back from seats you"
                " handed out, or drop them here. A vote that is known already is not taken twice."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("quiet", True)
        self.list = QListWidget(self)
        self.list.setObjectName("checkList")
        self.list.setAccessibleName(self.tr("Packages and files with votes"))
        self.files = QPushButton(self.tr("Add files…"), self)
        self.folder = QPushButton(self.tr("Add folder…"), self)
        self.remove = QPushButton(self.tr("Remove"), self)
        row = QHBoxLayout()
        for button in (self.files, self.folder, self.remove):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.form.addWidget(words)
        self.form.addWidget(self.list, 1)
        self.form.addLayout(row)
        self.setAcceptDrops(True)
        self.files.clicked.connect(self._ask_files)
        self.folder.clicked.connect(self._ask_folder)
        self.remove.clicked.connect(self._on_remove)
        self.list.currentRowChanged.connect(lambda row: self.remove.setEnabled(row >= 0))
        self.remove.setEnabled(False)
        self.add(sources)
        self.check()

    @property
    def sources(self) -> tuple[Path, ...]:
        """Packages and files to read besides the study's own package."""
        return tuple(self._sources)

    def add(self, sources: Sequence[Path]) -> None:
        """Read these as well."""
        for source in sources:
            if source not in self._sources:
                self._sources.append(source)
                self.list.addItem(str(source))

    def missing(self) -> str:
        """Nothing has to be named."""
        return ""

    def start(self) -> None:
        """Begin."""
        project, name, sources = self._project, self._name, self.sources

        stage = self.tr("Reading places")

        def work(meter: Meter) -> CollectReport:
            return collect_votes(project, name, sources, on_done=lambda done, total: meter.show(stage, done, total))

        self.begin(work, self.tr("Reading votes…"))

    def take_result(self, result: object) -> None:
        """Say what came in."""
        assert isinstance(result, CollectReport)
        self.show_outcome(describe_collection(result), can_go_back=False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 -- Qt's name
        """Packages and files with votes may be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()) and not self.shows_outcome:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 -- Qt's name
        """Read these as well."""
        event.acceptProposedAction()
        self.add([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Files with votes"), str(Path.home()))
        self.add([Path(name) for name in names])

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("A rater package that came back"), str(Path.home()))
        if name:
            self.add([Path(name)])

    def _on_remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.list.takeItem(row)
            del self._sources[row]


def describe_collection(report: CollectReport) -> Outcome:
    """What came in."""
    new = "1 new vote was" if report.new == 1 else f"{report.new:,} new votes were"
    headline = f"{new} taken in; the study “{report.study}” has {report.votes:,} of {report.planned:,} votes."
    rows = tuple(
        (
            "The study's own package" if source.source == OWN else Path(source.source).name,
            (source.new, source.known, len(source.conflicting), len(source.refused)),
        )
        for source in report.sources
    )
    return Outcome(
        headline,
        columns=("new", "known before", "conflicting", "refused"),
        rows=rows,
        fault_titles=("Not taken",),
        faults=[(sentence,) for sentence in report.problems],
    )
