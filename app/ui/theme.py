"""Colours of the window: one table, two themes, changed while the window is open.

The marks on a picture (joints, bones, badges) keep their colours in every theme: they are read against the picture,
not against the window.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from functools import cache
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from app.settings import ThemeChoice
from resources import theme_file


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``.

    ``on_x`` is the text on ``x``; every pair of text and ground has 4.5:1 or more. ``accent_line`` is the accent drawn
    thinly, focus rings and curves, with 3:1 or more. ``faint`` is for what is switched off.
    """

    name: str
    window: str
    panel: str
    base: str
    button: str
    hover: str
    pressed: str
    border: str
    scroll: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_line: str
    on_accent: str
    success: str
    success_hover: str
    on_success: str
    warning: str
    on_warning: str
    danger: str
    on_danger: str


DARK: Final = Theme(
    name="dark",
    window="#1d2025",
    panel="#272b31",
    base="#16181c",
    button="#2c3138",
    hover="#30363e",
    pressed="#3a414a",
    border="#383e47",
    scroll="#4a525c",
    text="#e8eaed",
    muted="#a3abb5",
    faint="#79828d",
    accent="#2970c8",
    accent_hover="#215fae",
    accent_line="#5b9df0",
    on_accent="#ffffff",
    success="#1f7a55",
    success_hover="#22825b",
    on_success="#ffffff",
    warning="#e0a83c",
    on_warning="#241a00",
    danger="#c23a4e",
    on_danger="#ffffff",
)
LIGHT: Final = Theme(
    name="light",
    window="#f4f5f7",
    panel="#ffffff",
    base="#ffffff",
    button="#ffffff",
    hover="#e6eaef",
    pressed="#d9dfe6",
    border="#cfd5dc",
    scroll="#b9c1ca",
    text="#1b1f24",
    muted="#56606b",
    faint="#78818c",
    accent="#1c69c9",
    accent_hover="#1759ad",
    accent_line="#1c69c9",
    on_accent="#ffffff",
    success="#157347",
    success_hover="#11623c",
    on_success="#ffffff",
    warning="#b97a00",
    on_warning="#1b1200",
    danger="#bd2f43",
    on_danger="#ffffff",
)

_NAME: Final = re.compile(r"@([a-z_]+)")


class ThemeKeeper(QObject):
    """Applies a theme to the application, and follows the desktop when told to.

    Signals:
        theme_changed: :class:`Theme`, after it has been applied.
    """

    theme_changed = Signal(object)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice: ThemeChoice = "system"
        self._theme = LIGHT
        app.styleHints().colorSchemeChanged.connect(self._on_desktop_changed)

    @property
    def theme(self) -> Theme:
        """Theme on screen."""
        return self._theme

    @property
    def choice(self) -> ThemeChoice:
        """What was asked for."""
        return self._choice

    def choose(self, choice: ThemeChoice) -> None:
        """Use a theme from now on."""
        self._choice = choice
        self._apply(self._resolve())

    def _on_desktop_changed(self) -> None:
        if self._choice == "system":
            self._apply(self._resolve())

    def _resolve(self) -> Theme:
        if self._choice == "system":
            return DARK if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._choice == "dark" else LIGHT

    def _apply(self, theme: Theme) -> None:
        self._theme = theme
        self._app.setPalette(build_palette(theme))
        self._app.setStyleSheet(build_style_sheet(theme))
        self.theme_changed.emit(theme)


def build_palette(theme: Theme) -> QPalette:
    """The theme as Qt's palette, for widgets that paint themselves."""
    palette = QPalette()
    role = QPalette.ColorRole
    table = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.button,
        role.ButtonText: theme.text,
        role.BrightText: theme.on_danger,
        role.ToolTipBase: theme.panel,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent_line,
        role.Light: theme.hover,
        role.Midlight: theme.hover,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.border,
    }
    for entry, color in table.items():
        palette.setColor(entry, QColor(color))
    for entry in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, entry, QColor(theme.faint))
    return palette


@cache
def build_style_sheet(theme: Theme) -> str:
    """The style sheet with the theme's colours in place of the names.

    Raises:
        KeyError: The sheet names a colour that the table does not have.
    """
    sheet = theme_file("window")
    folder = sheet.parent
    words = asdict(theme) | {
        "arrow": (folder / f"arrow_{theme.name}.svg").as_posix(),
        "check": (folder / "check.svg").as_posix(),
    }
    return _NAME.sub(lambda match: words[match[1]], sheet.read_text(encoding="utf-8"))


def build_icon(name: str, theme: Theme, color: str | None = None) -> QIcon:
    """A symbol in the theme's text colour, grey where its button is off."""
    os.environ.setdefault("QT_API", "pyside6")  # qtawesome asks qtpy, which would take any Qt it finds first
    import qtawesome

    icon: QIcon = qtawesome.icon(name, color=color or theme.text, color_disabled=theme.faint)
    return icon
