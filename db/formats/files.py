"""Whole files in and out: written beside, flushed to the disk and renamed, so that no half file is ever seen."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from db.formats.errors import FormatError

_CHUNK = 1 << 20


def read_bytes(path: Path) -> bytes:
    """Content of a file, without the byte order mark some editors put in front.

    Raises:
        FormatError: The file cannot be read.
    """
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except FileNotFoundError as error:
        raise FormatError(f"{path} does not exist; check the name") from error
    except IsADirectoryError as error:
        raise FormatError(f"{path} is a folder, expected a file") from error
    except (OSError, ValueError) as error:
        raise FormatError(f"{path} cannot be read ({_reason(error)}); check its permissions and the disk") from error


@contextmanager
def replacing(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Write a file as a whole: the target appears, or is replaced, only when the block ends well.

    Yields:
        The open file and its temporary path beside the target, for a look at what was written (flush first).

    Raises:
        FormatError: The place is none for a file, or the disk refuses; the target is as it was.
    """
    if not path.name or _is_no_file(path):
        raise FormatError(f"{path} is a folder or a device, expected a place for a file; name a file")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            yield file, temporary
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        cure = "free space on the disk or choose another folder"
        raise FormatError(f"{path} could not be written ({_reason(error)}); {cure}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_no_file(path: Path) -> bool:
    # Renaming over a device would take it from the whole machine.
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False  # nothing there; whether a file can be is told by writing it


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _sync_folder(folder: Path) -> None:
    # The rename itself must survive a power cut too; only POSIX lets a folder be opened for that.
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
