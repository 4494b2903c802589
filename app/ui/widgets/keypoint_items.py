"""Graphics items of the skeleton: joints, bones, residual lines. Made once for a skeleton, afterwards only moved.

Marks and line widths are screen pixels at every zoom; positions are image pixels. Lines know the view's scale because
their bounding rectangle, which Qt wants in image pixels, must hold a width that is constant on the screen.
"""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.mark_glyphs import HALO
from app.ui.widgets.marks import MARK_EXTENT, RESIDUAL, SIDE_COLORS, MarkLook, paint_mark
from resources.skeleton import Side

_LINE_EXTENT = 8.0
_FOCUS_Z = {"selected": 3.0, "member": 2.0, "hovered": 1.0, "": 0.0}
_MARK_RECT = QRectF(-MARK_EXTENT, -MARK_EXTENT, 2 * MARK_EXTENT, 2 * MARK_EXTENT)


class JointItem(QGraphicsItem):
    """Mark of one joint, constant in screen size."""

    def __init__(self, look: MarkLook, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setVisible(look.visibility > 0)

    def show_look(self, look: MarkLook) -> None:
        """Draw it like this from now on; a selected mark lies on top of the others."""
        if look == self.look:
            return
        self.look = look
        self.setVisible(look.visibility > 0)
        self.setZValue(_FOCUS_Z[look.focus])
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """Square that holds the mark, screen pixels."""
        return _MARK_RECT

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the mark."""
        paint_mark(painter, self.look)


class ScreenLineItem(QGraphicsItem):
    """Line between two image points with widths in screen pixels."""

    extent = _LINE_EXTENT
    """Screen pixels that what is painted reaches beyond the line."""

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.line_px = QLineF()
        self.view_scale = 1.0
        self._bounds = QRectF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Move both ends, image pixels."""
        line = QLineF(x1, y1, x2, y2)
        if line != self.line_px:
            self.prepareGeometryChange()
            self.line_px = line
            self._bounds = self._build_bounds()
            self.update()

    def set_view_scale(self, scale: float) -> None:
        """Tell the screen pixels of one image pixel."""
        if scale != self.view_scale:
            self.prepareGeometryChange()
            self.view_scale = scale
            self._bounds = self._build_bounds()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """Rectangle that holds the line, its width and its end mark."""
        return self._bounds

    def _build_bounds(self) -> QRectF:
        # Kept, not computed when asked: Qt asks every item at every paint.
        margin = self.extent / self.view_scale
        return QRectF(self.line_px.p1(), self.line_px.p2()).normalized().adjusted(-margin, -margin, margin, margin)

    def _pen(self, color: QColor, width: float, alpha: int = 255) -> QPen:
        # Not Qt's cosmetic pen: that one counts the display's own pixels and is thin on a display of high resolution.
        shade = QColor(color)
        shade.setAlpha(min(alpha, color.alpha()))
        return QPen(shade, width / self.view_scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


class BoneItem(ScreenLineItem):
    """Bone in the colour of its side; ends at the marks' edges so that rings stay open."""

    def __init__(self, side: Side, radii: tuple[float, float], parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self.side: Side = side
        self._radii = radii
        self._faint = False

    def show_faint(self, faint: bool) -> None:
        """Draw thinner and dashed: an end is occluded."""
        if faint != self._faint:
            self._faint = faint
            self.update()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the bone."""
        line = self._trimmed()
        if line is None:
            return
        painter.setPen(self._pen(HALO, 3.6, alpha=110 if self._faint else 150))
        painter.drawLine(line)
        pen = self._pen(SIDE_COLORS[self.side], 1.6, alpha=190 if self._faint else 235)
        if self._faint:
            pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(line)

    def _trimmed(self) -> QLineF | None:
        length = self.line_px.length() * self.view_scale
        start, stop = (radius + 1.0 for radius in self._radii)
        if length <= start + stop:
            return None
        return QLineF(self.line_px.pointAt(start / length), self.line_px.pointAt(1 - stop / length))


class ResidualItem(ScreenLineItem):
    """Line from a joint to where the body puts it, with a small cross there."""

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint line and cross."""
        reach = 3.5 / self.view_scale
        end = self.line_px.p2()
        cross = [
            QLineF(end + QPointF(-reach, -reach), end + QPointF(reach, reach)),
            QLineF(end + QPointF(-reach, reach), end + QPointF(reach, -reach)),
        ]
        for pen in (self._pen(HALO, 3.4, alpha=170), self._pen(RESIDUAL, 1.5)):
            painter.setPen(pen)
            painter.drawLine(self.line_px)
            painter.drawLines(cross)


class OutsideItem(ScreenLineItem):
    """Dotted line from a joint outside the picture to the nearest point of its border."""

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the dots."""
        painter.setPen(self._pen(HALO, 3.4, alpha=150))
        painter.drawLine(self.line_px)
        pen = self._pen(QColor("#ffffff"), 1.4)
        pen.setDashPattern([1.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(self.line_px)
