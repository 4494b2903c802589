"""The column of people: filter, counts and a list that reads only what it shows."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui.context import Context
from app.ui.models.people import SUMMARY_ROLE, PeopleFilter, PeopleModel
from app.ui.widgets.flag_notes import FLAG_SIGN
from app.ui.widgets.state_badge import chip_size, is_dark, paint_state_chip, state_title
from db.records import PERSON_STATES, UNDECIDED_STATES, PersonId, PersonState, PersonSummary, QueueOrder

FILTER_PAUSE_MS: Final = 150
_ROW_PADDING: Final = 8
_MARGIN: Final = 12
_FLAGGED: Final = "flagged"
"""Data of the choice that is not about states."""

_ORDERS: Final[tuple[tuple[QueueOrder, str], ...]] = (
    ("import", "In order of import"),
    ("l2d", "Largest L2d first"),
    ("rms", "Largest residual first"),
    ("beta", "Oddest shape first"),
)


class PeopleColumn(QFrame):
    """Filter box, state and order, the list.

    Signals:
        person_chosen: ``PersonId``, a row was clicked, or Enter pressed in the filter box.
        left: The filter box is done with; the focus belongs to the picture again.
    """

    person_chosen = Signal(object)
    left = Signal()

    def __init__(self, context: Context, model: PeopleModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("peopleColumn")
        self._context = context
        self._model = model
        self.filter_box = _FilterBox(self)
        self.state_box = QComboBox(self)
        self.order_box = QComboBox(self)
        self.list = QListView(self)
        self._count = QLabel(self)
        self._empty = QLabel(self)
        self._stack = QStackedLayout()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(FILTER_PAUSE_MS)
        self._pause.timeout.connect(self._apply_filter)
        self._fill_boxes()
        self._set_up_list()
        self._lay_out()
        self._connect()

    def focus_filter(self) -> None:
        """Let people type where to go."""
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def show_person(self, person_id: PersonId | None) -> None:
        """Mark the person on screen."""
        row = self._model.find_row(person_id)
        if row is None:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())
            return
        index = self._model.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def _fill_boxes(self) -> None:
        self.filter_box.setPlaceholderText(self.tr("Filter by image or annotation id"))
        self.filter_box.setClearButtonEnabled(True)
        self.filter_box.setAccessibleName(self.tr("Filter people"))
        self.state_box.setAccessibleName(self.tr("Show people of one state"))
        self.state_box.addItem(self.tr("Everybody"), None)
        self.state_box.addItem(self.tr("Undecided"), UNDECIDED_STATES)
        self.state_box.addItem(self.tr("Flagged"), _FLAGGED)
        self.state_box.insertSeparator(3)
        for state in PERSON_STATES:
            self.state_box.addItem(state_title(state).capitalize(), (state,))
        self.order_box.setAccessibleName(self.tr("Order of the list"))
        for order, title in _ORDERS:
            self.order_box.addItem(self.tr(title), order)
        for box in (self.state_box, self.order_box):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _set_up_list(self) -> None:
        self.list.setObjectName("peopleList")
        self.list.setAccessibleName(self.tr("People"))
        self.list.setModel(self._model)
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMouseTracking(True)
        # A click chooses a person and leaves the keyboard with the picture; F6 comes here.
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        top = QWidget(self)
        top_layout = QVBoxLayout(top)
        top_layout.setContentsMargins(_MARGIN, 10, _MARGIN, 8)
        top_layout.setSpacing(6)
        top_layout.addWidget(self.filter_box)
        top_layout.addWidget(self.state_box)
        top_layout.addWidget(self.order_box)
        self._count.setProperty("quiet", True)
        top_layout.addWidget(self._count)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(24, 36, 24, 0)
        self._empty.setProperty("quiet", True)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addLayout(self._stack, 1)

    def _connect(self) -> None:
        self.filter_box.textEdited.connect(lambda _text: self._pause.start())
        self.filter_box.textChanged.connect(lambda text: None if text else self._apply_filter())
        self.filter_box.accepted.connect(self._choose_first)
        self.filter_box.left.connect(self.left)
        self.state_box.activated.connect(lambda _index: self._apply_filter())
        self.order_box.activated.connect(lambda _index: self._apply_filter())
        self.list.clicked.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._model.filtered.connect(self._on_filtered)
        self._context.person_changed.connect(self.show_person)

    def _apply_filter(self) -> None:
        self._pause.stop()
        states = self.state_box.currentData()
        flagged = True if states == _FLAGGED else None
        wanted = PeopleFilter(
            self.filter_box.text().strip(), None if flagged else states, self.order_box.currentData(), flagged
        )
        if wanted != self._model.filter:
            self._model.set_filter(wanted)

    def _choose_first(self) -> None:
        self._apply_filter()
        # The list answers through the reading thread; the row is taken once it is there.
        self._context.reads.run(lambda: None, lambda _none: self._take_first())

    def _take_first(self) -> None:
        if self._model.ids:
            self.person_chosen.emit(self._model.ids[0])
            self.left.emit()

    def _on_current_changed(self, index: QModelIndex) -> None:
        # Arrow keys in the list; anybody else who moves the mark has shown the person already.
        if self.list.hasFocus() and index.isValid():
            self._on_chosen(index)

    def _on_chosen(self, index: QModelIndex) -> None:
        self.person_chosen.emit(self._model.ids[index.row()])

    def _on_filtered(self) -> None:
        count = len(self._model.ids)
        word = self.tr("person") if count == 1 else self.tr("people")
        suffix = "" if self._model.filter.is_plain else self.tr(" in this list")
        self._count.setText(f"{count:,} {word}{suffix}")
        plain = not self._model.filter.narrows
        self._empty.setText(
            self.tr("This project has no people yet.\n\nImport a dataset:\nmain.py import coco FILE --images FOLDER")
            if plain
            else self.tr("Nobody matches this filter.\n\nClear the box above, or show everybody.")
        )
        self._stack.setCurrentWidget(self.list if count else self._empty)
        self.show_person(self._context.person_id)


class _FilterBox(QLineEdit):
    """Line edit that says when it is done: Enter or Down takes the first row, Esc gives the focus back."""

    accepted = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class _RowDelegate(QStyledItemDelegate):
    """Two lines: image and state; which person, joints, loss."""

    def sizeHint(  # noqa: N802 -- Qt's name
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = QFontMetrics(option.font)
        return QSize(200, 2 * metrics.height() + 2 * _ROW_PADDING + 3)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        summary = index.data(SUMMARY_ROLE)
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        area = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, area, state, palette)
        if isinstance(summary, PersonSummary):
            self._paint_text(painter, area, summary, palette, option)
        painter.restore()

    @staticmethod
    def _paint_ground(painter: QPainter, area: QRectF, state: QStyle.StateFlag, palette: QPalette) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            color = QColor(palette.color(QPalette.ColorRole.Highlight if selected else QPalette.ColorRole.Midlight))
            if selected:
                color.setAlpha(60 if is_dark(palette) else 38)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(area.adjusted(5, 1, -5, -1), 6, 6)
        if selected:
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRectF(area.left() + 5, area.top() + 9, 3, area.height() - 18), 1.5, 1.5)

    @staticmethod
    def _paint_text(
        painter: QPainter, area: QRectF, summary: PersonSummary, palette: QPalette, option: QStyleOptionViewItem
    ) -> None:
        font = option.font
        metrics = QFontMetrics(font)
        state: PersonState = summary.state
        chip = chip_size(state, font)
        left, right = area.left() + 16, area.right() - 12
        first = area.top() + _ROW_PADDING
        second = first + metrics.height() + 3
        chip_area = QRectF(right - chip.width(), second - 2, chip.width(), chip.height())
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        name = summary.image_path.rpartition("/")[2]
        name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(right - left))
        painter.drawText(QRectF(left, first, right - left, metrics.height()), int(Qt.AlignmentFlag.AlignLeft), name)
        muted = QColor(palette.color(QPalette.ColorRole.Text))
        muted.setAlpha(170)
        painter.setPen(muted)
        note = f"{summary.ordinal + 1} of {summary.people_in_image}"
        if summary.l2d is not None:
            note += f"  ·  L2d {summary.l2d:.1e}"
        else:
            note += f"  ·  {summary.labelled_count} joints"
        if summary.flags:
            note = f"{FLAG_SIGN} {note}"
        room = chip_area.left() - left - 8
        note = metrics.elidedText(note, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(QRectF(left, second, room, metrics.height()), int(Qt.AlignmentFlag.AlignLeft), note)
        paint_state_chip(painter, chip_area, state, is_dark(palette), font)
