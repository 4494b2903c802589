"""Rows of an ``.npz`` a few at a time: training files have columns of gigabytes, and of many only a few are wanted."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from resources.plain_npz import LARGEST_BYTES, PLAIN_KINDS, UNREADABLE, PlainNpzError, describe, read_header
from resources.plain_pickle import PlainPickleError, read_plain_pickle
from resources.plain_pickle.arrays import check_characters

_PIECE = 1 << 20
_LARGEST_OBJECTS = LARGEST_BYTES // 2
_MOST_INFLATED = 20
"""How many times the file on disk its columns may be, where they are more than :data:`LARGEST_BYTES`."""
_LARGEST_PIECE = 64 << 20
"""Bytes of a column that are held at once; nobody's row has so many."""
_LONGEST_TEXT = 8192
"""Bytes of the longest text; names of pictures are far shorter."""
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class _Column:
    entry: zipfile.ZipInfo
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    whole: NDArray[Any] | None

    @property
    def row_bytes(self) -> int:
        return math.prod(self.shape[1:]) * self.dtype.itemsize


class NpzRows:
    """Columns of an npz that are read side by side, from their first row to their last.

    Opening looks at what the columns are; :meth:`verify` looks through them, so that a damaged file is known before
    its first row is used. Numbers are never held but for the rows asked for; objects (texts somebody pickled) and
    columns in Fortran's order are held whole.

    Args:
        path: The file.
        wanted: Names of the columns; those the file does not have are passed over, others are not looked at.

    Attributes:
        names: All the names in the file.
        shapes: Shapes of the wanted columns it has.
        dtypes: Their kinds.

    Raises:
        PlainNpzError: The file cannot be read, or is not such a file.
        PlainPickleError: A wanted column of objects holds more than plain data.
    """

    def __init__(self, path: Path, wanted: Collection[str]) -> None:
        self.path = path
        self._columns: dict[str, _Column] = {}
        try:
            if not path.exists():
                raise PlainNpzError(f"{path} does not exist; check the name.")
            if not path.is_file():
                raise PlainNpzError(f"{path} is no file; name an .npz.")
            with zipfile.ZipFile(path) as archive:
                entries = _list_entries(archive)
                chosen = {name: entry for name, entry in entries.items() if name in wanted}
                _check_size(path, chosen)
                for name, entry in chosen.items():
                    self._columns[name] = _open_column(archive, name, entry)
        except PlainPickleError as error:
            raise PlainPickleError(f"{path} cannot be read: {error}.") from error
        except UNREADABLE as error:
            raise PlainNpzError(f"{path} is no readable .npz of plain arrays ({describe(error)}).") from error
        self.names = frozenset(entries)
        self.shapes = {name: column.shape for name, column in self._columns.items()}
        self.dtypes = {name: column.dtype for name, column in self._columns.items()}

    def verify(self) -> None:
        """Read every wanted column to its check sum; nothing is kept.

        Raises:
            PlainNpzError: One is damaged or cut.
        """
        try:
            with zipfile.ZipFile(self.path) as archive:
                for name, column in self._columns.items():
                    if column.whole is None:
                        _look_through(archive, name, column)
        except UNREADABLE as error:
            raise PlainNpzError(f"{self.path} is no readable .npz of plain arrays ({describe(error)}).") from error

    def get_whole(self, name: str) -> NDArray[Any] | None:
        """A wanted array that is held whole or has no rows of its own; None where the file has none.

        Raises:
            PlainNpzError: It is too large to be held whole, or the file changed since it was opened.
        """
        column = self._columns.get(name)
        if column is None or column.whole is not None:
            return None if column is None else column.whole
        if column.entry.file_size > _LARGEST_PIECE:
            size = column.entry.file_size / 1e6
            raise PlainNpzError(f"{self.path} has {size:.0f} MB in '{name}', more than belongs there; get it again.")
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(column.entry) as file:
                read_header(file)
                flat = _read_exactly(file, math.prod(column.shape) * column.dtype.itemsize)
                return check_characters(np.frombuffer(bytearray(flat), column.dtype)).reshape(column.shape)
        except UNREADABLE as error:
            raise PlainNpzError(f"{self.path} changed while it was read ({describe(error)}).") from error

    def iter_pieces(self, count: int, rows: int = 1000) -> Iterator[dict[str, NDArray[Any]]]:
        """The columns that have ``count`` rows, ``rows`` of them at a time, fewer where they are large.

        Raises:
            PlainNpzError: The file changed since it was opened.
        """
        columns = {name: column for name, column in self._columns.items() if column.shape[:1] == (count,)}
        largest = max((column.row_bytes for column in columns.values()), default=1)
        rows = max(1, min(rows, _LARGEST_PIECE // max(largest, 1)))
        try:
            with zipfile.ZipFile(self.path) as archive, ExitStack() as stack:
                files = {
                    name: stack.enter_context(archive.open(column.entry))
                    for name, column in columns.items()
                    if column.whole is None
                }
                for file in files.values():
                    read_header(file)
                for first in range(0, count, rows):
                    last = min(first + rows, count)
                    yield {
                        name: _read_rows(files[name], column, last - first)
                        if column.whole is None
                        else column.whole[first:last]
                        for name, column in columns.items()
                    }
        except UNREADABLE as error:
            raise PlainNpzError(f"{self.path} changed while it was read ({describe(error)}).") from error


def _list_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    named = {entry.filename.removesuffix(".npy"): entry for entry in entries}
    if len(named) != len(entries) or not all(entry.filename.endswith(".npy") for entry in entries):
        raise ValueError("it holds other things than arrays, or one twice")
    return named


def _check_size(path: Path, chosen: dict[str, zipfile.ZipInfo]) -> None:
    inflated = sum(entry.file_size for entry in chosen.values())
    if inflated > max(LARGEST_BYTES, _MOST_INFLATED * path.stat().st_size):
        raise ValueError(f"it would inflate to {inflated / 1e9:.1f} GB")
    if any(entry.compress_type not in _COMPRESSIONS for entry in chosen.values()):
        raise ValueError("it is compressed in a way that numpy does not use")


def _open_column(archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo) -> _Column:
    with archive.open(entry) as file:
        shape, is_fortran, dtype = read_header(file)
        if min(shape, default=0) < 0:
            raise ValueError(f"an array of shape {shape}")
        if dtype.hasobject:
            return _Column(entry, shape, dtype, _read_objects(file, name, entry, shape))
        size = math.prod(shape) * dtype.itemsize
        if dtype.kind not in PLAIN_KINDS or size > entry.file_size:
            raise ValueError(f"'{name}' is an array of kind {dtype.str} and shape {shape} in {entry.file_size} bytes")
        if dtype.kind in "US" and dtype.itemsize > _LONGEST_TEXT:
            raise ValueError(f"'{name}' has texts of {dtype.itemsize:,} bytes")
        if shape and size > _LARGEST_PIECE * shape[0]:
            raise ValueError(f"'{name}' has rows of {size / shape[0] / 1e6:.0f} MB")
        if is_fortran and len(shape) > 1:
            flat = np.frombuffer(bytearray(_read_exactly(file, size)), dtype)
            return _Column(entry, shape, dtype, check_characters(flat).reshape(shape, order="F"))
        return _Column(entry, shape, dtype, None)


def _look_through(archive: zipfile.ZipFile, name: str, column: _Column) -> None:
    with archive.open(column.entry) as file:
        read_header(file)
        remaining = math.prod(column.shape) * column.dtype.itemsize
        while piece := file.read(_PIECE):
            remaining -= len(piece)
        if remaining > 0:
            raise ValueError(f"'{name}' is cut")


def _read_objects(file: IO[bytes], name: str, entry: zipfile.ZipInfo, shape: tuple[int, ...]) -> NDArray[Any]:
    if entry.file_size > _LARGEST_OBJECTS:
        raise ValueError(f"'{name}' holds {entry.file_size / 1e6:.0f} MB of objects; store plain arrays")
    try:
        value = read_plain_pickle(file.read())
    except PlainPickleError as error:
        raise PlainPickleError(f"in its array '{name}' {error}") from error
    if not isinstance(value, np.ndarray) or value.shape != shape:
        raise ValueError(f"'{name}' is an array of objects that is none")
    return value


def _read_rows(file: IO[bytes], column: _Column, rows: int) -> NDArray[Any]:
    shape = (rows, *column.shape[1:])
    size = math.prod(shape) * column.dtype.itemsize
    if not size:
        return np.zeros(shape, column.dtype)
    return check_characters(np.frombuffer(bytearray(_read_exactly(file, size)), column.dtype)).reshape(shape)


def _read_exactly(file: IO[bytes], size: int) -> bytes:
    content = file.read(size)
    if len(content) != size:
        raise ValueError("an array that is cut")
    return content
