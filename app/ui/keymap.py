"""The keys as they are: a preset, and what people have changed of it.

The table of actions says which keys an action has unless somebody wishes otherwise; a preset replaces some of them, and
the settings hold only what differs from the preset. Menus, tooltips, the sheet and the sentences that name a key are
made from this, so that a key that is shown is a key that works. No Qt widgets in here.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from PySide6.QtCore import QKeyCombination
from PySide6.QtGui import QKeySequence

from app.services.errors import ServiceError
from app.settings import Settings, ShortcutPreset
from app.ui.actions import ACTIONS, ActionSpec, get_action

Keys: TypeAlias = tuple[str, ...]

FIXED_KEYS: Final = frozenset({"Esc"})
"""Esc leaves whatever is going on; it is neither given away nor taken."""

_FIXED: Final = {spec.id: spec.keys for spec in ACTIONS if FIXED_KEYS & set(spec.keys)}
"""What leaves or cancels in each scope."""

_CVAT: Mapping[str, Keys] = {
    "person.next": ("F", "PgDown"),
    "person.previous": ("D", "PgUp"),
    "person.next_undecided": ("Shift+F",),
    "person.previous_undecided": ("Shift+D",),
    "decide.second_look": ("Shift+A",),
    "zoom.fit_person": ("Ctrl+Shift+F",),
}
"""Where CVAT's habits differ: F and D go on and back. Nothing that decides is on a key that CVAT moves with."""

_PRESETS: Mapping[ShortcutPreset, Mapping[str, Keys]] = {"labelme": {}, "cvat": _CVAT}
_FILE_KEY = "exemplar_shortcuts"
_FILE_VERSION = 1


class Keymap:
    """Which keys each action has; immutable.

    Args:
        preset: The keys that hold unless changed.
        changed: By action id, the keys people chose instead. Actions this version does not know are kept.
    """

    def __init__(self, preset: ShortcutPreset = "labelme", changed: Mapping[str, Iterable[str]] | None = None) -> None:
        self.preset = preset
        self._base = preset_keys(preset)
        given = {action_id: tuple(keys) for action_id, keys in (changed or {}).items()}
        self.changed: Mapping[str, Keys] = {
            action_id: keys for action_id, keys in given.items() if self._base.get(action_id) != keys
        }

    @classmethod
    def of_settings(cls, values: Settings) -> Keymap:
        """The keys of a user; where a newer version gives a key to another action too, the user's choice holds."""
        keymap = cls(values.shortcut_preset, values.shortcuts)
        for key, one, other in keymap.find_conflicts():
            loser = other if keymap.is_changed(one.id) else one
            keymap = keymap._with(loser.id, [kept for kept in keymap.keys(loser.id) if kept != key])
        return keymap

    def keys(self, action_id: str) -> Keys:
        """Keys of an action, the one shown first."""
        return self.changed.get(action_id, self._base[action_id])

    def spec(self, action_id: str) -> ActionSpec:
        """Row of the table with the keys as they are; a family of changed keys is written out."""
        return self._with_keys(get_action(action_id))

    def specs(self) -> list[ActionSpec]:
        """The table with the keys as they are."""
        return [self._with_keys(spec) for spec in ACTIONS]

    def is_changed(self, action_id: str) -> bool:
        """Whether an action has other keys than in the preset."""
        return action_id in self.changed

    def find_conflict(self, action_id: str, key: str) -> ActionSpec | None:
        """The other action that has a key where this one would answer to it."""
        scope = get_action(action_id).scope
        for spec in ACTIONS:
            if spec.id != action_id and _overlap(spec.scope, scope) and key in self.keys(spec.id):
                return spec
        return None

    def bind(self, action_id: str, keys: Iterable[str]) -> Keymap:
        """Give an action these keys and no others.

        Raises:
            ServiceError: Another action has one of them, or Esc would be given or taken; the sentence names it.
        """
        keys = tuple(dict.fromkeys(keys))
        if FIXED_KEYS & (set(keys) ^ set(self.keys(action_id))):
            raise ServiceError("Esc always cancels; it can neither be given to an action nor taken from one.")
        for key in keys:
            other = self.find_conflict(action_id, key)
            if other is not None:
                raise ServiceError(f"{key} is taken: {other.title.rstrip('…')} ({SCOPE_WORDS[other.scope]}).")
        return self._with(action_id, keys)

    def take_over(self, action_id: str, key: str) -> Keymap:
        """Give an action a key that another one has; that one loses it."""
        keymap = self
        while (other := keymap.find_conflict(action_id, key)) is not None:
            keymap = keymap._with(other.id, [kept for kept in keymap.keys(other.id) if kept != key])
        return keymap.bind(action_id, (key, *(kept for kept in keymap.keys(action_id) if kept != key)))

    def reset(self, action_id: str) -> Keymap:
        """Give an action the keys of the preset.

        Raises:
            ServiceError: One of them has been given to another action since.
        """
        return Keymap(
            self.preset,
            self.bind(action_id, self._base[action_id]).changed if self.is_changed(action_id) else self.changed,
        )

    def in_preset(self, preset: ShortcutPreset) -> Keymap:
        """Another preset with the changes made so far, without those that would share a key there."""
        keymap = Keymap(preset)
        for action_id, keys in self.changed.items():
            if action_id in keymap._base and not any(keymap.find_conflict(action_id, key) for key in keys):
                keymap = keymap._with(action_id, keys)
        return keymap

    def find_conflicts(self) -> list[tuple[str, ActionSpec, ActionSpec]]:
        """Keys that two actions share."""
        found = []
        for spec in ACTIONS:
            if spec.kind == "mouse":
                continue
            for key in self.keys(spec.id):
                other = self.find_conflict(spec.id, key)
                if other is not None and ACTIONS.index(other) > ACTIONS.index(spec):
                    found.append((key, spec, other))
        return found

    def _with(self, action_id: str, keys: Iterable[str]) -> Keymap:
        return Keymap(self.preset, {**self.changed, action_id: tuple(keys)})

    def _with_keys(self, spec: ActionSpec) -> ActionSpec:
        keys = self.keys(spec.id)
        if keys == spec.keys:
            return spec
        return dataclasses.replace(spec, keys=keys, family=None)


SCOPE_WORDS: Final[Mapping[str, str]] = {"G": "everywhere", "E": "in the review", "S": "in a study"}
"""Where a key works, in words."""


def preset_keys(preset: ShortcutPreset) -> dict[str, Keys]:
    """Keys of every action in a preset; where the preset gives a key away, its usual action does without."""
    given = _PRESETS[preset]
    taken = [(get_action(action_id).scope, key) for action_id, keys in given.items() for key in keys]
    table: dict[str, Keys] = {}
    for spec in ACTIONS:
        if spec.id in given:
            table[spec.id] = given[spec.id]
        elif spec.kind == "mouse":
            table[spec.id] = spec.keys
        else:
            table[spec.id] = tuple(
                key
                for key in spec.keys
                if not any(_overlap(scope, spec.scope) and key == other for scope, other in taken)
            )
    return table


def write_keymap(keymap: Keymap, path: Path) -> None:
    """Write preset and changes as JSON, to take them to another machine.

    Raises:
        ServiceError: The file cannot be written.
    """
    document = {
        _FILE_KEY: _FILE_VERSION,
        "preset": keymap.preset,
        "keys": {k: list(v) for k, v in keymap.changed.items()},
    }
    try:
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ServiceError(f"{path} cannot be written ({error.strerror or error}); choose another place.") from error


def read_keymap(path: Path) -> Keymap:
    """Read what :func:`write_keymap` wrote.

    Raises:
        ServiceError: The file is none of these, or two actions would share a key.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path} cannot be read ({error}); choose a file with exported shortcuts.") from error
    if not isinstance(document, dict) or document.get(_FILE_KEY) != _FILE_VERSION:
        raise ServiceError(f"{path} holds no shortcuts of this program; choose a file that its editor exported.")
    preset, keys = document.get("preset"), document.get("keys")
    if preset not in _PRESETS or not isinstance(keys, dict):
        raise ServiceError(f"{path} names the preset {preset!r}, which there is not; export the shortcuts again.")
    changed = {}
    for action_id, bound in keys.items():
        if not isinstance(bound, list) or not all(isinstance(key, str) and is_key(key) for key in bound):
            raise ServiceError(
                f"{path}: the keys of {action_id!r} are no keys ({bound}); correct them, or export again."
            )
        if FIXED_KEYS & set(bound) - set(_FIXED.get(action_id, ())):
            raise ServiceError(f"{path}: Esc always cancels and cannot be the key of {action_id!r}; take it out.")
        changed[action_id] = tuple(bound)
    keymap = Keymap(cast("ShortcutPreset", preset), changed)
    conflicts = keymap.find_conflicts()
    if conflicts:
        key, one, other = conflicts[0]
        raise ServiceError(f"{path}: {key} would be the key of both {one.title!r} and {other.title!r}; correct one.")
    return keymap


def is_key(text: str) -> bool:
    """Whether this is how Qt writes one key."""
    sequence = QKeySequence(text)
    return sequence.count() == 1 and sequence.toString(QKeySequence.SequenceFormat.PortableText) == text


def combination_of(key: str) -> QKeyCombination:
    """A key as Qt's events have it."""
    sequence = QKeySequence(key)
    return sequence[0]  # type: ignore[index, no-any-return]  # missing in PySide's stubs


def key_text(spec: ActionSpec, *, first_only: bool = False) -> str:
    """The keys of an action as this machine writes them."""
    if spec.kind == "mouse":
        return spec.keys[0]
    keys = spec.keys[:1] if first_only else spec.keys
    return "   ".join(dict.fromkeys(native_text(key) for key in keys))


def native_text(key: str) -> str:
    """A key as this machine writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")


def tooltip(spec: ActionSpec) -> str:
    """Title, key and the sentence, for a tooltip."""
    title = spec.title.rstrip("…")
    keys = key_text(spec, first_only=True)
    return f"<b>{title}</b>{f'&nbsp;&nbsp;({keys})' if keys else ''}<br>{spec.tip}."


_IN_USE: list[Keymap] = []
"""The keymap of the window of this process, for sentences that name a key, however deep they are written."""


def use_keymap(keymap: Keymap) -> None:
    """Let sentences name these keys from now on."""
    _IN_USE[:] = [keymap]


def key_hint(action_id: str) -> str:
    """The key to press for an action, for sentences such as "press R to fit"; without a key the action's title."""
    spec = _IN_USE[0].spec(action_id) if _IN_USE else get_action(action_id)
    return key_text(spec, first_only=True) or spec.title.rstrip("…")


def _overlap(one: str, other: str) -> bool:
    return one == other or "G" in (one, other)
