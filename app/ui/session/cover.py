"""What lies over the pictures while they are hidden: a pause, or something that went wrong."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

_WIDTH = 520


class Cover(QFrame):
    """A card in the middle of its parent with a heading, a sentence and a button.

    Signals:
        continued: The button.
    """

    continued = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setObjectName("sessionCover")
        self.heading = QLabel(self)
        self.heading.setObjectName("dialogTitle")
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setProperty("primary", True)
        self.button.clicked.connect(self.continued)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 22)
        layout.setSpacing(12)
        layout.addWidget(self.heading)
        layout.addWidget(self.words)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        parent.installEventFilter(self)
        self.hide()

    def show_words(self, heading: str, words: str, button: str) -> None:
        """Cover the pictures."""
        self.heading.setText(heading)
        self.words.setText(words)
        self.button.setText(button)
        self.setAccessibleName(f"{heading}. {words}")
        self.show()
        self.raise_()
        self._centre()
        self.button.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Stay in the middle of the parent."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._centre()
        return super().eventFilter(watched, event)

    def _centre(self) -> None:
        room = self._room.rect()
        width = min(_WIDTH, room.width() - 24)
        height = min(max(self.heightForWidth(width), self.sizeHint().height()), room.height())
        self.setGeometry((room.width() - width) // 2, (room.height() - height) // 2, width, height)
