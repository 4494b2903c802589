"""A person's state as a small coloured chip: one table of tooltips and colours for every list and header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.states import STATE_TITLES
from app.ui.widgets.tones import is_dark
from db.records import PersonState

__all__ = [
    "STATE_STYLES",
    "StateBadge",
    "StateStyle",
    "chip_size",
    "is_dark",
    "paint_state_chip",
    "state_colors",
    "state_tip",
    "state_title",
]

_PADDING_X: Final = 9
_PADDING_Y: Final = 3


@dataclass(frozen=True, slots=True)
class StateStyle:
    """Tooltip, symbol and colours of one state; ``dark`` and ``light`` are (background, text)."""

    tip: str
    symbol: str
    dark: tuple[str, str]
    light: tuple[str, str]


# Every pair has a contrast of 4.5:1 or more (WCAG 2.2, 1.4.3); test_state_badge.py computes it. The symbol says the
# same without colour.
STATE_STYLES: Final[dict[PersonState, StateStyle]] = {
    "unfittable": StateStyle(
        "Fewer than 6 keypoints are labelled; a fit needs 6.",
        "–",
        ("#3a3d42", "#c3c8cf"),
        ("#e3e5e8", "#4a4f57"),
    ),
    "unfitted": StateStyle("No fit yet; re-fit makes one.", "○", ("#3c4046", "#dde1e6"), ("#dfe3e8", "#343a42")),
    "fitted": StateStyle("Fitted, waiting for a decision.", "●", ("#1c4a7d", "#d8eaff"), ("#d3e6fb", "#0c3f74")),
    "stale": StateStyle(
        "The keypoints have changed since this fit; it has to be made again.",
        "↻",
        ("#6b4a00", "#ffe7b3"),
        ("#ffe3a6", "#5a3d00"),
    ),
    "in_review": StateStyle(
        "One reviewer has decided; it waits for a second, who does not see what they decided.",
        "◐",
        ("#0f4a52", "#c9f1f5"),
        ("#cdeef2", "#0b4048"),
    ),
    "disputed": StateStyle(
        "Two reviewers have decided differently; somebody has to rule.",
        "≠",
        ("#6f2f0c", "#ffdcc4"),
        ("#ffd9bf", "#6b2c08"),
    ),
    "accepted": StateStyle("Accepted in review.", "✓", ("#0d4f3c", "#c4f2e2"), ("#c9efe1", "#084634")),
    "rejected": StateStyle("Rejected in review.", "✕", ("#6d2130", "#ffd9df"), ("#fbd5db", "#7a1526")),
    "second_look": StateStyle(
        "Somebody asked for a second look.",
        "?",
        ("#4b3578", "#e8defd"),
        ("#e4dafa", "#43307a"),
    ),
}


def state_title(state: PersonState) -> str:
    """Word for a state, translated."""
    return QCoreApplication.translate("PersonState", STATE_TITLES[state])


def state_tip(state: PersonState) -> str:
    """Sentence for a state, translated."""
    return QCoreApplication.translate("PersonState", STATE_STYLES[state].tip)


def state_colors(state: PersonState, dark: bool) -> tuple[QColor, QColor]:
    """Background and text colour of a state's chip."""
    style = STATE_STYLES[state]
    background, text = style.dark if dark else style.light
    return QColor(background), QColor(text)


def chip_size(state: PersonState, font: QFont) -> QSize:
    """Room :func:`paint_state_chip` needs for a state."""
    metrics = QFontMetrics(_chip_font(font))
    return QSize(metrics.horizontalAdvance(_chip_text(state)) + 2 * _PADDING_X, metrics.height() + 2 * _PADDING_Y)


def paint_state_chip(
    painter: QPainter, rect: QRectF, state: PersonState, dark: bool, font: QFont | None = None
) -> None:
    """Paint the chip into a rectangle; for item delegates and :class:`StateBadge` alike."""
    background, text = state_colors(state, dark)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(background)
    radius = rect.height() / 2
    painter.drawRoundedRect(rect, radius, radius)
    painter.setFont(_chip_font(font if font is not None else painter.font()))
    painter.setPen(text)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _chip_text(state))
    painter.restore()


class StateBadge(QWidget):
    """Chip that shows the state of a person; empty until :meth:`set_state`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: PersonState | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("State"))

    def set_state(self, state: PersonState | None) -> None:
        """Show a state, or nothing."""
        self._state = state
        self.setToolTip(state_tip(state) if state is not None else "")
        self.setAccessibleDescription(state_title(state) if state is not None else "")
        self.updateGeometry()
        self.update()

    def state(self) -> PersonState | None:
        """State shown."""
        return self._state

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Room for the chip."""
        return chip_size(self._state, self.font()) if self._state is not None else QSize(0, 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A chip is never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint the chip."""
        if self._state is None:
            return
        painter = QPainter(self)
        paint_state_chip(painter, QRectF(self.rect()), self._state, is_dark(self.palette()), self.font())
        painter.end()


def _chip_text(state: PersonState) -> str:
    return f"{STATE_STYLES[state].symbol} {state_title(state)}"


def _chip_font(font: QFont) -> QFont:
    chip = QFont(font)
    if chip.pointSizeF() > 0:
        chip.setPointSizeF(max(chip.pointSizeF() * 0.9, 7.5))
    return chip
