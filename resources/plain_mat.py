"""MATLAB files of version 5 to 7 as plain arrays, with nothing in them run and no length in them believed.

scipy's reader trusts the types and lengths that a file claims: a damaged file of a few hundred bytes ends the whole
program (a null pointer, found by our fuzzer), which no ``except`` can catch. This one reads what published annotation
files hold, numbers, texts, cells and structs, and gives them as ``scipy.io.loadmat`` does: structs as arrays of records
with object fields, cells as object arrays, texts without their last axis.

Format: "MAT-File Format" (MathWorks, R2024a), chapter 1, "Level 5 MAT-files". Everything is read from the bytes at
hand, so that time and memory grow with what is there and not with what is said to be.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

MatArray: TypeAlias = NDArray[Any]

HEADER_BYTES: Final = 128
LARGEST_BYTES: Final = 2_000_000_000

_NUMBERS: Final = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_INT32, _UINT32, _MATRIX, _COMPRESSED = 5, 6, 14, 15
_TEXTS: Final = {16: "utf-8", 17: "utf-16", 18: "utf-32", 2: "latin-1", 4: "utf-16", 1: "latin-1"}
_CELL, _STRUCT, _CHAR = 1, 2, 4
_NUMERIC: Final = range(6, 16)
_KINDS: Final = {3: "an object", 5: "a sparse matrix", 16: "a function", 17: "an object of a class"}
_DEEPEST = 40
_MOST_SIDES = 32  # numpy has no more
_COMPLEX = 0x0800


class PlainMatError(Exception):
    """Bytes that are no such file, are damaged, or hold more than plain data; one clause without the file's name."""


_Piece: TypeAlias = tuple[int, int, int, int]
"""An element: its type, where its data begins and ends, and where the next element begins."""


def read_plain_mat(content: bytes, names: tuple[str, ...] = ()) -> dict[str, MatArray]:
    """Variables by name.

    Args:
        content: The file.
        names: Only these; all without any. The others are passed over unread.

    Raises:
        PlainMatError: The file is damaged, packed beyond :data:`LARGEST_BYTES`, or a wanted variable is no plain data.
    """
    order = _read_order(content)
    variables: dict[str, MatArray] = {}
    for reader, piece in _iter_variables(content, order):
        name, value = reader.variable(piece, names)
        if value is not None:
            variables[name] = value
    return variables


def list_plain_mat(content: bytes) -> dict[str, tuple[int, ...]]:
    """Shapes of the variables by name, without their data.

    Raises:
        PlainMatError: As :func:`read_plain_mat`.
    """
    order = _read_order(content)
    return dict(reader.outline(piece) for reader, piece in _iter_variables(content, order))


def _read_order(content: bytes) -> str:
    if not content.startswith(b"MATLAB 5.0") or len(content) < HEADER_BYTES:
        raise PlainMatError("it is not of version 5 to 7")
    mark = content[126:128]
    if mark not in (b"IM", b"MI"):
        raise PlainMatError("its header does not tell the order of bytes")
    return "<" if mark == b"IM" else ">"


def _iter_variables(content: bytes, order: str) -> Iterator[tuple[_Reader, _Piece]]:
    outer = _Reader(content, order)
    place, unpacked = HEADER_BYTES, 0
    while place + 8 <= len(content):
        piece = outer.tag(place, len(content), padded=False)
        kind, start, end, place = piece
        if kind == _COMPRESSED:
            plain = _unpack(content[start:end], LARGEST_BYTES - unpacked)
            unpacked += len(plain)
            inner = _Reader(plain, order)
            yield inner, inner.tag(0, len(plain))
        else:
            yield outer, piece


def _unpack(packed: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, max(limit, 1))
    except zlib.error as error:
        raise PlainMatError("a compressed variable is damaged") from error
    if unpacker.unconsumed_tail:
        raise PlainMatError(f"it would unpack to more than {LARGEST_BYTES / 1e9:.0f} GB")
    return plain


class _Reader:
    """Elements of one run of bytes. Arrays look into these bytes and are read-only."""

    def __init__(self, content: bytes, order: str) -> None:
        self._content = content
        self._order = order
        self._tag = struct.Struct(f"{order}II").unpack_from
        # Flags, sides and an empty name as they nearly always stand, in one go.
        self._usual_head = struct.Struct(f"{order}IIIIIIiiII").unpack_from
        self._dtypes = {kind: np.dtype(order + name) for kind, name in _NUMBERS.items()}
        self._record_dtypes: dict[bytes, np.dtype[Any]] = {}

    def tag(self, place: int, end: int, *, padded: bool = True) -> _Piece:
        """The element that begins at ``place``."""
        if place + 8 > end:
            raise PlainMatError("it is cut")
        kind, size = self._tag(self._content, place)
        if kind >> 16:  # four bytes or less, in the tag itself
            size = kind >> 16
            if size > 4:
                raise PlainMatError(f"a short element claims {size} bytes")
            return kind & 0xFFFF, place + 4, place + 4 + size, place + 8
        start = place + 8
        stop = start + size
        if stop > end:
            raise PlainMatError(f"an element claims {size} bytes where {end - start} are left")
        following = stop + (-size % 8) if padded else stop
        return kind, start, stop, min(following, end)

    def outline(self, piece: _Piece) -> tuple[str, tuple[int, ...]]:
        """Name and shape of a variable."""
        _, shape, name, _ = self._head(piece)
        return name, shape

    def variable(self, piece: _Piece, names: tuple[str, ...]) -> tuple[str, MatArray | None]:
        """Name and value of a variable; no value if ``names`` leave it out."""
        _, _, name, _ = self._head(piece)
        return name, self._matrix(piece, 0) if not names or name in names else None

    def _matrix(self, piece: _Piece, depth: int) -> MatArray:
        _, start, end, _ = piece
        if start == end:
            return np.zeros((0, 0))
        flags, shape, name, place = self._head(piece)
        kind = flags & 0xFF
        if kind in _NUMERIC and not flags & _COMPLEX:
            return self._numbers(shape, place, end)
        if depth > _DEEPEST:
            raise PlainMatError(f"it is nested deeper than {_DEEPEST} times")
        if kind == _CELL:
            return self._cells(shape, place, end, depth)
        if kind == _STRUCT:
            return self._records(shape, place, end, depth)
        if kind == _CHAR:
            return self._texts(shape, place, end)
        what = "complex numbers" if kind in _NUMERIC else _KINDS.get(kind, "an unknown kind of data")
        raise PlainMatError(f"{name or 'a part of a variable'} holds {what}, which is not read")

    def _head(self, piece: _Piece) -> tuple[int, tuple[int, ...], str, int]:
        """Flags, shape and name of a matrix, and where its data begins."""
        kind, start, end, _ = piece
        if kind != _MATRIX:
            raise PlainMatError(f"an element of type {kind} stands where a variable was expected")
        if end - start >= 40:
            head = self._usual_head(self._content, start)
            if head[:2] == (_UINT32, 8) and head[4:6] == (_INT32, 8) and head[8:] == (1, 0) and min(head[6:8]) >= 0:
                return head[2], head[6:8], "", start + 40
        flags = self.tag(start, end)
        sides = self.tag(flags[3], end)
        name = self.tag(sides[3], end)
        if flags[0] != _UINT32 or flags[2] - flags[1] != 8 or sides[0] != _INT32:
            raise PlainMatError("a variable does not begin with its flags and sides")
        shape = tuple(int(side) for side in self._array(sides))
        if len(shape) < 2 or len(shape) > _MOST_SIDES or min(shape) < 0:
            raise PlainMatError(f"a variable claims the shape {shape[:8]}")
        return int(self._array(flags)[0]), shape, self._content[name[1] : name[2]].decode("latin-1"), name[3]

    def _array(self, piece: _Piece) -> MatArray:
        kind, start, end, _ = piece
        dtype = self._dtypes.get(kind)
        if dtype is None:
            raise PlainMatError(f"an element of type {kind} stands where numbers were expected")
        if (end - start) % dtype.itemsize:
            raise PlainMatError(f"{end - start} bytes do not make whole numbers")
        return np.frombuffer(self._content, dtype, (end - start) // dtype.itemsize, start)

    def _numbers(self, shape: tuple[int, ...], place: int, end: int) -> MatArray:
        kind, start, stop, _ = self.tag(place, end)
        dtype = self._dtypes.get(kind)
        if dtype is None:
            raise PlainMatError(f"an element of type {kind} stands where numbers were expected")
        if stop - start != math.prod(shape) * dtype.itemsize:
            raise PlainMatError(f"a variable of shape {shape} holds {stop - start} bytes of numbers")
        return np.ndarray(shape, dtype, self._content, start, order="F")

    def _texts(self, shape: tuple[int, ...], place: int, end: int) -> MatArray:
        kind, start, stop, _ = self.tag(place, end)
        if kind not in _TEXTS:
            raise PlainMatError(f"a text has the type {kind}")
        codec = _TEXTS[kind]
        if codec in ("utf-16", "utf-32"):
            codec += "-le" if self._order == "<" else "-be"
        text = self._content[start:stop].decode(codec, "replace")
        if len(text) != math.prod(shape):
            if len(shape) > 2 or shape[0] != 1:
                raise PlainMatError(f"a text of shape {shape} holds {len(text)} characters")
            shape = (1, len(text))  # characters beyond the first plane count twice in MATLAB
        if not text:
            return np.zeros(0, "U1")
        if shape[0] == 1 and len(shape) == 2:
            return np.array([text])
        characters = np.array(list(text)).reshape(shape, order="F").reshape(-1, shape[-1])
        return np.array(["".join(row) for row in characters]).reshape(shape[:-1])

    def _cells(self, shape: tuple[int, ...], place: int, end: int, depth: int) -> MatArray:
        count = math.prod(shape)
        _check_room(count, place, end)
        cells = np.empty(count, object)
        for index in range(count):
            piece = self.tag(place, end)
            cells[index] = self._matrix(piece, depth + 1)
            place = piece[3]
        return cells.reshape(shape, order="F")

    def _records(self, shape: tuple[int, ...], place: int, end: int, depth: int) -> MatArray:
        length = self.tag(place, end)
        keys = self.tag(length[3], end)
        dtype = self._record_dtype(self._content[length[1] : length[2]], self._content[keys[1] : keys[2]])
        count, place = math.prod(shape), keys[3]
        _check_room(count * len(dtype.names or ()), place, end)
        records = np.empty(count, dtype)
        columns = [records[name] for name in dtype.names or ()]
        for index in range(count):
            for column in columns:
                piece = self.tag(place, end)
                column[index] = self._matrix(piece, depth + 1)
                place = piece[3]
        return records.reshape(shape, order="F")

    def _record_dtype(self, length: bytes, keys: bytes) -> np.dtype[Any]:
        known = self._record_dtypes.get(length + keys)
        if known is not None:
            return known
        width = int.from_bytes(length, "little" if self._order == "<" else "big") if len(length) == 4 else 0
        if not 0 < width <= 256 or len(keys) % width:
            raise PlainMatError("the names of a struct's fields are damaged")
        names = [keys[at : at + width].split(b"\0")[0].decode("latin-1") for at in range(0, len(keys), width)]
        if not names or len(set(names)) != len(names) or not all(names):
            raise PlainMatError("a struct has no field, or one without a name or twice")
        made = np.dtype([(name, object) for name in names])
        self._record_dtypes[length + keys] = made
        return made


def _check_room(count: int, place: int, end: int) -> None:
    """Each element takes eight bytes at least."""
    if count * 8 > end - place:
        raise PlainMatError(f"{count} elements are claimed in {end - place} bytes")
