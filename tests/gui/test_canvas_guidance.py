"""Pins, ignored joints and depth hints on the canvas, read back from its pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.ui.widgets.guidance_items import SIGN_RADIUS, DepthHintItem
from app.ui.widgets.keypoint_items import ResidualItem
from app.ui.widgets.person_canvas import PersonCanvas
from db.records import KeypointSource
from resources.skeleton import get_skeleton
from tests.helpers.canvas_hands import canvas_shown, drag, move, screen_point
from tests.helpers.colour_sight import seen_in_grey

COCO = get_skeleton("coco17")
SHOULDER, ELBOW, WRIST = (COCO.index(f"left_{part}") for part in ("shoulder", "elbow", "wrist"))
GROUND = 110


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[PersonCanvas]:
    with canvas_shown(qtbot) as canvas:
        canvas.set_picture(np.full((480, 640, 3), GROUND, dtype=np.uint8))
        yield canvas


def pixels(canvas: PersonCanvas) -> NDArray[np.uint8]:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
    return values[..., 2::-1].copy()


def grey_around(canvas: PersonCanvas, x: float, y: float, reach: int = 12) -> NDArray[np.float64]:
    """Greys ``(H, W)`` around a point of the screen."""
    row, column = round(y), round(x)
    patch = pixels(canvas)[row - reach : row + reach + 1, column - reach : column + reach + 1]
    return seen_in_grey(patch)[..., 0]


def sign_on_screen(canvas: PersonCanvas) -> tuple[float, float]:
    """Middle of the sign of the only hint."""
    (item,) = (item for item in canvas.scene().items() if isinstance(item, DepthHintItem))
    u, v = canvas.viewport_map().to_screen(item.line_px.x1(), item.line_px.y1())
    return u + item.sign_offset().x(), v + item.sign_offset().y()


def widths_across_forearm(canvas: PersonCanvas) -> tuple[int, int]:
    """Bright pixels across the wedge near the elbow and near the wrist; the forearm is nearly upright."""
    grey = seen_in_grey(pixels(canvas))[..., 0]
    counts = []
    for share in (0.25, 0.75):
        point = (1 - share) * canvas.keypoints()[ELBOW, :2] + share * canvas.keypoints()[WRIST, :2]
        at = screen_point(canvas, *point)
        counts.append(int((grey[at.y(), at.x() - 15 : at.x() + 16] > 170).sum()))
    return counts[0], counts[1]


def test_pins_and_ignored_joints_are_drawn_and_taken_back(canvas: PersonCanvas) -> None:
    bare = pixels(canvas)
    canvas.set_joint_marks(pinned={WRIST}, ignored=set())
    pinned = pixels(canvas)
    canvas.set_joint_marks(pinned=set(), ignored={WRIST})
    ignored = pixels(canvas)
    at = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    for marked in (pinned, ignored):
        changed = np.argwhere((marked != bare).any(axis=-1))
        assert len(changed) > 20
        assert np.abs(changed - (at.y(), at.x())).max() <= 17, "only at the joint"
    assert (pinned != ignored).any()
    canvas.set_joint_marks(set(), set())
    np.testing.assert_array_equal(pixels(canvas), bare)


def test_the_residual_of_an_ignored_joint_is_faded(canvas: PersonCanvas) -> None:
    canvas.set_fit_joints(canvas.keypoints()[:, :2] + (30.0, 0.0))
    canvas.set_joint_marks(set(), {WRIST})
    opacities = sorted({item.opacity() for item in canvas.scene().items() if isinstance(item, ResidualItem)})
    assert opacities[0] < 0.5
    assert opacities[-1] == 1.0
    canvas.set_joint_marks(set(), set())
    assert {item.opacity() for item in canvas.scene().items() if isinstance(item, ResidualItem)} == {1.0}


@pytest.mark.parametrize("zoom", [0.6, 1.0, 6.0])
def test_the_wedge_is_wide_at_the_nearer_end_at_any_zoom(canvas: PersonCanvas, zoom: float) -> None:
    canvas.set_layers(bones=False)
    canvas.zoom_by(zoom)
    middle = (canvas.keypoints()[ELBOW, :2] + canvas.keypoints()[WRIST, :2]) / 2
    u, v = canvas.viewport_map().to_screen(*middle)
    canvas.pan_by(450 - u, 350 - v)
    widths = []
    for direction in ("toward", "away"):
        canvas.set_depth_hints([(ELBOW, WRIST, direction)])
        widths.append(widths_across_forearm(canvas))
    (elbow_toward, wrist_toward), (elbow_away, wrist_away) = widths
    assert wrist_toward >= elbow_toward + 3
    assert elbow_away >= wrist_away + 3


@pytest.mark.parametrize("zoom", [0.25, 1.0, 6.0])
def test_toward_shows_a_point_and_away_shows_feathers(canvas: PersonCanvas, zoom: float) -> None:
    canvas.zoom_by(zoom)
    u, v = canvas.viewport_map().to_screen(*canvas.keypoints()[WRIST, :2])
    canvas.pan_by(450 - u, 350 - v)
    signs = {}
    for direction in ("toward", "away"):
        canvas.set_depth_hints([(ELBOW, WRIST, direction)])
        signs[direction] = grey_around(canvas, *sign_on_screen(canvas), reach=8)
    rows, columns = np.indices(signs["away"].shape) - 8
    diagonal = (np.abs(np.abs(rows) - np.abs(columns)) == 0) & (np.hypot(rows, columns) > 4.3)
    diagonal &= np.hypot(rows, columns) < 0.85 * SIGN_RADIUS
    beside = (np.minimum(np.abs(rows), np.abs(columns)) == 0) & (np.hypot(rows, columns) > 4.3)
    beside &= np.hypot(rows, columns) < 0.75 * SIGN_RADIUS
    assert signs["toward"][diagonal].mean() - signs["away"][diagonal].mean() > 60
    for sign in signs.values():
        assert sign[beside].mean() > 150, "the ground of the sign is bright"
        assert sign[8, 8] < 90, "its middle is dark"


def test_the_sign_stands_beside_a_bone_that_points_at_the_viewer(canvas: PersonCanvas) -> None:
    keypoints = canvas.keypoints()
    keypoints[WRIST, :2] = keypoints[ELBOW, :2] + (2.0, 1.0)
    canvas.set_keypoints(keypoints)
    canvas.set_depth_hints([(ELBOW, WRIST, "toward")])
    sign = np.array(sign_on_screen(canvas))
    for joint in (ELBOW, WRIST):
        joint_at = np.array(canvas.viewport_map().to_screen(*keypoints[joint, :2]))
        assert np.hypot(*(sign - joint_at)) > SIGN_RADIUS + 5.5, "neither mark covers it"
    assert grey_around(canvas, *sign, reach=1).mean() < 100


def test_a_hint_follows_its_joints_and_goes_with_them(canvas: PersonCanvas) -> None:
    canvas.set_depth_hints([(ELBOW, WRIST, "away")])
    before = np.array(sign_on_screen(canvas))
    drag(canvas, screen_point(canvas, *canvas.keypoints()[WRIST, :2]), by=(60, 0))
    np.testing.assert_allclose(np.array(sign_on_screen(canvas)) - before, (30, 0), atol=1)
    with_hint = pixels(canvas)
    keypoints = canvas.keypoints()
    keypoints[WRIST, 2] = 0
    canvas.set_keypoints(keypoints)
    hidden = pixels(canvas)
    canvas.set_depth_hints([])
    np.testing.assert_array_equal(pixels(canvas), hidden)
    assert (with_hint != hidden).any()


def test_hidden_with_the_joints_and_said_on_hover(canvas: PersonCanvas) -> None:
    bare = pixels(canvas)
    canvas.set_depth_hints([(ELBOW, WRIST, "toward")])
    canvas.set_joint_marks({WRIST}, set())
    shown = pixels(canvas)
    assert (shown != bare).any()
    canvas.set_layers(keypoints=False)
    without = pixels(canvas)
    canvas.set_depth_hints([])
    np.testing.assert_array_equal(pixels(canvas), without)
    canvas.set_layers(keypoints=True)
    canvas.set_depth_hints([(ELBOW, WRIST, "toward")])
    move(canvas, screen_point(canvas, *canvas.keypoints()[WRIST, :2]))
    assert canvas.shown_labels() == ("left wrist · pinned · comes toward the camera",)


def test_the_source_of_a_joint_is_a_sign_and_a_word_and_can_be_switched_off(canvas: PersonCanvas) -> None:
    bare = pixels(canvas)
    sources: list[KeypointSource] = ["imported"] * len(COCO)
    sources[WRIST] = "detector"
    canvas.set_joint_origins(sources, np.full(len(COCO), 0.874))
    at = screen_point(canvas, *canvas.keypoints()[WRIST, :2])
    changed = np.argwhere((pixels(canvas) != bare).any(axis=-1))
    assert len(changed) > 4
    assert np.abs(changed - (at.y(), at.x())).max() <= 17, "imported joints carry none"
    move(canvas, at)
    assert canvas.shown_labels() == ("left wrist · detector 0.87",)
    move(canvas, screen_point(canvas, 40.0, 440.0))
    canvas.set_layers(sources=False)
    np.testing.assert_array_equal(pixels(canvas), bare)
