"""What a file or folder looks like from outside, for formats to recognise themselves by: little is read, once."""

from __future__ import annotations

import itertools
import re
import struct
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Protocol

_PIECE = 1 << 18
_MOST_FILES = 200


class Evidence:
    """First looks at a file or a folder; nothing is unpacked, run or written.

    Attributes:
        path: The file or folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.is_dir()

    @cached_property
    def suffix(self) -> str:
        """Suffix in small letters, ``.json``."""
        return self.path.suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The first quarter of a megabyte; nothing of a folder."""
        return self._read(0)

    @cached_property
    def tail(self) -> bytes:
        """The last quarter of a megabyte, where COCO's files have their categories; nothing of a folder."""
        return b"" if self.is_folder else self._read(max(0, self.path.stat().st_size - _PIECE))

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The first files of a folder by name, its sub-folders' not among them."""
        if not self.is_folder:
            return ()
        entries = itertools.islice((entry for entry in self.path.iterdir() if entry.is_file()), 50 * _MOST_FILES)
        return tuple(sorted(entries)[:_MOST_FILES])

    @cached_property
    def npz_keys(self) -> frozenset[str]:
        """Names of the arrays of an npz; none of any other file."""
        if not self.head.startswith(b"PK\x03\x04"):
            return frozenset()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(name.removesuffix(".npy") for name in archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError, LookupError, EOFError, struct.error):
            return frozenset()

    @property
    def is_matlab(self) -> bool:
        """Whether it is a MATLAB file of version 5 to 7."""
        return self.head.startswith(b"MATLAB 5.0")

    @property
    def is_json(self) -> bool:
        """Whether it begins as JSON does."""
        return self.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")

    def first(self, suffix: str) -> Evidence | None:
        """The first file of a folder with this suffix."""
        return next((Evidence(file) for file in self.files if file.suffix.lower() == suffix), None)

    def mentions(self, *keys: str) -> bool:
        """Whether every one of these is a key of a JSON object near the beginning or the end of the file."""
        return all(re.search(rb'"%s"\s*:' % re.escape(key.encode()), self._ends) for key in keys)

    def says(self, *texts: str) -> bool:
        """Whether every one of these texts stands in quotes near the beginning or the end of the file."""
        return all(b'"%s"' % text.encode() in self._ends for text in texts)

    @cached_property
    def _ends(self) -> bytes:
        return self.head + b"\n" + self.tail

    def _read(self, start: int) -> bytes:
        if not self.path.is_file():
            return b""
        with self.path.open("rb") as stream:
            stream.seek(start)
            return stream.read(_PIECE)


class Recogniser(Protocol):
    """Tells whether a file is in a format of people."""

    def __call__(self, evidence: Evidence) -> bool:
        """Whether it is; formats are asked in the order of the registry, the more particular ones first.

        Raises:
            OSError: The file cannot be read.
        """
        ...
