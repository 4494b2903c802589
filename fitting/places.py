"""Folders that jobs write to: what the disk says becomes a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fitting.errors import AssetError


@contextmanager
def writing_to(folder: Path, cure: str) -> Iterator[None]:
    """Turn what the file system refuses within the block into one sentence.

    Args:
        folder: Where the block writes; a more exact name in the error goes first.
        cure: What to do, after the disk has been mended.

    Raises:
        AssetError: Instead of any ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise AssetError(
            f"{error.filename or folder} cannot be written ({error.strerror or error}); free the disk or check the"
            f" permissions, then {cure}."
        ) from error
