"""Boxes of the people in an image: the one in work, and the others faintly."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.viewport import Rectangle


class FrameItem(QGraphicsItem):
    """Thin rectangles, image pixels, with lines in screen pixels.

    Args:
        color: Line colour.
        dashed: Dashes for what is only context.
    """

    def __init__(self, color: QColor, dashed: bool) -> None:
        super().__init__()
        self._rectangles: list[QRectF] = []
        self._color = color
        self._dashed = dashed
        self._view_scale = 1.0
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_rectangles(self, rectangles: Sequence[Rectangle]) -> None:
        """Show these rectangles."""
        self.prepareGeometryChange()
        self._rectangles = [QRectF(*rectangle) for rectangle in rectangles]
        self.update()

    def rectangles(self) -> list[QRectF]:
        """Rectangles shown."""
        return list(self._rectangles)

    def set_view_scale(self, scale: float) -> None:
        """Tell the screen pixels of one image pixel."""
        self.prepareGeometryChange()
        self._view_scale = scale

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """All rectangles and their line width."""
        bounds = QRectF()
        for rectangle in self._rectangles:
            bounds = bounds.united(rectangle)
        margin = 4.0 / self._view_scale
        return bounds.adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the rectangles."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        halo = QPen(QColor(0, 0, 0, 110), 3.0 / self._view_scale)
        line = QPen(self._color, 1.0 / self._view_scale)
        if self._dashed:
            line.setDashPattern([5.0, 4.0])
        for pen in (halo, line):
            painter.setPen(pen)
            painter.drawRects(self._rectangles)
