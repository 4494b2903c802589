"""The instructions of a pickle, protocols 0 to 5, as far as plain data needs them."""

from __future__ import annotations

import codecs
import io
import pickletools
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from resources.plain_pickle.errors import PlainPickleError, refuse
from resources.plain_pickle.machine import Machine, check_key

Instruction: TypeAlias = Callable[[Machine, Any], None]
"""What an instruction does; the second argument is what pickletools read behind it, of the type its name says."""

MOST_STEPS = 10_000_000
_OPERATIONS = {operation.code: operation for operation in pickletools.opcodes}
BROKEN = (IndexError, KeyError, ValueError, TypeError, OverflowError, MemoryError)


def run(machine: Machine, most_steps: int = MOST_STEPS) -> object:
    """The value of the pickle at the machine's stream, which is left behind the pickle's end.

    Args:
        machine: Fresh, on its stream.
        most_steps: Instructions after which it is refused.

    Raises:
        PlainPickleError: Something is refused or broken.
    """
    try:
        # An escape that means nothing stays as it is written; Python's readers only warn of it.
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            for name, argument in iter_instructions(machine.stream, most_steps):
                if name == "STOP":
                    return machine.pop()
                instruction = _INSTRUCTIONS.get(name)
                if instruction is None:
                    raise refuse(f"the pickle uses the instruction {name}")
                instruction(machine, argument)
    except BROKEN as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise PlainPickleError(f"the pickle is cut or broken ({reason})") from error
    raise PlainPickleError(f"the pickle has more than {most_steps:,} instructions, more than such a file needs")


def iter_instructions(stream: io.BytesIO, most_steps: int) -> Iterator[tuple[str, object]]:
    """Names and arguments of at most so many instructions.

    Unlike ``pickletools.genops`` it takes the byte strings that Python 2 wrote as text.
    """
    for _ in range(most_steps):
        code = stream.read(1)
        operation = _OPERATIONS.get(code.decode("latin-1"))
        if operation is None:
            raise ValueError(f"no instruction at byte {stream.tell()}")
        if operation.name == "STRING":
            yield operation.name, _read_quoted(stream.readline())
        else:
            yield operation.name, None if operation.arg is None else operation.arg.reader(stream)


def _read_quoted(line: bytes) -> str:
    quoted = line.rstrip(b"\n")
    if len(quoted) < 2 or quoted[:1] not in b"'\"" or quoted[-1:] != quoted[:1]:
        raise ValueError("a text without its quotes")
    return codecs.escape_decode(quoted[1:-1])[0].decode("latin-1")


def _push(machine: Machine, value: Any) -> None:
    machine.push(value)


def _memoise(machine: Machine, key: Any) -> None:
    machine.remember(int(key))


def _name(machine: Machine, text: Any) -> None:
    module, _, name = text.partition(" ")  # as pickletools joins the two lines
    machine.push_name(module, name)


def _name_on_stack(machine: Machine, _: Any) -> None:
    machine.push_name(*machine.take(2))


def _call(machine: Machine, _: Any) -> None:
    machine.call(*machine.take(2))


def _call_with_keywords(machine: Machine, _: Any) -> None:
    callee, arguments, keywords = machine.take(3)
    if keywords != {}:
        raise refuse("the pickle calls something with keywords")
    machine.call(callee, arguments)


def _call_by_text(machine: Machine, text: Any) -> None:
    arguments = tuple(machine.take_marked())
    _name(machine, text)
    machine.call(machine.pop(), arguments)


def _call_marked(machine: Machine, _: Any) -> None:
    callee, *arguments = machine.take_marked()
    machine.call(callee, tuple(arguments))


def _pairs(items: list[object]) -> dict[object, object]:
    return {check_key(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def _frozen(items: list[object]) -> frozenset[object]:
    return frozenset(check_key(item) for item in items)


_VALUES = (
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
)
_INSTRUCTIONS: Mapping[str, Instruction] = {
    **dict.fromkeys(_VALUES, _push),
    **dict.fromkeys(("PROTO", "FRAME"), lambda machine, _: None),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "TUPLE1": lambda machine, _: machine.push(tuple(machine.take(1))),
    "TUPLE2": lambda machine, _: machine.push(tuple(machine.take(2))),
    "TUPLE3": lambda machine, _: machine.push(tuple(machine.take(3))),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.take_marked())),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "LIST": lambda machine, _: machine.push(machine.take_marked()),
    "APPEND": lambda machine, _: machine.extend(machine.take(1)),
    "APPENDS": lambda machine, _: machine.extend(machine.take_marked()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "DICT": lambda machine, _: machine.push(_pairs(machine.take_marked())),
    "SETITEM": lambda machine, _: machine.set_items(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.take_marked()),
    "EMPTY_SET": lambda machine, _: machine.push(set()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.take_marked()),
    "FROZENSET": lambda machine, _: machine.push(_frozen(machine.take_marked())),
    "MARK": lambda machine, _: machine.mark(),
    "POP": lambda machine, _: machine.drop(),
    "POP_MARK": lambda machine, _: machine.drop_marked(),
    "DUP": lambda machine, _: machine.push(machine.top()),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _memoise),
    "MEMOIZE": lambda machine, _: machine.remember(),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), lambda machine, key: machine.recall(int(key))),
    "GLOBAL": _name,
    "STACK_GLOBAL": _name_on_stack,
    **dict.fromkeys(("REDUCE", "NEWOBJ"), _call),
    "NEWOBJ_EX": _call_with_keywords,
    "INST": _call_by_text,
    "OBJ": _call_marked,
    "BUILD": lambda machine, _: machine.build(machine.pop()),
    "PERSID": lambda machine, identity: machine.push_persistent(identity),
    "BINPERSID": lambda machine, _: machine.push_persistent(machine.pop()),
}
"""Absent on purpose: ``EXT1/2/4`` (names by number), ``NEXT_BUFFER`` and ``READONLY_BUFFER`` (memory outside)."""
