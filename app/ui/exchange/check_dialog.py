"""Looks the open project through and lists what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QLabel, QLineEdit, QWidget

from app.services.bundle.manifest import SUFFIX
from app.services.checking import CheckReport, check_integrity
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog

_SIZE: Final = (900, 520)


class CheckDialog(WorkDialog):
    """What is looked at beside the database.

    Args:
        work: Does the work.
        project: Folder of the project.

    Attributes:
        images: Look at every picture.
        bundle: A bundle whose pictures are compared with those there are.
        repair: Derive the states of the queue anew where they are wrong.
    """

    def __init__(self, work: LongWork, project: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Check the project"), work, self.tr("Check"), self.tr("Cancel the check"), _SIZE, parent
        )
        self._project = project
        text = QLabel(
            self.tr(
                "The database, every set of keypoints and every fit, what the queue shows, and the files the project"
                " fits with are looked at. Each fault is told with its cure; nothing is changed."
            ),
            self,
        )
        text.setWordWrap(True)
        text.setProperty("quiet", True)
        self.images = QCheckBox(self.tr("Look at every picture as well"), self)
        self.images.setChecked(True)
        self.repair = QCheckBox(self.tr("Derive the states of the queue anew where the history says otherwise"), self)
        self.bundle = QLineEdit(self)
        self.bundle.setPlaceholderText(self.tr("Not needed; with it, pictures must have the content they had then"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.images, 0, 1, 1, 3)
        self.add_path_row(
            grid, 1, self.tr("Compare with a bundle"), self.bundle, ((self.tr("Choose…"), self._ask_bundle),)
        )
        grid.addWidget(self.repair, 2, 1, 1, 3)
        grid.setColumnStretch(1, 1)
        self.form.addWidget(text)
        self.form.addLayout(grid)
        self.form.addStretch(1)
        self.check()

    def missing(self) -> str:
        """Nothing needs to be named."""
        return ""

    def start(self) -> None:
        """Begin."""
        folder, bundle = self._project, self.bundle.text().strip()
        images, repair = self.images.isChecked(), self.repair.isChecked()

        def work(meter: Meter) -> CheckReport:
            return check_integrity(
                folder, images=images, bundle=Path(bundle) if bundle else None, repair=repair, on_stage=meter.show
            )

        self.begin(work, self.tr("Checking the database…"))

    def take_result(self, result: object) -> None:
        """Show what is wrong."""
        assert isinstance(result, CheckReport)
        count = len(result.faults)
        headline = self.tr("The project is sound.")
        if count:
            many = self.tr("{0} faults were found.").format(f"{count:,}")
            headline = self.tr("One fault was found.") if count == 1 else many
        notes = []
        if result.repaired:
            notes.append(self.tr("The states of {0} people were derived anew.").format(f"{result.repaired:,}"))
        names = (
            ("people", self.tr("people")),
            ("keypoint_revisions", self.tr("sets of keypoints")),
            ("fits", self.tr("fits")),
            ("decisions", self.tr("decisions")),
        )
        counts = [(title, result.counts[name]) for name, title in names if name in result.counts]
        if counts:
            counts.append((self.tr("pictures"), result.images))
        self.show_outcome(
            Outcome(
                headline,
                columns=tuple(title for title, _ in counts),
                rows=((self.tr("Looked at"), tuple(number for _, number in counts)),) if counts else (),
                notes=tuple(notes),
                fault_titles=(self.tr("Item"), self.tr("What is wrong"), self.tr("Cure")),
                faults=[(fault.item, fault.reason, fault.cure) for fault in result.faults],
            )
        )

    def _ask_bundle(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Bundle"),
            self.bundle.text() or str(self._project.parent),
            self.tr("Bundles (*{0});;All files (*)").format(SUFFIX),
        )
        if name:
            self.bundle.setText(name)
