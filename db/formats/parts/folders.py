"""Formats of one file a person: a folder is read file by file, and a faulty one spares the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitRecord
from db.formats.parts.files import CONTENTS


def iter_files(folder: Path, suffix: str, read: Callable[[Path], Iterator[FitRecord]]) -> Iterator[FitRecord]:
    """Records of every file of a folder, by name.

    Args:
        folder: The folder.
        suffix: Files that count; folders in it do not.
        read: Reader of one file.

    Raises:
        FormatError: At the call: the folder has no such file.
    """
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == suffix and file.name != CONTENTS)
    except OSError as error:
        raise FormatError(f"{folder} cannot be read ({error.strerror or error}); check the name") from error
    # An export of nobody is no fault; a folder of something else is.
    if not files and {file.name for file in folder.iterdir()} != {CONTENTS}:
        raise FormatError(f"{folder} has no {suffix} file in it; name the folder that holds them")
    return _iter_files(files, read)


def _iter_files(files: list[Path], read: Callable[[Path], Iterator[FitRecord]]) -> Iterator[FitRecord]:
    for file in files:
        try:
            yield from read(file)
        except FormatError as error:
            yield ImportProblem(file.name, str(error))
