"""Builders of numpy arrays from torch's tensors, as ``pickle.dump`` writes them; torch itself is not needed.

Such a tensor is a call of ``_rebuild_tensor_v2`` on a storage, and the storage holds, as bytes, what ``torch.save``
wrote in its old format: five pickles in a row (a magic number, a version, facts of the machine, the storage by a
persistent id, the ids), then each storage's element count and raw bytes.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources.plain_pickle.errors import refuse
from resources.plain_pickle.instructions import run
from resources.plain_pickle.machine import Builder, Machine, Name
from resources.plain_pickle.values import VALUE_NAMES, refuse_call

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_MOST_STEPS = 1000
"""Instructions of each small pickle before the bytes of a storage; torch needs some thirty."""
_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """The flat elements that tensors are views of."""

    elements: NDArray[Any]


def _storage(arguments: tuple[object, ...], state: object) -> Storage:
    """``torch.storage._load_from_bytes(content)``."""
    (content,) = arguments
    if state is not None or not isinstance(content, bytes | bytearray):
        raise ValueError("a tensor without its bytes")
    stream = io.BytesIO(content)
    told: list[tuple[object, str, int]] = []

    def note(identity: object) -> object:
        told.append(_told_storage(identity))
        return Storage(np.zeros(0))

    head = [run(Machine(stream, VALUE_NAMES), _MOST_STEPS) for _ in range(3)]
    if head[:2] != [_MAGIC, _VERSION] or not (isinstance(head[2], dict) and head[2].get("little_endian") is True):
        raise ValueError("a tensor that torch.save did not write on a usual machine")
    run(Machine(stream, _STORAGE_NAMES, note), _MOST_STEPS)
    keys = run(Machine(stream, {}), _MOST_STEPS)
    if len(told) != 1 or keys != [told[0][0]]:
        raise ValueError("a tensor with other than one storage")
    _, dtype, count = told[0]
    stored, raw = stream.read(8), stream.read()
    if int.from_bytes(stored, "little") != count or len(raw) != count * np.dtype(dtype).itemsize:
        raise ValueError(f"a tensor of {count} elements with {len(raw)} bytes")
    return Storage(np.frombuffer(raw, dtype))


def _told_storage(identity: object) -> tuple[object, str, int]:
    """Key, dtype and element count of ``('storage', torch.FloatStorage, '0', 'cpu', 10, None)``."""
    if not (isinstance(identity, tuple) and len(identity) in (5, 6) and identity[0] == "storage"):
        raise ValueError("a tensor with an unknown storage")
    _, kind, key, _, count, *view = identity
    if not (isinstance(kind, Name) and isinstance(key, str) and type(count) is int and count >= 0) or view not in (
        [],
        [None],
    ):
        raise ValueError("a tensor with an unknown storage")
    return key, _DTYPES[kind.name], count


def _tensor(arguments: tuple[object, ...], state: object) -> NDArray[Any]:
    """``_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)``: a view, here copied."""
    storage, offset, size, stride = arguments[:4]
    if state is not None or not isinstance(storage, Storage):
        raise ValueError("a tensor without its storage")
    sizes, strides = _counts(size), _counts(stride)
    (first,) = _counts((offset,))
    held, count = len(storage.elements), math.prod(sizes)
    last = first + sum((n - 1) * step for n, step in zip(sizes, strides, strict=True))
    if count > held or (count and last >= held):
        raise refuse("the pickle has a tensor larger than its storage")
    if not count:
        return np.zeros(sizes, storage.elements.dtype)
    width = storage.elements.itemsize
    view = np.lib.stride_tricks.as_strided(storage.elements[first:], sizes, [step * width for step in strides])
    return view.copy()


def _parameter(arguments: tuple[object, ...], state: object) -> object:
    """``_rebuild_parameter(tensor, requires_grad, hooks)``."""
    if state is not None or not (arguments and isinstance(arguments[0], np.ndarray)):
        raise ValueError("a parameter without its tensor")
    return arguments[0]


def _counts(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple) or not all(type(value) is int and value >= 0 for value in values):
        raise ValueError("a tensor whose shape is none")
    return values


def _size(arguments: tuple[object, ...], state: object) -> tuple[int, ...]:
    (sizes,) = arguments
    if state is not None:
        raise ValueError("a shape with an inner state")
    return _counts(tuple(sizes) if isinstance(sizes, list) else sizes)


_STORAGE_NAMES: dict[tuple[str, str], Builder] = {
    **VALUE_NAMES,
    **{("torch", name): refuse_call for name in _DTYPES},
}
TENSOR_NAMES: dict[tuple[str, str], Builder] = {
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch.storage", "_load_from_bytes"): _storage,
    ("torch", "Size"): _size,
}
