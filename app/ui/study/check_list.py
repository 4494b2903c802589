"""A short list to tick, whose order may matter: methods of a study, views of a trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

_KEY_ROLE: Final = Qt.ItemDataRole.UserRole
_ROW_PADDING: Final = 10
_MOST_ROWS: Final = 9


@dataclass(frozen=True, slots=True)
class Choice:
    """One line.

    Attributes:
        key: What is chosen.
        text: As people read it.
        tip: More about it.
        enabled: Whether it can be ticked.
    """

    key: str
    text: str
    tip: str = ""
    enabled: bool = True


class CheckList(QWidget):
    """Lines to tick, with buttons that move a line up or down.

    Args:
        name: For screen readers.

    Signals:
        edited: Something was ticked or moved by hand.
    """

    edited = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.list = _Lines(self)
        self.list.setAccessibleName(name)
        self.list.setAccessibleDescription(self.tr("Space ticks a line, Alt+Up and Alt+Down move it."))
        self.list.moved.connect(self._move)
        self.list.itemChanged.connect(lambda _item: self.edited.emit())
        self.list.currentRowChanged.connect(lambda _row: self._enable())
        self.up = self._build_button("▲", self.tr("Move up: {0}").format(name), -1)
        self.down = self._build_button("▼", self.tr("Move down: {0}").format(name), 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.up)
        buttons.addWidget(self.down)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self.setFocusProxy(self.list)

    def setAccessibleName(self, name: str) -> None:  # noqa: N802 -- Qt's name
        """The list is what has the focus."""
        super().setAccessibleName(name)
        self.list.setAccessibleName(name)

    def show_choices(self, choices: Sequence[Choice], chosen: Sequence[str]) -> None:
        """Show lines: those chosen first, in their order, then the others."""
        by_key = {choice.key: choice for choice in choices}
        order = [*(key for key in chosen if key in by_key), *(key for key in by_key if key not in chosen)]
        with QSignalBlocker(self.list):
            self.list.clear()
            for key in order:
                self.list.addItem(_build_item(by_key[key], key in chosen))
            self.list.setCurrentRow(0)
        self.list.fit_height()
        self._enable()

    def chosen(self) -> tuple[str, ...]:
        """What is ticked, from above to below."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return tuple(str(item.data(_KEY_ROLE)) for item in items if item.checkState() == Qt.CheckState.Checked)

    def _build_button(self, text: str, name: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setProperty("flat", True)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._move(by))
        return button

    def _move(self, by: int) -> None:
        row = self.list.currentRow()
        target = row + by
        if row < 0 or not 0 <= target < self.list.count():
            return
        with QSignalBlocker(self.list):
            item = self.list.takeItem(row)
            self.list.insertItem(target, item)
            self.list.setCurrentRow(target)
        self._enable()
        self.edited.emit()

    def _enable(self) -> None:
        row = self.list.currentRow()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.list.count() - 1)


class _Lines(QListWidget):
    """As high as its lines; Alt with an arrow moves a line."""

    moved = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("checkList")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setUniformItemSizes(True)

    def fit_height(self) -> None:
        """No more room than the lines need."""
        line = self.sizeHintForRow(0) if self.count() else self.fontMetrics().height() + _ROW_PADDING
        self.setFixedHeight(max(1, min(self.count(), _MOST_ROWS)) * line + 2 * self.frameWidth() + 6)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        """Alt+Up and Alt+Down move the line."""
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if by is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(by)
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Follow the size of the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit_height()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 -- Qt's name
        """Only on screen the style is known, and how high a line is."""
        super().showEvent(event)
        self.fit_height()


def _build_item(choice: Choice, chosen: bool) -> QListWidgetItem:
    item = QListWidgetItem(choice.text)
    item.setData(_KEY_ROLE, choice.key)
    item.setToolTip(choice.tip)
    flags = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(flags | Qt.ItemFlag.ItemIsEnabled if choice.enabled else flags)
    item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
    return item
