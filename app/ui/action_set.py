"""Qt actions made from the table, and the rules of the keyboard that Qt does not have.

* While a text field has the focus, the keys of scope ``E`` are text: letters, digits, Enter, arrows, Delete; and so is
  whatever types a character, should people have given it to another action.
* While a list, a slider or a choice has the focus, the keys that move in it are its own.
* A key that is held acts again only where the table says ``repeats``; ``hold`` acts while it is down.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.ui.actions import ACTIONS, ActionSpec, Menu, get_action
from app.ui.keymap import FIXED_KEYS, Keymap, combination_of, key_text, tooltip, use_keymap

__all__ = ["ActionSet", "Handler", "key_text", "tooltip"]
from app.ui.theme import Theme, build_icon

Handler: TypeAlias = Callable[..., object]

_TEXT_FIELDS = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
_OWN_NAVIGATION = (QAbstractItemView, QAbstractSlider, QComboBox)
_NAVIGATION_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    }
)


_REMEMBERED = 60
"""Actions that a bug report tells of."""


class ActionSet(QObject):
    """All actions of one window.

    Args:
        window: The window whose actions these are; keys work while it is active.
        keymap: The keys to begin with.
        ids: Which actions the window has; None for all but those of a rater's session.

    Signals:
        hidden: ``bool``, the key of ``layer.hide`` went down or up.
        keys_changed: Every tooltip and menu shows the new keys; whoever shows keys of its own follows.
        ran: ``str``, the id of an action that somebody has just asked for.
    """

    hidden = Signal(bool)
    keys_changed = Signal()
    ran = Signal(str)

    def __init__(self, window: QWidget, keymap: Keymap | None = None, ids: Collection[str] | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._handlers: dict[str, dict[str, Handler]] = {}
        self._held: set[str] = set()
        self._quiet = False
        self._latest: deque[str] = deque(maxlen=_REMEMBERED)
        for spec in ACTIONS:
            if spec.kind != "mouse" and (spec.scope != "S" if ids is None else spec.id in ids):
                self._actions[spec.id] = self._build(spec)
        self._keymap = keymap or Keymap()
        self.apply_keys(self._keymap)
        window.installEventFilter(self)

    @property
    def keymap(self) -> Keymap:
        """The keys as they are."""
        return self._keymap

    def latest(self) -> list[str]:
        """What was asked for lately, with the time, for a bug report."""
        return list(self._latest)

    def spec(self, action_id: str) -> ActionSpec:
        """Row of the table with the keys as they are."""
        return self._keymap.spec(action_id)

    def apply_keys(self, keymap: Keymap) -> None:
        """Use other keys from now on, everywhere."""
        self._release(None)
        self._keymap = keymap
        use_keymap(keymap)
        specs = {spec.id: spec for spec in keymap.specs()}
        for action_id, action in self._actions.items():
            spec = specs[action_id]
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setToolTip(tooltip(spec))
        self._text_keys = _text_keys(specs.values())
        self._hold_keys = {
            spec.id: {combination_of(key).key() for key in spec.keys} for spec in specs.values() if spec.kind == "hold"
        }
        self.keys_changed.emit()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def ids(self) -> Iterable[str]:
        """Ids of the actions that exist in Qt."""
        return self._actions.keys()

    def set_handlers(self, owner: str, handlers: Mapping[str, Handler]) -> None:
        """Say what actions do; an owner's earlier handlers are forgotten.

        Args:
            owner: ``window`` for as long as the window lives, ``page`` for a project.
            handlers: By action id. A ``toggle`` or ``choice`` hears its new state, a ``hold`` hears True when its key
                goes down and False when it comes up, the others hear nothing.
        """
        self._handlers[owner] = dict(handlers)

    def set_checked(self, action_id: str, checked: bool) -> None:
        """Show a state without acting on it."""
        self._quiet = True
        self._actions[action_id].setChecked(checked)
        self._quiet = False

    def apply_theme(self, theme: Theme) -> None:
        """Colour the symbols."""
        for action_id, action in self._actions.items():
            icon = get_action(action_id).icon
            if icon:
                action.setIcon(build_icon(icon, theme))

    def enable_scope(self, scope: str, enabled: bool) -> None:
        """Switch every action of a scope on or off."""
        for action_id, action in self._actions.items():
            if get_action(action_id).scope == scope:
                action.setEnabled(enabled)

    def fill_menu(self, menu: QMenu, name: Menu) -> None:
        """List a menu's actions, set apart by section; those of a submenu where the first of them would stand."""
        section: int | None = None
        submenus: dict[str, QMenu] = {}
        for spec in sorted((s for s in ACTIONS if s.menu == name), key=lambda spec: spec.section):
            if section is not None and spec.section != section:
                menu.addSeparator()
            section = spec.section
            place = menu
            if spec.submenu:
                place = submenus.get(spec.submenu) or menu.addMenu(self.tr(spec.submenu))
                place.setToolTipsVisible(True)
                submenus[spec.submenu] = place
            place.addAction(self._actions[spec.id])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        """Qt's hook on the window, which sees the keys that no widget of it took."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._belongs_to_focus(event):
                event.accept()
                return True
        elif kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if not event.isAutoRepeat():
                self._release(event.key())
        elif kind == QEvent.Type.WindowDeactivate:
            self._release(None)
        return super().eventFilter(watched, event)

    def _build(self, spec: ActionSpec) -> QAction:
        action = QAction(self.tr(spec.title), self._window)
        action.setObjectName(spec.id)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(spec.repeats)
        action.setStatusTip("")
        if spec.kind in ("toggle", "choice"):
            action.setCheckable(True)
        if spec.kind == "choice":
            prefix = spec.id.partition(".")[0]
            group = self._groups.setdefault(prefix, QActionGroup(self._window))
            group.addAction(action)
        if action.isCheckable():
            action.toggled.connect(lambda checked: self._run(spec.id, checked))
        elif spec.kind == "hold":
            action.triggered.connect(lambda: self._set_held(spec.id, True))
        else:
            action.triggered.connect(lambda: self._run(spec.id))
        self._window.addAction(action)
        return action

    def _run(self, action_id: str, *state: bool) -> None:
        if self._quiet:
            return
        said = f"{datetime.now():%H:%M:%S} {action_id}"
        self._latest.append(said + "".join(f" {'on' if part else 'off'}" for part in state))
        for handlers in self._handlers.values():
            handler = handlers.get(action_id)
            if handler is not None:
                handler(*state)
                break
        self.ran.emit(action_id)

    def _belongs_to_focus(self, event: QKeyEvent) -> bool:
        focus = QApplication.focusWidget()
        if isinstance(focus, _TEXT_FIELDS):
            return QKeySequence(event.keyCombination()).toString() in self._text_keys
        return isinstance(focus, _OWN_NAVIGATION) and event.key() in _NAVIGATION_KEYS

    def _release(self, key: int | None) -> None:
        """Let go of what this key holds, whatever else is pressed; None for everything."""
        for action_id in tuple(self._held):
            if key is None or key in self._hold_keys[action_id]:
                self._set_held(action_id, False)

    def _set_held(self, action_id: str, held: bool) -> None:
        if held == (action_id in self._held):
            return
        if held:
            self._held.add(action_id)
        else:
            self._held.discard(action_id)
        if action_id == "layer.hide":
            self.hidden.emit(held)
        else:
            self._run(action_id, held)


def _text_keys(specs: Iterable[ActionSpec]) -> frozenset[str]:
    """Keys that a text field keeps, as Qt writes them: those of scope ``E`` and whatever types a character.

    Esc is left out, it leaves a text field as it leaves a fit.
    """
    keys = {
        QKeySequence(key).toString()
        for spec in specs
        if spec.kind != "mouse"
        for key in spec.keys
        if key not in FIXED_KEYS and (spec.scope == "E" or _types(key))
    }
    return frozenset(keys | {key.replace("Tab", "Backtab") for key in keys if key == "Shift+Tab"})


def _types(key: str) -> bool:
    """Whether a key puts a character into a text field: one character, with Shift at most."""
    return len(key.removeprefix("Shift+")) == 1
