"""Filter, order, counts and the list, one above the other."""

from __future__ import annotations

import random
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.services.where import Clause, Where, parse_where, write_where
from app.ui.context import Context
from app.ui.keymap import key_hint
from app.ui.models.people import PeopleFilter, PeopleModel
from app.ui.models.thumbnails import Thumbnails
from app.ui.people_list.clause_chips import ClauseChips
from app.ui.people_list.filter_box import FilterBox
from app.ui.people_list.filter_help import FilterHelp
from app.ui.people_list.row_delegate import RowDelegate
from app.ui.people_list.rows_view import RowsView
from app.ui.widgets.state_badge import state_title
from db.conditions import OneOf
from db.records import PERSON_STATES, ChangeSet, PersonId, QueueOrder

FILTER_PAUSE_MS: Final = 150
_MARGIN: Final = 12
_LARGEST_SEED: Final = 2**31 - 1

_ORDERS: Final[tuple[tuple[QueueOrder, str], ...]] = (
    ("import", "In order of import"),
    ("suspicion", "Most suspect first"),
    ("rms", "Largest residual first"),
    ("l2d", "Largest L2d first"),
    ("beta", "Oddest shape first"),
    ("newest", "Newest change first"),
    ("random", "In random order"),
)
_QUICK: Final[tuple[tuple[str, str], ...]] = (
    ("Everybody", ""),
    ("Undecided", "state:undecided"),
    ("Likely swapped", "suspect:swap"),
    ("Flagged", "has:flag"),
)
"""Filters of the box below the line; choosing one writes it into the line."""


class PeopleColumn(QFrame):
    """The column of people.

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
        self.thumbnails = Thumbnails(context.thumbnails, self)
        self.filter_box = FilterBox(self)
        self.help_button = QToolButton(self)
        self.chips = ClauseChips(self)
        self.state_box = QComboBox(self)
        self.order_box = QComboBox(self)
        self.list = RowsView(self)
        self._count = QLabel(self)
        self._empty = QLabel(self)
        self._stack = QStackedLayout()
        self._seed = context.settings.values.people_seed
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(FILTER_PAUSE_MS)
        self._pause.timeout.connect(self._apply_filter)
        self._fill_boxes()
        self._set_up_list()
        self._lay_out()
        self._connect()
        self._read_choices()

    @property
    def count_text(self) -> str:
        """How many people are in the list, in words."""
        return self._count.text()

    @property
    def empty_text(self) -> str:
        """What is said in place of the list while nobody is in it."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    def focus_filter(self) -> None:
        """Let people type where to go."""
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def set_filter_text(self, text: str) -> None:
        """Filter by a text."""
        self.filter_box.setText(text)
        self._apply_filter()

    def show_help(self) -> FilterHelp:
        """Show what can be typed."""
        popup = FilterHelp(self)
        popup.chosen.connect(self.set_filter_text)
        popup.adjustSize()
        popup.move(self.filter_box.mapToGlobal(self.filter_box.rect().bottomLeft()))
        popup.show()
        return popup

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
        self.filter_box.setPlaceholderText(self.tr("Filter: name, rms>10 …"))
        self.filter_box.setAccessibleName(self.tr("Filter people"))
        self.help_button.setText("?")
        self.help_button.setProperty("flat", True)
        self.help_button.setToolTip(self.tr("What can be typed here"))
        self.help_button.setAccessibleName(self.tr("Help on filters"))
        self.state_box.setAccessibleName(self.tr("Show people of one state"))
        for title, text in _QUICK:
            self.state_box.addItem(self.tr(title), text)
        self.state_box.insertSeparator(len(_QUICK))
        self.state_box.setPlaceholderText(self.tr("As typed above"))
        for state in PERSON_STATES:
            self.state_box.addItem(state_title(state).capitalize(), f"state:{state}")
        self.order_box.setAccessibleName(self.tr("Order of the list"))
        for order, title in _ORDERS:
            self.order_box.addItem(self.tr(title), order)
        self.order_box.setCurrentIndex(self.order_box.findData(self._context.settings.values.people_order))
        for box in (self.state_box, self.order_box, self.help_button):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _set_up_list(self) -> None:
        self.list.setObjectName("peopleList")
        self.list.setAccessibleName(self.tr("People"))
        self.list.setModel(self._model)
        self.list.setItemDelegate(RowDelegate(self.thumbnails, self.list))
        self.list.setMouseTracking(True)
        # A click chooses a person and leaves the keyboard with the picture; F6 comes here.
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _lay_out(self) -> None:
        top = QWidget(self)
        top_layout = QVBoxLayout(top)
        top_layout.setContentsMargins(_MARGIN, 10, _MARGIN, 8)
        top_layout.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.filter_box, 1)
        line.addWidget(self.help_button)
        top_layout.addLayout(line)
        top_layout.addWidget(self.chips)
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
        self.filter_box.textChanged.connect(self._on_text_changed)
        self.filter_box.accepted.connect(self._choose_first)
        self.filter_box.left.connect(self.left)
        self.help_button.clicked.connect(self.show_help)
        self.chips.removed.connect(self._remove_clause)
        self.state_box.activated.connect(lambda _index: self._choose_quick())
        self.order_box.activated.connect(lambda _index: self._choose_order())
        self.list.clicked.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._model.filtered.connect(self._on_filtered)
        self._context.person_changed.connect(self.show_person)
        self._context.changed.connect(self._on_changed)
        self.thumbnails.ready.connect(self._on_thumbnail)

    def _on_text_changed(self, text: str) -> None:
        where = parse_where(text)
        self.chips.show_where(where)
        self._show_quick(where)
        if not text:
            self._apply_filter()

    def _apply_filter(self) -> None:
        self._pause.stop()
        where = parse_where(self.filter_box.text())
        wanted = PeopleFilter(where.conditions, self.order_box.currentData(), self._seed)
        if wanted != self._model.filter:
            self._model.set_filter(wanted)

    def _remove_clause(self, clause: Clause) -> None:
        text = self.filter_box.text()
        rest = f"{text[: clause.start].rstrip()} {text[clause.end :].lstrip()}".strip()
        self.set_filter_text(rest)

    def _choose_quick(self) -> None:
        """Put the chosen filter in the place of the one that was there; what else was typed stays."""
        chosen = self.state_box.currentData()
        kept = [clause.source for clause in parse_where(self.filter_box.text()).clauses if not _is_quick(clause)]
        self.set_filter_text(" ".join([*([chosen] if chosen else []), *kept]))

    def _show_quick(self, where: Where) -> None:
        """Let the box say which of its filters is in force; nothing where it is one of the line's own."""
        asked = [clause for clause in where.clauses if _is_quick(clause)]
        text = "" if not asked else (asked[0].source if len(asked) == 1 else None)
        found = -1 if text is None else self.state_box.findData(text)
        if found < 0 and len(asked) == 1 and asked[0].condition is not None:
            found = self.state_box.findData(write_where((asked[0].condition,)))
        self.state_box.setCurrentIndex(found)

    def _choose_order(self) -> None:
        order = self.order_box.currentData()
        if order == "random":
            self._seed = random.randint(1, _LARGEST_SEED)
        self._context.settings.update(people_order=order, people_seed=self._seed)
        self._apply_filter()

    def _read_choices(self) -> None:
        def read() -> dict[str, tuple[str, ...]]:
            with self._context.project.store.read() as reader:
                return reader.queue.words()

        self._context.reads.run(read, self.filter_box.set_choices)

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

    def _on_changed(self, changeset: ChangeSet) -> None:
        if "images" in changeset.touched_tables:
            self.thumbnails.forget()
        if {"images", "annotators", "people"} & changeset.touched_tables:
            self._read_choices()

    def _on_thumbnail(self, person_id: PersonId) -> None:
        row = self._model.find_row(person_id)
        if row is not None:
            self.list.update(self._model.index(row))

    def _on_filtered(self) -> None:
        count = len(self._model.ids)
        word = self.tr("person") if count == 1 else self.tr("people")
        suffix = self.tr(" in this list") if self._model.filter.narrows else ""
        self._count.setText(f"{count:,} {word}{suffix}")
        self._empty.setText(
            self.tr("Nobody matches this filter.\n\nTake away a part of it above, or show everybody.")
            if self._model.filter.narrows
            else self.tr(
                "This project has no people yet.\n\nImport a dataset, or list the images ({0}) and draw people."
            ).format(key_hint("list.images"))
        )
        self._stack.setCurrentWidget(self.list if count else self._empty)
        self.show_person(self._context.person_id)


def _is_quick(clause: Clause) -> bool:
    """Whether a clause is of the kind that the box below the line writes."""
    condition = clause.condition
    if not isinstance(condition, OneOf) or condition.negated:
        return False
    return condition.key == "state" or (condition.key, condition.words) in {("has", ("flag",)), ("suspect", ("swap",))}
