"""Shades derived from the theme's palette, so that no widget needs to know the theme."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette


def is_dark(palette: QPalette) -> bool:
    """Whether a palette belongs to a dark theme."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def muted_text(palette: QPalette) -> QColor:
    """Text colour for what is only a caption: three quarters of the way from the ground to the text."""
    text, ground = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
    return QColor(
        (3 * text.red() + ground.red()) // 4,
        (3 * text.green() + ground.green()) // 4,
        (3 * text.blue() + ground.blue()) // 4,
    )
