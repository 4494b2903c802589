"""What is odd about a fit, in plain words under its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui.widgets.state_badge import state_colors
from app.ui.widgets.tones import is_dark

FLAG_SIGN: Final = "⚑"


class FlagNotes(QWidget):
    """A line for each flag on the ground of a warning; takes no room while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._label)
        self.setAccessibleName(self.tr("Flags of the fit"))
        self.set_flags(())

    @property
    def text(self) -> str:
        """What is shown, a line for each flag; empty while there is none."""
        return self._label.text()

    def set_flags(self, sentences: Sequence[str]) -> None:
        """Show these sentences, or nothing."""
        self._label.setText("\n".join(f"{FLAG_SIGN} {sentence}" for sentence in sentences))
        self._label.setToolTip(self.tr("Look at the side view before you accept this fit.") if sentences else "")
        self._label.setVisible(bool(sentences))
        self._show_theme()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_theme()

    def _show_theme(self) -> None:
        # The label takes the style, not this widget: a style of its own would change its palette, and so on for ever.
        background, text = state_colors("stale", is_dark(self.palette()))
        self._label.setStyleSheet(
            f"background: {background.name()}; color: {text.name()}; border-radius: 4px; padding: 3px 7px;"
        )
