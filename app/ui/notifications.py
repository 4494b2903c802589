"""Messages that do not stop anybody: a bar over the window's lower edge that leaves by itself, or with its cause."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

Severity: TypeAlias = Literal["info", "success", "warning", "error"]

_SECONDS_BY_SEVERITY: dict[Severity, float] = {"info": 4.0, "success": 3.0, "warning": 7.0, "error": 12.0}
_SECONDS_PER_CHARACTER = 0.05
"""Reading time beyond the first line, about 200 words a minute."""
_GLYPHS: dict[Severity, str] = {"info": "i", "success": "✓", "warning": "!", "error": "×"}
_SIDE_MARGIN = 24
_BOTTOM_MARGIN = 54
"""Leaves free the line at the lower edge of the canvas that says what a click does."""
_MAX_WIDTH = 720
_PADDING = 11
_BESIDE_TEXT = 100
"""Width of everything but the text: glyph, button, border and gaps, rounded up."""


class MessageBar(QFrame):
    """One message at a time, the newest; floats over ``parent``.

    Signals:
        shown: ``(severity, text)``.
    """

    shown = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self.setObjectName("messageBar")
        self.setAccessibleName(self.tr("Message"))
        self._glyph = QLabel(self)
        self._glyph.setObjectName("messageGlyph")
        self._glyph.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._glyph.setFixedSize(20, 20)
        self._text = QLabel(self)
        self._text.setObjectName("messageText")
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        dismiss = QToolButton(self)
        dismiss.setObjectName("messageDismiss")
        dismiss.setText("×")
        dismiss.setAutoRaise(True)
        dismiss.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        dismiss.setAccessibleName(self.tr("Dismiss message"))
        dismiss.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, _PADDING, 8, _PADDING)
        layout.setSpacing(10)
        layout.addWidget(self._glyph)
        layout.addWidget(self._text, 1)
        layout.addWidget(dismiss)
        self._severity: Severity = "info"
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """The message on show, or the last one."""
        return self._text.text()

    def show_message(self, text: str, severity: Severity = "info") -> None:
        """Show a sentence for as long as it takes to read it; it replaces the one before. Nothing hides the bar."""
        if not text:
            self.hide()
            return
        self._text.setText(text)
        self._severity = severity
        self._glyph.setText(_GLYPHS[severity])
        for widget in (self, self._glyph):
            widget.setProperty("severity", severity)
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self._place()
        self.show()
        self.raise_()
        seconds = _SECONDS_BY_SEVERITY[severity] + _SECONDS_PER_CHARACTER * max(0, len(text) - 60)
        self._timer.start(round(1000 * seconds))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        self.shown.emit(severity, text)

    def settle(self) -> None:
        """What a message was about is over: hints and warnings leave, errors stay for as long as they take to read."""
        if self._severity in ("info", "warning"):
            self.hide()

    def take_back(self, text: str) -> None:
        """Take a sentence away that is not true any more, if it is the one on show."""
        if self.isVisible() and self._text.text() == text:
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Qt's hook: stay in place when the window is resized."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        metrics = self._text.fontMetrics()
        wanted = metrics.horizontalAdvance(self._text.text()) + _BESIDE_TEXT + 8
        width = max(220, min(wanted, _MAX_WIDTH, self._host.width() - 2 * _SIDE_MARGIN))
        self.setFixedWidth(width)
        height = max(self._text.heightForWidth(width - _BESIDE_TEXT), self._glyph.height()) + 2 * _PADDING + 4
        self.setFixedHeight(height)
        self.move((self._host.width() - width) // 2, self._host.height() - height - _BOTTOM_MARGIN)
