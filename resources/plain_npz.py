"""Numpy's files as plain arrays: ``.npy`` and ``.npz``, with nothing in them run and nothing endless inflated."""

from __future__ import annotations

import io
import lzma
import math
import stat
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from resources.plain_pickle import PlainPickleError, read_plain_pickle
from resources.plain_pickle.arrays import check_characters

Builders: TypeAlias = Mapping[tuple[str, str], Callable[..., object]]

LARGEST_BYTES = 10**9
PLAIN_KINDS = "?biufcSU"
"""Kinds of arrays that are numbers or text."""
_NO_BUILDERS: Builders = MappingProxyType({})
UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError, NotImplementedError, RuntimeError, MemoryError, SyntaxError),
    *(EOFError, OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, tokenize.TokenError),
)  # what numpy and zipfile raise on files that are cut, encrypted, foreign or too large


class PlainNpzError(Exception):
    """A file is missing, broken, no file of numpy's, or holds more than plain arrays; one sentence with the name."""


def read_plain_npz(
    path: Path, *, objects: bool = False, largest_bytes: int = LARGEST_BYTES, also: Builders = _NO_BUILDERS
) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz`` by name.

    Args:
        path: The file.
        objects: Read arrays of objects too, as plain data; otherwise they are refused.
        largest_bytes: What inflates to more is refused before it is inflated.
        also: Further builders for the objects, see :func:`resources.plain_pickle.read_plain_pickle`.

    Raises:
        PlainNpzError: The file cannot be read, or is not such a file.
        PlainPickleError: An array of objects holds more than plain data.
    """
    content = _read_bytes(path, largest_bytes)
    return read_plain_npz_bytes(content, path, objects=objects, largest_bytes=largest_bytes, also=also)


def read_plain_npz_bytes(
    content: bytes,
    path: Path,
    *,
    objects: bool = False,
    largest_bytes: int = LARGEST_BYTES,
    also: Builders = _NO_BUILDERS,
) -> dict[str, NDArray[Any]]:
    """Like :func:`read_plain_npz`, for a file that has been read already; ``path`` only names it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names = [entry.filename.removesuffix(".npy") for entry in entries]
            inflated = sum(entry.file_size for entry in entries)
            if inflated > largest_bytes:
                raise ValueError(f"it would inflate to {inflated / 1e9:.1f} GB")
            if len(set(names)) != len(names) or not all(entry.filename.endswith(".npy") for entry in entries):
                raise ValueError("it holds other things than arrays, or one twice")
            return {
                name: _read_entry(archive, entry, also if objects else None)
                for name, entry in zip(names, entries, strict=True)
            }
    except PlainPickleError as error:
        raise PlainPickleError(f"{path} cannot be read: {error}.") from error
    except UNREADABLE as error:
        raise PlainNpzError(f"{path} is no readable .npz of plain arrays ({describe(error)}).") from error


def read_plain_npy(path: Path, *, objects: bool = False, largest_bytes: int = LARGEST_BYTES) -> NDArray[Any]:
    """The array of an ``.npy``; arguments and errors as for :func:`read_plain_npz`."""
    return read_plain_npy_bytes(_read_bytes(path, largest_bytes), path, objects=objects)


def read_plain_npy_bytes(content: bytes, path: Path, *, objects: bool = False) -> NDArray[Any]:
    """Like :func:`read_plain_npy`, for a file that has been read already; ``path`` only names it."""
    try:
        return _read_array(io.BytesIO(content), len(content), _NO_BUILDERS if objects else None)
    except PlainPickleError as error:
        raise PlainPickleError(f"{path} cannot be read: {error}.") from error
    except UNREADABLE as error:
        raise PlainNpzError(f"{path} is no readable .npy of a plain array ({describe(error)}).") from error


def _read_bytes(path: Path, largest_bytes: int) -> bytes:
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise PlainNpzError(f"{path} is a device or a pipe, expected a file; name another.")
        size = status.st_size
        if size > largest_bytes:
            raise PlainNpzError(f"{path} has {size / 1e9:.1f} GB, more than such a file has; name another file.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PlainNpzError(f"{path} does not exist; check the name.") from error
    except OSError as error:
        raise PlainNpzError(f"{path} cannot be read ({error.strerror or error}); check its permissions.") from error


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, builders: Builders | None) -> NDArray[Any]:
    try:
        with archive.open(entry) as file:
            return _read_array(file, entry.file_size, builders)
    except PlainPickleError as error:
        raise PlainPickleError(f"in its array '{entry.filename.removesuffix('.npy')}' {error}") from error


def _read_array(file: IO[bytes], size: int, builders: Builders | None) -> NDArray[Any]:
    """One array; ``size`` is the length of the file with its header, the most that is read of it."""
    shape, is_fortran, dtype = read_header(file)
    if dtype.hasobject:
        return _read_objects(file.read(size), shape, builders)
    if dtype.kind not in PLAIN_KINDS:
        raise ValueError(f"an array of the kind {dtype.str}, known are numbers and text")
    count = math.prod(shape)
    if min(shape, default=0) < 0 or count * dtype.itemsize > size:
        raise ValueError(f"an array of shape {shape} in {size} bytes")
    if not count:
        return np.zeros(shape, dtype)
    raw = file.read(count * dtype.itemsize)
    if len(raw) != count * dtype.itemsize:
        raise ValueError(f"an array of shape {shape} that is cut")
    flat = check_characters(np.frombuffer(bytearray(raw), dtype))
    return flat.reshape(shape, order="F" if is_fortran else "C")


def read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether in Fortran's order, and kind of the array that a file opened at its beginning holds.

    Raises:
        ValueError: It is none of numpy's, or of a format that is not known.
    """
    version = np.lib.format.read_magic(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # numpy's that a header was written by Python 2
        if version == (1, 0):
            return np.lib.format.read_array_header_1_0(file)
        if version == (2, 0):
            return np.lib.format.read_array_header_2_0(file)
    raise ValueError(f"an array of format {version[0]}.{version[1]}, known are 1.0 and 2.0")


def _read_objects(content: bytes, shape: tuple[int, ...], builders: Builders | None) -> NDArray[Any]:
    if builders is None:
        raise ValueError("it holds an array of objects, which is not read")
    value = read_plain_pickle(content, also=builders)
    if not isinstance(value, np.ndarray) or value.shape != shape:
        raise ValueError("it holds an array of objects that is none")
    return value


def describe(error: BaseException) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
