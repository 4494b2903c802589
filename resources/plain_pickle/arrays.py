"""Builders of numpy's arrays, numbers and dtypes, under the names that numpy 1 and 2 and Python 2 give them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from sys import maxunicode
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources.plain_pickle.errors import refuse
from resources.plain_pickle.machine import Builder, Name
from resources.plain_pickle.values import refuse_call

_PLAIN_DTYPE = re.compile(r"(b1|[iu][1248]|f[248]|f16|c8|c16|c32|[SU]\d{1,9}|O8?|\?)")
_MOST_AXES = 32


@dataclass(frozen=True, slots=True)
class Kind:
    """A dtype within a pickle; apart from numpy's own, so that no state can reach one."""

    dtype: np.dtype[Any]


def _dtype(arguments: tuple[object, ...], state: object) -> Kind:
    """``dtype('f8', False, True)`` and its state ``(3, '<', None, None, None, -1, -1, 0)``."""
    code = _text(arguments[0]) if arguments else ""
    if not _PLAIN_DTYPE.fullmatch(code):
        raise refuse(f"the pickle has an array of the kind {code[:40]!a}")
    dtype = np.dtype("O" if code == "O8" else code)
    if state is None:
        return Kind(dtype)
    if not (isinstance(state, tuple) and len(state) >= 5 and all(part is None for part in state[2:5])):
        raise refuse("the pickle has an array of a composed kind")
    order = _text(state[1])
    if order in ("|", "="):
        return Kind(dtype)
    if order not in ("<", ">"):
        raise ValueError(f"byte order {order[:10]!r}")
    return Kind(dtype.newbyteorder("<" if order == "<" else ">"))


def _array(arguments: tuple[object, ...], state: object) -> NDArray[Any]:
    """``_reconstruct(ndarray, (0,), b'b')`` and its state ``(1, shape, dtype, is_fortran, content)``."""
    if not (arguments and isinstance(arguments[0], Name) and arguments[0].name == "ndarray"):
        raise refuse("the pickle has an array of a class of its own")
    if not (isinstance(state, tuple) and len(state) in (4, 5)):
        raise ValueError("an array without content")
    shape, kind, is_fortran, content = state[-4:]
    return build_array(content, kind, shape, "F" if is_fortran else "C")


def _array_of_buffer(arguments: tuple[object, ...], state: object) -> NDArray[Any]:
    """``_frombuffer(content, dtype, shape, order)``, protocol 5; numpy 2.3 adds the order of the axes."""
    content, kind, shape, order, *rest = arguments
    if state is not None or order not in ("C", "F", "K") or len(rest) > 1:
        raise ValueError("an array in an unknown order")
    axes = rest[0] if rest else None
    array = build_array(content, kind, shape, "F" if order == "F" else "C")
    if axes is None:
        return array
    if not isinstance(axes, tuple | list) or sorted(map(_count, axes)) != list(range(array.ndim)):
        raise ValueError("axes of an array that has others")
    return array.transpose([_count(axis) for axis in axes])


def _number(arguments: tuple[object, ...], state: object) -> object:
    """``scalar(dtype, content)``: a number of numpy's."""
    kind, content = arguments
    if state is not None or not isinstance(kind, Kind) or kind.dtype.hasobject:
        raise refuse("the pickle has a number of the kind 'object'")
    return build_array(content, kind, (), "C")[()]


def build_array(content: object, kind: object, shape: object, order: str) -> NDArray[Any]:
    """A new array, after its parts have been found to agree.

    Args:
        content: Its bytes (Python 2: as text), or its objects as a list.
        kind: Its :class:`Kind`.
        shape: Its shape.
        order: ``C`` or ``F``.
    """
    if not (isinstance(kind, Kind) and isinstance(shape, tuple) and len(shape) <= _MOST_AXES):
        raise ValueError("an array without kind and shape")
    sizes = tuple(_count(size) for size in shape)
    count = math.prod(sizes)
    if kind.dtype.hasobject:
        if not isinstance(content, list) or len(content) != count:
            raise ValueError(f"an array of shape {sizes} with other than {count} objects")
        flat = np.empty(count, dtype=object)
        for place, item in enumerate(content):  # slices would unpack objects that are sequences themselves
            flat[place] = item
        return flat.reshape(sizes, order="F" if order == "F" else "C")
    raw = content.encode("latin-1") if isinstance(content, str) else content
    if not isinstance(raw, bytes | bytearray) or len(raw) != count * kind.dtype.itemsize:
        raise ValueError(f"an array of shape {sizes} with other than {count * kind.dtype.itemsize} bytes")
    if not count:
        return np.zeros(sizes, kind.dtype)
    flat = check_characters(np.frombuffer(bytearray(raw), kind.dtype))
    return flat.reshape(sizes, order="F" if order == "F" else "C")


def check_characters(flat: NDArray[Any]) -> NDArray[Any]:
    """Let an array ``(N,)`` pass unless it is of text with characters that are none, which Python fails on later.

    Raises:
        ValueError: There is such a character.
    """
    if flat.dtype.kind == "U":
        characters = flat.view(np.dtype("u4").newbyteorder(flat.dtype.byteorder))
        if characters.max(initial=0) > maxunicode:
            raise ValueError("a text with characters that are none")
    return flat


def _text(value: object) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise TypeError(f"a {type(value).__name__} where a text belongs")
    return text


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{str(value)[:20]} where a count belongs")
    return value


def _find_names(core: str) -> dict[tuple[str, str], Builder]:
    return {
        (f"{core}.multiarray", "_reconstruct"): _array,
        (f"{core}.multiarray", "scalar"): _number,
        (f"{core}.numeric", "_frombuffer"): _array_of_buffer,
    }


ARRAY_NAMES: dict[tuple[str, str], Builder] = {
    **_find_names("numpy.core"),
    **_find_names("numpy._core"),
    ("numpy", "ndarray"): refuse_call,
    ("numpy", "dtype"): _dtype,
}
