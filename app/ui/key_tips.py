"""Tooltips that name the key of an action, whatever it is when they are read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from app.ui.keymap import key_hint


def set_key_tip(widget: QWidget, text: str, action_id: str) -> None:
    """Let a tooltip say something, and the key that does the same."""
    widget.installEventFilter(_KeyTip(widget, text, action_id))


class _KeyTip(QObject):
    def __init__(self, widget: QWidget, text: str, action_id: str) -> None:
        super().__init__(widget)
        self._widget, self._text, self._action_id = widget, text, action_id
        self._write()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Write the tooltip anew before it is shown: people may have given the action another key."""
        if event.type() == QEvent.Type.ToolTip:
            self._write()
        return super().eventFilter(watched, event)

    def _write(self) -> None:
        self._widget.setToolTip(f"{self._text}  ({key_hint(self._action_id)})")
