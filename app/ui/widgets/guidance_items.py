"""Depth hints on the canvas: which end of a bone is nearer to the camera, told by shape alone.

The bone is drawn as a wedge that is wide where it is near. In its middle sits the sign that physicists use for an arrow
seen along its flight: the point of an arrow that comes towards the viewer, the feathers of one that flies away. A bone
that points at the viewer is short in the picture, so there the sign moves beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.keypoint_items import ScreenLineItem
from app.ui.widgets.mark_glyphs import HALO, INK

DepthDirection: TypeAlias = Literal["toward", "away"]

HINT_COLOR = QColor("#d9c2ff")
SIGN_RADIUS = 8.0
_NEAR_HALF_WIDTH = 6.5
_FAR_HALF_WIDTH = 1.2
_END_GAP = 7.5
_ROOM_FOR_SIGN = 46.0
_SIGN_ASIDE = 20.0


@dataclass(frozen=True, slots=True)
class DepthHint:
    """From its first joint to its second the bone comes toward the camera, or goes away from it."""

    first: int
    second: int
    direction: DepthDirection


class DepthHintItem(ScreenLineItem):
    """Wedge and sign of one hint."""

    extent = _SIGN_ASIDE + SIGN_RADIUS + 3.0

    def __init__(self, hint: DepthHint, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.hint = hint

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint wedge and sign, in screen pixels."""
        painter.save()
        painter.translate(self.line_px.p1())
        painter.scale(1 / self.view_scale, 1 / self.view_scale)
        bone = QLineF(QPointF(0, 0), (self.line_px.p2() - self.line_px.p1()) * self.view_scale)
        self._paint_wedge(painter, bone)
        self._paint_sign(painter, bone)
        painter.restore()

    def sign_offset(self) -> QPointF:
        """Middle of the sign from the first joint, screen pixels."""
        bone = QLineF(QPointF(0, 0), (self.line_px.p2() - self.line_px.p1()) * self.view_scale)
        return _sign_center(bone)

    def _paint_wedge(self, painter: QPainter, bone: QLineF) -> None:
        length = bone.length()
        if length <= 2 * _END_GAP + 2:
            return
        start, stop = bone.pointAt(_END_GAP / length), bone.pointAt(1 - _END_GAP / length)
        at_start, at_stop = _normal(bone) * _FAR_HALF_WIDTH, _normal(bone) * _NEAR_HALF_WIDTH
        if self.hint.direction == "away":
            at_start, at_stop = at_stop, at_start
        wedge = QPolygonF([start + at_start, stop + at_stop, stop - at_stop, start - at_start])
        painter.setPen(QPen(HALO, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(HINT_COLOR)
        painter.drawPolygon(wedge)

    def _paint_sign(self, painter: QPainter, bone: QLineF) -> None:
        center = _sign_center(bone)
        if center != bone.center():
            for pen in (QPen(HALO, 3.2), QPen(HINT_COLOR, 1.2)):
                painter.setPen(pen)
                painter.drawLine(bone.center(), center)
        painter.setPen(QPen(INK, 1.8))
        painter.setBrush(HINT_COLOR)
        painter.drawEllipse(center, SIGN_RADIUS, SIGN_RADIUS)
        if self.hint.direction == "toward":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(INK)
            painter.drawEllipse(center, 3.0, 3.0)
        else:
            reach = QPointF(SIGN_RADIUS, SIGN_RADIUS) * 0.62
            mirrored = QPointF(reach.x(), -reach.y())
            painter.setPen(QPen(INK, 2.2))
            painter.drawLine(center - reach, center + reach)
            painter.drawLine(center - mirrored, center + mirrored)


class GuidanceLayer:
    """The hints of one person in a scene.

    Args:
        sheet: Parent of the items; it decides order and visibility.
    """

    def __init__(self, sheet: QGraphicsItem) -> None:
        self._sheet = sheet
        self._items: list[DepthHintItem] = []
        self._view_scale = 1.0

    def set_hints(self, hints: Sequence[DepthHint]) -> None:
        """Take these hints; :meth:`move_points` puts them in their places."""
        if [item.hint for item in self._items] == list(hints):
            return
        for item in self._items:
            scene = item.scene()
            if scene is not None:
                scene.removeItem(item)
        self._items = [DepthHintItem(hint, self._sheet) for hint in hints]
        for item in self._items:
            item.set_view_scale(self._view_scale)

    def hints(self) -> tuple[DepthHint, ...]:
        """Hints shown, those whose joints are not labelled included."""
        return tuple(item.hint for item in self._items)

    def move_points(self, keypoints_px: NDArray[np.float64]) -> None:
        """Follow ``(J, 3)`` keypoints; a hint at a joint that is not labelled is not drawn."""
        for item in self._items:
            start, stop = keypoints_px[item.hint.first], keypoints_px[item.hint.second]
            item.setVisible(bool(start[2] > 0 and stop[2] > 0))
            item.set_line(*start[:2], *stop[:2])

    def set_view_scale(self, scale: float) -> None:
        """Follow the zoom."""
        self._view_scale = scale
        for item in self._items:
            item.set_view_scale(scale)


def _normal(bone: QLineF) -> QPointF:
    length = bone.length()
    return QPointF(-bone.dy() / length, bone.dx() / length) if length > 0 else QPointF(1, 0)


def _sign_center(bone: QLineF) -> QPointF:
    if bone.length() >= _ROOM_FOR_SIGN:
        return bone.center()
    across = _normal(bone)
    # Always to the right of the bone or above it, so that the sign does not jump when a hand trembles.
    if across.x() < 0 or (across.x() == 0 and across.y() > 0):
        across = -across
    return bone.center() + across * _SIGN_ASIDE
