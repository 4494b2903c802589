"""One number, large, with what it is above and what it refers to below."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget


class StatTile(QFrame):
    """A number for people.

    Args:
        title: What it is.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statTile")
        self.setAccessibleName(title)
        self._title = QLabel(title, self)
        self._title.setProperty("quiet", True)
        self._value = QLabel("–", self)
        font = self._value.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        self._value.setFont(font)
        self._note = QLabel(self)
        self._note.setProperty("quiet", True)
        self._note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(2)
        for label in (self._title, self._value, self._note):
            layout.addWidget(label)
        layout.addStretch(1)

    @property
    def value(self) -> str:
        """The number."""
        return self._value.text()

    @property
    def note(self) -> str:
        """What it refers to."""
        return self._note.text()

    def show_value(self, value: str, note: str) -> None:
        """Show another number."""
        self._value.setText(value)
        self._note.setText(note)
        self.setAccessibleDescription(f"{value} {note}")
