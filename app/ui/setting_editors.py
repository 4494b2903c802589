"""Editors of settings, one for each type of value; made from the table, never by hand for one setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from app.settings import SettingRow

_WIDTH = 190
_UNLIMITED = 2**31 - 1


class SettingEditor(QWidget):
    """Shows the value of one setting and says what people make of it.

    Signals:
        edited: The new value, not yet checked.
        opened: The editor of its own was asked for, where the setting has one.
    """

    edited = Signal(object)
    opened = Signal(str)

    def __init__(self, row: SettingRow, parent: QWidget) -> None:
        super().__init__(parent)
        self.row = row
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)

    def show_value(self, value: Any) -> None:
        """Show a value without saying that it was edited."""
        raise NotImplementedError

    def _add(self, widget: QWidget) -> None:
        widget.setAccessibleName(self.row.shown.title)
        widget.setAccessibleDescription(self.row.shown.help)
        self._layout.addWidget(widget)
        if self.focusProxy() is None:
            self.setFocusProxy(widget)


class SwitchEditor(SettingEditor):
    """On or off."""

    def __init__(self, row: SettingRow, parent: QWidget) -> None:
        super().__init__(row, parent)
        self._box = QCheckBox(self)
        self._box.toggled.connect(self.edited.emit)
        self._add(self._box)

    def show_value(self, value: Any) -> None:
        """On or off."""
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(value))


class ChoiceEditor(SettingEditor):
    """One of several values."""

    def __init__(self, row: SettingRow, parent: QWidget) -> None:
        super().__init__(row, parent)
        self._box = _QuietBox(self)
        self._box.setFixedWidth(_WIDTH)
        for value in row.values:
            self._box.addItem(self.tr(row.shown.choices.get(value, value)), value)
        self._box.currentIndexChanged.connect(lambda index: self.edited.emit(self._box.itemData(index)))
        self._add(self._box)
        if row.shown.editor:
            button = QPushButton(self.tr("Edit…"), self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda: self.opened.emit(row.shown.editor))
            self._layout.addWidget(button)
            button.setAccessibleName(self.tr("Edit {0}").format(row.shown.title))

    def show_value(self, value: Any) -> None:
        """One of the values."""
        with QSignalBlocker(self._box):
            self._box.setCurrentIndex(self._box.findData(value))


class NumberEditor(SettingEditor):
    """A number; with both limits a slider stands beside it."""

    def __init__(self, row: SettingRow, parent: QWidget) -> None:
        super().__init__(row, parent)
        self._factor = 100 if row.shown.percent else 1
        whole = row.kind is int or row.shown.percent
        self._box: QSpinBox | QDoubleSpinBox = QSpinBox(self) if whole else QDoubleSpinBox(self)
        self._box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._box.setFixedWidth(78)
        self._box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._slider: QSlider | None = None
        low = -_UNLIMITED if row.low is None else round(row.low * self._factor)
        high = _UNLIMITED if row.high is None else round(row.high * self._factor)
        self._box.setRange(low, high)
        unit = "%" if row.shown.percent else row.shown.unit
        self._box.setSuffix(f" {unit}" if unit else "")
        self._box.setKeyboardTracking(False)
        self._box.valueChanged.connect(self._on_changed)
        if whole and row.low is not None and row.high is not None:
            self._slider = QSlider(Qt.Orientation.Horizontal, self)
            self._slider.setRange(low, high)
            self._slider.setPageStep(max(1, (high - low) // 10))
            self._slider.setFixedWidth(_WIDTH - 86)
            self._slider.valueChanged.connect(self._box.setValue)
            self._add(self._slider)
        self._add(self._box)

    def show_value(self, value: Any) -> None:
        """A number within the limits."""
        number = round(value * self._factor) if isinstance(self._box, QSpinBox) else value
        for widget in (self._box, self._slider):
            if widget is not None:
                with QSignalBlocker(widget):
                    widget.setValue(number)

    def _on_changed(self, number: float) -> None:
        if self._slider is not None:
            with QSignalBlocker(self._slider):
                self._slider.setValue(round(number))
        self.edited.emit(number / self._factor if self.row.kind is float else int(number))


class TextEditor(SettingEditor):
    """Text; what does not fit the table is said beside it and not stored."""

    def __init__(self, row: SettingRow, parent: QWidget) -> None:
        super().__init__(row, parent)
        self._field = QLineEdit(self)
        self._field.setFixedWidth(_WIDTH)
        self._field.editingFinished.connect(lambda: self.edited.emit(self._field.text()))
        self._add(self._field)

    def show_value(self, value: Any) -> None:
        """A text."""
        if self._field.text() != value:
            self._field.setText(str(value))


_MakeEditor: TypeAlias = Callable[[SettingRow, QWidget], SettingEditor]
_EDITORS: Mapping[object, _MakeEditor] = {
    bool: SwitchEditor,
    int: NumberEditor,
    float: NumberEditor,
    str: TextEditor,
    Literal: ChoiceEditor,
}


def build_editor(row: SettingRow, parent: QWidget) -> SettingEditor:
    """The editor of a setting.

    Raises:
        KeyError: There is none for its type, a mistake in the table of settings.
    """
    return _EDITORS[row.kind](row, parent)


class _QuietBox(QComboBox):
    """A box that a wheel rolled over it does not change."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 -- Qt's name
        """Leave the wheel to whatever scrolls."""
        event.ignore()
