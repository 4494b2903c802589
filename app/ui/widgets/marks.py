"""How a keypoint looks: one drawing for the canvas, the joint list and every legend.

Side is told by shape first and colour second, so that it survives greyscale and colour blindness: left is a filled
disc, right a ring, middle a diamond. Occluded joints are dashed: what was filled keeps a core, the ring is struck
through. The colours are fixed in both themes (they lie on photographs, not on the window) and carry a dark halo, which
makes them legible on any picture. Hues after Okabe and Ito's colour-blind-safe set, lightened for photographs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.ui.widgets.mark_glyphs import HALO, paint_ignored, paint_outside, paint_pin, paint_source
from db.records import KeypointSource
from resources.skeleton import Side, Skeleton

SIDE_COLORS: Final[dict[Side, QColor]] = {
    "left": QColor("#ffab2e"),
    "right": QColor("#5ccbff"),
    "middle": QColor("#f7f3e8"),
}
SELECTION: Final = QColor("#ffffff")
RESIDUAL: Final = QColor("#ff6fb5")

RADIUS: Final = 5.5
FACE_RADIUS: Final = 4.0
MARK_EXTENT: Final = 17.0
"""Half the side of the square that holds every mark, selection halo and signs included; screen pixels."""

_IGNORED_OPACITY = 0.6

_FACE_PARTS: Final = frozenset({"nose", "eye", "ear"})


def mark_radius(skeleton: Skeleton, joint: int) -> float:
    """Screen radius of a joint's mark: the crowded joints of the face are smaller."""
    return FACE_RADIUS if skeleton.part(joint) in _FACE_PARTS else RADIUS


def bone_side(skeleton: Skeleton, bone: tuple[int, int]) -> Side:
    """Side a bone belongs to: that of its ends, middle where they are opposite."""
    sides = {skeleton.side(bone[0]), skeleton.side(bone[1])} - {"middle"}
    return sides.pop() if len(sides) == 1 else "middle"


@dataclass(frozen=True, slots=True)
class MarkLook:
    """Everything that decides how a mark looks.

    Attributes:
        side: Side of the joint.
        visibility: 0 not labelled (no mark), 1 occluded, 2 visible.
        radius: Size of the mark.
        focus: ``selected`` has the selection halo, ``member`` that of one among several selected, ``hovered`` a
            fainter one.
        source: Where the keypoint comes from; None says nothing.
        pinned: The fit shall hold on to it.
        ignored: The fit shall not look at it.
        outside: It lies beyond the border of the picture.
    """

    side: Side = "middle"
    visibility: int = 2
    radius: float = RADIUS
    focus: Literal["", "selected", "member", "hovered"] = ""
    source: KeypointSource | None = None
    pinned: bool = False
    ignored: bool = False
    outside: bool = False


def paint_mark(painter: QPainter, look: MarkLook) -> None:
    """Paint a mark at the origin of the painter, in screen pixels; the painter's pen and brush are changed."""
    if look.visibility == 0:
        return
    if look.focus:
        _paint_selection(painter, look)
    opacity = painter.opacity()
    if look.ignored:
        painter.setOpacity(opacity * _IGNORED_OPACITY)
    outline = _outline(look.side, look.radius)
    if look.visibility == 1:
        _paint_occluded(painter, outline, look.side, look.radius)
    elif look.side == "right":
        _paint_ring(painter, outline, SIDE_COLORS[look.side])
    else:
        painter.setPen(QPen(HALO, 1.8))
        painter.setBrush(SIDE_COLORS[look.side])
        painter.drawPath(outline)
    painter.setOpacity(opacity)
    if look.outside:
        paint_outside(painter, look.radius)
    if look.ignored:
        paint_ignored(painter, look.radius)
    if look.source is not None:
        paint_source(painter, look.source, QPointF(look.radius + 2.6, look.radius + 2.6))
    if look.pinned:
        paint_pin(painter, look.radius)


def _outline(side: Side, radius: float) -> QPainterPath:
    path = QPainterPath()
    if side == "middle":
        reach = radius * 1.25
        path.moveTo(0, -reach)
        for x, y in ((reach, 0.0), (0.0, reach), (-reach, 0.0)):
            path.lineTo(x, y)
        path.closeSubpath()
    else:
        path.addEllipse(QPointF(0, 0), radius, radius)
    return path


def _paint_ring(painter: QPainter, outline: QPainterPath, color: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(HALO, 5.2), QPen(color, 2.6)):
        painter.setPen(pen)
        painter.drawPath(outline)


def _paint_occluded(painter: QPainter, outline: QPainterPath, side: Side, radius: float) -> None:
    color = SIDE_COLORS[side]
    painter.setPen(QPen(HALO, 3.8))
    painter.setBrush(QColor(HALO.red(), HALO.green(), HALO.blue(), 120))
    painter.drawPath(outline)
    dashed = QPen(color, 1.8)
    dashed.setDashPattern([1.6, 1.3])
    painter.setPen(dashed)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline)
    if side == "right":
        reach = radius * 0.72
        painter.setPen(QPen(color, 1.6))
        painter.drawLine(QPointF(-reach, reach), QPointF(reach, -reach))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPath(_outline(side, radius * 0.52))


def _paint_selection(painter: QPainter, look: MarkLook) -> None:
    ring = look.radius + 5.5
    halo, width = {"selected": (4.6, 2.2), "member": (3.6, 1.4), "hovered": (2.0, 1.0)}[look.focus]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(HALO, halo))
    painter.drawEllipse(QPointF(0, 0), ring, ring)
    painter.setPen(QPen(SELECTION, width))
    painter.drawEllipse(QPointF(0, 0), ring, ring)
