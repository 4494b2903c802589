"""Entries of a dataset's lists, decoded one by one; what they say beyond what is asked is kept as it came."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Generic, TypeVar

import msgspec

from db.formats.parts.checks import ItemError, explain
from db.formats.parts.json_text import without_nan

T = TypeVar("T")

KEPT_APART = msgspec.Raw(b"true")
"""Stands in details for a value that the project keeps itself, so that the order of the keys is not lost."""


class EntryDecoder(Generic[T]):
    """Decodes entries of one kind."""

    def __init__(self, kind: Any) -> None:
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    def decode(self, raw: bytes) -> tuple[T, bytes]:
        """The entry, and its bytes as sound JSON: Python's NaN and Infinity are null.

        Raises:
            ItemError: It is no JSON, or does not have the fields and types asked for.
        """
        try:
            if not raw.isascii():
                raw.decode()
            try:
                return self._decoder.decode(raw), raw
            except msgspec.ValidationError:
                raise
            except msgspec.DecodeError:
                if (clean := without_nan(raw)) is raw:
                    raise
                return self._decoder.decode(clean), clean
        except UnicodeDecodeError as error:
            raise ItemError("it is not text in UTF-8") from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise ItemError(explain(error)) from error


_FIELDS: msgspec.json.Decoder[dict[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw])


def split_fields(raw: bytes) -> dict[str, msgspec.Raw]:
    """The values of an object that was decoded before, undecoded."""
    return _FIELDS.decode(raw)


def keep_entry(raw: bytes, kept_apart: Collection[str]) -> bytes:
    """Details of an entry: all of it, but for the values that the project keeps itself.

    Args:
        raw: A sound JSON object.
        kept_apart: Keys of these values.
    """
    fields = split_fields(raw)
    for key in kept_apart:
        if key in fields:
            fields[key] = KEPT_APART
    return msgspec.json.encode(fields)
