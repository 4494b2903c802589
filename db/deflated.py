"""JSON that is stored deflated: plans of studies, details of datasets."""

from __future__ import annotations

import zlib
from typing import Final

from db.errors import CorruptStoreError

_LARGEST_BYTES: Final = 2**28
"""A plan of 100,000 trials has some ten million."""


def inflate(content: bytes, what: str) -> bytes:
    """The text as it was before it was deflated.

    Args:
        content: As it is stored.
        what: It is, in messages: "plan of study 2".

    Raises:
        CorruptStoreError: It is damaged, or would inflate without end.
    """
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(content, _LARGEST_BYTES)
    except zlib.error as error:
        raise _damaged(what) from error
    if not inflater.eof:
        raise _damaged(what)
    return plain


def _damaged(what: str) -> CorruptStoreError:
    return CorruptStoreError(f"The stored text of the {what} is damaged; restore the project from a backup.")
