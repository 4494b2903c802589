"""The body from another side: what a pane shows, and the hand that turns it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPalette, QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.ui.review.orbit import OrbitCamera
from app.ui.widgets.body_panel import BodyPanel, PanelLayers
from app.ui.widgets.side_view import SideView
from app.ui.widgets.view_buttons import VIEWS, describe_viewpoint
from fitting.spec import JobId, RenderResult, Scene, Viewpoint

BODY_RGB = (140, 170, 217)


@pytest.fixture
def side_view(qtbot: QtBot) -> SideView:
    view = SideView()
    qtbot.addWidget(view)
    view.resize(360, 380)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.fixture
def camera(qtbot: QtBot, side_view: SideView) -> Iterator[OrbitCamera]:
    camera = OrbitCamera()
    camera.listen_to(side_view.panel)
    yield camera
    camera.rest()


def body_layer(viewpoint: Viewpoint | None = None, with_scene: bool = True) -> RenderResult:
    """A block of a body whose joints lie in its left half, with its lowest point at its lower edge."""
    rgba = np.zeros((200, 200, 4), dtype=np.uint8)
    rgba[20:180, 80:120] = (*BODY_RGB, 255)
    joints = np.zeros((24, 3))
    joints[:, 1] = np.linspace(-0.7, 0.7, 24)
    joints[1:, 0] = -0.1
    scene = Scene(joints, 0.8, 100.0, (100.0, 100.0)) if with_scene else None
    return RenderResult(JobId("layer"), viewpoint or Viewpoint.of("side"), rgba, None, scene)


def pixels(view: SideView) -> NDArray[np.int64]:
    image = view.panel.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
    return values[..., 2::-1].astype(np.int64)


def shows_body(view: SideView) -> int:
    return int((np.abs(pixels(view) - BODY_RGB).max(axis=-1) <= 2).sum())


def button(view: SideView, title: str) -> QPushButton:
    return next(button for button in view.findChildren(QPushButton) if button.text() == title)


def drag(panel: BodyPanel, by: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier) -> None:
    start = panel.rect().center()
    QTest.mousePress(panel, button, modifier, start)
    for share in (0.5, 1.0):
        QTest.mouseMove(panel, start + QPointF(by.x() * share, by.y() * share).toPoint())
    QTest.mouseRelease(panel, button, modifier, start + by)


# ---- what is shown


def test_without_a_fit_it_says_what_to_do(side_view: SideView) -> None:
    assert not side_view.panel.has_layer()
    before = pixels(side_view)
    side_view.set_message("Needs 6 labelled keypoints (has 3)")
    assert (pixels(side_view) != before).any()


def test_asking_for_another_view_is_reported_once(side_view: SideView, qtbot: QtBot) -> None:
    asked = QSignalSpy(side_view.view_requested)
    for title in ("Front", "Back", "Top", "Side"):
        qtbot.mouseClick(button(side_view, title), Qt.MouseButton.LeftButton)
    assert [asked.at(row)[0] for row in range(asked.count())] == ["front", "back", "top", "side"]


def test_a_view_that_is_told_is_not_asked_for(side_view: SideView) -> None:
    asked = QSignalSpy(side_view.view_requested)
    for view in VIEWS:
        side_view.set_viewpoint(Viewpoint.of(view))
        assert [b.text() for b in side_view.findChildren(QPushButton) if b.isChecked()] == [view.capitalize()]
        assert side_view.panel.caption == describe_viewpoint(Viewpoint.of(view))
    assert asked.count() == 0


def test_a_free_view_leaves_every_button_up_and_says_where_it_is(side_view: SideView) -> None:
    side_view.set_viewpoint(Viewpoint.of("side").turned(-35, 22))
    assert not any(b.isChecked() for b in side_view.findChildren(QPushButton))
    assert side_view.panel.caption == "Turned · 55° to the image's right, 22° above"
    assert describe_viewpoint(Viewpoint.of("front").turned(-90, -10)) == "Turned · 90° to the image's left, 10° below"


@pytest.mark.parametrize("size", [(360, 380), (600, 300), (180, 500)])
def test_body_is_scaled_whole_and_keeps_its_proportions(side_view: SideView, size: tuple[int, int]) -> None:
    side_view.resize(*size)
    side_view.set_body(body_layer())
    body = np.abs(pixels(side_view) - BODY_RGB).max(axis=-1) <= 2
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    assert height / width == pytest.approx(4.0, rel=0.05)


def changed_by(view: SideView, layers: PanelLayers) -> NDArray[np.bool_]:
    """Pixels that change when these layers are shown in place of the bare ground."""
    view.set_layers(PanelLayers(floor=False, opacity=0.0))
    bare = pixels(view)
    view.set_layers(layers)
    return (pixels(view) != bare).any(axis=-1)


@pytest.mark.parametrize("viewpoint", [Viewpoint.of("side"), Viewpoint("side", 40.0, 25.0)])
def test_each_switch_changes_its_layer_alone(side_view: SideView, viewpoint: Viewpoint) -> None:
    side_view.set_body(body_layer(viewpoint))
    floor = changed_by(side_view, PanelLayers(floor=True, opacity=0.0))
    joints = changed_by(side_view, PanelLayers(floor=False, joints=True, opacity=0.0))
    surface = changed_by(side_view, PanelLayers(floor=False))
    solid = np.abs(pixels(side_view) - BODY_RGB).max(axis=-1) <= 2
    everything = changed_by(side_view, PanelLayers(floor=True, joints=True))
    assert floor.any()
    assert joints.any()
    assert surface.any()
    assert np.array_equal(everything, floor | joints | surface)
    # What another layer covers stays as it is.
    side_view.set_layers(PanelLayers(floor=True, joints=True))
    with_floor = pixels(side_view)
    side_view.set_layers(PanelLayers(floor=False, joints=True))
    assert not (with_floor != pixels(side_view)).any(axis=-1)[solid].any()


def test_no_opacity_is_the_bare_ground_pixel_by_pixel(side_view: SideView) -> None:
    side_view.set_layers(PanelLayers(floor=False))
    side_view.set_body(RenderResult(JobId("none"), Viewpoint.of("side"), np.zeros((200, 200, 4), np.uint8), None))
    bare = pixels(side_view)
    side_view.set_body(body_layer())
    assert (pixels(side_view) != bare).any()
    side_view.set_layers(PanelLayers(floor=False, opacity=0.0))
    assert np.array_equal(pixels(side_view), bare)


def test_the_floor_is_a_line_under_the_feet_edge_on_and_a_grid_from_above(side_view: SideView) -> None:
    side_view.set_body(body_layer())
    line = changed_by(side_view, PanelLayers(opacity=0.0))
    rows = np.flatnonzero(line.any(axis=1))
    assert len(rows) <= 2  # antialiased
    row = float(rows.mean())
    side_view.set_layers(PanelLayers(floor=False))
    body = np.flatnonzero((np.abs(pixels(side_view) - BODY_RGB).max(axis=-1) <= 2).any(axis=1))
    assert row == pytest.approx(body[-1] + 1, abs=1.5)
    side_view.set_body(body_layer(Viewpoint("side", 40.0, 30.0)))
    grid = changed_by(side_view, PanelLayers(opacity=0.0))
    assert (grid.sum(axis=1) > 5).sum() > 40


def test_joints_tell_left_from_right_without_colour(side_view: SideView) -> None:
    joints = np.zeros((24, 3))
    joints[[1, 2], 0] = (0.4, -0.4)  # left hip, right hip
    layer = body_layer()
    scene = Scene(joints, 0.8, 100.0, (100.0, 100.0))
    blank = np.zeros_like(layer.rgba)
    side_view.set_layers(PanelLayers(floor=False, joints=True))
    side_view.set_body(RenderResult(layer.job_id, Viewpoint.of("front"), blank, None, scene))
    grey = pixels(side_view).mean(axis=-1)
    scale = side_view.panel.layer_size()[1] / 200
    center = (side_view.panel.height() - side_view.panel.caption_height()) / 2, side_view.panel.width() / 2

    def around(x_m: float) -> float:
        """Brightness at a ball's middle against that of its rim."""
        row, column = round(center[0]), round(center[1] + 100 * x_m * scale)
        disc = grey[row - 1 : row + 2, column - 1 : column + 2]
        return float(disc.mean())

    assert around(0.4) - around(-0.4) > 40  # left is filled, right is a ring


def test_stale_body_loses_its_colour(side_view: SideView) -> None:
    side_view.set_body(body_layer())
    side_view.set_stale(True)
    assert shows_body(side_view) == 0
    shown = pixels(side_view)
    assert ((shown.max(axis=-1) - shown.min(axis=-1) <= 2) & (np.abs(shown[..., 0] - 166) < 3)).sum() > 1000
    side_view.set_stale(False)
    assert shows_body(side_view) > 1000


def test_a_body_that_is_not_the_current_one_says_so(side_view: SideView) -> None:
    side_view.set_body(body_layer())
    before = pixels(side_view)
    side_view.set_notice("Not the current fit: EFT")
    marked = (np.abs(pixels(side_view) - (0x5B, 0x2D, 0x90)).max(axis=-1) <= 2).sum()
    assert marked > 300
    side_view.set_notice("")
    np.testing.assert_array_equal(pixels(side_view), before)


def test_words_are_legible_in_both_themes(side_view: SideView) -> None:
    side_view.set_body(body_layer())
    for ground in (QColor("#1d2025"), QColor("#f4f5f7")):
        palette = QPalette(side_view.palette())
        palette.setColor(QPalette.ColorRole.Window, ground)
        side_view.setPalette(palette)
        caption = pixels(side_view)[-side_view.panel.caption_height() :].mean(axis=-1)
        assert caption.max() - caption.min() > 120


def test_everything_has_a_name(side_view: SideView) -> None:
    side_view.set_body(body_layer())
    assert side_view.accessibleName()
    assert side_view.panel.accessibleName() == "Side view · from the image's right"
    assert all(button.accessibleName() for button in side_view.findChildren(QPushButton))
    width, height = side_view.layer_size()
    assert (width, height) == (side_view.panel.width(), side_view.panel.height() - side_view.panel.caption_height())


# ---- the hand

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def test_a_drag_turns_and_the_nearest_surface_follows(side_view: SideView, camera: OrbitCamera) -> None:
    side_view.set_body(body_layer())
    drag(side_view.panel, QPoint(60, 20), Qt.MouseButton.LeftButton, NONE)
    assert camera.viewpoint == Viewpoint.of("side").turned(-30.0, 10.0)
    assert not camera.is_moving  # the hand has let go
    nearest = -camera.viewpoint.matrix()[2] * 0 + np.linalg.inv(Viewpoint.of("side").matrix()) @ [0, 0, -1]
    seen = camera.viewpoint.matrix() @ nearest
    assert seen[0] > 0.3  # to the right, as the hand went
    assert seen[1] > 0.1  # and down


@pytest.mark.parametrize(
    ("button", "modifier"), [(Qt.MouseButton.LeftButton, SHIFT), (Qt.MouseButton.MiddleButton, NONE)]
)
def test_a_shifted_or_middle_drag_pans(
    side_view: SideView, camera: OrbitCamera, button: Qt.MouseButton, modifier: Qt.KeyboardModifier
) -> None:
    side_view.set_body(body_layer())
    drag(side_view.panel, QPoint(31, -16), button, modifier)
    side = min(side_view.layer_size())
    assert np.array_equal(camera.viewpoint.matrix(), Viewpoint.of("side").matrix())
    assert camera.viewpoint.pan == pytest.approx((31 / side, -16 / side), abs=1e-9)


def test_the_wheel_zooms_at_the_pointer(side_view: SideView, camera: OrbitCamera) -> None:
    side_view.set_body(body_layer())
    panel = side_view.panel
    at = QPointF(panel.width() / 2 + 50, (panel.height() - panel.caption_height()) / 2)
    event = QWheelEvent(
        at, panel.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel, event)
    share = 50 / min(side_view.layer_size())
    assert camera.viewpoint == Viewpoint.of("side").zoomed(1.2, (share, 0.0))
    assert camera.viewpoint.zoom == pytest.approx(1.2)


def test_a_double_click_goes_back_exactly(side_view: SideView, camera: OrbitCamera) -> None:
    side_view.set_body(body_layer())
    camera.go("back")
    drag(side_view.panel, QPoint(77, -31), Qt.MouseButton.LeftButton, NONE)
    assert camera.viewpoint != Viewpoint.of("back")
    QTest.mouseDClick(side_view.panel, Qt.MouseButton.LeftButton)
    assert camera.viewpoint == Viewpoint.of("back")


def test_without_a_body_nothing_turns(side_view: SideView, camera: OrbitCamera) -> None:
    drag(side_view.panel, QPoint(60, 20), Qt.MouseButton.LeftButton, NONE)
    assert camera.viewpoint == Viewpoint.of("side")


def test_the_camera_rests_by_itself_when_nobody_moves_it(camera: OrbitCamera, qtbot: QtBot) -> None:
    with qtbot.waitSignal(camera.rested):
        camera.orbit(5.0, 0.0)
        assert camera.is_moving
    assert not camera.is_moving


def test_the_turntable_turns_until_it_is_stopped(camera: OrbitCamera, qtbot: QtBot) -> None:
    camera.turn(True)
    qtbot.waitUntil(lambda: camera.viewpoint.yaw_deg > 93)
    camera.reset()
    assert camera.viewpoint == Viewpoint.of("side")
    told = QSignalSpy(camera.turning_changed)
    camera.turn(False)
    assert told.count() == 0  # a reset has stopped it
