"""A look at a checkpoint's pickles before torch gets them: its loader runs nothing of them, but can be crashed."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final

from fitting.errors import AssetError
from resources.plain_pickle import PlainPickleError
from resources.plain_pickle.depth import check_tuple_depth

_ZIP_START: Final = b"PK\x03\x04"
_LARGEST_PICKLE: Final = 10**8
"""Bytes without the tensors; that of a published checkpoint with its optimiser has one or two million."""
_LEGACY_PICKLES: Final = 5
"""Magic number, version, facts of the machine, the value, and the keys of the tensors that follow them."""


def check_crashes_nobody(path: Path) -> None:
    """Let a checkpoint pass unless what its pickles hold would end the program while torch reads them.

    Raises:
        PlainPickleError: Its tuples are nested too deep.
        AssetError: It is a device or a pipe, or its pickle is far too large.
        OSError: It cannot be read.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise AssetError(f"Checkpoint {path} is a device or a pipe; name a file.")
    with path.open("rb") as file:
        is_zip = file.read(len(_ZIP_START)) == _ZIP_START
        file.seek(0)
        if is_zip:
            _check_zip(file, path)
        else:
            _check_legacy(file)


def _check_zip(file: IO[bytes], path: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith(".pkl"):
                    if entry.file_size > _LARGEST_PICKLE:
                        raise AssetError(
                            f"Checkpoint {path.name} holds a pickle of {entry.file_size:,} bytes, more than any network"
                            " needs; give a checkpoint of SPIN or EFT."
                        )
                    check_tuple_depth(io.BytesIO(archive.read(entry)))
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, RuntimeError, ValueError) as error:
        raise AssetError(f"Checkpoint {path.name} cannot be read ({error}); download it again.") from error


def _check_legacy(file: IO[bytes]) -> None:
    stream = io.BytesIO(file.read(_LARGEST_PICKLE))
    for _ in range(_LEGACY_PICKLES):
        try:
            check_tuple_depth(stream)
        except PlainPickleError as error:
            if error.__cause__ is None:
                raise
            return  # no pickle here; torch says what it is instead
