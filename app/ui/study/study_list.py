"""The column of a project's studies: name, state, methods and how many of its votes are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.services.study.overview import StudyOverview, StudyState
from app.ui.widgets.tones import is_dark, muted_text
from db.records import StudyId

STATE_WORDS: Final[dict[StudyState, str]] = {
    "design": "design",
    "open": "open",
    "voting": "voting",
    "closed": "closed",
}
_SYMBOLS: Final[dict[StudyState, str]] = {"design": "✎", "open": "○", "voting": "◐", "closed": "✓"}
_DARK: Final[dict[StudyState, tuple[str, str]]] = {
    "design": ("#3c4046", "#dde1e6"),
    "open": ("#1c4a7d", "#d8eaff"),
    "voting": ("#6b4a00", "#ffe7b3"),
    "closed": ("#0d4f3c", "#c4f2e2"),
}
_LIGHT: Final[dict[StudyState, tuple[str, str]]] = {
    "design": ("#dfe3e8", "#343a42"),
    "open": ("#d3e6fb", "#0c3f74"),
    "voting": ("#ffe3a6", "#5a3d00"),
    "closed": ("#c9efe1", "#084634"),
}
"""Ground and text of a state's chip; 4.5:1 or more, as for people."""
_STUDY_ROLE: Final = Qt.ItemDataRole.UserRole
_MARGIN: Final = 12
_BAR: Final = 4


def chip_text(state: StudyState) -> str:
    """Symbol and word of a state."""
    return f"{_SYMBOLS[state]} {STATE_WORDS[state]}"


def chip_colors(state: StudyState, dark: bool) -> tuple[QColor, QColor]:
    """Ground and text of a state's chip."""
    ground, text = (_DARK if dark else _LIGHT)[state]
    return QColor(ground), QColor(text)


class StudyList(QFrame):
    """The column.

    Attributes:
        list: A row for each study.
        new: Makes a new study.

    Signals:
        chosen: ``StudyId``, a study to show.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("studyList")
        self._unsaved: frozenset[StudyId] = frozenset()
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Studies"))
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._on_current)
        self.new = QPushButton(self.tr("New study…"), self)
        heading = QLabel(self.tr("Studies"), self)
        heading.setObjectName("studyTitle")
        top = QHBoxLayout()
        top.setContentsMargins(_MARGIN + 4, 12, _MARGIN, 8)
        top.addWidget(heading, 1)
        top.addWidget(self.new)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)

    @property
    def studies(self) -> list[StudyOverview]:
        """What is listed."""
        return [self.list.item(row).data(_STUDY_ROLE) for row in range(self.list.count())]

    @property
    def current(self) -> StudyId | None:
        """The study that is marked."""
        row = self.list.currentRow()
        return self.studies[row].id if row >= 0 else None

    def show_studies(self, studies: Sequence[StudyOverview], unsaved: frozenset[StudyId] = frozenset()) -> None:
        """Show studies, newest first; the one that is marked stays marked."""
        wanted = list(reversed(studies))
        if wanted == self.studies and unsaved == self._unsaved:
            return
        self._unsaved = unsaved
        current = self.current
        with QSignalBlocker(self.list):
            self.list.clear()
            for study in wanted:
                self.list.addItem(self._build_item(study))
            self._mark(current)

    def mark(self, study_id: StudyId | None) -> None:
        """Mark a study, without choosing it."""
        with QSignalBlocker(self.list):
            self._mark(study_id)

    def _mark(self, study_id: StudyId | None) -> None:
        for row, study in enumerate(self.studies):
            if study.id == study_id:
                self.list.setCurrentRow(row)
                return
        self.list.setCurrentRow(-1)

    def _build_item(self, study: StudyOverview) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(_STUDY_ROLE, study)
        lines = (study.name, STATE_WORDS[study.state], describe_methods(study), describe_votes(study))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, lines)))
        item.setToolTip(f"{study.name}\n{describe_methods(study)}")
        item.setData(_STUDY_ROLE + 1, study.id in self._unsaved)
        return item

    def _on_current(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(_STUDY_ROLE).id)


def describe_methods(study: StudyOverview) -> str:
    """Its methods in a line."""
    return " · ".join(study.methods)


def describe_votes(study: StudyOverview) -> str:
    """How many votes are there, of how many; empty before it is opened."""
    if study.planned is None:
        return ""
    if not study.votes:
        return f"no vote of {study.planned:,} yet"
    return f"{study.votes:,} of {study.planned:,} votes"


class _RowDelegate(QStyledItemDelegate):
    """Name and state, methods, and a bar of votes."""

    def sizeHint(  # noqa: N802 -- Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Three lines, or two before there can be votes."""
        study: StudyOverview = index.data(_STUDY_ROLE)
        line = option.fontMetrics.height() + 3
        return QSize(200, line * (3 if study.planned is not None else 2) + 22 + (_BAR if study.planned else 0))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        study: StudyOverview = index.data(_STUDY_ROLE)
        palette: QPalette = option.palette
        painter.save()
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Light))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), palette.color(QPalette.ColorRole.Link))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Midlight))
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        area = rect.adjusted(_MARGIN + 4, 9, -_MARGIN, -9)
        self._paint_lines(painter, option.font, area, study, palette, bool(index.data(_STUDY_ROLE + 1)))
        painter.restore()

    def _paint_lines(
        self, painter: QPainter, base: QFont, area: QRect, study: StudyOverview, palette: QPalette, unsaved: bool
    ) -> None:
        font = QFont(base)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        line = metrics.height() + 3
        chip_width = self._paint_chip(painter, base, area, study.state, palette)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        name = f"{study.name} *" if unsaved else study.name
        room = area.width() - chip_width - 8
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(QRect(area.left(), area.top(), room, line), left, metrics.elidedText(name, elide, room))
        painter.setFont(base)
        painter.setPen(muted_text(palette))
        lines = [describe_methods(study), describe_votes(study)]
        for number, text in enumerate(filter(None, lines), start=1):
            place = QRect(area.left(), area.top() + number * line, area.width(), line)
            painter.drawText(place, left, painter.fontMetrics().elidedText(text, elide, area.width()))
        if study.planned:
            bar = QRectF(area.left(), area.bottom() - _BAR + 2, area.width(), _BAR)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Mid))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(bar.width() * min(study.votes / study.planned, 1.0))
            painter.setBrush(palette.color(QPalette.ColorRole.Link))
            painter.drawRoundedRect(bar, 2, 2)

    def _paint_chip(self, painter: QPainter, base: QFont, area: QRect, state: StudyState, palette: QPalette) -> int:
        font = QFont(base)
        if font.pointSizeF() > 0:
            font.setPointSizeF(max(font.pointSizeF() * 0.9, 7.5))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(chip_text(state)) + 16, metrics.height() + 4
        rect = QRectF(area.right() - width + 1, area.top(), width, height)
        ground, text = chip_colors(state, is_dark(palette))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, height / 2, height / 2)
        painter.setPen(text)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, chip_text(state))
        return width
