"""The list of joints and the numbers beside it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from app.ui.widgets.joint_list import JointList
from db.records import KeypointSource
from resources.skeleton import get_skeleton
from tests.helpers.canvas_hands import standing_person

COCO = get_skeleton("coco17")
WRIST = COCO.index("left_wrist")


@pytest.fixture
def joints(qtbot: QtBot) -> JointList:
    joints = JointList()
    qtbot.addWidget(joints)
    joints.resize(360, 300)
    joints.set_skeleton(COCO)
    residuals = np.full(len(COCO), np.nan)
    residuals[WRIST] = 3.24
    joints.set_keypoints(standing_person(COCO), residuals)
    with qtbot.waitExposed(joints):
        joints.show()
    return joints


def row(joints: JointList, joint: int) -> list[str]:
    model = joints.model()
    return [model.data(model.index(joint, column)) for column in range(4)]


def test_rows_say_name_visibility_and_residual(joints: JointList) -> None:
    assert row(joints, WRIST) == ["left wrist", "visible", "", "3.2 px"]
    assert row(joints, COCO.index("left_ear")) == ["left ear", "not labelled", "", ""]
    assert row(joints, COCO.index("right_knee")) == ["right knee", "occluded", "", ""]
    model = joints.model()
    assert model.data(model.index(WRIST, 0), Qt.ItemDataRole.AccessibleTextRole) == "left wrist, visible, 3.2 px"


def test_clicking_a_row_is_reported(joints: JointList) -> None:
    chosen = QSignalSpy(joints.joint_selected)
    table = joints.findChild(QTableView)
    rectangle = table.visualRect(joints.model().index(3, 0))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rectangle.center())
    assert [chosen.at(i)[0] for i in range(chosen.count())] == [3]
    assert joints.selected_joint() == 3


def test_selecting_by_the_page_scrolls_and_is_not_reported(joints: JointList) -> None:
    chosen = QSignalSpy(joints.joint_selected)
    joints.set_selected(len(COCO) - 1)
    assert joints.selected_joint() == len(COCO) - 1
    table = joints.findChild(QTableView)
    last = table.visualRect(joints.model().index(len(COCO) - 1, 0))
    assert table.viewport().rect().contains(last.center())
    joints.set_selected(None)
    assert joints.selected_joint() is None
    assert chosen.count() == 0


def test_only_rows_that_changed_are_repainted(joints: JointList) -> None:
    changed = QSignalSpy(joints.model().dataChanged)
    keypoints = standing_person(COCO)
    keypoints[WRIST, 2] = 1
    residuals = np.full(len(COCO), np.nan)
    residuals[WRIST] = 3.24
    joints.set_keypoints(keypoints, residuals)
    assert [changed.at(i)[0].row() for i in range(changed.count())] == [WRIST]
    assert row(joints, WRIST)[1] == "occluded"


def test_another_number_of_joints_is_refused(joints: JointList) -> None:
    with pytest.raises(ValueError, match="17"):
        joints.set_keypoints(np.zeros((3, 3)))


def test_the_source_of_a_joint_is_said_with_the_confidence_of_a_detector(joints: JointList) -> None:
    sources: list[KeypointSource] = ["imported"] * len(COCO)
    sources[0], sources[WRIST], sources[COCO.index("left_ear")] = "human", "detector", "detector"
    joints.set_origins(sources, np.full(len(COCO), 0.874))
    joints.resize(600, 300)
    assert row(joints, WRIST)[2] == "detector 0.87"
    assert row(joints, 0)[2] == "human"
    assert row(joints, COCO.index("left_ear"))[2] == "", "what is not labelled comes from nowhere"
    model = joints.model()
    spoken = model.data(model.index(WRIST, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "left wrist, visible, detector 0.87, 3.2 px"


def test_in_a_narrow_list_the_source_is_a_sign_with_a_tooltip(joints: JointList) -> None:
    joints.set_origins(["human"] * len(COCO), np.ones(len(COCO)))
    joints.resize(330, 300)
    model = joints.model()
    index = model.index(WRIST, 2)
    assert model.data(index) == ""
    assert not model.data(index, Qt.ItemDataRole.DecorationRole).isNull()
    assert model.data(index, Qt.ItemDataRole.ToolTipRole) == "human"
    joints.resize(620, 300)
    assert model.data(index) == "human"


def test_several_rows_are_reported_together_and_can_be_set(joints: JointList) -> None:
    table = joints.findChild(QTableView)
    several = QSignalSpy(joints.joints_selected)

    def click(joint: int, keys: Qt.KeyboardModifier) -> None:
        place = table.visualRect(joints.model().index(joint, 0)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, place)

    click(2, Qt.KeyboardModifier.NoModifier)
    click(4, Qt.KeyboardModifier.ControlModifier)
    click(5, Qt.KeyboardModifier.NoModifier)
    click(7, Qt.KeyboardModifier.ShiftModifier)
    assert [several.at(i)[0] for i in range(several.count())] == [(2, 4), (5, 6, 7)]
    joints.set_selection((1, 3))
    assert joints.selected_joints() == (1, 3)
    assert several.count() == 2


@pytest.mark.parametrize("width", [330, 600])
def test_no_column_is_clipped(joints: JointList, width: int) -> None:
    joints.resize(width, 300)
    table = joints.findChild(QTableView)
    metrics = table.fontMetrics()
    texts = [(0, "right shoulder"), (1, "not labelled"), (3, "123.4 px")]
    if not joints.model().signs_only:
        texts.append((2, "detector 0.87"))
    for column, text in texts:
        assert metrics.horizontalAdvance(text) + 8 <= table.columnWidth(column)
    assert sum(table.columnWidth(column) for column in range(4)) <= table.viewport().width()
    assert joints.model().signs_only == (width == 330)
    assert table.accessibleName()
