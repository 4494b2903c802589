"""MATLAB files of version 5 to 7, as much as datasets need of them: variables, fields, cells, numbers and texts.

Read by our own code: ``scipy.io.loadmat`` crashes the whole program on damaged files, and makes Python objects of a
million numbers at once. Here a variable is unpacked as bytes, and structs and cells look their elements up when asked.
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.formats.errors import FormatError
from db.formats.parts.checks import ItemError
from db.formats.parts.files import read_bytes
from db.formats.parts.matlab_bytes import (
    HEADER,
    CellArray,
    MatValue,
    StructArray,
    find_plain_number,
    iter_variables,
    read_matrix,
    unpack,
)


@dataclass(frozen=True, slots=True)
class Record:
    """One element of a struct array."""

    owner: StructArray
    index: int


def read_mat(path: Path, *names: str) -> dict[str, MatValue]:
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
    if not content.startswith(b"MATLAB 5.0") or len(content) < HEADER:
        raise FormatError(f"{path} is not a MATLAB file of version 5 to 7; download it again")
    found: dict[str, MatValue] = {}
    try:
        for name, _, kind, place, size in iter_variables(content):
            if name in names and name not in found:
                data = unpack(content, kind, place, size)
                found[name] = read_matrix(data, 0, len(data.content))
    except ItemError as error:
        raise FormatError(f"{path} is damaged ({error}); download it again") from error
    for name in names:
        if name not in found:
            raise FormatError(f"{path} has no variable '{name}'; look whether it is the right file")
    return found


def list_variables(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the variables of a MATLAB file by name; none of any other file, and none beyond damage.

    Raises:
        OSError: The file cannot be read.
    """
    variables: dict[str, tuple[int, ...]] = {}
    with path.open("rb") as file:
        if file.read(10) != b"MATLAB 5.0":
            return variables
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                for name, shape, *_ in iter_variables(content):
                    variables[name] = shape
            except ItemError:
                return variables
    return variables


def list_records(value: object) -> list[Record]:
    """Elements of a struct array; none of anything else, an empty matrix above all."""
    return [Record(value, index) for index in range(len(value))] if isinstance(value, StructArray) else []


def find_field(record: Record, name: str) -> MatValue:
    """Field of a struct's element; None if the struct has no such field.

    Raises:
        ItemError: The file is damaged there.
    """
    owner = record.owner
    if name not in owner.names:
        return None
    place = owner.places[record.index * len(owner.names) + owner.names.index(name)]
    return read_matrix(owner.data, place, owner.end)


def find_number_field(record: Record, name: str, title: str) -> float | None:
    """Number in a field, as :func:`find_number` gives it; MPII has a million of them.

    Raises:
        ItemError: It is none, or the file is damaged there.
    """
    owner = record.owner
    if name not in owner.names:
        return None
    place = owner.places[record.index * len(owner.names) + owner.names.index(name)]
    number = find_plain_number(owner.data, place, owner.end)
    return find_number(read_matrix(owner.data, place, owner.end), title) if number is None else number


def find_record(record: Record, name: str) -> Record | None:
    """The one element of a struct in a field; None where the field is missing or empty.

    Raises:
        ItemError: The file is damaged there.
    """
    value = find_field(record, name)
    return Record(value, 0) if isinstance(value, StructArray) and len(value) else None


def get_cell(value: MatValue, index: int) -> MatValue:
    """Element of a cell array, or of a matrix of numbers; None beyond its end and of anything else.

    Raises:
        ItemError: The file is damaged there.
    """
    if isinstance(value, CellArray) and index < len(value):
        return read_matrix(value.data, value.places[index], value.end)
    if isinstance(value, np.ndarray) and index < value.size:
        return value.ravel(order="F")[index : index + 1]
    return None


def is_empty(value: MatValue) -> bool:
    """Whether there is nothing: no field, an empty matrix, an empty text."""
    return value is None or (value.size == 0 if isinstance(value, np.ndarray) else len(value) == 0)


def find_number(value: MatValue, name: str) -> float | None:
    """A number, written as one or as a text; None where there is nothing.

    Raises:
        ItemError: It is neither, or not finite.
    """
    if is_empty(value):
        return None
    value = _open_cell(value)
    if isinstance(value, np.ndarray) and value.size == 1:
        number = float(value.ravel()[0])
    elif isinstance(value, str):
        try:
            number = float(value)
        except ValueError as error:
            raise ItemError(f"{name} is {value[:40]!r}, expected a number") from error
    else:
        raise ItemError(f"{name} is no number")
    if not math.isfinite(number):
        raise ItemError(f"{name} is not a finite number")
    return number


def find_text(value: MatValue) -> str | None:
    """A text; None where there is none.

    Raises:
        ItemError: The file is damaged there.
    """
    value = _open_cell(value)
    return value if isinstance(value, str) and value else None


def _open_cell(value: MatValue) -> MatValue:
    """What stands in a cell of one; cells in cells are left alone."""
    return get_cell(value, 0) if isinstance(value, CellArray) and len(value) == 1 else value


def to_numbers(value: MatValue, name: str) -> NDArray[np.float64]:
    """A matrix of real numbers.

    Raises:
        ItemError: It is none.
    """
    if not isinstance(value, np.ndarray):
        raise ItemError(f"{name} is no matrix of numbers")
    return value.astype(np.float64)
