"""Pickles as plain data: the published files of our field are pickles, and none of them is ever run.

What is read: numbers, text, bytes, containers, numpy's arrays and numbers (under the names of numpy 1 and 2, pickled by
Python 2 or 3, protocols 0 to 5) and torch's tensors, as numpy arrays and without torch. Every other name is refused,
and said, before anything is called. Byte strings of Python 2 are read as Latin-1 text.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

from resources.plain_pickle.arrays import ARRAY_NAMES
from resources.plain_pickle.errors import PlainPickleError
from resources.plain_pickle.instructions import run
from resources.plain_pickle.joblib_arrays import run_with_arrays
from resources.plain_pickle.machine import Machine
from resources.plain_pickle.shape import check_shape
from resources.plain_pickle.tensors import TENSOR_NAMES
from resources.plain_pickle.values import VALUE_NAMES

__all__ = ["PlainPickleError", "read_plain_pickle"]

_NAMES = {**VALUE_NAMES, **ARRAY_NAMES, **TENSOR_NAMES}
_NONE: Mapping[tuple[str, str], Callable[..., object]] = MappingProxyType({})


def read_plain_pickle(
    content: bytes, *, also: Mapping[tuple[str, str], Callable[..., object]] = _NONE, joblib: bool = False
) -> object:
    """The value of a pickle of plain data.

    Args:
        content: The pickle; what follows its end is not looked at.
        also: Builders of further ``(module, name)`` pairs; each is called with the pickled arguments (a tuple) and the
            pickled state (None without one), trusts neither, and returns a plain value. A class named only to be
            skipped gets a builder that returns None.
        joblib: Read arrays as joblib stores them, uncompressed, too.

    Raises:
        PlainPickleError: It holds anything else, or is cut or broken; one clause that names what was refused.
    """
    stream, names = io.BytesIO(content), {**_NAMES, **also}
    value = run_with_arrays(stream, names) if joblib else run(Machine(stream, names))
    check_shape(value)
    return value
