"""What the canvas says in words: the stale ribbon, a notice at the upper edge, a message in place of a picture, a hint.

They are widgets above the picture, transparent to the mouse, so that panning and zooming cannot shift or clip them.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QLabel, QWidget

from app.ui.keymap import key_hint

RIBBON_COLOR = QColor("#f2b632")
RIBBON_TEXT = QColor("#2b1d00")
_RIBBON_PADDING = 14.0
NOTICE_COLOR = QColor("#5b2d90")
NOTICE_TEXT = QColor("#ffffff")
_NOTICE_PADDING = 40
"""Both sides together; the text is measured in the weight of the label's own font."""


class StaleRibbon(QWidget):
    """Diagonal band in the canvas's upper right corner; as long as its text needs."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.text())
        self.hide()

    def text(self) -> str:
        """Text on the band."""
        return self.tr("STALE — re-fit ({0})").format(key_hint("fit.refit"))

    def place(self, width: int, top: int = 0) -> None:
        """Go to the upper right corner of a canvas of this width."""
        side = math.ceil(self._side())
        self.setGeometry(width - side, top, side, side)

    def text_width(self) -> float:
        """Width of the text; it must stay below :meth:`free_length`."""
        return QFontMetricsF(self._font()).horizontalAdvance(self.text())

    def free_length(self) -> float:
        """Length of the band's shorter edge: a text up to this long is not clipped."""
        return 2.0 * (self._distance() - self._half_height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint the band and its text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half, length = self._half_height(), 2.0 * self._side()
        band = QRectF(-length / 2, -half, length, 2 * half)
        # The band's middle lies on the corner's bisector, at the distance that leaves room for the text.
        painter.translate(self.width(), 0)
        painter.rotate(45)
        painter.translate(0, self._distance())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 70))
        painter.drawRect(band.adjusted(0, 2, 0, 3))
        painter.setBrush(RIBBON_COLOR)
        painter.drawPolygon(QPolygonF(band))
        painter.setFont(self._font())
        painter.setPen(RIBBON_TEXT)
        painter.drawText(band, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        return font

    def _half_height(self) -> float:
        return QFontMetricsF(self._font()).height() / 2 + 4.0

    def _distance(self) -> float:
        return self.text_width() / 2 + _RIBBON_PADDING + self._half_height()

    def _side(self) -> float:
        return (self._distance() + self._half_height() + 4.0) * math.sqrt(2.0)


class CanvasNotice(QLabel):
    """What must not be overlooked about the body on screen, on a plate at the canvas's upper edge."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setStyleSheet(
            f"background: {NOTICE_COLOR.name()}; color: {NOTICE_TEXT.name()}; border-radius: 5px;"
            " padding: 6px 14px; font-weight: 600;"
        )
        self.hide()

    def place(self, width: int) -> None:
        """Go to the middle of the upper edge of a canvas of this width."""
        natural = self.fontMetrics().horizontalAdvance(self.text()) + _NOTICE_PADDING
        taken = min(natural, width - 28)
        self.setGeometry((width - taken) // 2, 14, taken, self.heightForWidth(taken))


class CanvasMessage(QLabel):
    """Sentence in place of a picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMargin(24)
        self.hide()

    def show_message(self, message: str) -> None:
        """Show a sentence, or nothing."""
        self.setText(message)
        self.setAccessibleName(message)
        self.setVisible(bool(message))


_ROOM_FOR_BUTTON = 120
_BUTTON_HEIGHT = 34
"""Size of what may lie in the lower left corner of the canvas."""
_HINT_MARGIN = 14
_HINT_PADDING = 30
"""Both sides together, and a little more, so that a line that fits is not broken."""


class CanvasHint(QLabel):
    """Short instruction on a dark plate at the canvas's lower edge."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setStyleSheet("background: rgba(14, 17, 22, 225); color: #ffffff; border-radius: 5px; padding: 6px 12px;")
        self.hide()

    def show_hint(self, text: str) -> None:
        """Show an instruction, or nothing."""
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def place(self, width: int, height: int, corner: QRect | None = None) -> None:
        """Go to the lower edge of a canvas of this size, to the middle where that is free.

        Args:
            width: Of the canvas.
            height: Of the canvas.
            corner: What lies in the lower right corner; the hint stays beside it, or above where it is too long.
        """
        self._fit_into(width)
        left, top = (width - self.width()) // 2, height - self.height() - _HINT_MARGIN
        if corner is not None and left + self.width() > corner.left() - 8:
            left = corner.left() - 8 - self.width()
        if left < _ROOM_FOR_BUTTON:  # too long to lie between what is in the corners: above them, then
            left = (width - self.width()) // 2
            top -= _BUTTON_HEIGHT if corner is None else corner.height()
        self.move(left, top)

    def _fit_into(self, width: int) -> None:
        """As wide as the text needs and the canvas allows; in several lines where that is not enough."""
        natural = max(map(self.fontMetrics().horizontalAdvance, self.text().split("\n"))) + _HINT_PADDING
        taken = min(natural, width - 2 * _HINT_MARGIN)
        self.resize(taken, self.heightForWidth(taken))
