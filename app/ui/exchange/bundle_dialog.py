"""Writes the open project as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QLabel, QLineEdit, QWidget

from app.services.bundle.manifest import SUFFIX
from app.services.bundle.words import describe_bundle
from app.services.bundle.writing import BundleReport, bundle_project
from app.services.project import Project
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog

_SIZE: Final = (760, 380)


class BundleDialog(WorkDialog):
    """Where to, and whether the pictures are hashed.

    Args:
        work: Does the work.
        project: Folder of the project.

    Attributes:
        out: File to write.
        hashes: Read every picture for its hash.
        replace: Replace the bundle that is there; on show when there is one.
    """

    def __init__(self, work: LongWork, project: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Bundle the project"), work, self.tr("Bundle"), self.tr("Cancel the bundle"), _SIZE, parent
        )
        self._project = project
        text = QLabel(
            self.tr(
                "One file with the database, the settings and what the pictures were, to keep or to move to"
                " another computer. Pictures are not in it, nor files whose licence forbids it. You can go on working"
                " meanwhile."
            ),
            self,
        )
        text.setWordWrap(True)
        text.setProperty("quiet", True)
        self.out = QLineEdit(str(project.with_name(f"{project.name}{SUFFIX}")), self)
        self.hashes = QCheckBox(self.tr("Hash every picture, so that renamed ones are found again"), self)
        self.hashes.setChecked(True)
        self.replace = QCheckBox(self.tr("Replace the bundle that is there"), self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        self.add_path_row(grid, 0, self.tr("File to write"), self.out, ((self.tr("Choose…"), self._ask_out),))
        grid.addWidget(self.hashes, 1, 1, 1, 3)
        grid.addWidget(self.replace, 2, 1, 1, 3)
        grid.setColumnStretch(1, 1)
        self.form.addWidget(text)
        self.form.addLayout(grid)
        self.form.addStretch(1)
        self.out.textChanged.connect(lambda _text: self._on_named())
        self.replace.toggled.connect(lambda _on: self.edited())
        self._on_named()

    def missing(self) -> str:
        """What is still to be named or cannot be right."""
        text = self.out.text().strip()
        if not text:
            return self.tr("Name the file to write.")
        if self._exists() and not self.replace.isChecked():
            return self.tr("{0} exists already; replace it, or name another file.").format(Path(text).name)
        return ""

    def start(self) -> None:
        """Begin, if everything is named."""
        if self.missing():
            return
        folder, out = self._project, Path(self.out.text().strip())
        hashes, replace = self.hashes.isChecked(), self.replace.isChecked()

        def work(meter: Meter) -> BundleReport:
            with Project.open(folder, with_files=False) as project:
                return bundle_project(project, out, image_hashes=hashes, replace=replace, on_stage=meter.show)

        self.begin(work, self.tr("Copying the database…"))

    def take_result(self, result: object) -> None:
        """Show what is in it."""
        assert isinstance(result, BundleReport)
        headline, *notes = describe_bundle(result)
        self.show_outcome(Outcome(headline, notes=tuple(notes)), can_go_back=False)

    def _exists(self) -> bool:
        try:
            return Path(self.out.text().strip()).exists()
        except (OSError, ValueError):
            return False  # a name that is none; the service says so

    def _on_named(self) -> None:
        self.replace.setChecked(False)
        self.replace.setVisible(self._exists())
        self.edited()

    def _ask_out(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("File to write"), self.out.text(), self.tr("Bundles (*{0})").format(SUFFIX)
        )
        if name:
            self.out.setText(name if Path(name).suffix else f"{name}{SUFFIX}")
            self.replace.setChecked(self._exists())  # the system's dialog has asked
