"""Arrays as joblib stores them: their bytes stand in the stream of the pickle, behind a wrapper that describes them."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping

import numpy as np

from resources.plain_pickle.arrays import Kind, build_array
from resources.plain_pickle.errors import refuse
from resources.plain_pickle.instructions import run
from resources.plain_pickle.machine import Machine, Name
from resources.plain_pickle.values import refuse_call

Names = Mapping[tuple[str, str], Callable[..., object]]

_MODULE = "joblib.numpy_pickle"
_DEEPEST = 3
"""Arrays of objects are pickles within the pickle; ours hold no arrays of objects that hold arrays of objects."""


def run_with_arrays(stream: io.BytesIO, names: Names, depth: int = 0) -> object:
    """The value of a pickle, its arrays read from where they stand.

    Args:
        stream: Where the pickle begins.
        names: Builders of everything else the pickle may name.
        depth: How many pickles it lies within.

    Raises:
        PlainPickleError: Something is refused or broken.
    """
    if depth > _DEEPEST:
        raise refuse("the pickle has arrays of objects within arrays of objects")

    def build(arguments: tuple[object, ...], state: object) -> object:
        if arguments or not isinstance(state, dict):
            raise refuse("the pickle has an array of joblib's without its description")
        of_class, kind, shape = (state.get(key) for key in ("subclass", "dtype", "shape"))
        if not (isinstance(of_class, Name) and of_class.name == "ndarray" and isinstance(kind, Kind)):
            raise refuse("the pickle has an array of a class of its own")
        if kind.dtype.hasobject:
            array = run_with_arrays(stream, names, depth + 1)
            if not isinstance(array, np.ndarray):
                raise ValueError("an array of objects that is none")
            return array
        if not isinstance(shape, tuple) or not all(isinstance(size, int) and size >= 0 for size in shape):
            raise ValueError("an array without shape")
        _skip_padding(stream, state.get("numpy_array_alignment_bytes"))
        order = "F" if state.get("order") == "F" else "C"
        return build_array(stream.read(math.prod(shape) * kind.dtype.itemsize), kind, shape, order)

    wrapped: Names = {(_MODULE, "NumpyArrayWrapper"): build, (_MODULE, "NDArrayWrapper"): refuse_call}
    return run(Machine(stream, {**names, **wrapped}))


def _skip_padding(stream: io.BytesIO, alignment: object) -> None:
    if alignment is not None:
        stream.read(int.from_bytes(stream.read(1), "little"))
