"""The pixels under a joint, magnified, while it is dragged on a picture that is shown small."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.ui.widgets.mark_glyphs import HALO
from app.ui.widgets.pixels import ToneTable, apply_table
from app.ui.widgets.prepared_picture import PreparedPicture

SIDE = 168
SHOWN_BELOW_SCALE = 1.5
"""From here on the canvas itself shows single pixels well enough."""
_MARGIN = 14
_OUTSIDE = QColor("#2b2f36")


class Loupe(QWidget):
    """Magnified inset with a cross where the joint is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture: PreparedPicture | None = None
        self._table: ToneTable | None = None
        self._at_px = QPointF()
        self._zoom = 4.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.resize(SIDE, SIDE)
        self.hide()

    def set_picture(self, picture: PreparedPicture | None, table: ToneTable | None) -> None:
        """Take a picture, and the table of its tone if it has one."""
        self._picture, self._table = picture, table
        self.update()

    def look_at(self, at_px: QPointF, on_canvas: QPointF, view_scale: float, canvas: QRect) -> None:
        """Show what is at an image point, in a corner away from where it is on the canvas."""
        self._at_px = at_px
        self._zoom = min(max(8.0 * view_scale, 3.0), 8.0)
        corners = [
            canvas.topLeft() + QPoint(_MARGIN, _MARGIN),
            QPoint(canvas.right() - SIDE - _MARGIN, canvas.top() + _MARGIN),
        ]
        covers = QRectF(QPointF(corners[0]), QPointF(corners[0]) + QPointF(SIDE, SIDE)).adjusted(-60, -60, 60, 60)
        self.move(corners[1] if covers.contains(on_canvas) else corners[0])
        self.setVisible(self._picture is not None and view_scale < SHOWN_BELOW_SCALE)
        self.update()

    def zoom(self) -> float:
        """Screen pixels of one image pixel."""
        return self._zoom

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint pixels, cross and frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _OUTSIDE)
        if self._picture is not None:
            self._paint_pixels(painter, self._picture)
        middle, near, far = SIDE / 2, 5.0, 26.0
        arms = [
            QLineF(middle + dx * near, middle + dy * near, middle + dx * far, middle + dy * far)
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        for pen in (QPen(HALO, 3.0), QPen(QColor("#ffffff"), 1.2)):
            painter.setPen(pen)
            painter.drawLines(arms)
        for color, width in ((QColor(0, 0, 0, 220), 4.0), (QColor("#ffffff"), 2.0)):
            painter.setPen(QPen(color, width))
            painter.drawRect(QRectF(self.rect()).adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_pixels(self, painter: QPainter, picture: PreparedPicture) -> None:
        reach = SIDE / (2 * self._zoom)
        wanted = QRectF(self._at_px.x() - reach, self._at_px.y() - reach, 2 * reach, 2 * reach)
        image = picture.levels[0]
        part = wanted.toAlignedRect().adjusted(-1, -1, 1, 1).intersected(image.rect())
        if part.isEmpty():
            return
        pixels = image.copy(part)
        if self._table is not None:
            pixels = apply_table(pixels, self._table)
        painter.save()
        painter.scale(self._zoom, self._zoom)
        painter.translate(-wanted.topLeft())
        painter.drawImage(QRectF(part), pixels, QRectF(pixels.rect()))
        painter.restore()
