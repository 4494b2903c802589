"""How values without a column type of their own are stored: arrays, moments, keypoint sources.

Arrays are raw little-endian float64 bytes in C order, never pickles. The shape is fixed by the codec (one axis may be
free), so the byte count is checked on the way out, as is finiteness: a damaged row is named instead of drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

from db.errors import CorruptStoreError
from db.records import FloatArray, KeypointSource

_STORED = np.dtype("<f8")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ArrayCodec:
    """Reads and writes one kind of array.

    Attributes:
        name: The array in messages.
        shape: Its shape; None for the one axis of any length.
    """

    name: str
    shape: tuple[int | None, ...]

    def encode(self, values: ArrayLike) -> bytes:
        """Bytes of an array of this shape.

        Raises:
            ValueError: Another shape, NaN or infinity: the caller's mistake.
        """
        array = np.asarray(values, dtype=_STORED)
        if array.ndim != len(self.shape) or any(
            want is not None and have != want for have, want in zip(array.shape, self.shape, strict=True)
        ):
            raise ValueError(f"{self.name} has shape {array.shape}, expected {self._shape_text()}")
        if not np.isfinite(array).all():
            raise ValueError(f"{self.name} holds NaN or infinity")
        return array.tobytes()

    def decode(self, blob: bytes, owner: str) -> FloatArray:
        """Read-only array from its bytes.

        Args:
            blob: What :meth:`encode` gave.
            owner: The row in messages ("fit 12").

        Raises:
            CorruptStoreError: The bytes are not such an array.
        """
        cell = int(np.prod([axis for axis in self.shape if axis is not None], dtype=np.int64)) * _STORED.itemsize
        rows, rest = divmod(len(blob), cell)
        if rest or (None not in self.shape and rows != 1):
            raise self._damaged(owner, f"{len(blob)} bytes do not make an array {self._shape_text()}")
        array = np.frombuffer(blob, dtype=_STORED).reshape([rows if axis is None else axis for axis in self.shape])
        if not np.isfinite(array).all():
            raise self._damaged(owner, "it holds NaN or infinity")
        return array

    def _damaged(self, owner: str, reason: str) -> CorruptStoreError:
        return CorruptStoreError(
            f"The stored {self.name} of {owner} is damaged ({reason}); restore the project from a backup."
        )

    def _shape_text(self) -> str:
        return "(" + ", ".join("any" if axis is None else str(axis) for axis in self.shape) + ")"


KEYPOINTS = ArrayCodec("keypoints", (None, 3))
CONFIDENCE = ArrayCodec("confidence", (None,))
ROTATIONS = ArrayCodec("rotations", (24, 3, 3))
BETAS = ArrayCodec("betas", (10,))
CAMERA = ArrayCodec("camera", (3,))
BOX_CENTER = ArrayCodec("box centre", (2,))
TRUTH_JOINTS = ArrayCodec("3D joints", (None, 4))
JOINTS = ArrayCodec("joints", (49, 2))
TRACE = ArrayCodec("loss trace", (None, 5))

_SOURCE_LETTERS: dict[KeypointSource, str] = {
    "imported": "i",
    "human": "h",
    "detector": "d",
    "projected": "p",
    "synthetic": "s",
}
_LETTER_SOURCES = {letter: source for source, letter in _SOURCE_LETTERS.items()}


def encode_sources(sources: Sequence[KeypointSource]) -> str:
    """One letter a joint."""
    unknown = set(sources) - _SOURCE_LETTERS.keys()
    if unknown:
        raise ValueError(f"unknown keypoint sources {sorted(unknown)}")
    return "".join(_SOURCE_LETTERS[source] for source in sources)


def decode_sources(letters: str, owner: str) -> tuple[KeypointSource, ...]:
    """The sources of :func:`encode_sources`."""
    if not set(letters) <= _LETTER_SOURCES.keys():
        raise CorruptStoreError(
            f"The stored keypoint sources of {owner} are damaged; restore the project from a backup."
        )
    return tuple(_LETTER_SOURCES[letter] for letter in letters)


class UtcTime(TypeDecorator[datetime]):
    """An aware moment as whole microseconds since 1970 UTC: exact, ordered, the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Microseconds of an aware moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment again, in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)
