"""Shares with their intervals, one below the other, around the line of "no preference"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.widgets.tones import muted_text

_ROW_PADDING: Final = 12
_GAP: Final = 18
_ROOM: Final = 8
"""A painter lays text out a little wider than it is measured."""
_MARK: Final = 5.0
_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0)
_MOST_TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One interval.

    Attributes:
        label: What it is of.
        value: Point; None where there is no number.
        low: Lower end.
        high: Upper end.
        text: The numbers in words, or why there are none.
        is_strong: The result the study is about.
        is_heading: Only a label.
    """

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    text: str = ""
    is_strong: bool = False
    is_heading: bool = False


class ForestPlot(QWidget):
    """The plot.

    Args:
        name: For screen readers.
        center: Where neither is preferred.
        percent: The axis is in per cent.
    """

    def __init__(self, name: str, center: float, *, percent: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._center = center
        self._percent = percent
        self._rows: tuple[ForestRow, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> tuple[ForestRow, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[ForestRow]) -> None:
        """Show other intervals."""
        self._rows = tuple(rows)
        self.setAccessibleDescription("; ".join(f"{row.label}: {row.text}" for row in rows if row.text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """A line for each row and one for the axis."""
        line = self._line()
        return QSize(480, line * len(self._rows) + 2 * self.fontMetrics().height() + 8)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Readable when the page is narrow."""
        return QSize(280, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 -- Qt's name
        """Follow the size of the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def range(self) -> tuple[float, float]:
        """Both ends of the axis: every interval and the centre lie between them."""
        ends = [end for row in self._rows for end in (row.value, row.low, row.high) if end is not None]
        far = max((abs(end - self._center) for end in ends), default=0.1)
        far = max(1.15 * far, 0.1)
        low, high = self._center - far, self._center + far
        return (max(low, 0.0), min(high, 1.0)) if self._percent else (low, high)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the rows, then the axis."""
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        texts = max(metrics.horizontalAdvance(row.text) for row in self._rows) + _ROOM
        labels = max(self._advance(row) for row in self._rows if not row.is_heading) + _ROOM
        labels = min(labels, int(0.35 * self.width()))
        texts = min(texts, int(0.35 * self.width()))
        area = QRectF(labels + _GAP, 0, self.width() - labels - texts - 2 * _GAP, self._line() * len(self._rows))
        self._paint_axis(painter, area)
        for number, row in enumerate(self._rows):
            self._paint_row(painter, area, number, row, labels, texts)
        painter.end()

    def _line(self) -> int:
        return self.fontMetrics().height() + _ROW_PADDING

    def _advance(self, row: ForestRow) -> int:
        font = self.font()
        font.setBold(row.is_strong or row.is_heading)
        return QFontMetrics(font).horizontalAdvance(row.label)

    def _x(self, area: QRectF, value: float) -> float:
        low, high = self.range()
        return area.left() + (value - low) / (high - low) * area.width()

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        palette = self.palette()
        low, high = self.range()
        step = next((step for step in _STEPS if (high - low) / step <= _MOST_TICKS), _STEPS[-1])
        grid = QColor(palette.color(QPalette.ColorRole.Mid))
        metrics = self.fontMetrics()
        number = math.ceil(low / step - 1e-9)
        while number * step <= high + 1e-9:
            value = number * step
            x = self._x(area, value)
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(muted_text(palette))
            text = f"{100 * value:.0f} %" if self._percent else f"{value:+.2g}".replace("-", "−") if value else "0"
            width = metrics.horizontalAdvance(text) + 4
            painter.drawText(
                QRectF(x - width / 2, area.bottom() + 3, width, metrics.height()), Qt.AlignmentFlag.AlignCenter, text
            )
            number += 1
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1, Qt.PenStyle.DashLine))
        x = self._x(area, self._center)
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_row(self, painter: QPainter, area: QRectF, number: int, row: ForestRow, labels: int, texts: int) -> None:
        palette = self.palette()
        line = self._line()
        top = number * line
        font = self.font()
        font.setBold(row.is_strong or row.is_heading)
        painter.setFont(font)
        painter.setPen(muted_text(palette) if row.is_heading else palette.color(QPalette.ColorRole.Text))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        room = self.width() if row.is_heading else labels
        words = painter.fontMetrics().elidedText(row.label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(0, top, room, line), left, words)
        painter.setFont(self.font())
        place = QRectF(self.width() - texts, top, texts, line)
        words = painter.fontMetrics().elidedText(row.text, Qt.TextElideMode.ElideRight, texts)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        if row.value is None:
            return
        role = QPalette.ColorRole
        color = palette.color(role.Link if row.is_strong else role.Text)
        middle = top + line / 2
        painter.setPen(QPen(color, 2.5 if row.is_strong else 1.6))
        if row.low is not None and row.high is not None:
            painter.drawLine(QPointF(self._x(area, row.low), middle), QPointF(self._x(area, row.high), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        size = _MARK if row.is_strong else _MARK - 1
        painter.drawEllipse(QPointF(self._x(area, row.value), middle), size, size)
