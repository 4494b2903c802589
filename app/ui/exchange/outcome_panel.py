"""What came of an import, an export, a bundle or a check: a sentence, the counts, notes, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.ui.exchange.fault_list import FaultList

_NOTES: Final = 12
"""Lines of notes; a sentence more says how many there are."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to show.

    Attributes:
        headline: One sentence.
        columns: Titles of the counts.
        rows: What was counted, each with a count for every column.
        notes: Further sentences.
        fault_titles: Titles of the columns of ``faults``.
        faults: What is wrong, a line each.
    """

    headline: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[int, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    fault_titles: tuple[str, ...] = ()
    faults: Sequence[tuple[str, ...]] = ()


class OutcomePanel(QWidget):
    """Shows an outcome.

    Attributes:
        headline: The sentence.
        notes: The further sentences, a line each.
        faults: The list; hidden when nothing is wrong.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headline = QLabel(self)
        self.headline.setWordWrap(True)
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._counts = QWidget(self)
        self.notes = QLabel(self)
        self.notes.setWordWrap(True)
        self.notes.setProperty("quiet", True)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.faults = FaultList(self.tr("What is wrong"), self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self._layout.addWidget(self.headline)
        self._layout.addWidget(self._counts)
        self._layout.addWidget(self.notes)
        self._layout.addWidget(self.faults, 1)
        self._rest = QWidget(self)
        self._layout.addWidget(self._rest, 1)

    def show_outcome(self, outcome: Outcome) -> None:
        """Show another outcome."""
        self.headline.setText(outcome.headline)
        notes = list(outcome.notes[:_NOTES])
        if len(outcome.notes) > _NOTES:
            notes.append(self.tr("… and {0} more").format(f"{len(outcome.notes) - _NOTES:,}"))
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        counts = self._build_counts(outcome)
        self._layout.replaceWidget(self._counts, counts)
        self._counts.deleteLater()
        self._counts = counts
        counts.setVisible(bool(outcome.rows))
        self.faults.show_rows(outcome.fault_titles, outcome.faults)
        self.faults.setVisible(bool(outcome.faults))
        self._rest.setVisible(not outcome.faults)

    def _build_counts(self, outcome: Outcome) -> QWidget:
        panel = QWidget(self)
        grid = QGridLayout(panel)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(22)
        grid.setVerticalSpacing(3)
        for column, title in enumerate(outcome.columns, start=1):
            label = QLabel(title, panel)
            label.setProperty("quiet", True)
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label, 0, column)
        for line, (title, counts) in enumerate(outcome.rows, start=1):
            grid.addWidget(QLabel(title, panel), line, 0)
            for column, count in enumerate(counts, start=1):
                label = QLabel(f"{count:,}", panel)
                label.setAlignment(Qt.AlignmentFlag.AlignRight)
                label.setProperty("quiet", not count)
                label.setAccessibleName(f"{title}, {outcome.columns[column - 1]}: {count:,}")
                grid.addWidget(label, line, column)
        grid.setColumnStretch(len(outcome.columns) + 1, 1)
        return panel
