"""A list of what is wrong: thousands of lines, searched, sorted and copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_WIDEST: Final = 320
"""Of a column but the last, which has the rest."""
_SAMPLE: Final = 200
"""Lines by which the width of a column is judged."""


class _Rows(QAbstractTableModel):
    """Rows of texts."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._titles: tuple[str, ...] = ()
        self._rows: Sequence[tuple[str, ...]] = ()

    def show(self, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        self.beginResetModel()
        self._titles, self._rows = titles, rows
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802 -- Qt's name
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._rows[index.row()][index.column()]
        return None

    def headerData(  # noqa: N802 -- Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None


class FaultList(QWidget):
    """A table of texts with a search line; Ctrl+C copies what is selected, the button all that is shown.

    Attributes:
        search: Words that a line must hold.
        table: The lines.
        copy_button: Copies the lines that are shown, with tabs between the columns.
        detail: The line that is selected, in full.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Rows(self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._model)
        self._shown.setFilterKeyColumn(-1)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search the list"))
        self.search.setAccessibleName(self.tr("Search the list"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        self._count = QLabel(self)
        self._count.setProperty("quiet", True)
        self.copy_button = QPushButton(self.tr("Copy"), self)
        self.copy_button.setAutoDefault(False)
        self.copy_button.setToolTip(self.tr("Copy the lines that are shown, to paste them into a table or a mail"))
        self.copy_button.clicked.connect(self._on_copy)
        self.table = self._build_table(title)
        self.detail = QLabel(self)
        self.detail.setWordWrap(True)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.hide()
        self.table.selectionModel().selectionChanged.connect(lambda _new, _old: self._show_detail())
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._on_copy_selected)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.search, 1)
        line.addWidget(self._count)
        line.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)

    def _build_table(self, title: str) -> QTableView:
        table = QTableView(self)
        table.setObjectName("faultList")
        table.setAccessibleName(title)
        table.setModel(self._shown)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSortingEnabled(True)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeader().setSortIndicatorClearable(True)
        table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(max(24, self.fontMetrics().height() + 8))
        return table

    def show_rows(self, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """Show these lines instead."""
        self.search.clear()
        self._model.show(titles, rows)
        self._show_detail()
        header = self.table.horizontalHeader()
        for column in range(len(titles)):
            last = column == len(titles) - 1
            header.setSectionResizeMode(
                column, QHeaderView.ResizeMode.Stretch if last else QHeaderView.ResizeMode.Interactive
            )
            if not last:
                self.table.setColumnWidth(column, self._wanted_width(titles[column], column, rows))
        self._show_count()

    def _wanted_width(self, title: str, column: int, rows: Sequence[tuple[str, ...]]) -> int:
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(row[column]) for row in rows[:_SAMPLE]), default=0)
        return min(max(widest, metrics.horizontalAdvance(title) + 20) + 24, _WIDEST)

    def shown_rows(self) -> list[tuple[str, ...]]:
        """The lines on show, as they are sorted."""
        return [self._texts(row) for row in range(self._shown.rowCount())]

    def _texts(self, row: int) -> tuple[str, ...]:
        return tuple(str(self._shown.index(row, column).data()) for column in range(self._shown.columnCount()))

    def _show_detail(self) -> None:
        """The line that is selected, in full."""
        rows = self.table.selectionModel().selectedRows()
        self.detail.setVisible(len(rows) == 1)
        if len(rows) == 1:
            self.detail.setText("\n".join(text for text in self._texts(rows[0].row()) if text))

    def _on_searched(self, text: str) -> None:
        self._shown.setFilterFixedString(text.strip())
        self._show_count()

    def _show_count(self) -> None:
        shown, total = self._shown.rowCount(), self._model.rowCount()
        self._count.setText(
            f"{total:,}" if shown == total else self.tr("{0} of {1}").format(f"{shown:,}", f"{total:,}")
        )
        self.copy_button.setEnabled(shown > 0)

    def _on_copy(self) -> None:
        self._put(range(self._shown.rowCount()))

    def _on_copy_selected(self) -> None:
        self._put(sorted(index.row() for index in self.table.selectionModel().selectedRows()))

    def _put(self, rows: Sequence[int]) -> None:
        if rows:
            QGuiApplication.clipboard().setText("\n".join("\t".join(self._texts(row)) for row in rows))
