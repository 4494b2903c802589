"""Several joints, missing joints and the fitted body, at the real window and down to the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.services.project import Project
from app.ui.notifications import MessageBar
from app.ui.widgets.canvas_notices import CanvasHint
from db.records import KeypointRevision
from tests.helpers.builders import add_fit, build_project, people_of, person_keypoints
from tests.helpers.canvas_hands import ALT, CTRL, click, drag, screen_point, turn_wheel
from tests.helpers.ui_stories import Annotator, annotator_at

LABELLED = 15
ANKLES = (15, 16)
WRISTS = (9, 10)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return build_project(tmp_path, [person_keypoints(0, labelled=LABELLED), person_keypoints(1)])


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path, project: Project) -> Iterator[Annotator]:
    first = people_of(project)[0]
    joints_px = np.tile((300.0, 200.0), (49, 1))
    joints_px[:, 0] += np.arange(49)
    add_fit(project, first, joints_px=joints_px)
    with annotator_at(qtbot, tmp_path, project, live_refit=False) as annotator:
        annotator.until_shows(first)
        yield annotator


def stored(annotator: Annotator) -> KeypointRevision:
    annotator.until_settled()
    with annotator.project.store.read() as reader:
        revision = reader.keypoints.current(annotator.person_id)
    assert revision is not None
    return revision


def shown_as_stored(annotator: Annotator) -> bool:
    return np.array_equal(annotator.page.canvas.keypoints(), stored(annotator).keypoints)


def joint_at(annotator: Annotator, joint: int) -> QPoint:
    canvas = annotator.page.canvas
    return screen_point(canvas, *canvas.keypoints()[joint, :2])


def test_a_message_leaves_the_hint_of_the_canvas_readable(annotator: Annotator) -> None:
    annotator.press("E")
    hint = annotator.page.canvas.findChild(CanvasHint)
    assert isinstance(hint, CanvasHint)
    annotator.until(hint.isVisible)
    annotator.page.tell("Something to read meanwhile.")
    bar = annotator.window.findChild(MessageBar)
    assert isinstance(bar, MessageBar)
    assert bar.isVisible()
    assert (
        not bar.rect()
        .translated(bar.mapToGlobal(QPoint()))
        .intersects(hint.rect().translated(hint.mapToGlobal(QPoint())))
    )


def test_a_gesture_of_all_joints_is_one_edit_and_one_step_to_undo(annotator: Annotator) -> None:
    canvas, before = annotator.page.canvas, stored(annotator)
    annotator.press("Ctrl+A")
    assert canvas.selected_joints() == tuple(range(LABELLED))
    assert annotator.page.column.joints.selected_joints() == tuple(range(LABELLED))

    drag(canvas, joint_at(annotator, WRISTS[0]), by=(40, -20))
    annotator.until(lambda: stored(annotator).parent_id == before.id)
    moved = stored(annotator)
    scale = canvas.viewport_map().scale
    np.testing.assert_allclose(
        moved.keypoints[:LABELLED, :2], before.keypoints[:LABELLED, :2] + (40 / scale, -20 / scale)
    )
    assert moved.sources[:LABELLED] == ("human",) * LABELLED
    assert moved.sources[LABELLED:] == ("imported",) * 2
    annotator.until(lambda: shown_as_stored(annotator))
    assert canvas.selected_joints() == tuple(range(LABELLED)), "a stored edit keeps the selection"
    annotator.until(lambda: "move 15 joints" in annotator.window.actions_table["edit.undo"].text())

    annotator.press("Ctrl+Z")
    annotator.until(lambda: np.array_equal(stored(annotator).keypoints, before.keypoints))
    annotator.until(lambda: shown_as_stored(annotator))
    annotator.press("Esc")
    assert canvas.selected_joints() == ()
    assert annotator.page.column.joints.selected_joints() == ()


def test_turning_and_scaling_a_selection_are_stored(annotator: Annotator) -> None:
    canvas, before = annotator.page.canvas, stored(annotator)
    canvas.setFocus()
    click(canvas, joint_at(annotator, WRISTS[0]))
    click(canvas, joint_at(annotator, WRISTS[1]), CTRL)
    assert annotator.page.column.joints.selected_joints() == WRISTS
    turn_wheel(canvas, QPoint(200, 200), 120 * 45, keys=ALT)
    annotator.until(lambda: stored(annotator).id != before.id)
    turned = stored(annotator).keypoints
    middle = before.keypoints[list(WRISTS), :2].mean(0)
    dx, dy = (before.keypoints[WRISTS[0], :2] - middle).tolist()
    np.testing.assert_allclose(turned[WRISTS[0], :2], middle + np.array([-dy, dx]))
    turn_wheel(canvas, QPoint(200, 200), 120, keys=ALT | CTRL)
    annotator.until(lambda: not np.array_equal(stored(annotator).keypoints, turned))
    spread = np.ptp(stored(annotator).keypoints[list(WRISTS), :2], axis=0) / np.ptp(turned[list(WRISTS), :2], axis=0)
    assert spread == pytest.approx((1.02, 1.02))


def test_a_selection_is_nudged_marked_and_cleared_as_one(annotator: Annotator) -> None:
    before = stored(annotator)
    annotator.page.select_joints(WRISTS)
    annotator.press("Right", "Right", "Shift+Down")
    annotator.press("Q")
    annotator.until(lambda: bool(np.all(stored(annotator).keypoints[list(WRISTS), 2] == 1)))
    now = stored(annotator)
    np.testing.assert_allclose(now.keypoints[list(WRISTS), :2], before.keypoints[list(WRISTS), :2] + np.array([2, 10]))
    nudged = now.parent_id
    assert nudged is not None
    with annotator.project.store.read() as reader:
        assert reader.keypoints.get(nudged).parent_id == before.id, "one revision for the nudges, one for the mark"
    annotator.press("O")
    annotator.until(lambda: bool(np.all(stored(annotator).keypoints[list(WRISTS)] == 0)))
    assert stored(annotator).parent_id == now.id


def test_missing_joints_are_placed_with_one_key_and_a_click_each(annotator: Annotator) -> None:
    canvas = annotator.page.canvas
    annotator.press("E")
    assert canvas.armed_joint() == ANKLES[0]
    assert "left ankle" in canvas.hint()
    annotator.press("E")
    assert canvas.armed_joint() == ANKLES[1], "the key again skips one"
    annotator.press("E")
    assert canvas.armed_joint() == ANKLES[0], "and goes round"
    spots = [screen_point(canvas, 260, 400), screen_point(canvas, 330, 405)]
    for spot in spots:
        QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert canvas.armed_joint() is None
    annotator.until(lambda: bool(np.all(stored(annotator).keypoints[:, 2] > 0)))
    for joint, spot in zip(ANKLES, spots, strict=True):
        np.testing.assert_allclose(
            stored(annotator).keypoints[joint], (*canvas.viewport_map().to_image(*spot.toTuple()), 2)
        )
    annotator.press("E")
    assert canvas.armed_joint() is None
    assert "No joint is missing" in annotator.window.messages.text


def test_escape_ends_the_placing(annotator: Annotator) -> None:
    canvas = annotator.page.canvas
    canvas.setFocus()
    annotator.press("E")
    annotator.press("Esc")
    assert canvas.armed_joint() is None
    before = stored(annotator)
    click(canvas, screen_point(canvas, 330, 405))
    assert stored(annotator).id == before.id


def test_joints_come_from_the_body_and_say_so(annotator: Annotator) -> None:
    view = annotator.page.view
    assert view is not None
    assert view.fit_joints_px is not None
    body, before = view.fit_joints_px, stored(annotator)
    annotator.page.select_joint(WRISTS[0])
    annotator.press("J")
    annotator.until(lambda: stored(annotator).sources[WRISTS[0]] == "projected")
    np.testing.assert_array_equal(stored(annotator).keypoints[WRISTS[0]], (*body[WRISTS[0]], 2))
    annotator.until(lambda: "projected" in "".join(annotator.page.canvas.shown_labels()))
    annotator.press("Shift+J")
    annotator.until(lambda: bool(np.all(stored(annotator).keypoints[:, 2] > 0)))
    now = stored(annotator)
    for joint in ANKLES:
        np.testing.assert_array_equal(now.keypoints[joint], (*body[joint], 1))
        assert now.sources[joint] == "projected"
    assert now.sources[: WRISTS[0]] == before.sources[: WRISTS[0]]
    annotator.press("Ctrl+Z", "Ctrl+Z")
    annotator.until(lambda: np.array_equal(stored(annotator).keypoints, before.keypoints))


def test_the_pair_of_the_selected_joint_is_swapped(annotator: Annotator) -> None:
    before = stored(annotator).keypoints
    annotator.page.select_joint(WRISTS[1])
    annotator.press("Ctrl+Shift+M")
    annotator.until(lambda: not np.array_equal(stored(annotator).keypoints, before))
    now = stored(annotator).keypoints
    np.testing.assert_array_equal(now[list(WRISTS)], before[list(WRISTS)][::-1])
    np.testing.assert_array_equal(np.delete(now, WRISTS, axis=0), np.delete(before, WRISTS, axis=0))
    annotator.page.select_joint(0)
    annotator.press("Ctrl+Shift+M")
    annotator.until(lambda: "nose is in the middle" in annotator.window.messages.text)


def test_without_a_body_or_a_selection_it_is_said(annotator: Annotator) -> None:
    annotator.press("J")
    assert "Select a joint first" in annotator.window.messages.text
    annotator.press("D")
    annotator.until_shows(people_of(annotator.project)[1])
    annotator.press("Shift+J")
    assert "no fitted body" in annotator.window.messages.text


def test_a_joint_far_outside_the_picture_is_stored_and_comes_back(annotator: Annotator) -> None:
    canvas = annotator.page.canvas
    canvas.fit_image()
    canvas.zoom_by(0.6)
    start = joint_at(annotator, WRISTS[0])
    goal = screen_point(canvas, -20.0, 200.0)
    drag(canvas, start, by=(goal - start).toTuple())
    annotator.until(lambda: stored(annotator).keypoints[WRISTS[0], 0] < 0)
    x, y = stored(annotator).keypoints[WRISTS[0], :2]
    assert (x, y) == pytest.approx((-20.0, 200.0), abs=1.5 / canvas.viewport_map().scale)
    annotator.press("D")
    annotator.until_shows(people_of(annotator.project)[1])
    annotator.press("A")
    annotator.until_shows(people_of(annotator.project)[0])
    assert canvas.keypoints()[WRISTS[0], :2].tolist() == [x, y]
    canvas.set_selected(WRISTS[0])
    assert "outside the picture" in "".join(canvas.shown_labels())
