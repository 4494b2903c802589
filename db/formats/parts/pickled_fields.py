"""Fields of an unpickled dict, taken for what they should be: arrays that may have a leading batch of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from db.formats.fits import FloatArray
from db.formats.parts.checks import ItemError


class PickledFields:
    """Typed access to a dict somebody pickled.

    Args:
        value: What the pickle holds.

    Raises:
        ItemError: It is no dict.
    """

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise ItemError(f"expected a dict of fields, got {type(value).__name__}")
        self._values = value

    def find_numbers(self, key: str, shape: tuple[int, ...]) -> FloatArray | None:
        """Array of this shape, with or without a leading 1; None without the key.

        Raises:
            ItemError: It is none, of another shape, or has a value that is not finite.
        """
        value = self._values.get(key)
        if value is None:
            return None
        array = self._to_array(key, value)
        if array.dtype.kind not in "fiub":
            raise ItemError(f"{key} is no array of numbers")
        if array.shape not in (shape, (1, *shape)):
            raise ItemError(f"{key} has the shape {array.shape}, expected {(1, *shape)}")
        numbers = array.reshape(shape).astype(np.float64)
        if not np.isfinite(numbers).all():
            raise ItemError(f"{key} has a value that is not a finite number")
        return numbers

    def get_numbers(self, key: str, shape: tuple[int, ...]) -> FloatArray:
        """Like :meth:`find_numbers`, of a field that must be there."""
        numbers = self.find_numbers(key, shape)
        if numbers is None:
            raise ItemError(f"{key} is missing")
        return numbers

    def find_number(self, key: str) -> float | None:
        """One number, in an array or not; None without the key."""
        numbers = self.find_numbers(key, ())
        return None if numbers is None else float(numbers)

    def get_number(self, key: str) -> float:
        """Like :meth:`find_number`, of a field that must be there."""
        return float(self.get_numbers(key, ()))

    def find_whole_number(self, key: str) -> int | None:
        """One whole number; None without the key.

        Raises:
            ItemError: It is none.
        """
        number = self.find_number(key)
        if number is None:
            return None
        if not number.is_integer():
            raise ItemError(f"{key} is {number:g}, expected a whole number")
        # Not by way of the float: ids beyond 2**53 would change.
        return int(self._to_array(key, self._values[key]).reshape(()).item())

    def find_text(self, key: str) -> str | None:
        """Text, alone or in a list of one; None without it."""
        value = self._values.get(key)
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        return value if isinstance(value, str) else None

    @staticmethod
    def _to_array(key: str, value: Any) -> np.ndarray[Any, Any]:
        try:
            return np.asarray(value)
        except (ValueError, OverflowError) as error:
            raise ItemError(f"{key} is no array of numbers") from error
