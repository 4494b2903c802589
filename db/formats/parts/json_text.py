"""JSON as datasets have it: hundreds of megabytes, and numbers that are none.

Python writes ``NaN`` and ``Infinity``, which are no JSON; they read as null here, so that they spoil the item they
stand in and not the file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from db.formats.errors import FormatError
from db.formats.parts.checks import explain
from db.formats.parts.files import read_bytes

_T = TypeVar("_T")

# A string is matched first to leave names alone.
_NOT_FINITE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?Infinity|NaN')


def read_document(source: Path, kind: type[_T], title: str) -> _T:
    """Decode a file into a struct whose long lists hold :class:`msgspec.Raw`, decoded when their turn comes.

    Args:
        source: The file.
        kind: The struct.
        title: What the file should be, with its article: ``a COCO file``.

    Raises:
        FormatError: The file cannot be read, is no JSON, or does not have the fields of ``kind``.
    """
    content = read_bytes(source)
    try:
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            return msgspec.json.decode(without_nan(content), type=kind)
    except msgspec.ValidationError as error:
        raise FormatError(f"{source} is not {title}: {explain(error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"{source} is not valid JSON ({error}); export or download it again") from error


def without_nan(content: bytes) -> bytes:
    """JSON with null for ``NaN`` and ``Infinity``; the same object where there is none."""
    # Views instead of copies: the file may have hundreds of megabytes.
    view, pieces, start = memoryview(content), list[memoryview | bytes](), 0
    for match in _NOT_FINITE.finditer(content):
        if content[match.start()] != ord('"'):
            pieces += (view[start : match.start()], b"null")
            start = match.end()
    if not pieces:
        return content
    return b"".join([*pieces, view[start:]])
