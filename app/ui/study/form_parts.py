"""What forms of a design are made of: sections, rows with a note and a fault below the field, fields a wheel passes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

_SPIN_EMS = 7
_BOX_EMS = 16


class QuietBox(QComboBox):
    """A box that a wheel rolled over it does not change."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 -- Qt's name
        """Leave the wheel to whatever scrolls."""
        event.ignore()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Long choices are cut with dots where the form is narrow."""
        size = super().minimumSizeHint()
        return QSize(min(size.width(), _BOX_EMS * self.fontMetrics().horizontalAdvance("m")), size.height())


class WholeField(QSpinBox):
    """A whole number; the wheel belongs to the page."""

    def __init__(self, low: int, high: int, parent: QWidget, suffix: str = "") -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setSuffix(suffix)
        dress_spin(self)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 -- Qt's name
        """Leave the wheel to whatever scrolls."""
        event.ignore()


class DecimalField(QDoubleSpinBox):
    """A number with decimals; the wheel belongs to the page."""

    def __init__(self, low: float, high: float, decimals: int, parent: QWidget, suffix: str = "") -> None:
        super().__init__(parent)
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setSuffix(suffix)
        self._shown, self._exact = self.value(), low
        dress_spin(self)

    def show_number(self, number: float) -> None:
        """Show a number, which may have more decimals than the field."""
        self.setValue(number)
        self._shown, self._exact = self.value(), number

    def number(self) -> float:
        """What was shown, to its last decimal, while nobody has changed it; else what the field says."""
        return self._exact if self.value() == self._shown else self.value()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 -- Qt's name
        """Leave the wheel to whatever scrolls."""
        event.ignore()


def dress_spin(box: QAbstractSpinBox) -> None:
    """Look like the other numbers of the program."""
    box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setKeyboardTracking(False)
    box.setMinimumWidth(_SPIN_EMS * box.fontMetrics().horizontalAdvance("m"))
    box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class FieldNotes(QWidget):
    """Below a field: what it comes to, and what is wrong with it.

    Attributes:
        note: Quiet.
        warning: What a reviewer could object to.
        fault: What cannot be.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = QLabel(self)
        self.note.setProperty("quiet", True)
        self.warning = QLabel(self)
        self.warning.setProperty("warning", True)
        self.fault = QLabel(self)
        self.fault.setProperty("fault", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for label in (self.note, self.warning, self.fault):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
            label.hide()
        self.hide()

    def show_note(self, text: str) -> None:
        """Say what the field comes to."""
        self._show(self.note, text)

    def show_warning(self, text: str) -> None:
        """Say what a reviewer could object to."""
        self._show(self.warning, text)

    def show_fault(self, text: str) -> None:
        """Say what is wrong."""
        self._show(self.fault, text)

    def _show(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))
        self.setVisible(any(one.text() for one in (self.note, self.warning, self.fault)))


class FormSection(QWidget):
    """A heading with rows: a title left, a field right, notes below the field."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._heading = QLabel(self)
        self._heading.setProperty("studySection", True)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._titles: list[QLabel] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addLayout(self._grid)

    def set_heading(self, title: str) -> None:
        """Name the section."""
        self._heading.setText(title)

    def title_width(self) -> int:
        """Room that the titles of the rows need."""
        return max((label.sizeHint().width() for label in self._titles), default=0)

    def set_title_width(self, width: int) -> None:
        """Let the fields of all sections begin at one place."""
        self._grid.setColumnMinimumWidth(0, width)

    def add_row(self, title: str, *fields: QWidget, stretches: bool = False, unit: str = "") -> FieldNotes:
        """A row of fields with one title; the first is named by it unless it has a name.

        Args:
            title: Of the row.
            *fields: From left to right.
            stretches: The first field takes all the room.
            unit: In words behind the last field.
        """
        label = QLabel(title, self)
        label.setBuddy(fields[0])
        label.setContentsMargins(0, 6, 0, 0)
        if not fields[0].accessibleName():
            fields[0].setAccessibleName(title)
        row = QHBoxLayout()
        row.setSpacing(8)
        for number, field in enumerate(fields):
            row.addWidget(field, 1 if stretches and not number else 0)
        if unit:
            words = QLabel(unit, self)
            words.setProperty("quiet", True)
            words.setWordWrap(True)
            row.addWidget(words, 1)
        elif not stretches:
            row.addStretch(1)
        notes = FieldNotes(self)
        line = 3 * len(self._titles)
        self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(row, line, 1)
        self._grid.addWidget(notes, line + 1, 1)
        self._grid.setRowMinimumHeight(line + 2, 4)
        self._titles.append(label)
        return notes
