"""Hands seats out in a package of their own, for somebody who cannot reach the study's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.services.project import Project
from app.services.study.handing_out import HandedOut, RaterProgress, hand_out
from app.ui.exchange.long_work import LongWork, Meter
from app.ui.exchange.outcome_panel import Outcome
from app.ui.exchange.work_dialog import WorkDialog
from app.ui.study.form_parts import WholeField

_SIZE: Final = (720, 380)


class HandOutDialog(WorkDialog):
    """How many seats, and where to.

    Args:
        work: Does the work.
        project: Of the study.
        name: Of the study.
        seats: Every seat.

    Attributes:
        count: How many.
        folder: Where to; new or empty.
    """

    def __init__(
        self,
        work: LongWork,
        project: Project,
        name: str,
        seats: Sequence[RaterProgress],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            self.tr("Hand out seats"), work, self.tr("Write package"), self.tr("Cancel the copy"), _SIZE, parent
        )
        self._project = project
        self._name = name
        self._free = sum(seat.rater is None and seat.away is None and not seat.done for seat in seats)
        words = QLabel(
            self.tr(
                "A package of its own for one or more raters: a folder to send to them, which they open with “main.py"
                " study rate”. Nobody sits at these seats here meanwhile. The votes come back as the folder or as"
                " a file, by “Collect votes…”."
            ),
            self,
        )
        words.setWordWrap(True)
        words.setProperty("quiet", True)
        self.count = WholeField(1, max(self._free, 1), self)
        self.count.setAccessibleName(self.tr("Seats"))
        self.folder = QLineEdit(str(_suggest(project)), self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        label = QLabel(self.tr("Seats"), self)
        label.setBuddy(self.count)
        grid.addWidget(label, 0, 0)
        free = QLabel(self.tr("of {0} that are free").format(self._free), self)
        free.setProperty("quiet", True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.count)
        row.addWidget(free, 1)
        grid.addLayout(row, 0, 1)
        self.add_path_row(
            grid, 1, self.tr("Folder"), self.folder, ((self.tr("Choose…"), lambda: self.ask_folder(self.folder)),)
        )
        self.form.addWidget(words)
        self.form.addLayout(grid)
        self.form.addStretch(1)
        self.folder.textChanged.connect(lambda _text: self.edited())
        self.edited()

    def missing(self) -> str:
        """What is still to be named."""
        if not self._free:
            return self.tr("No seat is free; free one whose rater will not come back, or wait.")
        text = self.folder.text().strip()
        if not text:
            return self.tr("Name a new folder for the package.")
        try:
            if any(Path(text).iterdir()):
                return self.tr("{0} is not empty; name a new folder.").format(Path(text).name)
        except OSError:
            return ""  # it is not there yet, which is well; whatever else is wrong the service says
        return ""

    def start(self) -> None:
        """Begin, if everything is named."""
        if self.missing():
            return
        project, name, folder = self._project, self._name, Path(self.folder.text().strip())
        count = self.count.value()
        stage = self.tr("Copying pictures")

        def work(meter: Meter) -> HandedOut:
            return hand_out(
                project, name, folder, count=count, on_done=lambda done, total: meter.show(stage, done, total)
            )

        self.begin(work, self.tr("Copying…"))

    def take_result(self, result: object) -> None:
        """Say where it is."""
        assert isinstance(result, HandedOut)
        seats = ", ".join(str(seat + 1) for seat in result.seats)
        named = self.tr("Seat {0} is").format(seats) if len(result.seats) == 1 else self.tr("Seats {0} are")
        self.show_outcome(
            Outcome(
                self.tr("{0} in {1} now, {2:,} trials.").format(named.format(seats), result.folder, result.trials),
                notes=(self.tr("Send the whole folder. It holds no method, no person and no dataset."),),
            ),
            can_go_back=False,
        )


def _suggest(project: Project) -> Path:
    # Raters see the folder's name, and the study's may name what is compared.
    number = 1
    while (place := project.folder.parent / f"study-seats-{number}").exists():
        number += 1
    return place
