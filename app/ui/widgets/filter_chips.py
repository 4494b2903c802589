"""The verdicts of the published filters as a row of chips."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.services.filter_verdicts import JUDGED_BY, FilterVerdict
from app.ui.widgets.state_badge import state_colors
from app.ui.widgets.tones import is_dark
from db.records import PersonState

_LOOKS: dict[bool | None, tuple[str, PersonState]] = {
    True: ("✓", "accepted"),
    False: ("✕", "rejected"),
    None: ("–", "unfitted"),
}
"""Symbol, and the state whose colours a verdict shares: the symbol says the same without colour."""


class FilterChips(QWidget):
    """A chip for each filter; hidden while there is nothing to judge."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdicts: dict[str, FilterVerdict] = {}
        self._chips = {name: QLabel(self) for name in JUDGED_BY}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        for chip in self._chips.values():
            layout.addWidget(chip)
        layout.addStretch(1)
        self.setAccessibleName(self.tr("Filters"))
        self.set_verdicts(())

    def set_verdicts(self, verdicts: Sequence[FilterVerdict]) -> None:
        """Show the verdicts on a fit, or nothing."""
        self._verdicts = {verdict.name: verdict for verdict in verdicts}
        self._show()

    def text(self, name: str) -> str:
        """Text of a filter's chip, empty while it is hidden."""
        return self._chips[name].text()

    def reason(self, name: str) -> str:
        """Tooltip of a filter's chip."""
        return self._chips[name].toolTip()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show()

    def _show(self) -> None:
        for name, chip in self._chips.items():
            verdict = self._verdicts.get(name)
            chip.setVisible(verdict is not None)
            if verdict is None:
                chip.setText("")
                continue
            symbol, like = _LOOKS[verdict.passed]
            chip.setText(f"{symbol} {name}")
            chip.setToolTip(verdict.reason)
            chip.setAccessibleDescription(verdict.reason)
            background, text = state_colors(like, is_dark(self.palette()))
            chip.setStyleSheet(
                f"background: {background.name()}; color: {text.name()}; border-radius: 4px; padding: 1px 7px;"
            )
