"""Name plate of a joint on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.marks import SIDE_COLORS
from resources.skeleton import Side

_PADDING_X = 6.0
_PADDING_Y = 2.0
_STRIPE = 3.0


class LabelItem(QGraphicsItem):
    """Dark plate with white text and a stripe in the colour of the side; constant in screen size.

    The item sits on its joint; ``offset`` says where, from there, the plate's top-left corner lies.
    """

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._side: Side = "middle"
        self._strong = False
        self._offset = QPointF()
        self._size = (0.0, 0.0)
        self._font = _plate_font(strong=False)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setVisible(False)

    def set_text(self, text: str, side: Side, strong: bool) -> None:
        """Change what is written; ``strong`` for the selected or hovered joint."""
        if (text, side, strong) == (self._text, self._side, self._strong):
            return
        self.prepareGeometryChange()
        self._text, self._side, self._strong = text, side, strong
        self._font = _plate_font(strong)
        # Measured once: Qt asks for the bounding rectangle of every item at every paint.
        metrics = QFontMetricsF(self._font)
        width = metrics.horizontalAdvance(text) + 2 * _PADDING_X + _STRIPE
        self._size = width, metrics.height() + 2 * _PADDING_Y
        self.update()

    def text(self) -> str:
        """Text shown."""
        return self._text

    def plate_size(self) -> tuple[float, float]:
        """Width and height of the plate, screen pixels."""
        return self._size

    def set_offset(self, left: float, top: float) -> None:
        """Put the plate's corner relative to the joint, screen pixels."""
        offset = QPointF(round(left), round(top))
        if offset != self._offset:
            self.prepareGeometryChange()
            self._offset = offset
            self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The plate."""
        return self._plate().adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the plate."""
        plate = self._plate()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(14, 17, 22, 235 if self._strong else 190))
        painter.drawRoundedRect(plate, 3.0, 3.0)
        painter.setBrush(SIDE_COLORS[self._side])
        painter.drawRect(QRectF(plate.left(), plate.top(), _STRIPE, plate.height()))
        painter.setPen(QColor("#ffffff"))
        painter.setFont(self._font)
        text = plate.adjusted(_STRIPE + _PADDING_X, 0, 0, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)

    def _plate(self) -> QRectF:
        return QRectF(self._offset.x(), self._offset.y(), *self._size)


def _plate_font(strong: bool) -> QFont:
    font = QFont(QApplication.font())
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * (1.0 if strong else 0.85))
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return font
