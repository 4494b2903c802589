"""The keys of a session, by press and release.

Qt's shortcuts know no release, and a vote must be a fresh press: a key that is still down from before, or that repeats
by itself, answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.actions import ACTIONS
from app.ui.keymap import Keymap, combination_of

SESSION_IDS: Final = tuple(spec.id for spec in ACTIONS if spec.scope == "S")
_IN_TEXT: Final = frozenset({"session.go_on", "session.pause"})
"""What works while a text field has the focus; everything else is text there."""


class SessionKeys(QObject):
    """Listens to widgets of one window.

    Args:
        window: The window; others are added by :meth:`watch`.
        keymap: The keys.
        on_press: Hears the action of a fresh press; True when it was for something, else the key goes on to Qt.
        on_release: Hears the action of a key that came up, or that a lost focus let go of.
    """

    def __init__(
        self, window: QWidget, keymap: Keymap, on_press: Callable[[str], bool], on_release: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._on_press = on_press
        self._on_release = on_release
        self._down: dict[int, str] = {}
        self.apply_keys(keymap)
        window.installEventFilter(self)

    def apply_keys(self, keymap: Keymap) -> None:
        """Use other keys from now on."""
        self._actions = {
            (combination.key(), combination.keyboardModifiers()): action_id
            for action_id in SESSION_IDS
            for combination in map(combination_of, keymap.keys(action_id))
        }

    def watch(self, widgets: list[QWidget]) -> None:
        """Hear keys before these widgets, which would keep some of them for themselves."""
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Qt's hook on whatever has the keyboard focus."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(watched, event)
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if not event.isAutoRepeat():
                self._let_go(event.key())
        elif kind == QEvent.Type.WindowDeactivate:
            # The releases of keys that are down now go to another window.
            for key in tuple(self._down):
                self._let_go(key)
        return super().eventFilter(watched, event)

    def _press(self, watched: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        action_id = self._actions.get((Qt.Key(key), modifiers), "")
        if isinstance(watched, QLineEdit) and action_id not in _IN_TEXT:
            return False
        if event.isAutoRepeat() or key in self._down:
            return bool(action_id)
        self._down[key] = action_id
        return bool(action_id) and self._on_press(action_id)

    def _let_go(self, key: int) -> None:
        action_id = self._down.pop(key, "")
        if action_id:
            self._on_release(action_id)
