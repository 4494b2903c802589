"""Two decisions that differ, side by side, over the picture they are about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.services.disputes import Side
from app.ui.fit_texts import describe_time
from app.ui.keymap import key_hint
from app.ui.widgets.state_badge import STATE_STYLES, state_colors
from app.ui.widgets.tones import is_dark
from db.records import PersonState


class DisputePanel(QFrame):
    """Hidden while nobody disagrees."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("disputePanel")
        self.setAccessibleName(self.tr("Decisions that differ"))
        self._title = QLabel(self)
        self._title.setWordWrap(True)
        self._row = QHBoxLayout()
        self._row.setSpacing(10)
        self._cards: list[_SideCard] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 10)
        layout.setSpacing(6)
        layout.addWidget(self._title)
        layout.addLayout(self._row)
        self.set_sides(())

    @property
    def text(self) -> str:
        """Everything said, for tests and screen readers."""
        return "\n".join([self._title.text(), *(card.text for card in self._cards)]) if self._cards else ""

    def set_sides(self, sides: Sequence[Side]) -> None:
        """Show the decisions, or nothing."""
        for card in self._cards:
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [_SideCard(side, self) for side in sides]
        for card in self._cards:
            self._row.addWidget(card, 1)
            card.show()
        self._title.setText(
            self.tr(
                "<b>Reviewers disagree: your decision rules.</b> Accept ({0}) or reject ({1}) once you have looked."
            ).format(key_hint("decide.accept"), key_hint("decide.reject"))
            if sides
            else ""
        )
        self.setAccessibleDescription(self.text)
        self.setVisible(bool(sides))


class _SideCard(QFrame):
    """One reviewer's decision."""

    def __init__(self, side: Side, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._state: PersonState = "accepted" if side.verdict == "accept" else "rejected"
        self._chip = QLabel(f"{STATE_STYLES[self._state].symbol} {self._state}", self)
        who = self.tr("{0} (you)").format(side.who) if side.is_mine else side.who
        self._who = QLabel(f"{who}  ·  {describe_time(side.moment)}  ·  " + self.tr("looked {0}").format(side.looked))
        self._who.setProperty("quiet", True)
        self._who.setTextFormat(Qt.TextFormat.PlainText)
        self._why = QLabel("  ·  ".join(side.reasons) or self.tr("without a reason or comment"), self)
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        self._why.setWordWrap(True)
        self._why.setProperty("quiet", not side.reasons)
        self._chip.setFixedHeight(self._chip.fontMetrics().height() + 6)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._chip)
        top.addWidget(self._who, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._why)
        layout.addStretch(1)
        self._colour()

    @property
    def text(self) -> str:
        """The decision in words."""
        return " — ".join((self._chip.text(), self._who.text(), self._why.text()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        background, text = state_colors(self._state, is_dark(self.palette()))
        self._chip.setStyleSheet(
            f"background: {background.name()}; color: {text.name()}; border-radius: 8px; padding: 1px 9px;"
        )
