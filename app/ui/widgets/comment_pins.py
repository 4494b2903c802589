"""Numbered marks of comments on the canvas, beside the joint they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsItem,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QToolTip,
    QWidget,
)

from app.ui.widgets.mark_glyphs import HALO

_Z = 30.0
_RADIUS = 9.0
_OFFSET = QPointF(15.0, -17.0)
"""From the joint to the middle of the mark, screen pixels: clear of the joint's own mark."""
_STEP = 21.0
"""From one mark of a joint to the next."""
_OPEN = QColor("#ffd84d")
_OPEN_TEXT = QColor("#1d1700")
_DONE = QColor("#c9ced6")


@dataclass(frozen=True, slots=True)
class CommentPin:
    """One mark.

    Attributes:
        number: Number of the thread.
        x: Place it points at, image pixels.
        y: The same downwards.
        is_open: Whether the thread waits for somebody; a resolved one is small and grey.
        tip: What is said, for the tooltip.
    """

    number: int
    x: float
    y: float
    is_open: bool
    tip: str


class CommentPins(QObject):
    """The marks of one person on a view; a click on one goes no further.

    Signals:
        clicked: ``int``, number of the thread.
    """

    clicked = Signal(int)

    def __init__(self, view: QGraphicsView) -> None:
        super().__init__(view)
        self._view = view
        self._items: list[_PinItem] = []
        self._hidden = False
        view.viewport().installEventFilter(self)

    def set_pins(self, pins: Sequence[CommentPin]) -> None:
        """Show these marks and no others."""
        if [item.pin for item in self._items] == list(pins):
            return
        scene = self._view.scene()
        for item in self._items:
            scene.removeItem(item)
        taken: dict[tuple[float, float], int] = {}
        self._items = []
        for pin in pins:
            place = taken[pin.x, pin.y] = taken.get((pin.x, pin.y), -1) + 1
            item = _PinItem(pin, _OFFSET + QPointF(place * _STEP, 0.0))
            item.setVisible(not self._hidden)
            scene.addItem(item)
            self._items.append(item)

    def set_hidden(self, hidden: bool) -> None:
        """Show the bare photograph while a key is held."""
        self._hidden = hidden
        for item in self._items:
            item.setVisible(not hidden)

    def numbers(self) -> tuple[int, ...]:
        """Numbers on show."""
        return tuple(item.pin.number for item in self._items if item.isVisible())

    def center_of(self, number: int) -> QPointF | None:
        """Middle of a mark, screen pixels of the viewport."""
        for item in self._items:
            if item.pin.number == number:
                return QPointF(self._view.mapFromScene(item.pos())) + item.offset
        return None

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Take the clicks on marks before the view makes a stroke of them."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            item = self._find(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
            if item is not None:
                self.clicked.emit(item.pin.number)
                return True
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            item = self._find(QPointF(event.pos()))
            if item is not None:
                QToolTip.showText(event.globalPos(), item.pin.tip, self._view.viewport())
                return True
        return False

    def _find(self, position: QPointF) -> _PinItem | None:
        for item in reversed(self._items):
            middle = QPointF(self._view.mapFromScene(item.pos())) + item.offset
            away = position - middle
            if item.isVisible() and QPointF.dotProduct(away, away) <= (_RADIUS + 2) ** 2:
                return item
        return None


class _PinItem(QGraphicsItem):
    """A speech bubble with a number; constant in screen size. Its shape tells it from every joint."""

    def __init__(self, pin: CommentPin, offset: QPointF) -> None:
        super().__init__()
        self.pin = pin
        self.offset = offset
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(_Z)
        self.setPos(pin.x, pin.y)

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The bubble and its tail."""
        middle = QRectF(self.offset.x() - _RADIUS, self.offset.y() - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
        return middle.united(QRectF(0, 0, 1, 1)).adjusted(-3, -3, 3, 3)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the bubble."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bubble = QPainterPath()
        bubble.addEllipse(self.offset, _RADIUS, _RADIUS)
        tail = QPainterPath(self.offset + QPointF(-8.0, 2.5))
        tail.lineTo(self.offset + QPointF(-11.0, 12.0))
        tail.lineTo(self.offset + QPointF(-1.5, 8.5))
        tail.closeSubpath()
        painter.setPen(QPen(HALO, 2.0))
        painter.setBrush(_OPEN if self.pin.is_open else _DONE)
        painter.drawPath(bubble.united(tail))
        font = QFont(QApplication.font())
        font.setPixelSize(12 if self.pin.number < 10 else 10)
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        painter.setPen(_OPEN_TEXT)
        square = QRectF(self.offset.x() - _RADIUS, self.offset.y() - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
        painter.drawText(square, Qt.AlignmentFlag.AlignCenter, str(self.pin.number) if self.pin.is_open else "✓")
