"""The list of people asks about the rows on screen, however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.ui.people_list.rows_view import RowsView

ROW_PX, VIEW_PX = 40, 400
_Index = QModelIndex | QPersistentModelIndex


class Numbers(QAbstractListModel):
    """Rows that count how often they are asked about."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.questions = 0
        self.rows_read: set[int] = set()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802 -- Qt's
        self.questions += 1
        return 0 if parent.isValid() else self.size

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        self.rows_read.add(index.row())
        return f"row {index.row()}" if role == Qt.ItemDataRole.DisplayRole else None

    def fill_anew(self) -> None:
        self.beginResetModel()
        self.questions = 0
        self.rows_read.clear()
        self.endResetModel()


class Tall(QStyledItemDelegate):
    """Rows of one height."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:  # noqa: N802 -- Qt's
        return QSize(100, ROW_PX)


def shown(qtbot: QtBot, size: int) -> tuple[RowsView, Numbers]:
    view, model = RowsView(), Numbers(size)
    qtbot.addWidget(view)
    model.setParent(view)
    view.setModel(model)
    view.setItemDelegate(Tall(view))
    view.resize(200, VIEW_PX)
    with qtbot.waitExposed(view):
        view.show()
    return view, model


def questions_of_a_filter(qtbot: QtBot, size: int) -> int:
    view, model = shown(qtbot, size)
    model.fill_anew()
    last = model.index(size - 1)
    view.setCurrentIndex(last)
    view.scrollTo(last)
    qtbot.waitUntil(lambda: size - 1 in model.rows_read)
    assert len(model.rows_read) <= 3 * VIEW_PX // ROW_PX
    return model.questions


def test_a_new_list_costs_what_is_on_screen(qtbot: QtBot) -> None:
    few, many = questions_of_a_filter(qtbot, 100), questions_of_a_filter(qtbot, 100_000)
    assert many <= 2 * few


def test_rows_have_the_height_of_the_delegate_and_the_width_of_the_view(qtbot: QtBot) -> None:
    view, model = shown(qtbot, 100)
    place = view.visualRect(model.index(2))
    assert (place.top(), place.height()) == (2 * ROW_PX, ROW_PX)
    assert place.width() == view.viewport().width()


@pytest.mark.parametrize(
    ("key", "row"), [(Qt.Key.Key_End, 99), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Down, 6), (Qt.Key.Key_Up, 4)]
)
def test_keys_go_through_the_rows(qtbot: QtBot, key: Qt.Key, row: int) -> None:
    view, model = shown(qtbot, 100)
    view.setCurrentIndex(model.index(5))
    QTest.keyClick(view, key)
    assert view.currentIndex().row() == row


def test_a_letter_does_not_search_the_rows(qtbot: QtBot) -> None:
    view, model = shown(qtbot, 1000)
    view.setCurrentIndex(model.index(0))
    model.rows_read.clear()
    QTest.keyClick(view, Qt.Key.Key_X)
    assert view.currentIndex().row() == 0
    assert len(model.rows_read) <= 3 * VIEW_PX // ROW_PX
