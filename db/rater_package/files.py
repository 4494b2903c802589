"""The files of a package, which may come from anybody: no link is followed, no size is believed, no name trusted."""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from db.errors import DiskFullError, StoreAccessError, StoreError
from db.rater_package.errors import PackageError
from db.rater_package.names import is_picture_name, name_picture

STIMULI: Final = "stimuli"
LARGEST_PICTURE: Final = 32 << 20
_LONGEST_SIDE: Final = 16_384
_MOST_PIXELS: Final = 64_000_000
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_MOMENT: Final = 946_684_800  # 2000-01-01: one time for all files, so that none says when it was made


class Pictures:
    """The pictures of a package's folder, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / STIMULI

    def read(self, name: str) -> bytes:
        """The bytes of a picture, which are what its name says.

        Raises:
            PackageError: The name is none, or the picture is missing, changed or no picture.
        """
        if not is_picture_name(name):
            raise PackageError(f"{name[:80]!r} is no name of a picture; get another copy of the package.")
        content = read_small_file(self.folder / name, LARGEST_PICTURE)
        if name_picture(content) != name:
            raise PackageError(
                f"The picture {self.folder / name} was changed or damaged (its SHA-256 is not its name); get"
                " another copy of the package."
            )
        fault = find_picture_fault(content)
        if fault is not None:
            raise PackageError(f"{self.folder / name} {fault}; get another copy of the package.")
        return content

    def write(self, content: bytes) -> str:
        """Store a picture under its name, once; gives the name.

        Raises:
            PackageError: It is no PNG.
            StoreError: The disk refuses.
        """
        fault = find_picture_fault(content)
        if fault is not None:
            raise PackageError(f"A picture for the package {fault}.")
        name = name_picture(content)
        if not (self.folder / name).exists():
            write_file(self.folder / name, content)
        return name

    def find_missing(self, names: Iterable[str]) -> list[str]:
        """Those of the names that no regular file of the folder has, sorted."""
        with translated_disk(self.folder), os.scandir(self.folder) as entries:
            there = {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
        return sorted(set(names) - there)


def find_picture_fault(content: bytes) -> str | None:
    """Why bytes are no PNG that may be decoded; None if they are."""
    if len(content) > LARGEST_PICTURE:
        return f"has {len(content):,} bytes, more than {LARGEST_PICTURE:,}"
    if not content.startswith(_SIGNATURE) or content[12:16] != b"IHDR" or len(content) < 24:
        return "is no PNG picture"
    width, height = struct.unpack(">II", content[16:24])
    if not (0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE) or width * height > _MOST_PIXELS:
        return f"claims {width} x {height} pixels, which no stimulus has"
    return None


def read_small_file(path: Path, largest: int) -> bytes:
    """A regular file's bytes; links and devices are refused.

    Raises:
        PackageError: It is not there, no regular file, or too large.
        StoreError: The disk refuses.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise PackageError(f"{path} is a link or a device, not a file of the package; ask for the package again.")
        with os.fdopen(os.open(path, os.O_RDONLY | _NO_LINK | _BINARY), "rb") as file:
            content = file.read(largest + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PackageError(f"{path} is missing; check the folder, or ask for the package again.") from error
    except (OSError, ValueError) as error:
        raise translate(error, path) from error
    if len(content) > largest:
        raise PackageError(f"{path} is larger than {largest:,} bytes; it is none of a package's.")
    return content


_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)


def write_file(path: Path, content: bytes) -> None:
    """Write a new file that carries the time all files of packages carry."""
    with translated_disk(path):
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.utime(path, (_MOMENT, _MOMENT))


def set_times(folder: Path) -> None:
    """Give everything below a folder, and the folder, one time."""
    with translated_disk(folder):
        for path in [*folder.rglob("*"), folder]:
            os.utime(path, (_MOMENT, _MOMENT))


def check_layout(folder: Path, database: str | None, *, with_pictures: bool = True) -> None:
    """Make sure that a folder looks like a package, and that nothing of it leads elsewhere.

    Args:
        folder: The folder.
        database: Name of the database in it, if it has one.
        with_pictures: Whether pictures have to be there.

    Raises:
        PackageError: It does not.
    """
    if not folder.is_dir():
        raise PackageError(f"There is no rater package at {folder}; check the path.")
    parts = [(STIMULI, stat.S_ISDIR)] if with_pictures else []
    if database is not None:
        parts.append((database, stat.S_ISREG))
    for name, is_right in parts:
        path = folder / name
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError as error:
            raise PackageError(
                f"{folder} is no whole rater package: {name} is missing; get another copy of it."
            ) from error
        except OSError as error:
            raise translate(error, path) from error
        if not is_right(mode):
            raise PackageError(f"{path} is a link or something else than a package has there; do not open this folder.")
    for suffix in ("-wal", "-shm", "-journal") if database is not None else ():
        path = folder / f"{database}{suffix}"
        if path.is_symlink():
            raise PackageError(f"{path} is a link; do not open this folder.")


def check_free(folder: Path) -> None:
    """Make sure that a package can be made at a place.

    Raises:
        PackageError: Something is there.
    """
    with translated_disk(folder):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise PackageError(f"{folder} exists and is no folder; name a new folder.")
        if not folder.parent.is_dir():
            raise PackageError(f"{folder.parent} is no folder; make it, or name another place.")
        if folder.exists() and any(folder.iterdir()):
            raise PackageError(f"{folder} is not empty; name a new folder.")


def translate(error: Exception, path: Path) -> StoreError:
    """What the disk says, as an error of ours."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if getattr(error, "errno", None) in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return DiskFullError(f"The disk of {path} is full ({reason}); free some space and try again.")
    return StoreAccessError(f"{path} cannot be used ({reason}); check its permissions and the disk.")


@contextmanager
def translated_disk(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into errors of ours."""
    try:
        yield
    except OSError as error:
        raise translate(error, path) from error
