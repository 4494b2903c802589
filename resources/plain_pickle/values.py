"""Builders of Python's own values: what a pickle names rather than spells."""

from __future__ import annotations

from resources.plain_pickle.errors import refuse
from resources.plain_pickle.machine import Builder, Name, check_key


def _no_state(name: str, state: object) -> None:
    if state is not None:
        raise refuse(f"the pickle sets the inner state of a {name}")


def _items(arguments: tuple[object, ...], name: str) -> list[object] | tuple[object, ...]:
    if not arguments:
        return []
    (items,) = arguments
    if not isinstance(items, list | tuple):
        raise refuse(f"the pickle makes a {name} of a {type(items).__name__}")
    return items


def _set(arguments: tuple[object, ...], state: object) -> set[object]:
    _no_state("set", state)
    return {check_key(item) for item in _items(arguments, "set")}


def _frozenset(arguments: tuple[object, ...], state: object) -> frozenset[object]:
    return frozenset(_set(arguments, state))


def _list(arguments: tuple[object, ...], state: object) -> list[object]:
    _no_state("list", state)
    return list(_items(arguments, "list"))


def _tuple(arguments: tuple[object, ...], state: object) -> tuple[object, ...]:
    return tuple(_list(arguments, state))


def _dict(arguments: tuple[object, ...], state: object) -> dict[object, object]:
    """``dict`` and ``OrderedDict``; Python 2 gives the items as ``[[key, value], …]``."""
    _no_state("dict", state)
    made: dict[object, object] = {}
    for item in _items(arguments, "dict"):
        if not (isinstance(item, list | tuple) and len(item) == 2):
            raise refuse("the pickle makes a dict of something that is no pair")
        made[check_key(item[0])] = item[1]
    return made


def _defaultdict(arguments: tuple[object, ...], state: object) -> dict[object, object]:
    """A plain dict: the factory of missing values is not kept."""
    if len(arguments) > 1 or not all(isinstance(factory, Name | None) for factory in arguments):
        raise refuse("the pickle makes a defaultdict of strange things")
    return _dict((), state)


def _bytes(arguments: tuple[object, ...], state: object) -> bytes:
    """``bytes()``, ``bytearray(b'…')`` and ``_codecs.encode('…', 'latin1')``: bytes in protocols without them."""
    _no_state("bytes", state)
    content, *encoding = arguments or (b"",)
    if isinstance(content, str) and encoding in (["latin1"], ["latin-1"]):
        return content.encode("latin-1")
    if isinstance(content, bytes | bytearray) and not encoding:
        return bytes(content)
    raise refuse("the pickle makes bytes of something else")


def _bytearray(arguments: tuple[object, ...], state: object) -> bytearray:
    return bytearray(_bytes(arguments, state))


def _complex(arguments: tuple[object, ...], state: object) -> complex:
    _no_state("complex", state)
    real, imaginary = arguments
    if not (isinstance(real, float) and isinstance(imaginary, float)):
        raise refuse("the pickle makes a complex number of something else")
    return complex(real, imaginary)


def refuse_call(*_: object) -> object:
    """Builder of what may be named, as an argument of others, but not called."""
    raise refuse("the pickle calls a class that it may only name")


_BUILTINS: dict[str, Builder] = {
    "set": _set,
    "frozenset": _frozenset,
    "list": _list,
    "tuple": _tuple,
    "dict": _dict,
    "bytes": _bytes,
    "bytearray": _bytearray,
    "complex": _complex,
    "object": refuse_call,
    "int": refuse_call,
    "float": refuse_call,
}

VALUE_NAMES: dict[tuple[str, str], Builder] = {
    **{(module, name): build for module in ("builtins", "__builtin__") for name, build in _BUILTINS.items()},
    ("collections", "OrderedDict"): _dict,
    ("collections", "defaultdict"): _defaultdict,
    ("_codecs", "encode"): _bytes,
    ("copyreg", "_reconstructor"): refuse_call,
    ("copy_reg", "_reconstructor"): refuse_call,
}
