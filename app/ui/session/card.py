"""A page of words: a card in the middle, that scrolls where the window is small."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.widgets.centred_card import centre_card

_WIDTH = 680
_MARGIN = 36


class CardPage(QWidget):
    """A heading, what whoever derives from it adds to :attr:`inside`, and a button that goes on.

    Args:
        heading: First line.
        button: Words of the button, empty for none.
        parent: The window.

    Signals:
        continued: The button, or its key.
    """

    continued = Signal()

    def __init__(self, heading: str, button: str, parent: QWidget) -> None:
        super().__init__(parent)
        card = QFrame(self)
        card.setObjectName("welcomeCard")
        card.setMaximumWidth(_WIDTH)
        card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.card = card
        self.heading = QLabel(heading, card)
        self.heading.setObjectName("sessionHeading")
        self.heading.setWordWrap(True)
        font = self.heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        self.heading.setFont(font)
        self.button = QPushButton(button, card)
        self.button.setProperty("primary", True)
        self.button.setVisible(bool(button))
        self.button.clicked.connect(self.continued)
        self.inside = QVBoxLayout()
        self.inside.setSpacing(12)
        self.ends = QHBoxLayout()
        self.ends.setSpacing(10)
        self.ends.addStretch(1)
        self.ends.addWidget(self.button)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(_MARGIN, _MARGIN - 6, _MARGIN, _MARGIN - 8)
        layout.setSpacing(16)
        layout.addWidget(self.heading)
        layout.addLayout(self.inside)
        layout.addLayout(self.ends)
        centre_card(self, card)

    def add_lines(self, lines: Iterable[str]) -> list[QLabel]:
        """Paragraphs."""
        labels = []
        for line in lines:
            label = QLabel(line, self.card)
            label.setWordWrap(True)
            self.inside.addWidget(label)
            labels.append(label)
        return labels

    def focus_widgets(self) -> list[QWidget]:
        """What takes the keyboard focus on this page."""
        return [
            widget
            for widget in self.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not isinstance(widget, QScrollArea | QPlainTextEdit)
        ]

    def take_focus(self) -> None:
        """The page has come up."""
        self.button.setFocus()


class WordsPage(CardPage):
    """A page whose words change: a break, a welcome back, an end."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", parent)
        self._lines: list[QLabel] = []

    def show_words(self, heading: str, lines: Iterable[str], button: str = "") -> None:
        """Say something else."""
        for label in self._lines:
            self.inside.removeWidget(label)
            label.hide()
            label.deleteLater()
        self.heading.setText(heading)
        self._lines = self.add_lines(lines)
        self.button.setText(button)
        self.button.setVisible(bool(button))

    def words(self) -> str:
        """Everything it says."""
        return "\n".join([self.heading.text(), *(label.text() for label in self._lines)])
