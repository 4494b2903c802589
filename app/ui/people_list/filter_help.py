"""What can be typed into the filter box: examples that can be clicked, and every key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.services.where import EXAMPLES, KEYS

_MOST_VALUES = 7
"""Values named of a key; completion offers all."""


class FilterHelp(QFrame):
    """A pop-up that closes when one clicks beside it or presses Esc.

    Signals:
        chosen: ``str``, an example to try.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("filterHelp")
        self.setAccessibleName(self.tr("Help on filters"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(6)
        layout.addWidget(self._heading(self.tr("Examples")))
        layout.addLayout(self._build_examples())
        layout.addSpacing(6)
        layout.addWidget(self._heading(self.tr("Keys")))
        layout.addLayout(self._build_keys())

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text, self)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        return label

    def _build_examples(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        for row, (text, meaning) in enumerate(EXAMPLES):
            button = QPushButton(text, self)
            button.setProperty("example", True)
            button.setAccessibleName(self.tr("Try the filter {0}").format(text))
            button.clicked.connect(lambda _checked=False, text=text: self._choose(text))
            grid.addWidget(button, row, 0)
            grid.addWidget(self._quiet(self.tr(meaning)), row, 1)
        return grid

    def _build_keys(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        for row, key in enumerate(KEYS):
            sign = "<  >  <=  >=  =" if key.is_number else ":"
            grid.addWidget(QLabel(f"{key.key}{'' if key.is_number else ':'}", self), row, 0)
            values = ", ".join(key.values[:_MOST_VALUES]) + ("…" if len(key.values) > _MOST_VALUES else "")
            words = self.tr(key.meaning) + (f" ({values})" if values else f"   {sign}" if key.is_number else "")
            grid.addWidget(self._quiet(words), row, 1)
        return grid

    def _quiet(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("quiet", True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _choose(self, text: str) -> None:
        self.chosen.emit(text)
        self.close()
