"""Pickle's stack machine, for plain data alone.

A pickle is a program whose instructions may call anything. This machine has the instructions that build numbers, text
and containers; a name is looked up in a table of *builders* and is otherwise an error, so that no code but ours can
run (docs/adr/0006). ``pickletools`` splits the bytes into instructions; it runs nothing itself.

Python's own ``Unpickler`` with a strict ``find_class`` would not do: ``BUILD`` sets attributes on whatever lies on its
stack, one instruction makes it reserve gigabytes for its memo, and a key of deeply nested tuples overflows the C stack.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from resources.plain_pickle.errors import refuse

Builder: TypeAlias = Callable[[tuple[object, ...], object], object]
"""Makes a plain value of a class's arguments and state (None without); trusts neither."""
Names: TypeAlias = Mapping[tuple[str, str], Callable[..., object]]
"""The builder of each ``(module, name)`` that a pickle may name."""

_WEIGHT_PER_BYTE = 8
_SLACK = 1 << 20
_WEIGHT_PER_ITEM = 2
_SIZED = (str, bytes, bytearray)
_CONTAINERS = (list, tuple, dict, set, frozenset)
_COPYREG = ("copyreg", "copy_reg")
_KNOWN_AS = {"posix": "os", "nt": "os", "__builtin__": "builtins"}
"""Modules under the names that people know, for messages."""
_PLAIN_KEYS = (str, bytes, int, float, complex, type(None), np.generic)
_LONGEST_KEY = 10_000
_LARGEST_KEY = 1 << 64
_MOST_KEY_PARTS = 16
"""Longer keys, and whole numbers beyond the 64 bits of ids, can be made to hash so slowly that reading never ends."""


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function that a pickle names: inert, never the thing itself."""

    module: str
    name: str
    build: Callable[..., object]

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Pending:
    """A call that waits for its state: it becomes a value when that comes, or when somebody uses it without."""

    call: Name
    arguments: tuple[object, ...]
    memo_keys: list[int] = field(default_factory=list)
    built: object = None
    is_settled: bool = False


class Machine:
    """Stack, memo and calls of one pickle; :mod:`resources.plain_pickle.instructions` drives it.

    Args:
        stream: Where the pickle begins; what its calls are given and make may not come to far more than it holds.
        names: Builders of everything the pickle may name.
        find_persistent: Value of a persistent id; None refuses them all.
    """

    def __init__(
        self, stream: io.BytesIO, names: Names, find_persistent: Callable[[object], object] | None = None
    ) -> None:
        self.stream = stream
        self._names = names
        self._find_persistent = find_persistent
        self._room = _WEIGHT_PER_BYTE * stream.getbuffer().nbytes + _SLACK
        self._stack: list[object] = []
        self._outer: list[list[object]] = []
        self._memo: dict[int, object] = {}

    def push(self, value: object) -> None:
        """Lay a value on the stack."""
        self._stack.append(value)

    def pop(self) -> object:
        """The uppermost value."""
        return self._settle(self._stack.pop())

    def top(self) -> object:
        """The uppermost value, which stays."""
        self._stack[-1] = self._settle(self._stack[-1])
        return self._stack[-1]

    def take(self, count: int) -> list[object]:
        """The uppermost values, in the order in which they were laid down."""
        return [self.pop() for _ in range(count)][::-1]

    def mark(self) -> None:
        """Begin a collection."""
        self._outer.append(self._stack)
        self._stack = []

    def take_marked(self) -> list[object]:
        """Everything since the last mark."""
        items = [self._settle(item) for item in self._stack]
        self._stack = self._outer.pop()
        return items

    def drop_marked(self) -> None:
        """Forget everything since the last mark."""
        self._stack = self._outer.pop()

    def drop(self) -> None:
        """Forget the uppermost value, or the mark when nothing lies above it."""
        if self._stack:
            self._stack.pop()
        else:
            self._stack = self._outer.pop()

    def remember(self, key: int | None = None) -> None:
        """Keep the uppermost value under a key, by default the next; a pending call as what it will become."""
        value = self._stack[-1]
        number = len(self._memo) if key is None else key
        if isinstance(value, Pending):
            value.memo_keys.append(number)
        self._memo[number] = value

    def recall(self, key: int) -> None:
        """Push what was remembered."""
        self.push(self._settle(self._memo[key]))

    def push_name(self, module: object, name: object) -> None:
        """Name something; an unknown name ends the reading here, before anything is called."""
        if not (isinstance(module, str) and isinstance(name, str)):
            raise refuse("the pickle names something that is no text")
        build = self._names.get((module, name))
        if build is None:
            raise refuse(f"the pickle names {_readable(_KNOWN_AS.get(module, module))}.{_readable(name)}")
        self.push(Name(module, name, build))

    def call(self, callee: object, arguments: object) -> None:
        """Call something named; its builder waits for the state that may follow."""
        if not (isinstance(callee, Name) and isinstance(arguments, tuple)):
            raise refuse("the pickle calls something without a name")
        if callee.module in _COPYREG:  # Python 2's way to say NEWOBJ: class, base, state of the base
            callee, arguments = _find_reconstructed(arguments), ()
        self.push(Pending(callee, arguments))

    def build(self, state: object) -> None:
        """Give the pending call on top its state."""
        target = self._stack.pop()
        if not isinstance(target, Pending) or target.is_settled:
            raise refuse("the pickle sets the inner state of a plain value")
        self.push(self._settle(target, state))

    def extend(self, items: Iterable[object]) -> None:
        """Add items to the list or set on top."""
        target = self.top()
        if isinstance(target, list):
            target.extend(items)
        elif isinstance(target, set):
            target.update(check_key(item) for item in items)
        else:
            raise refuse("the pickle adds items to something that is no list")

    def set_items(self, items: list[object]) -> None:
        """Set keys and values, given in turn, in the dictionary on top."""
        target = self.top()
        if not isinstance(target, dict):
            raise refuse("the pickle sets items of something that is no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[check_key(key)] = value

    def push_persistent(self, identity: object) -> None:
        """Push what a persistent id stands for."""
        if self._find_persistent is None:
            raise refuse("the pickle refers to something outside itself")
        self.push(self._find_persistent(identity))

    def _settle(self, value: object, state: object = None) -> object:
        """A pending call becomes its value, in the memo too; other values stay what they are."""
        if not isinstance(value, Pending):
            return value
        if value.is_settled:
            return value.built
        self._charge(value.arguments)
        self._charge(state)
        built = value.call.build(value.arguments, state)
        value.built, value.is_settled = built, True
        self._charge(built)
        for key in value.memo_keys:
            self._memo[key] = built
        return built

    def _charge(self, value: object) -> None:
        """Take a value from the room there is: one call on a remembered value costs few bytes and may copy many."""
        self._room -= _weigh(value)
        if self._room >= 0 and isinstance(value, list | tuple | dict):
            self._room -= sum(map(_weigh, value.values() if isinstance(value, dict) else value))
        if self._room < 0:
            raise refuse("the pickle unfolds to far more than it holds")


def check_key(key: object) -> object:
    """A key whose hash is quick: plain and short, or a flat tuple of a few such values.

    Raises:
        PlainPickleError: It is anything else.
    """
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) > _MOST_KEY_PARTS:
        raise refuse("the pickle has a key of many parts")
    for part in parts:
        if not isinstance(part, _PLAIN_KEYS):
            raise refuse("the pickle has a key that is neither number nor text")
        if isinstance(part, str | bytes) and len(part) > _LONGEST_KEY:
            raise refuse(f"the pickle has a key of more than {_LONGEST_KEY:,} characters")
        if isinstance(part, int) and not -_LARGEST_KEY < part < _LARGEST_KEY:
            raise refuse("the pickle has a whole number of more than 64 bits as a key")
    return key


def _weigh(value: object) -> int:
    """About the bytes that a value takes, or the time that going through it takes, without what lies within it."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, _SIZED):
        return len(value)
    return _WEIGHT_PER_ITEM * len(value) if isinstance(value, _CONTAINERS) else 0


def _readable(name: str) -> str:
    """A name for a message of one line, whatever a file put into it."""
    return name[:80].encode("unicode_escape").decode("ascii")[:80]


def _find_reconstructed(arguments: tuple[object, ...]) -> Name:
    of_class, base, state = arguments
    if not (isinstance(of_class, Name) and isinstance(base, Name) and base.name == "object" and state is None):
        raise refuse("the pickle reconstructs something that is no plain class")
    return of_class
