"""The bytes of MATLAB files of version 5 to 7 (The MathWorks, "MAT-File Format"): elements, matrices, structs, cells.

Every length is checked against what holds it; structs and cells only know where their elements lie.
"""

from __future__ import annotations

import math
import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from db.formats.parts.checks import ItemError

HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_CODES = {1: "b", 2: "B", 3: "h", 4: "H", 5: "i", 6: "I", 7: "f", 9: "d", 12: "q", 13: "Q"}
_ONE_NUMBER = (5, 8, 1, 1, 1, 0)
"""Words of a matrix of one number: its shape, and that it has no name."""
_TEXTS = {1: "latin-1", 2: "utf-8", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_CELL, _STRUCT, _OBJECT, _CHAR = 1, 2, 3, 4
_NUMERIC = range(6, 16)
_COMPLEX = 0x0800
_NAME_BYTES = 1024
"""Enough of a variable to know its name and shape."""
# Deflate packs a thousandfold at most; structs of numbers are packed twenty to thirty times.
_HARMLESS_BYTES = 16 << 20
_MOST_PACKED = 40
_MOST_PARTS = 2_000_000


@dataclass(frozen=True, slots=True)
class RawBytes:
    """An unpacked variable, and the order of bytes in it: ``<`` or ``>``."""

    content: bytes
    order: str


@dataclass(frozen=True, slots=True)
class StructArray:
    """Elements of a struct array in MATLAB's order; their fields are looked up when asked for."""

    names: tuple[str, ...]
    data: RawBytes
    places: tuple[int, ...]
    end: int

    def __len__(self) -> int:
        return len(self.places) // len(self.names) if self.names else 0


@dataclass(frozen=True, slots=True)
class CellArray:
    """Elements of a cell array in MATLAB's order, likewise."""

    data: RawBytes
    places: tuple[int, ...]
    end: int

    def __len__(self) -> int:
        return len(self.places)


MatValue: TypeAlias = NDArray[Any] | str | StructArray | CellArray | None
"""None stands for what is no data: functions, objects of classes, sparse matrices."""


def iter_variables(content: bytes | mmap.mmap) -> Iterator[tuple[str, tuple[int, ...], int, int, int]]:
    """Name, shape, kind, place and size of each variable.

    Raises:
        ItemError: The file is damaged.
    """
    order = ">" if content[126:128] == b"MI" else "<"
    place = HEADER
    while place + 8 <= len(content):
        kind, size = struct.unpack_from(f"{order}II", content, place)
        if size > len(content) - place - 8:
            raise ItemError("it breaks off")
        if kind == _COMPRESSED:
            packed = content[place + 8 : place + 8 + min(size, 2 * _NAME_BYTES)]
            head = _inflate(packed, _NAME_BYTES)
        elif kind == _MATRIX:
            head = content[place : place + _NAME_BYTES]
        else:
            raise ItemError(f"a part of it has the type {kind}")
        _, shape, name, _ = _read_head(RawBytes(head, order), 0, len(head), whole=False)
        yield name, shape, kind, place, size
        place += 8 + size


def unpack(content: bytes, kind: int, place: int, size: int) -> RawBytes:
    """Bytes of a variable that :func:`iter_variables` found.

    Raises:
        ItemError: They cannot be unpacked, or would fill the memory.
    """
    order = ">" if content[126:128] == b"MI" else "<"
    if kind == _MATRIX:
        return RawBytes(content[place : place + 8 + size], order)
    limit = max(_HARMLESS_BYTES, _MOST_PACKED * size)
    unpacked = _inflate(content[place + 8 : place + 8 + size], limit + 1)
    if len(unpacked) > limit:
        raise ItemError(f"it unpacks to more than {_MOST_PACKED} times its size, made to do harm")
    return RawBytes(unpacked, order)


def _inflate(packed: bytes, limit: int) -> bytes:
    """The first bytes of what is packed, at most ``limit``."""
    try:
        return zlib.decompressobj().decompress(packed, limit)
    except zlib.error as error:
        raise ItemError(f"it cannot be unpacked: {error}") from error


def _read_element(data: RawBytes, place: int, end: int) -> tuple[int, int, int, int]:
    """Type, start and size of an element, and the place behind it.

    Raises:
        ItemError: It reaches beyond what holds it.
    """
    if place + 8 > end:
        raise ItemError("it breaks off")
    kind, size = struct.unpack_from(f"{data.order}II", data.content, place)
    if kind >> 16:  # four bytes or fewer stand in the tag itself
        kind, size = kind & 0xFFFF, kind >> 16
        if size > 4:
            raise ItemError("a part of it has a wrong length")
        return kind, place + 4, size, place + 8
    if size > end - place - 8:
        raise ItemError("a part of it is longer than the whole")
    padded = size if kind == _COMPRESSED else (size + 7) & ~7
    return kind, place + 8, size, min(place + 8 + padded, end)


def _read_head(data: RawBytes, place: int, end: int, *, whole: bool = True) -> tuple[int, tuple[int, ...], str, int]:
    """Class and flags, shape and name of a matrix, and the place behind them."""
    if place + 16 > end:
        raise ItemError("it breaks off")
    kind, size = struct.unpack_from(f"{data.order}II", data.content, place)
    if kind != _MATRIX or (whole and size > end - place - 8):
        raise ItemError("a part of it is no matrix")
    _, start, size, place = _read_element(data, place + 8, end)
    if size != 8:
        raise ItemError("a matrix has no class")
    flags = struct.unpack_from(f"{data.order}I", data.content, start)[0]
    kind, start, size, place = _read_element(data, place, end)
    if kind != 5 or size % 4 or not 4 <= size <= 256:
        raise ItemError("a matrix has no shape")
    shape = struct.unpack_from(f"{data.order}{size // 4}i", data.content, start)
    if min(shape) < 0:
        raise ItemError("a matrix has a negative side")
    _, start, size, place = _read_element(data, place, end)
    return flags, shape, data.content[start : start + size].decode("latin-1"), place


def read_matrix(data: RawBytes, place: int, end: int) -> MatValue:
    """The matrix at a place: numbers, a text, a struct or a cell array.

    Raises:
        ItemError: It is damaged.
    """
    kind, start, size, _ = _read_element(data, place, end)
    if kind != _MATRIX:
        raise ItemError("a part of it is no matrix")
    if not size:
        return np.zeros((0, 0))
    end = start + size
    flags, shape, _, place = _read_head(data, place, end)
    kind, count = flags & 0xFF, math.prod(shape)
    if kind in _NUMERIC:
        if flags & _COMPLEX:
            raise ItemError("a number of it is complex")
        return _read_numbers(data, place, end, shape)
    if kind == _CHAR:
        return _read_text(data, place, end, shape)
    if kind == _CELL:
        return CellArray(data, _list_places(data, place, end, count), end)
    if kind in (_STRUCT, _OBJECT):
        if kind == _OBJECT:
            place = _read_element(data, place, end)[3]
        names, place = _read_names(data, place, end)
        return StructArray(names, data, _list_places(data, place, end, count * len(names)), end)
    return None


def find_plain_number(data: RawBytes, place: int, end: int) -> float | None:
    """A finite number without a name in the form every program writes it; None for anything else."""
    if place + 56 > end:
        return None
    words = struct.unpack_from(f"{data.order}13I", data.content, place)
    flags, kind = words[4], words[12]
    if words[0] != _MATRIX or words[6:12] != _ONE_NUMBER or flags & 0xFF not in _NUMERIC or flags & _COMPLEX:
        return None
    start = place + 52 if kind >> 16 else place + 56
    code = _CODES.get(kind & 0xFFFF)
    if code is None or start + struct.calcsize(code) > end:
        return None
    number = float(struct.unpack_from(data.order + code, data.content, start)[0])
    return number if math.isfinite(number) else None


def _read_numbers(data: RawBytes, place: int, end: int, shape: tuple[int, ...]) -> NDArray[Any]:
    count = math.prod(shape)
    if not count:
        return np.zeros(shape if max(shape) < 1 << 20 else (0, 0))
    kind, start, size, _ = _read_element(data, place, end)
    if kind not in _NUMBERS:
        raise ItemError("a matrix has no numbers")
    dtype = np.dtype(data.order + _NUMBERS[kind])
    if size != count * dtype.itemsize:
        raise ItemError("a matrix has not as many numbers as its shape says")
    return np.frombuffer(data.content, dtype, count, start).reshape(shape, order="F")


def _read_text(data: RawBytes, place: int, end: int, shape: tuple[int, ...]) -> str | None:
    """A text of one line; None for several."""
    count = math.prod(shape)
    if not count:
        return ""
    kind, start, size, _ = _read_element(data, place, end)
    if kind not in _TEXTS:
        raise ItemError("a text is none")
    if shape[0] != 1 or len(shape) != 2:
        return None
    coding = _TEXTS[kind] + ({"<": "-le", ">": "-be"}[data.order] if kind in (4, 17, 18) else "")
    return data.content[start : start + size].decode(coding, errors="replace")


def _read_names(data: RawBytes, place: int, end: int) -> tuple[tuple[str, ...], int]:
    _, start, size, place = _read_element(data, place, end)
    if size != 4:
        raise ItemError("a struct has no field names")
    length = struct.unpack_from(f"{data.order}i", data.content, start)[0]
    _, start, size, place = _read_element(data, place, end)
    if length <= 0 or size % length:
        raise ItemError("a struct has wrong field names")
    raw = data.content[start : start + size]
    names = (raw[offset : offset + length].split(b"\0")[0].decode("latin-1") for offset in range(0, size, length))
    return tuple(names), place


def _list_places(data: RawBytes, place: int, end: int, count: int) -> tuple[int, ...]:
    """Places of ``count`` matrices one behind the other."""
    if count > min((end - place) // 8, _MOST_PARTS):
        raise ItemError("it has fewer parts than it says, or more than any dataset")
    places: list[int] = []
    for _ in range(count):
        places.append(place)
        place = _read_element(data, place, end)[3]
    return tuple(places)
