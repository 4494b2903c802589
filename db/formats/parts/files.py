"""Whole files and folders: written beside, flushed to the disk and renamed, so that nothing half is ever seen.

A folder that was written here lists its files in ``contents.json``. Only such a folder, with nothing else in it, is
ever replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from db.formats.errors import FormatError

CONTENTS = "contents.json"
"""File of a folder that lists the others with their SHA-256; its own hash stands for the folder's."""

_CHUNK = 1 << 20
_CURE = "free space on the disk or choose another folder"
_KIND = "files written by Exemplar"


def check_file(path: Path) -> None:
    """Raise FormatError unless there is a file to be read."""
    try:
        if path.is_dir():
            raise FormatError(f"{path} is a folder, expected a file")
        if not stat.S_ISREG(path.stat().st_mode):
            raise FormatError(f"{path} is a device or a pipe, expected a file")  # reading it may never end
    except FileNotFoundError as error:
        raise FormatError(f"{path} does not exist; check the name") from error
    except (OSError, ValueError) as error:
        raise FormatError(f"{path} cannot be read ({_reason(error)}); check its permissions and the disk") from error


def read_bytes(path: Path) -> bytes:
    """Content of a file, without the byte order mark some editors put in front.

    Raises:
        FormatError: The file cannot be read.
    """
    try:
        if not path.is_dir() and not stat.S_ISREG(path.stat().st_mode):
            raise FormatError(f"{path} is a device or a pipe, expected a file")  # reading it may never end
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
        raise FormatError(f"{path} could not be written ({_reason(error)}); {_CURE}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Write a folder of files as a whole: the target appears, or is replaced, only when the block ends well.

    An earlier folder of ours is replaced; any other, and one that holds a file no export wrote, is refused.

    Yields:
        A new folder beside the target, to be filled with files; ``contents.json`` is added at the end.

    Raises:
        FormatError: Something else is in the place, or the disk refuses; what was there is as it was.
    """
    check_replaceable(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        temporary.mkdir()
        yield temporary
        _write_contents(temporary)
        check_replaceable(path)  # again: writing may have taken an hour
        _put_in_place(temporary, path)
    except OSError as error:
        raise FormatError(f"{path} could not be written ({_reason(error)}); {_CURE}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_replaceable(path: Path) -> None:
    """Raise FormatError unless a folder can be written at ``path`` without losing anything that no export wrote."""
    if not path.name:
        raise FormatError(f"{path} is no place for an export; name a new folder")
    if not path.exists() and not path.is_symlink():
        return
    if path.is_symlink() or not path.is_dir():
        raise FormatError(f"{path} exists and is no folder; name a new folder")
    try:
        held = {entry.name for entry in path.iterdir()}
    except OSError as error:
        raise FormatError(f"{path} cannot be looked into ({_reason(error)}); name a new folder") from error
    if not held:
        return
    if CONTENTS not in held:
        raise FormatError(f"{path} exists and is no earlier export ({CONTENTS} is missing); name a new folder")
    foreign = sorted(held - {CONTENTS} - _read_contents(path / CONTENTS))
    if foreign:
        raise FormatError(f"{path} holds {foreign[0]!r}, which no export wrote; move it away or name a new folder")


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write_contents(folder: Path) -> None:
    files = {file.name: hash_file(file) for file in sorted(folder.iterdir())}
    content = json.dumps({"kind": _KIND, "files": files}, indent=1, ensure_ascii=False)
    (folder / CONTENTS).write_bytes(content.encode() + b"\n")
    if hasattr(os, "sync"):
        os.sync()  # once for all: a folder may hold a hundred thousand files


def _read_contents(path: Path) -> set[str]:
    try:
        document = json.loads(read_bytes(path))
        if document["kind"] != _KIND:
            raise ValueError(document["kind"])
        return set(document["files"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise FormatError(f"{path} does not list the files of an earlier export; name a new folder") from error


def _put_in_place(temporary: Path, path: Path) -> None:
    if not path.exists():
        temporary.rename(path)
    else:
        # A folder cannot be renamed over a full one; the old one steps aside and comes back if the new one cannot move.
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.old")
        path.rename(aside)
        try:
            temporary.rename(path)
        except OSError:
            aside.rename(path)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    _sync_folder(path.parent)


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
