"""Files and folders that people name: what the system refuses about one becomes a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.services.errors import ServiceError


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Turn what the file system says against ``path`` within the block into a sentence that names it.

    Raises:
        ServiceError: Instead of any ``OSError``.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ServiceError(
            f"{path} cannot be used ({reason}); check its name, its permissions and the disk, or choose another place."
        ) from error


def resolve_place(path: Path) -> Path:
    """Absolute path with ``~`` and links followed; nothing needs to be there.

    Raises:
        ServiceError: It can lie nowhere: an unknown home folder, links in a circle, a name too long or no text, a
            closed folder.
    """
    with usable(path):
        try:
            place = path.expanduser().resolve()
        except RuntimeError as error:  # how pathlib reports an unknown home folder and links in a circle
            raise ServiceError(f"{path} leads nowhere ({error}); write out the path of the folder.") from error
        with suppress(FileNotFoundError, NotADirectoryError):
            place.stat()
    try:
        str(place).encode()
    except UnicodeEncodeError as error:  # bytes that are no text; database and manifest could not hold the name
        raise ServiceError(f"The name {str(place)!a} is no text; rename it or choose another place.") from error
    return place


def make_folder(path: Path) -> Path:
    """The folder ``path`` as an absolute path, made with its parents if absent.

    Raises:
        ServiceError: It cannot be made, or a file is in its place.
    """
    folder = resolve_place(path)
    with usable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def held_alone(folder: Path) -> Iterator[Path]:
    """Make a folder and keep other runs of the program out of it; the lock dies with the process, however it ends.

    Raises:
        ServiceError: It cannot be made, or another run is at work in it.
    """
    place = make_folder(folder)
    try:
        import fcntl
    except ImportError:  # Windows, where a folder cannot be locked
        yield place
        return
    with usable(place):
        handle = os.open(place, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServiceError(
                f"Another run is at work in {place}; wait for it, or end it, or name another folder."
            ) from error
        except OSError:  # a file system without locks
            pass
        yield place
    finally:
        os.close(handle)
