"""Both themes can be read, and nothing in the sheet is left to chance."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor, QPalette

from app.ui.theme import DARK, LIGHT, Theme, build_icon, build_palette, build_style_sheet

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
PAIRS = (
    *((ground, words) for ground in ("window", "panel", "base", "button", "hover") for words in ("text", "muted")),
    ("pressed", "text"),
    ("accent", "on_accent"),
    ("accent_hover", "on_accent"),
    ("success", "on_success"),
    ("success_hover", "on_success"),
    ("warning", "on_warning"),
    ("danger", "on_danger"),
)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, 1.4.3)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(name: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in QColor(name).getRgbF()[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@THEMES
@pytest.mark.parametrize(("ground", "words"), PAIRS)
def test_text_can_be_read(theme: Theme, ground: str, words: str) -> None:
    assert contrast(getattr(theme, ground), getattr(theme, words)) >= 4.5


@THEMES
def test_hints_in_empty_fields_can_be_read(theme: Theme) -> None:
    hint = build_palette(theme).color(QPalette.ColorRole.PlaceholderText).name()
    assert contrast(theme.base, hint) >= 4.5
    assert f"placeholder-text-color: {hint}" in build_style_sheet(theme)


@THEMES
@pytest.mark.parametrize("ground", ["window", "panel", "base", "button"])
def test_focus_rings_can_be_seen(theme: Theme, ground: str) -> None:
    assert contrast(getattr(theme, ground), theme.accent_line) >= 3


@THEMES
def test_the_sheet_is_filled_in(theme: Theme) -> None:
    sheet = build_style_sheet(theme)
    assert not re.search(r"@[a-z]", sheet)
    assert theme.accent in sheet
    assert f"arrow_{theme.name}.svg" in sheet


@THEMES
def test_the_palette_is_the_table(theme: Theme) -> None:
    palette = build_palette(theme)
    assert palette.color(QPalette.ColorRole.Window).name() == theme.window
    assert palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text).name() == theme.faint


@THEMES
def test_icons_take_the_colour_of_the_text(theme: Theme, qtbot: object) -> None:
    image = build_icon("mdi6.check-bold", theme).pixmap(48, 48).toImage()
    colors = {
        image.pixelColor(x, y).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255
    }
    assert colors == {theme.text}
