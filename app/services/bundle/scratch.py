"""What a run needs beside the place it writes to, and what earlier runs that were killed have left there."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

WORK: Final = ".work"
"""Ending of a folder beside a file that is being written, after that file's own name."""


@contextmanager
def held_folder(folder: Path) -> Iterator[Path]:
    """Make a folder and hold it while the block lasts; the hold ends with the process, however it ends."""
    folder.mkdir(mode=0o700)
    handle = _try_to_hold(folder)
    try:
        yield folder
    finally:
        if handle is not None:
            os.close(handle)


def sweep_leftovers(place: Path) -> None:
    """Take away what killed runs have left beside a place: folders like ``.NAME.1a2b3c4d.part`` that nobody holds.

    Where folders cannot be held nothing is taken away.
    """
    pattern = re.compile(rf"\.{re.escape(place.name)}\.[0-9a-f]{{8}}\.part({re.escape(WORK)})?")
    with suppress(OSError):  # tidying up is no reason to fail
        for folder in place.parent.iterdir():
            if pattern.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
                _sweep(folder)


def _sweep(folder: Path) -> None:
    handle = _try_to_hold(folder)
    if handle is None:
        return  # another run is at work in it
    try:
        if folder.suffix == WORK:
            folder.with_suffix("").unlink(missing_ok=True)  # the file that was being written
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def _try_to_hold(folder: Path) -> int | None:
    """A handle that holds the folder; None where another process does, or where folders cannot be held."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
