"""A question before something that cannot be taken back; Cancel is the default."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui.titled_dialog import build_ends


class ConfirmDialog(QDialog):
    """Asks.

    Args:
        title: The question.
        text: What happens then.
        yes: On the button that does it.
        on_yes: Does it.

    Attributes:
        take: Does it.
        cancel: Does nothing.
    """

    def __init__(self, title: str, text: str, yes: str, on_yes: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        question = QLabel(title, self)
        question.setProperty("studySection", True)
        question.setWordWrap(True)
        words = QLabel(text, self)
        words.setWordWrap(True)
        self.take = QPushButton(yes, self)
        self.take.setAutoDefault(False)
        self.take.setProperty("primary", True)
        self.take.clicked.connect(self.accept)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.cancel.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        self.accepted.connect(on_yes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(10)
        layout.addWidget(question)
        layout.addWidget(words)
        layout.addSpacing(4)
        layout.addLayout(build_ends(self.cancel, self.take))
        self.setMinimumWidth(480)
