"""A button that waits for one key and says which it was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

_MODIFIERS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_unknown,
    }
)


class KeyCapture(QPushButton):
    """Pressed, it waits for a key and takes whatever comes, Tab and Enter too; Esc ends the waiting.

    It waits only after it was pressed, so that the keyboard can pass by it.

    Signals:
        captured: ``str``, the key by Qt's portable name.
    """

    captured = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setAccessibleName(self.tr("Add a key"))
        self.clicked.connect(lambda: self._wait(True))
        self._waiting = False
        self._wait(False)

    @property
    def waiting(self) -> bool:
        """Whether the next key is taken."""
        return self._waiting

    def event(self, event: QEvent) -> bool:
        """Qt's hook, before Tab moves the focus and Enter presses a button."""
        if self._waiting and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
                self._take(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """Somebody who looks elsewhere types no key for this."""
        self._wait(False)
        super().focusOutEvent(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in _MODIFIERS:
            return
        self._wait(False)
        if event.key() != Qt.Key.Key_Escape:
            self.captured.emit(key_name(event.keyCombination()))

    def _wait(self, waiting: bool) -> None:
        self._waiting = waiting
        self.setText(self.tr("Press the key…  (Esc: none)") if waiting else self.tr("Add a key…"))


def key_name(combination: QKeyCombination) -> str:
    """Portable name of a key as the table of actions writes it."""
    key, modifiers = combination.key(), combination.keyboardModifiers()
    modifiers &= ~Qt.KeyboardModifier.KeypadModifier
    if key == Qt.Key.Key_Backtab:
        key = Qt.Key.Key_Tab
        modifiers |= Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(QKeyCombination(modifiers, key)).toString(QKeySequence.SequenceFormat.PortableText)
