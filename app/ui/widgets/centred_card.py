"""A page that is one card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget


def centre_card(page: QWidget, card: QFrame) -> None:
    """Lay a card out in the middle of its page, scrolling where the window is small."""
    content = QWidget(page)
    # Nested boxes rather than an alignment: an aligned widget is not asked how high it is at its width.
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(card, 100)
    row.addStretch(1)
    middle = QVBoxLayout(content)
    middle.addStretch(2)
    middle.addLayout(row)
    middle.addStretch(3)
    area = QScrollArea(page)
    area.setObjectName("welcomeArea")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    outside = QVBoxLayout(page)
    outside.setContentsMargins(0, 0, 0, 0)
    outside.addWidget(area)
