"""Names within a package: pictures by their content, raters by pseudonym."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

from db.rater_package.errors import SeatError

LONGEST_PSEUDONYM: Final = 40
_PICTURE = re.compile(r"[0-9a-f]{64}\.png")


def name_picture(content: bytes) -> str:
    """The file name of a picture: the SHA-256 of its bytes, which tells nothing of what it shows."""
    return f"{hashlib.sha256(content).hexdigest()}.png"


def is_picture_name(name: str) -> bool:
    """Whether a name is one that :func:`name_picture` gives."""
    return _PICTURE.fullmatch(name) is not None


def clean_pseudonym(name: str) -> str:
    """A rater's pseudonym in its plainest form, without blanks around it.

    Raises:
        SeatError: It is empty, too long, or has characters that cannot be printed.
    """
    plain = unicodedata.normalize("NFC", name).strip()
    if not plain:
        raise SeatError("A rater needs a pseudonym; type one that only you use.")
    if len(plain) > LONGEST_PSEUDONYM or not plain.isprintable():
        raise SeatError(
            f"The pseudonym {plain[:60]!r} cannot be used; take 1 to {LONGEST_PSEUDONYM} printable characters."
        )
    return plain


def fold_pseudonym(name: str) -> str:
    """What tells raters apart: ``Ann`` and ``ann`` are one."""
    return unicodedata.normalize("NFKC", name).casefold()
