"""A plain folder of pictures, with nobody in them yet: people are drawn in the window.

Nothing was annotated on the stored pixels, so pictures are taken upright as their EXIF data says and as every viewer
shows them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from db.formats.base import ImportedImage, ImportProblem, ImportRecord, OnShare, no_share
from db.formats.errors import FormatError
from db.formats.evidence import Evidence
from db.formats.parts.picture_finder import PICTURE_SUFFIXES

_DIGITS = re.compile(r"(\d+)")


def recognises(evidence: Evidence) -> bool:
    """Whether it is a folder with a picture in it or below (a :class:`~db.formats.evidence.Recogniser`)."""
    return evidence.is_folder and next(_walk(evidence.path), None) is not None


def read(source: Path, images: Path, on_share: OnShare = no_share) -> Iterator[ImportRecord]:
    """Pictures of a folder and of those below it, by name, numbers in names as numbers.

    Args:
        source: The folder.
        images: Folder that paths are relative to, the same or one above it.
        on_share: Called with the share of the pictures told so far.

    Raises:
        FormatError: It is no folder, lies outside ``images``, or holds no picture.
    """
    if not source.is_dir():
        raise FormatError(f"{source} is no folder; name a folder of pictures")
    if not source.resolve().is_relative_to(images.resolve()):
        raise FormatError(f"{source} does not lie in {images}; leave the folder of images out, or name one above it")
    found = sorted(_walk(source), key=_order)
    if not found:
        raise FormatError(f"{source} holds no picture; name a folder with {', '.join(sorted(PICTURE_SUFFIXES))} files")
    return _iter_records(source, images, found, on_share)


def _iter_records(source: Path, images: Path, found: list[PurePosixPath], on_share: OnShare) -> Iterator[ImportRecord]:
    root, below = images.resolve(), source.resolve().relative_to(images.resolve())
    for number, path in enumerate(found, start=1):
        relative = PurePosixPath(below.as_posix()) / path
        if (source / path).resolve().is_relative_to(root):
            yield ImportedImage(relative.as_posix(), None, None, honour_exif=True)
        else:
            yield ImportProblem(f"{path} in {source.name}", "it is a link that leads out of the folder", "images")
        on_share(number / len(found))


def _walk(folder: Path) -> Iterator[PurePosixPath]:
    """Pictures below a folder, hidden ones left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        below = PurePosixPath(Path(place).relative_to(folder).as_posix())
        for file in sorted(files):
            if not file.startswith(".") and os.path.splitext(file)[1].lower() in PICTURE_SUFFIXES:  # noqa: PTH122
                yield below / file


def _order(path: PurePosixPath) -> tuple[list[str], list[tuple[int, str]]]:
    parts = ((int(piece), "") if piece.isdigit() else (-1, piece) for piece in _DIGITS.split(path.name))
    return list(path.parent.parts), list(parts)
