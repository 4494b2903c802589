"""Sizes and SHA-256 of many pictures, by several threads; files are only read."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

_CHUNK: Final = 1 << 20
_WAITING: Final = 256
"""Files asked for ahead of the one that is waited for."""

Item = TypeVar("Item")


class HashingStoppedError(Exception):
    """The files are not wanted any more."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size of a file and, if it was asked for, SHA-256; with ``size_bytes`` None, why it cannot be read."""

    size_bytes: int | None
    sha256: str | None = None
    trouble: str = ""


def read_facts(path: Path, with_hash: bool, stopping: threading.Event | None = None) -> FileFacts:
    """Size and hash of a file.

    Raises:
        HashingStoppedError: ``stopping`` was set meanwhile.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return FileFacts(None, None, "it is no file")  # reading a pipe or a device may never end
        if not with_hash:
            return FileFacts(status.st_size)
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if stopping is not None and stopping.is_set():
                    raise HashingStoppedError
                digest.update(chunk)
                size += len(chunk)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return FileFacts(None, None, reason or str(error))
    return FileFacts(size, digest.hexdigest())


def count_threads() -> int:
    """Threads that read files: some more than cores, because disks answer several at once."""
    return min(8, (os.cpu_count() or 1) + 2)


def iter_facts(
    items: Iterable[Item], path_of: Callable[[Item], Path], *, with_hashes: bool
) -> Iterator[tuple[Item, FileFacts]]:
    """Each item with the facts of its file, in order. Leaving the iterator early stops the threads.

    Args:
        items: May be endless: only some are asked for ahead.
        path_of: The file of an item.
        with_hashes: Read the files; otherwise only their sizes are looked up.
    """
    stopping = threading.Event()
    waiting: deque[tuple[Item, Future[FileFacts]]] = deque()
    pool = ThreadPoolExecutor(max_workers=count_threads(), thread_name_prefix="hashing")
    try:
        for item in items:
            waiting.append((item, pool.submit(read_facts, path_of(item), with_hashes, stopping)))
            if len(waiting) >= _WAITING:
                done, facts = waiting.popleft()
                yield done, facts.result()
        while waiting:
            done, facts = waiting.popleft()
            yield done, facts.result()
    finally:
        stopping.set()
        pool.shutdown(wait=True, cancel_futures=True)
