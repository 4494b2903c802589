"""Which picture and which person a fit of a file belongs to, as published files say it."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from db.formats.fits import FitSample
from db.formats.parts.checks import ItemError

_NO_ANNOTATION = frozenset({0, -1})
_LARGEST_ID = 2**63 - 1


def find_annotation_id(number: int) -> int | None:
    """The dataset's id of a person, None where the file says there is none.

    EFT's JSON says 0 (eft_method.md 5.1), its pickles -1 (5.2), and SPIN's loader fills what is missing with zeros
    (5.3), so that no file means person 0 by it.

    Raises:
        ItemError: The number is no id.
    """
    if abs(number) > _LARGEST_ID:
        raise ItemError(f"the annotation id {number} is too large to be one")
    return None if number in _NO_ANNOTATION else number


def to_image_name(text: str) -> str:
    """Name of a picture, posix: of a path on somebody's machine the base name, a relative path as it is.

    Raises:
        ItemError: It names no file.
    """
    windows = PureWindowsPath(text)
    posix = windows.as_posix() if "\\" in text or windows.drive else text
    name = PurePosixPath(posix)
    if name.name in ("", "..") or not _is_text(text):
        raise ItemError(f"the name of the picture is {text[:80]!r}, which names no file")
    return name.name if name.is_absolute() or windows.drive else name.as_posix()


def name_sample(sample: FitSample) -> str:
    """What a message calls a sample: ``annotation 3 of 1.jpg``."""
    if sample.annotation_id is None:
        return f"the fit of {sample.image_name or 'a picture without a name'}"
    return f"annotation {sample.annotation_id} of {sample.image_name or 'a picture without a name'}"


def _is_text(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:  # bytes of a file name that are no UTF-8
        return False
