"""A table of few rows that grows to its content, with bars in one column; a row can be opened by click or Enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.ui.widgets.state_badge import state_colors
from app.ui.widgets.tones import is_dark
from db.records import PersonState

_PARTS_ROLE: Final = Qt.ItemDataRole.UserRole
_QUERY_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_MOST_ROWS: Final = 12
_ROW_PADDING: Final = 12


@dataclass(frozen=True, slots=True)
class BarRow:
    """One row.

    Attributes:
        cells: Text of every column; that of the bar is what a screen reader says.
        parts: Shares of the bar, 0 to 1 together, each in the colour of a state; None for the accent.
        query: What the list of people shows for it, in the words of its filter; empty where it cannot.
    """

    cells: tuple[str, ...]
    parts: tuple[tuple[float, PersonState | None], ...] = ()
    query: str = ""


class BarTable(QTableWidget):
    """The table.

    Args:
        name: For screen readers.
        columns: Headings; columns after the first are numbers.
        bar: The column that holds bars, None for none.
        most_rows: So many are seen without scrolling within the table.

    Signals:
        opened: ``str``, the query of a row.
    """

    opened = Signal(str)

    def __init__(
        self,
        name: str,
        columns: Sequence[str],
        bar: int | None = None,
        parent: QWidget | None = None,
        most_rows: int = _MOST_ROWS,
    ) -> None:
        super().__init__(0, len(columns), parent)
        self._bar = bar
        self._most_rows = most_rows
        self._shown: tuple[BarRow, ...] = ()
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(columns))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(40)
        for column in range(len(columns)):
            stretches = column == bar
            mode = QHeaderView.ResizeMode.Stretch if stretches else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setTextAlignment(self._alignment(column))
        if bar is not None:
            self.setItemDelegateForColumn(bar, _BarDelegate(self))
        else:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.horizontalScrollBar().rangeChanged.connect(lambda _low, _high: self._fit_height())
        self.itemClicked.connect(self._open)
        self.itemActivated.connect(self._open)
        self.show_rows(())

    @property
    def rows(self) -> tuple[BarRow, ...]:
        """What is shown."""
        return self._shown

    def show_rows(self, rows: Sequence[BarRow]) -> None:
        """Show other rows; the row that is marked stays marked."""
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        marked = self.currentRow()
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate(row.cells):
                self.setItem(number, column, self._build_item(column, text, row))
        if 0 <= marked < len(rows):
            self.setCurrentCell(marked, 0)
        self._fit_height()
        self._fit_width()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Without bars the first column takes the room that is left."""
        super().resizeEvent(event)
        self._fit_width()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the size of the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_height()
            self._fit_width()

    def _build_item(self, column: int, text: str, row: BarRow) -> QTableWidgetItem:
        item = QTableWidgetItem("" if column == self._bar else text)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        item.setData(_QUERY_ROLE, row.query)
        item.setTextAlignment(self._alignment(column))
        if column == self._bar:
            item.setData(_PARTS_ROLE, row.parts)
        tip = text if column in (0, self._bar) else ""
        if row.query:
            tip = "\n".join(filter(None, (tip, self.tr("Click to see these people"))))
        item.setToolTip(tip)
        return item

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignLeft if column in (0, self._bar) else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter

    def _fit_height(self) -> None:
        height = self.fontMetrics().height() + _ROW_PADDING
        self.verticalHeader().setDefaultSectionSize(height)
        shown = max(1, min(len(self._shown), self._most_rows))
        bar = self.horizontalScrollBar()
        below = bar.sizeHint().height() if bar.maximum() > bar.minimum() else 0
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + shown * height + 4 + below)

    def _fit_width(self) -> None:
        if self._bar is None:
            header = self.horizontalHeader()
            taken = sum(header.sectionSize(column) for column in range(1, header.count()))
            needed = max(self.sizeHintForColumn(0), header.sectionSizeHint(0))
            header.resizeSection(0, max(needed, self.viewport().width() - taken))

    def _open(self, item: QTableWidgetItem) -> None:
        query = item.data(_QUERY_ROLE)
        if query:
            self.opened.emit(query)


class _BarDelegate(QStyledItemDelegate):
    """Paints the shares of a row beside each other."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        palette: QPalette = option.palette
        area = QRectF(option.rect).adjusted(6, 0, -6, 0)
        height = min(area.height() * 0.55, 16.0)
        area = QRectF(area.left(), area.center().y() - height / 2, area.width(), height)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QColor(palette.color(QPalette.ColorRole.Mid))
        ground.setAlpha(110)
        painter.setBrush(ground)
        painter.drawRect(area)
        left = area.left()
        for share, state in index.data(_PARTS_ROLE) or ():
            painter.setBrush(part_color(state, palette))
            painter.drawRect(QRectF(left, area.top(), share * area.width(), height))
            left += share * area.width()
        painter.restore()


def part_color(state: PersonState | None, palette: QPalette) -> QColor:
    """Colour of a part of a bar: half-way between ground and text of the state's chip, so that it stands out."""
    if state is None:
        return palette.color(QPalette.ColorRole.Highlight)
    ground, text = state_colors(state, is_dark(palette))
    return QColor(
        (ground.red() + text.red()) // 2, (ground.green() + text.green()) // 2, (ground.blue() + text.blue()) // 2
    )
