"""Pickled datasets: read as plain data, nothing in them is run."""

from __future__ import annotations

from pathlib import Path

from db.formats.errors import FormatError
from db.formats.parts.files import read_bytes
from resources.plain_pickle import PlainPickleError, read_plain_pickle

_LARGEST_BYTES = 10**9
_SUFFIXES = frozenset({".pkl", ".pickle", ".pt", ".pth"})
_COMPRESSED = (b"x", b"BZ", b"\x1f\x8b", b"\xfd7zXZ", b"]\0\0", b"ZF")
"""How files begin that joblib compressed."""


def is_pickle(path: Path) -> bool:
    """Whether a file is called as pickles are."""
    return path.suffix.lower() in _SUFFIXES


def read_pickle(path: Path) -> object:
    """Value of a pickle of plain data, stored by Python or by joblib.

    Raises:
        FormatError: It cannot be read, is too large, or holds more than plain data.
    """
    if path.is_file() and path.stat().st_size > _LARGEST_BYTES:
        size = path.stat().st_size / 1e9
        raise FormatError(f"{path} has {size:.1f} GB, more than a pickle is read of; store it as npz")
    content = read_bytes(path)
    if content.startswith(_COMPRESSED):
        raise FormatError(f"{path} is compressed, as joblib does when asked to; store it plain, or as npz")
    try:
        return read_plain_pickle(content, joblib=True)
    except PlainPickleError as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
