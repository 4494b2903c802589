"""The list of a person's fits by itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.widgets.fit_selector import FitSelector, FitVersion
from db.records import FitId

VERSIONS = (
    FitVersion(FitId(7), "SMPLify  ·  6.8 px  ·  current  ·  12:01:07", "Fitted by SMPLify."),
    FitVersion(FitId(3), "a label of forty letters that goes on and on  ·  4.8 px  ·  older keypoints", "Imported."),
)


@pytest.fixture
def selector(qtbot: QtBot) -> FitSelector:
    selector = FitSelector()
    qtbot.addWidget(selector)
    selector.resize(330, selector.sizeHint().height())
    with qtbot.waitExposed(selector):
        selector.show()
    return selector


def test_nothing_to_choose_from(selector: FitSelector) -> None:
    assert selector.box.currentText() == "No fit yet"
    assert not selector.box.isEnabled()
    assert not selector.use.isEnabled()
    selector.set_versions(VERSIONS[:1], FitId(7))
    assert not selector.box.isEnabled()


def test_a_choice_is_told_and_setting_one_is_not(selector: FitSelector, qtbot: QtBot) -> None:
    told: list[object] = []
    selector.chosen.connect(told.append)
    selector.set_versions(VERSIONS, FitId(3))
    assert (selector.box.currentIndex(), selector.box.toolTip()) == (1, "Imported.")
    assert told == []
    selector.box.setFocus()
    qtbot.keyClick(selector.box, Qt.Key.Key_Up)
    assert told == [7]


def test_a_wheel_over_the_list_chooses_nothing(selector: FitSelector) -> None:
    selector.set_versions(VERSIONS, FitId(7))
    middle = QPointF(selector.box.rect().center())
    turn = QWheelEvent(
        middle, selector.box.mapToGlobal(middle), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(selector.box, turn)
    assert selector.box.currentIndex() == 0


def test_the_column_does_not_jump_between_two_fits(selector: FitSelector) -> None:
    selector.set_versions(VERSIONS, FitId(7))
    selector.set_notice("Current fit", is_current=True, obstacle="It is the current fit.")
    height = selector.sizeHint().height()
    selector.set_versions(VERSIONS, FitId(3))
    selector.set_notice("Not the current fit", is_current=False, obstacle=None)
    assert selector.sizeHint().height() == height
    assert selector.minimumSizeHint().width() <= 300


def test_the_button_says_why_it_is_off(selector: FitSelector, qtbot: QtBot) -> None:
    selector.set_notice("Not the current fit", is_current=False, obstacle="It belongs to earlier keypoints.")
    assert selector.use.toolTip() == "It belongs to earlier keypoints."
    selector.set_notice("Not the current fit", is_current=False, obstacle=None)
    with qtbot.waitSignal(selector.use_wanted):
        selector.use.click()
