"""The line in which people are filtered, with completion of keys and values."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from app.services.where import Choices, complete


class FilterBox(QLineEdit):
    """Line edit that completes, and says when it is done: Enter or Down takes the first row, Esc gives the focus back.

    Signals:
        accepted: Take the first row.
        left: Give the focus back.
    """

    accepted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: Choices = {}
        self._offers = QStandardItemModel(self)
        completer = _WholeText(self._offers, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCompletionRole(Qt.ItemDataRole.UserRole)
        completer.setMaxVisibleItems(12)
        self.setCompleter(completer)
        self.setClearButtonEnabled(True)
        # Before Qt asks the completer, which happens once everybody has been told of the new text.
        self.textEdited.connect(self._offer)

    def set_choices(self, choices: Choices) -> None:
        """Values that the project knows."""
        self._choices = choices

    def offers(self) -> list[str]:
        """What is offered now, as texts that would take the place of this one."""
        return [self._offers.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self._offers.rowCount())]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Enter, Down and Esc leave; everything else is typed."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _offer(self, text: str) -> None:
        cursor = self.cursorPosition()
        self._offers.clear()
        for offer in complete(text, cursor, self._choices):
            shown = offer.text if offer.title == offer.text else f"{offer.text}   {offer.title}"
            item = QStandardItem(shown)
            item.setData(text[: offer.start] + offer.text + text[offer.end :], Qt.ItemDataRole.UserRole)
            self._offers.appendRow(item)


class _WholeText(QCompleter):
    """Completes the whole text: each offer says what the text would become."""

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:  # noqa: N802 (Qt's name)
        """The text that takes the place of the one in the box."""
        return str(index.data(Qt.ItemDataRole.UserRole))
