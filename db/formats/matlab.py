"""MATLAB files of version 5 to 7: variables, structs and cells as they come, nothing in them is run.

A struct is an array of records and a cell an array of objects, both at least two-dimensional
(:mod:`resources.plain_mat`); the functions here take such values apart and say in a sentence what is not as it should
be.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from db.formats.checks import ItemError
from db.formats.errors import FormatError
from db.formats.files import read_bytes
from resources.plain_mat import HEADER_BYTES, PlainMatError, list_plain_mat, read_plain_mat

MatArray: TypeAlias = NDArray[Any]

_COMPRESSED = 15
_PIECE = 1 << 20
# Deflate packs a thousandfold at most; a struct of numbers is packed ten to thirty times.
_HARMLESS_BYTES = 64 << 20
_MOST_PACKED = 100
_MOST_LISTED = 1 << 28


def read_mat(path: Path, *names: str) -> dict[str, MatArray]:
    """Variables of a MATLAB file.

    Args:
        path: The file.
        names: Variables that must be there.

    Raises:
        FormatError: It is no such file, is damaged, of version 7.3, or lacks a variable.
    """
    content = read_bytes(path)
    if content.startswith(b"MATLAB 7.3") or b"\x89HDF\r\n\x1a\n" in (content[:8], content[512:520]):
        raise FormatError(f"{path} is a MATLAB 7.3 file (HDF5); load it in MATLAB or Octave and save it with -v7")
    if not content.startswith(b"MATLAB 5.0") or len(content) < HEADER_BYTES:
        raise FormatError(f"{path} is not a MATLAB file of version 5 to 7; download it again")
    _check_packing(path, content)
    try:
        variables = read_plain_mat(content, names)
    except PlainMatError as error:
        raise FormatError(f"{path} is a damaged MATLAB file ({error}); download it again") from error
    for name in names:
        if name not in variables:
            raise FormatError(f"{path} has no variable '{name}'; look whether it is the right file")
    return {name: variables[name] for name in names}


def list_variables(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the variables of a MATLAB file by name; none of any other file.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        if file.read(10) != b"MATLAB 5.0":
            return {}
        file.seek(0)
        content = file.read(_MOST_LISTED)
    try:
        return list_plain_mat(content)
    except PlainMatError:
        return {}  # damaged or too large to look at: none of ours, until somebody names the format


def list_records(value: object) -> list[Any]:
    """Elements of a struct array; none of anything else, an empty matrix above all."""
    if isinstance(value, np.ndarray) and value.dtype.names:
        return list(value.ravel())
    return []


def find_field(record: Any, name: str) -> object:
    """Field of a struct's element; None if the struct has no such field."""
    return record[name] if name in (record.dtype.names or ()) else None


def find_record(record: Any, name: str) -> Any:
    """The one element of a struct in a field; None where the field is missing or empty."""
    records = list_records(find_field(record, name))
    return records[0] if records else None


def list_cells(value: object) -> list[object]:
    """Elements of a cell array, or of anything else that has elements."""
    return list(value.ravel()) if isinstance(value, np.ndarray) else []


def find_number(value: object, name: str) -> float | None:
    """A number, written as one or as a text; None where there is nothing.

    Raises:
        ItemError: It is neither, or not finite.
    """
    array = np.asarray(value)
    if value is None or array.size == 0:
        return None
    entry = array.ravel()[0]
    if isinstance(entry, np.ndarray) and array.dtype.kind == "O":
        return find_number(entry, name)
    if array.size > 1 or array.dtype.kind not in "biufU":
        raise ItemError(f"{name} is no number")
    try:
        number = float(entry)
    except (ValueError, OverflowError) as error:
        raise ItemError(f"{name} is {str(entry)[:40]!r}, expected a number") from error
    if not np.isfinite(number):
        raise ItemError(f"{name} is not a finite number")
    return number


def find_text(value: object) -> str | None:
    """A text; None where there is none."""
    array = np.asarray(value)
    if value is None or array.size != 1:
        return None
    entry = array.ravel()[0]
    if isinstance(entry, np.ndarray):
        return find_text(entry)
    return str(entry) if isinstance(entry, str) else None


def to_numbers(value: MatArray, name: str) -> NDArray[np.float64]:
    """A matrix of real numbers.

    Raises:
        ItemError: It is none.
    """
    if value.dtype.kind not in "biuf":
        raise ItemError(f"{name} is no matrix of numbers")
    return cast("NDArray[np.float64]", value.astype(np.float64))


def _check_packing(path: Path, content: bytes) -> None:
    """Refuse a file whose compressed parts would fill the memory; damage is left to the reader."""
    order = ">" if content[126:128] == b"MI" else "<"
    unpacked, place = 0, HEADER_BYTES
    while place + 8 <= len(content):
        kind, size = struct.unpack_from(f"{order}II", content, place)
        if kind == _COMPRESSED:
            unpacked += _unpacked_size(content[place + 8 : place + 8 + size])
            if unpacked > max(_HARMLESS_BYTES, _MOST_PACKED * len(content)):
                raise FormatError(f"{path} unpacks to more than {_MOST_PACKED} times its size; it was made to do harm")
        place += 8 + size


def _unpacked_size(packed: bytes) -> int:
    unpacker, size = zlib.decompressobj(), 0
    limit = max(_HARMLESS_BYTES, _MOST_PACKED * len(packed))
    try:
        piece = unpacker.decompress(packed, _PIECE)
        while piece and size <= limit:
            size += len(piece)
            piece = unpacker.decompress(unpacker.unconsumed_tail, _PIECE)
    except zlib.error:
        return size  # damaged; the reader says how
    return size
