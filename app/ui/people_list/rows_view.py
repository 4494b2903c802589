"""The list itself: one column of rows, all of one height, so that their number costs nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)


class RowsView(QTableView):
    """A table of one column that looks like a list.

    A ``QListView`` asks the model about every row whenever the rows change, even when all of them are of one height:
    half a second for 100,000 people. A table of fixed heights asks about the rows on screen.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setMinimumSectionSize(1)
        across.hide()
        down.hide()

    def setItemDelegate(self, delegate: QAbstractItemDelegate) -> None:  # noqa: N802 -- Qt's name
        """Take the height of every row from the delegate."""
        super().setItemDelegate(delegate)
        self._measure_row()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Another font makes other rows."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure_row()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        """Home and End go to the ends of the list, not of a row."""
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.model().rowCount() - 1}
        row = ends.get(Qt.Key(event.key())) if event.modifiers() == Qt.KeyboardModifier.NoModifier else None
        if row is None or row < 0:
            super().keyPressEvent(event)
        else:
            self.setCurrentIndex(self.model().index(row, 0))

    def keyboardSearch(self, _search: str) -> None:  # noqa: N802 -- Qt's name
        """Not here: it would read every row of the project; the filter box finds people by name."""

    def _measure_row(self) -> None:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        height = self.itemDelegate().sizeHint(option, QModelIndex()).height()
        if height > 0:
            self.verticalHeader().setDefaultSectionSize(height)
