"""The whole picture in a corner of the canvas, with the part that is seen: to know where one is and to go elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.ui.widgets.viewport import Rectangle

LONGEST_SIDE = 180
_MARGIN = 12
_FRAME = 1
_SHADE = QColor(0, 0, 0, 120)
_SHARE_OF_CANVAS = 0.3
_SMALLEST_CANVAS = (320, 300)
"""On a smaller canvas it would hide what it is to help with."""


class Overview(QWidget):
    """Small picture with a rectangle.

    Signals:
        centre_wanted: Image point that people want in the middle of the canvas: x, y.
    """

    centre_wanted = Signal(float, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture: QImage | None = None
        self._size_px = (1, 1)
        self._seen: Rectangle = (0.0, 0.0, 1.0, 1.0)
        self._person: Rectangle | None = None
        self._grip: QPointF | None = None
        self._on = True
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Overview of the picture"))
        self.setToolTip(self.tr("<b>Overview</b><br>Drag the frame, or click, to look elsewhere."))
        self.hide()

    def set_on(self, on: bool) -> None:
        """Switch it on; it shows itself when part of the picture is out of sight."""
        self._on = on
        self._refresh()

    def set_picture(self, picture: QImage | None, size_px: tuple[int, int]) -> None:
        """Take a small copy of a picture of this size in image pixels, or none."""
        self._picture, self._size_px = picture, size_px
        parent = self.parentWidget()
        if parent is not None:
            self.place(parent.width(), parent.height())

    def set_seen(self, seen: Rectangle) -> None:
        """Say which part of the picture the canvas shows, image pixels; it may reach beyond the picture."""
        self._seen = seen
        self._refresh()

    def set_person(self, box: Rectangle | None) -> None:
        """Frame the person, image pixels."""
        self._person = box
        self.update()

    def place(self, width: int, height: int) -> None:
        """Go to the lower right corner of a canvas of this size, smaller on a small one."""
        longest = min(LONGEST_SIDE, _SHARE_OF_CANVAS * min(width, height)) / max(self._size_px)
        across, down = (max(24, round(longest * side)) for side in self._size_px)
        self.resize(QSize(across + 2 * _FRAME, down + 2 * _FRAME))
        self.move(width - self.width() - _MARGIN, height - self.height() - _MARGIN)
        self._refresh()

    def frame(self) -> QRectF:
        """The part that is seen, within the picture, in pixels of this widget."""
        return self._to_widget(self._seen).intersected(self._inner())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take hold of the frame; outside of it, bring it here first."""
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        frame = self._to_widget(self._seen)
        inside = frame.contains(event.position())
        self._grip = event.position() - frame.center() if inside else QPointF()
        if not inside:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Pan."""
        event.accept()
        if self._grip is not None:
            self._go(event.position() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Let go."""
        event.accept()
        self._grip = None

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint picture, shade and frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#e8eaed"))
        inner, frame = self._inner(), self.frame()
        if self._picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(inner, self._picture, QRectF(self._picture.rect()))
        for shaded in _around(frame, inner):
            painter.fillRect(shaded, _SHADE)
        if self._person is not None:
            painter.setPen(QPen(QColor(255, 255, 255, 190), 1.0, Qt.PenStyle.DotLine))
            painter.drawRect(self._to_widget(self._person).intersected(inner))
        for color, width in ((QColor(0, 0, 0, 200), 3.0), (QColor("#ffffff"), 1.4)):
            painter.setPen(QPen(color, width))
            painter.drawRect(frame.adjusted(1, 1, -1, -1))
        painter.end()

    def _inner(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)

    def _to_widget(self, rectangle: Rectangle) -> QRectF:
        inner = self._inner()
        across, down = inner.width() / self._size_px[0], inner.height() / self._size_px[1]
        x, y, width, height = rectangle
        return QRectF(inner.x() + x * across, inner.y() + y * down, width * across, height * down)

    def _go(self, to: QPointF) -> None:
        inner = self._inner()
        x = (to.x() - inner.x()) / inner.width() * self._size_px[0]
        y = (to.y() - inner.y()) / inner.height() * self._size_px[1]
        # The middle of the canvas stays on the picture.
        self.centre_wanted.emit(min(max(x, 0.0), self._size_px[0]), min(max(y, 0.0), self._size_px[1]))

    def _refresh(self) -> None:
        left, top, width, height = self._seen
        everything = left <= 0 and top <= 0 and left + width >= self._size_px[0] and top + height >= self._size_px[1]
        parent = self.parentWidget()
        room = parent is not None and parent.width() >= _SMALLEST_CANVAS[0] and parent.height() >= _SMALLEST_CANVAS[1]
        self.setVisible(self._on and self._picture is not None and not everything and room)
        self.update()


def _around(hole: QRectF, whole: QRectF) -> tuple[QRectF, ...]:
    """What is left of a rectangle without a hole in it."""
    return (
        QRectF(whole.left(), whole.top(), whole.width(), hole.top() - whole.top()),
        QRectF(whole.left(), hole.bottom(), whole.width(), whole.bottom() - hole.bottom()),
        QRectF(whole.left(), hole.top(), hole.left() - whole.left(), hole.height()),
        QRectF(hole.right(), hole.top(), whole.right() - hole.right(), hole.height()),
    )
