"""What a view of the body shows beside its surface: the joints as balls and sticks, and the floor as a grid.

Both are painted from numbers, not drawn by the renderer: they stay sharp at any size, follow the theme, and cost no
picture when they are switched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.ui.widgets.mark_glyphs import HALO
from app.ui.widgets.marks import SIDE_COLORS, MarkLook, bone_side, paint_mark
from fitting.spec import FloatArray, Scene, Viewpoint
from resources.skeleton import Skeleton, get_skeleton

_BONE_M: Final = 0.022
_BALL_M: Final = 0.021
_FLOOR_M: Final = 1.25
_CELL_M: Final = 0.25
_EDGE_ON: Final = 0.03
"""A floor seen at a smaller slope (sine) is a line."""


@dataclass(frozen=True, slots=True, eq=False)
class ScreenScene:
    """A scene with the place its layer has on screen.

    Attributes:
        scene: Joints and floor.
        viewpoint: From where the layer was drawn.
        place: Of the layer.
        scale: Screen pixels a pixel of the layer.
    """

    scene: Scene
    viewpoint: Viewpoint
    place: QRectF
    scale: float

    @property
    def pixels_per_metre(self) -> float:
        """Screen pixels a metre."""
        return self.scene.pixels_per_metre * self.scale

    def project(self, points_m: FloatArray) -> FloatArray:
        """Screen x, y and depth (away, pixels) ``(N, 3)`` of points given from the pelvis on, camera axes, metres."""
        seen: FloatArray = points_m @ self.viewpoint.matrix().T * self.pixels_per_metre
        seen[:, 0] += self.place.left() + self.scene.pelvis_px[0] * self.scale
        seen[:, 1] += self.place.top() + self.scene.pelvis_px[1] * self.scale
        return seen

    @property
    def floor_is_in_front(self) -> bool:
        """Whether the eye is below the floor."""
        return self.viewpoint.pitch_deg < 0


def paint_floor(painter: QPainter, shown: ScreenScene, bounds: QRectF, ink: QColor) -> None:
    """Paint the floor at the height of the lowest point of the body: a grid of 25 cm, or a line when seen edge-on.

    The arrow from the middle leads to the image's camera.
    """
    floor = shown.scene.floor_m
    if abs(math.sin(math.radians(shown.viewpoint.pitch_deg))) < _EDGE_ON:
        y = float(shown.project(np.array([[0.0, floor, 0.0]]))[0, 1])
        inset = bounds.width() * 0.06
        painter.setPen(QPen(_faded(ink, 0.38), 1.0))
        painter.drawLine(QPointF(bounds.left() + inset, y), QPointF(bounds.right() - inset, y))
        return
    steps = np.arange(-_FLOOR_M, _FLOOR_M + 1e-9, _CELL_M)
    low, high = np.full(len(steps), -_FLOOR_M), np.full(len(steps), _FLOOR_M)
    flat = np.full(len(steps), floor)
    starts = np.concatenate((np.stack((steps, flat, low), 1), np.stack((low, flat, steps), 1)))
    ends = np.concatenate((np.stack((steps, flat, high), 1), np.stack((high, flat, steps), 1)))
    lines = np.hstack((shown.project(starts)[:, :2], shown.project(ends)[:, :2]))
    painter.setPen(QPen(_faded(ink, 0.26), 1.0))
    painter.drawLines([QLineF(*row) for row in lines.tolist()])
    _paint_way_to_camera(painter, shown, ink)


def _paint_way_to_camera(painter: QPainter, shown: ScreenScene, ink: QColor) -> None:
    """An arrow on the floor toward the image's camera: which way is toward the viewer of the picture."""
    floor = shown.scene.floor_m
    tip, half = -3 * _CELL_M, 0.06
    points = np.array(
        [[0.0, floor, 0.0], [0.0, floor, tip], [-half, floor, tip + 2 * half], [half, floor, tip + 2 * half]]
    )
    start, end, left, right = (QPointF(*row) for row in shown.project(points)[:, :2].tolist())
    painter.setPen(QPen(_faded(ink, 0.6), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(start, end)
    painter.drawLine(end, left)
    painter.drawLine(end, right)


def paint_skeleton(painter: QPainter, shown: ScreenScene) -> None:
    """Paint the 24 joints, the farthest first; sides differ by shape and colour as on the picture.

    What lies farther from the eye is darker.
    """
    skeleton = _skeleton()
    points = shown.project(np.asarray(shown.scene.joints_m, dtype=np.float64))
    depth = points[:, 2]
    near, far = float(depth.min()), float(depth.max())
    light = 1.0 - 0.45 * (depth - near) / max(far - near, 1e-9)
    bones = [(float(depth[[a, b]].mean()), a, b) for a, b in skeleton.bones]
    balls = [(float(depth[joint]) - 1e-3, joint, joint) for joint in range(len(skeleton))]
    width = max(2.0, _BONE_M * shown.pixels_per_metre)
    radius = max(2.6, min(_BALL_M * shown.pixels_per_metre, 9.0))
    for _depth, a, b in sorted(bones + balls, reverse=True):
        if a == b:
            painter.save()
            painter.translate(float(points[a, 0]), float(points[a, 1]))
            paint_mark(painter, MarkLook(side=skeleton.side(a), radius=radius))
            painter.restore()
            continue
        line = QLineF(*points[a, :2].tolist(), *points[b, :2].tolist())
        color = _darkened(SIDE_COLORS[bone_side(skeleton, (a, b))], float(light[[a, b]].mean()))
        for pen_color, pen_width in ((HALO, width + 2.0), (color, width)):
            painter.setPen(QPen(pen_color, pen_width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(line)


@cache
def _skeleton() -> Skeleton:
    return get_skeleton("smpl24")


def _faded(color: QColor, alpha: float) -> QColor:
    faded = QColor(color)
    faded.setAlphaF(alpha)
    return faded


def _darkened(color: QColor, light: float) -> QColor:
    return QColor.fromRgbF(color.redF() * light, color.greenF() * light, color.blueF() * light)
