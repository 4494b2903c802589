"""Small signs beside a keypoint's mark: where it comes from, pinned, ignored, outside the picture.

They are told apart by shape and place alone, white on a dark halo: source below right, pin above right, brackets all
round, a cross upon the mark. All sizes are screen pixels from the middle of the mark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from db.records import KeypointSource

HALO: Final = QColor(8, 10, 14, 205)
INK: Final = QColor(8, 10, 14)
"""The halo's colour where nothing shall shine through."""
SIGN: Final = QColor("#ffffff")

_SOURCE_REACH = 2.6


def paint_source(painter: QPainter, source: KeypointSource, center: QPointF | None = None) -> None:
    """Where a joint comes from: a tick for a human, a dot for a detector, a cross for the fitted body.

    What came with the data set, drawn or photographed, is the normal case and has no sign.
    """
    center = QPointF() if center is None else center
    reach = _SOURCE_REACH
    if source == "human":
        elbow = center + QPointF(-0.3 * reach, reach)
        _paint_lines(
            painter,
            (QLineF(center + QPointF(-reach, 0.1), elbow), QLineF(elbow, center + QPointF(1.1 * reach, -reach))),
            1.5,
        )
    elif source == "projected":
        _paint_lines(painter, _cross(center, reach), 1.4)
    elif source == "detector":
        painter.setPen(QPen(HALO, 1.6))
        painter.setBrush(SIGN)
        painter.drawEllipse(center, 1.9, 1.9)


def paint_pin(painter: QPainter, radius: float) -> None:
    """A drawing pin stuck into the mark from above right."""
    head = QPointF(radius + 3.4, -radius - 3.9)
    _paint_lines(painter, (QLineF(QPointF(0.45 * radius, -0.45 * radius), head),), 1.6)
    painter.setPen(QPen(HALO, 1.8))
    painter.setBrush(SIGN)
    painter.drawEllipse(head, 3.5, 3.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(INK)
    painter.drawEllipse(head, 1.2, 1.2)


def paint_ignored(painter: QPainter, radius: float) -> None:
    """The mark crossed out."""
    _paint_lines(painter, _cross(QPointF(0, 0), radius + 2.5), 1.4)


def paint_outside(painter: QPainter, radius: float) -> None:
    """Brackets round the mark: it lies beyond the border of the picture."""
    far, near = radius + 5.0, radius + 1.4
    lines = []
    for x in (-1, 1):
        for y in (-1, 1):
            corner = QPointF(x * far, y * far)
            lines += [QLineF(corner, QPointF(x * near, y * far)), QLineF(corner, QPointF(x * far, y * near))]
    _paint_lines(painter, lines, 1.3)


def _cross(center: QPointF, reach: float) -> tuple[QLineF, QLineF]:
    return (
        QLineF(center + QPointF(-reach, -reach), center + QPointF(reach, reach)),
        QLineF(center + QPointF(-reach, reach), center + QPointF(reach, -reach)),
    )


def _paint_lines(painter: QPainter, lines: Sequence[QLineF], width: float) -> None:
    cap = Qt.PenCapStyle.RoundCap
    draw: Callable[[Sequence[QLineF]], None] = painter.drawLines
    for pen in (QPen(HALO, width + 2.2, Qt.PenStyle.SolidLine, cap), QPen(SIGN, width, Qt.PenStyle.SolidLine, cap)):
        painter.setPen(pen)
        draw(lines)
