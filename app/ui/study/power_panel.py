"""What a design comes to, while it is being made: precision, power, work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.ui.widgets.stat_tile import StatTile


@dataclass(frozen=True, slots=True)
class DesignSums:
    """What to show, in words.

    Attributes:
        half_width: Of the interval of the primary pair.
        half_width_note: What it assumes.
        detectable: Smallest share that is found.
        detectable_note: With what power.
        powers: True share, and the chance to find it: both in words, and the chance as a share.
        work: Name and number of what has to be done.
        note: What all of it assumes.
    """

    half_width: str
    half_width_note: str
    detectable: str
    detectable_note: str
    powers: tuple[tuple[str, str, float], ...]
    work: tuple[tuple[str, str], ...]
    note: str


class PowerPanel(QFrame):
    """The panel.

    Attributes:
        half_width: Precision.
        detectable: Smallest share that is found.
        warnings: What a reviewer could object to.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("powerPanel")
        self.setAccessibleName(self.tr("What the design comes to"))
        self._sums: DesignSums | None = None
        self.half_width = StatTile(self.tr("Width of the interval"), self)
        self.detectable = StatTile(self.tr("Smallest share found"), self)
        self._powers = _Table(self.tr("If the true share is"), self.tr("it is found with"), self)
        self._work = _Table(self.tr("Work"), "", self)
        self._note = QLabel(self)
        self._note.setProperty("quiet", True)
        self._note.setWordWrap(True)
        self._warnings_title = QLabel(self.tr("A reviewer could say"), self)
        self._warnings_title.setProperty("studySection", True)
        self.warnings = QLabel(self)
        self.warnings.setWordWrap(True)
        heading = QLabel(self.tr("What it comes to"), self)
        heading.setProperty("studySection", True)
        tiles = QVBoxLayout()
        tiles.setSpacing(8)
        tiles.addWidget(self.half_width)
        tiles.addWidget(self.detectable)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addLayout(tiles)
        for widget in (self._powers, self._work, self._note, self._warnings_title, self.warnings):
            layout.addWidget(widget)
        self.show_warnings(())
        self.show_nothing(self.tr("Computing…"))

    @property
    def sums(self) -> DesignSums | None:
        """What is shown."""
        return self._sums

    @property
    def note(self) -> str:
        """What the numbers assume, or why there are none."""
        return self._note.text()

    def show_sums(self, sums: DesignSums) -> None:
        """Show what a design comes to."""
        self._sums = sums
        self.half_width.show_value(sums.half_width, sums.half_width_note)
        self.detectable.show_value(sums.detectable, sums.detectable_note)
        self._powers.show_rows([(share, power) for share, power, _ in sums.powers])
        self._work.show_rows(sums.work)
        self._note.setText(sums.note)

    def show_nothing(self, why: str) -> None:
        """Show that there are no numbers, and why."""
        self._sums = None
        self.half_width.show_value("–", "")
        self.detectable.show_value("–", "")
        self._powers.show_rows(())
        self._work.show_rows(())
        self._note.setText(why)

    def show_warnings(self, sentences: Sequence[str]) -> None:
        """Show what a reviewer could object to."""
        self.warnings.setText("\n\n".join(sentences))
        self.warnings.setVisible(bool(sentences))
        self._warnings_title.setVisible(bool(sentences))


class _Table(QWidget):
    """Names left, numbers right."""

    def __init__(self, left: str, right: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._titles = (left, right)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._labels: list[tuple[QLabel, QLabel]] = []

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show other rows; without any the table takes no room."""
        self.setVisible(bool(rows))
        lines = [self._titles, *rows] if rows else []
        while len(self._labels) < len(lines):
            pair = QLabel(self), QLabel(self)
            line = len(self._labels)
            for column, label in enumerate(pair):
                label.setProperty("quiet", line == 0)
                self._grid.addWidget(label, line, column)
            pair[0].setWordWrap(True)
            pair[1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            self._labels.append(pair)
        for number, pair in enumerate(self._labels):
            for label in pair:
                label.setVisible(number < len(lines))
            if number < len(lines):
                for label, text in zip(pair, lines[number], strict=True):
                    label.setText(text)
