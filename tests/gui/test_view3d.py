"""The view of the body in the real window: turned, stripped, compared, restored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.services.comparing import BodyVersion
from app.services.person_view import load_person_view
from app.services.project import Project
from app.ui.fit_texts import describe_body, describe_version
from app.ui.widgets.body_panel import PanelLayers
from fitting.runners import ProcessRunner
from fitting.spec import Viewpoint
from tests.helpers.builders import add_fit, build_project, people_of
from tests.helpers.fits import standing_body
from tests.helpers.ui_stories import Annotator, annotator_at


@pytest.fixture
def annotator(qtbot: QtBot, tmp_path: Path) -> Iterator[Annotator]:
    """One person with three fits of different bodies, each with a start of its own."""
    project = build_project(tmp_path, people=2)
    first, second = people_of(project)
    for seed in (1, 2, 3):
        add_fit(
            project,
            first,
            rotations=standing_body(seed).rotations.astype(float),
            initial_rotations=standing_body(10 + seed).rotations.astype(float),
        )
    add_fit(project, second)
    with annotator_at(qtbot, tmp_path, project) as annotator:
        settle(annotator)
        yield annotator


def settle(annotator: Annotator) -> None:
    """Until the body on screen is drawn in full."""
    page = annotator.page
    pane = page.large_view.left if page.frame.body_is_large else page.column.side_view

    def drawn() -> bool:
        layer = pane.panel.drawn
        return (
            not page.camera.is_moving
            and not page.context.renders.busy
            and not page.context.reads.busy
            and layer is not None
            and layer.view == page.camera.viewpoint
        )

    annotator.until(drawn)


def drag(annotator: Annotator, panel: object, x: int, y: int) -> None:
    start = panel.rect().center()  # type: ignore[attr-defined]
    QTest.mousePress(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(panel, start + QPoint(x, y))
    QTest.mouseRelease(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + QPoint(x, y))


def test_named_views_turn_and_reset_by_keyboard(annotator: Annotator) -> None:
    page, actions = annotator.page, annotator.window.actions_table
    stored = page.camera.viewpoint.matrix()
    drag(annotator, page.column.side_view.panel, 40, 25)
    assert not any(actions[f"view.{name}"].isChecked() for name in ("front", "side", "back", "top"))
    settle(annotator)
    turned = page.column.side_view.panel.drawn
    assert turned is not None
    assert turned.view == page.camera.viewpoint != Viewpoint.of("side")
    annotator.press("Ctrl+0")
    assert np.array_equal(page.camera.viewpoint.matrix(), stored)
    assert actions["view.side"].isChecked()
    drag(annotator, page.column.side_view.panel, -9, 3)
    annotator.press("Ctrl+2")  # the same view again, from anywhere
    assert page.camera.viewpoint == Viewpoint.of("side")
    for key, name in (("Ctrl+1", "front"), ("Ctrl+4", "top"), ("Ctrl+3", "back")):
        annotator.press(key)
        assert page.camera.viewpoint == Viewpoint.of(name)  # type: ignore[arg-type]
    assert annotator.page.context.settings.values.side_view == "back"


def test_a_moving_body_is_coarse_and_a_resting_one_is_drawn_in_full(annotator: Annotator) -> None:
    page = annotator.page
    annotator.press("C")
    settle(annotator)
    panel = page.large_view.left.panel
    full = panel.drawn
    assert full is not None
    page.camera.orbit(10.0, 0.0)
    annotator.until(lambda: panel.drawn is not full)
    coarse = panel.drawn
    assert coarse is not None
    assert max(coarse.rgba.shape[:2]) < max(full.rgba.shape[:2])
    # The coarse picture shows the same thing at the same place: nothing jumps when the camera comes to rest.
    page.camera.rest()
    settle(annotator)
    sharp = panel.drawn
    assert sharp is not None
    assert sharp.rgba.shape == full.rgba.shape
    assert coarse.scene is not None
    assert sharp.scene is not None
    ratio = sharp.rgba.shape[0] / coarse.rgba.shape[0]
    assert sharp.scene.pixels_per_metre == pytest.approx(ratio * coarse.scene.pixels_per_metre, rel=0.005)


def test_arrows_turn_the_body_while_it_has_the_focus_and_nudge_a_joint_otherwise(annotator: Annotator) -> None:
    page = annotator.page
    annotator.press("C")
    settle(annotator)
    assert page.large_view.left.panel.hasFocus()
    before = annotator.place_of("nose")
    annotator.press("Right", "Up")
    assert page.camera.viewpoint == Viewpoint.of("side").turned(-7.5, -7.5)
    annotator.press("Shift+Left", "+")
    assert page.camera.viewpoint.pan[0] < 0
    assert page.camera.viewpoint.zoom == pytest.approx(1.2)
    annotator.press("C", "Tab", "Right")
    annotator.until_settled()
    assert page.camera.viewpoint.zoom == pytest.approx(1.2)
    page.editor.flush()
    annotator.until_settled()
    assert annotator.place_of("nose") == pytest.approx((before[0] + 1, before[1]))


def test_layer_keys_switch_what_is_in_the_middle(annotator: Annotator) -> None:
    page, actions = annotator.page, annotator.window.actions_table
    annotator.press("Alt+1", "Alt+2")
    assert not page.canvas.layers().body
    assert not page.canvas.layers().keypoints
    assert page.display.panel_layers == PanelLayers()
    assert not actions["layer.body"].isChecked()
    annotator.press("Alt+1", "Alt+2", "C")
    assert [actions[f"layer.{name}"].isChecked() for name in ("body", "joints")] == [True, False]
    annotator.press("Alt+1", "Alt+2", "Alt+3", "Alt+4")
    assert page.display.panel_layers == PanelLayers(mesh=False, joints=True, wire=True, floor=False)
    assert page.canvas.layers().body
    annotator.press("C")
    assert [actions[f"layer.{name}"].isChecked() for name in ("body", "joints")] == [True, True]


def test_layers_of_the_body_are_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    project = build_project(tmp_path, people=1)
    add_fit(project, people_of(project)[0])
    with annotator_at(qtbot, tmp_path / "one", project) as annotator:
        annotator.press("Alt+3", "Alt+4", "C", "Alt+2")
        annotator.page.large_view.opacity.setValue(40)
    with annotator_at(qtbot, tmp_path / "one", Project.open(project.folder)) as annotator:
        expected = PanelLayers(joints=True, wire=True, floor=False, opacity=0.4)
        assert annotator.page.display.panel_layers == expected


def test_without_surface_joints_and_wire_nothing_can_be_judged(annotator: Annotator) -> None:
    page = annotator.page
    annotator.until(lambda: page.find_obstacle() is None)
    annotator.press("C", "Alt+1")
    settle(annotator)
    assert page.find_obstacle() is not None
    annotator.press("Alt+2")
    annotator.until(lambda: page.find_obstacle() is None)


def test_two_bodies_are_seen_from_the_same_side_through_100_drags(annotator: Annotator) -> None:
    page, view = annotator.page, annotator.page.large_view
    annotator.press("Ctrl+B")
    annotator.until(view.right.panel.has_layer)
    rng = np.random.default_rng(5)
    for _drag in range(100):
        panel = (view.left, view.right)[rng.integers(2)].panel
        drag(annotator, panel, *rng.integers(-40, 41, 2).tolist())
        assert view.left.viewpoint() == view.right.viewpoint() == page.camera.viewpoint
    settle(annotator)
    annotator.until(lambda: view.right.panel.drawn is not None and view.right.panel.drawn.view == page.camera.viewpoint)
    left, right = view.left.panel.drawn, view.right.panel.drawn
    assert left is not None
    assert right is not None
    assert isinstance(left.view, Viewpoint)
    assert isinstance(right.view, Viewpoint)
    assert np.array_equal(left.view.matrix(), right.view.matrix())
    assert left.scene is not None
    assert right.scene is not None
    assert left.scene.pixels_per_metre == right.scene.pixels_per_metre
    assert left.scene.pelvis_px == right.scene.pelvis_px


def test_the_start_of_each_fit_can_be_compared_and_the_difference_is_said(annotator: Annotator) -> None:
    page, view = annotator.page, annotator.page.large_view
    annotator.press("Ctrl+B")
    annotator.until(lambda: "mm" in view.difference)
    assert page.comparison.left is not None
    assert page.comparison.right is not None
    newest = annotator.fits_of(annotator.person_id)[-1]
    assert page.comparison.left.key == (newest.id, "final")
    assert page.comparison.right.key == (newest.id, "start")
    assert view.right.picker.currentText().startswith("Start of EFT  ·  L2d 4.0e-04")
    assert view.right.picker.count() == 6
    first = view.difference
    view.right.picker.setCurrentIndex(4)  # the oldest fit
    view.right.chosen.emit(view.right.picker.itemData(4))
    annotator.until(lambda: "mm" in view.difference and view.difference != first)
    oldest = annotator.fits_of(annotator.person_id)[0]
    assert page.comparison.right.key == (oldest.id, "final")
    view.left.chosen.emit((oldest.id, "start"))
    annotator.until(lambda: page.comparison.left is not None and page.comparison.left.key == (oldest.id, "start"))
    settle(annotator)
    assert page.find_obstacle() is not None  # the fit to be judged is not on screen from the side


def test_the_pickers_are_reached_and_used_by_keyboard(annotator: Annotator) -> None:
    page, view = annotator.page, annotator.page.large_view
    annotator.press("Ctrl+B")
    annotator.until(lambda: "mm" in view.difference)
    annotator.press("F6", "F6")
    assert view.right.picker.hasFocus()
    before = page.comparison.right
    annotator.press("Down")
    assert page.comparison.right is not None
    assert before is not None
    assert page.comparison.right.key != before.key
    annotator.press("F6")
    assert not view.right.picker.hasFocus()


def test_a_held_key_blinks_the_other_body_in_at_the_same_place(annotator: Annotator) -> None:
    page = annotator.page
    shown = page.column.side_view.panel.drawn
    assert shown is not None
    assert shown.scene is not None
    bare = page.canvas.grab().toImage()
    annotator.qtbot.keyPress(page.canvas, Qt.Key.Key_N)
    annotator.until(lambda: page.column.side_view.panel.drawn is not shown)
    assert page.canvas.notice().startswith("Compared with: Start of EFT")
    assert page.find_obstacle() is not None
    annotator.press("Return")  # nobody decides on what is only compared
    annotator.until_settled()
    other = page.column.side_view.panel.drawn
    assert other is not None
    assert other.scene is not None
    assert other.scene.pelvis_px == shown.scene.pelvis_px
    assert other.scene.pixels_per_metre == shown.scene.pixels_per_metre
    assert not np.array_equal(other.rgba, shown.rgba)
    assert page.canvas.grab().toImage() != bare
    annotator.qtbot.keyRelease(page.canvas, Qt.Key.Key_N)
    annotator.until(lambda: page.find_obstacle() is None)
    assert page.canvas.notice() == ""
    assert page.canvas.grab().toImage() == bare
    assert annotator.decision(annotator.person_id) is None


def test_nothing_to_compare_is_said(annotator: Annotator) -> None:
    _first, second = people_of(annotator.project)
    annotator.press("D")
    annotator.until_shows(second)
    settle(annotator)
    annotator.qtbot.keyPress(annotator.page.canvas, Qt.Key.Key_N)
    assert "nothing to compare" in annotator.window.messages.text
    annotator.qtbot.keyRelease(annotator.page.canvas, Qt.Key.Key_N)
    annotator.press("Ctrl+B")
    settle(annotator)
    assert not annotator.page.large_view.right.panel.has_layer()


def test_the_second_person_is_not_compared_with_the_first_ones_bodies(annotator: Annotator) -> None:
    page = annotator.page
    annotator.press("Ctrl+B")
    annotator.until(page.large_view.right.panel.has_layer)
    annotator.press("D")
    annotator.until_shows(people_of(annotator.project)[1])
    settle(annotator)
    assert not page.large_view.right.panel.has_layer()
    assert page.large_view.difference == ""
    annotator.press("A")
    annotator.until_shows(people_of(annotator.project)[0])
    annotator.until(page.large_view.right.panel.has_layer)


def test_restore_the_first_of_three_fits(annotator: Annotator) -> None:
    person_id = annotator.person_id
    first = annotator.fits_of(person_id)[0]
    annotator.press("Shift+B", "Shift+B")
    assert annotator.page.history.shown is not None
    assert annotator.page.history.shown.fit.id == first.id
    annotator.press("U")
    annotator.until(lambda: len(annotator.fits_of(person_id)) == 4)
    annotator.until_settled()
    with Project.open(annotator.project.folder) as reopened:
        current = load_person_view(reopened, person_id).fit
    assert current is not None
    for name in ("rotations", "betas", "camera", "initial_rotations", "initial_betas", "initial_camera", "joints_px"):
        assert getattr(current, name).tobytes() == getattr(first, name).tobytes()


def test_a_running_fit_is_shown_over_the_picture_and_from_the_side(annotator: Annotator) -> None:
    page = annotator.page
    assert page.view is not None
    panel = page.column.side_view.panel
    for seed in (21, 22):
        body = standing_body(seed)
        before = panel.drawn
        page.display.preview(page.view, body)
        annotator.until(lambda before=before: panel.drawn is not before)
        drawn = panel.drawn
        assert drawn is not None
        assert drawn.scene is not None
        assert page.find_obstacle() is not None
    # Turned while it runs: the same iteration from the new side.
    page.camera.orbit(30.0, 0.0)
    annotator.until(lambda: panel.drawn is not None and panel.drawn.view == page.camera.viewpoint)
    page.display.show(page.view, page.history.shown)
    annotator.until(lambda: page.find_obstacle() is None)


def test_a_story_in_the_real_workers(qtbot: QtBot, tmp_path: Path) -> None:
    """Fit three ways, turn and reset, watch what EFT changed about the regressor's body, take the first fit back."""
    project = build_project(tmp_path, people=1)
    (person_id,) = people_of(project)
    with annotator_at(qtbot, tmp_path, project, ProcessRunner) as annotator:
        page, view = annotator.page, annotator.page.large_view
        for count, method in enumerate(("eft", "smplify", "regressor"), start=1):
            annotator.window.actions_table[f"fit_with.{method}"].trigger()
            annotator.press("R")
            annotator.until(lambda count=count: len(annotator.fits_of(person_id)) == count and not page.fitting)
        annotator.until(lambda: page.view is not None and len(page.view.fits) == 3)
        first = annotator.fits_of(person_id)[0]
        annotator.press("Shift+B", "Shift+B", "C")
        settle(annotator)
        stored = page.camera.viewpoint.matrix()
        drag(annotator, view.left.panel, 120, 60)
        settle(annotator)
        annotator.press("Ctrl+0")
        assert np.array_equal(page.camera.viewpoint.matrix(), stored)

        annotator.press("Ctrl+B")
        view.right.chosen.emit((first.id, "start"))
        annotator.until(lambda: page.comparison.right is not None and page.comparison.right.key == (first.id, "start"))
        annotator.until(lambda: "mm" in view.difference)
        assert page.comparison.left is not None
        assert page.comparison.left.key == (first.id, "final")
        drag(annotator, view.right.panel, -80, 30)
        annotator.until(
            lambda: all(
                pane.panel.drawn is not None and pane.panel.drawn.view == page.camera.viewpoint
                for pane in (view.left, view.right)
            )
        )
        annotator.press("Ctrl+B", "C", "U")
        annotator.until(lambda: len(annotator.fits_of(person_id)) == 4)
        restored = annotator.fits_of(person_id)[-1]
    for name in ("rotations", "betas", "camera", "initial_rotations", "initial_betas", "initial_camera"):
        assert getattr(restored, name).tobytes() == getattr(first, name).tobytes()


def test_the_list_of_fits_tells_the_help_that_was_given(annotator: Annotator) -> None:
    guidance = {"depth_hints": {"left_arm": "away"}, "joint_weights": {"nose": 0.0, "left_knee": 4.0, "neck": 4.0}}
    add_fit(annotator.project, annotator.person_id, options={"guidance": guidance})
    fit = annotator.fits_of(annotator.person_id)[-1]
    line = describe_version(fit, is_current=True, is_stale=False)
    assert line.endswith("1 hint  ·  2 pins  ·  1 ignored")
    assert describe_body(BodyVersion(fit, "final")).endswith("1 hint  ·  2 pins  ·  1 ignored")
    assert "hint" not in describe_body(BodyVersion(fit, "start"))
