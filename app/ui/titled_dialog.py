"""What the larger dialogs share: a heading and a Close button of their own, and a size that fits the window.

A desktop usually gives a dialog a title bar. Without a window manager there is none, so the title stands inside as
well, and the dialog can be closed with the mouse, with Esc and with its button.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

_MARGIN = 24
"""Of the window, that stays visible around a dialog."""
_SMALLEST = (420, 320)


class TitledDialog(QDialog):
    """A dialog with a heading; whoever derives from it fills :attr:`content` and adds buttons to :attr:`buttons`.

    Args:
        title: Of the window and in the heading.
        size: Wanted, in logical pixels; less where the parent is smaller.

    Attributes:
        content: Layout between heading and buttons.
        buttons: Row at the lower edge; what is added stands left of Close.
        close_button: Closes.
    """

    def __init__(self, title: str, size: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = QLabel(title, self)
        heading.setObjectName("dialogTitle")
        self.content = QVBoxLayout()
        self.content.setSpacing(10)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.close_button = QPushButton(self.tr("Close"), self)
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.accept)
        ends = QHBoxLayout()
        ends.addLayout(self.buttons, 1)
        ends.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addLayout(self.content, 1)
        layout.addLayout(ends)
        self.resize(*fitting_size(size, parent))


def build_ends(*buttons: QPushButton) -> QHBoxLayout:
    """The row at the lower edge of a question: its buttons on the right, the one that says yes last."""
    row = QHBoxLayout()
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


def fitting_size(wanted: tuple[int, int], parent: QWidget | None) -> tuple[int, int]:
    """The size wanted, or what the parent has room for."""
    if parent is None:
        return wanted
    window = parent.window()
    width, height = window.width() - 2 * _MARGIN, window.height() - 2 * _MARGIN
    return max(min(wanted[0], width), _SMALLEST[0]), max(min(wanted[1], height), _SMALLEST[1])
