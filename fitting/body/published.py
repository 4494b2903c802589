"""SMPL's files as published: pickles whose arrays are objects of chumpy and scipy. Neither library is needed or called.

What is needed of a chumpy object is the array within it; of a sparse matrix its three arrays. Both are copied out of
the pickled state by the restricted reader (:mod:`resources.plain_pickle`), which refuses every other class by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.errors import AssetError
from resources.plain_npz import PlainNpzError, read_plain_npz_bytes
from resources.plain_pickle import PlainPickleError, read_plain_pickle

_ZIP_START = b"PK\x03\x04"
_LARGEST_DENSE = 2 * 10**7
"""Entries; SMPL's joint regressor has 165,360."""


@dataclass(frozen=True, slots=True, eq=False)
class SparseMatrix:
    """A pickled sparse matrix: compressed columns, or rows when ``by_rows``."""

    values: NDArray[Any]
    indices: NDArray[np.int64]
    starts: NDArray[np.int64]
    shape: tuple[int, int]
    by_rows: bool

    def to_dense(self) -> NDArray[np.float64]:
        """The matrix ``(rows, columns)``; entries that are given twice add up."""
        if math.prod(self.shape) > _LARGEST_DENSE:
            raise ValueError(f"a sparse matrix of {self.shape[0]} x {self.shape[1]}")
        lines = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        dense = np.zeros(self.shape)
        np.add.at(dense, (lines, self.indices) if self.by_rows else (self.indices, lines), self.values)
        return dense


def read_published_arrays(
    content: bytes, path: Path, keys: Collection[str], largest_bytes: int
) -> dict[str, NDArray[Any]]:
    """The wanted arrays of a published dictionary of arrays, pickled or as ``.npz``.

    Args:
        content: The file's bytes.
        path: Its name, for messages.
        keys: Entries that are wanted; others are left alone, absent ones are absent.
        largest_bytes: An ``.npz`` that inflates to more is refused.

    Raises:
        AssetError: It wants to run something, is broken, or an entry is no array.
    """
    try:
        if content.startswith(_ZIP_START):
            held: object = read_plain_npz_bytes(
                content, path, objects=True, largest_bytes=largest_bytes, also=PUBLISHED_NAMES
            )
        else:
            held = read_plain_pickle(content, also=PUBLISHED_NAMES)
    except PlainNpzError as error:
        raise AssetError(str(error)) from error
    except PlainPickleError as error:
        raise AssetError(f"{path} is refused: {error}.".replace("..", ".")) from error
    if not isinstance(held, dict):
        raise AssetError(f"{path} holds a {type(held).__name__}, expected a dictionary of arrays; name another file.")
    return {key: _find_array(held[key], key, path) for key in keys if key in held}


def _find_array(value: object, key: str, path: Path) -> NDArray[Any]:
    inner = value.item() if isinstance(value, np.ndarray) and value.dtype.hasobject and value.size == 1 else value
    try:
        array = inner.to_dense() if isinstance(inner, SparseMatrix) else np.asarray(inner)
    except ValueError as error:
        raise AssetError(f"Array '{key}' of {path} is none ({error}); name another file.") from error
    if array.dtype.hasobject:
        raise AssetError(f"Array '{key}' of {path} holds objects, expected plain arrays of numbers; name another file.")
    return array


def _state(state: object) -> dict[object, Any]:
    if not isinstance(state, dict):
        raise ValueError("an object without its contents")
    return state


def _build_ch(_arguments: tuple[object, ...], state: object) -> NDArray[Any]:
    """``chumpy.ch.Ch``: the array ``x``."""
    return _numbers(_state(state)["x"])


def _build_select(_arguments: tuple[object, ...], state: object) -> NDArray[Any]:
    """``chumpy.reordering.Select``: the entries ``idxs`` of ``a``, in ``preferred_shape`` where it has one."""
    parts = _state(state)
    chosen = _numbers(parts["a"]).ravel()[_indices(parts["idxs"])]
    shape = parts.get("preferred_shape")
    return chosen if shape is None else chosen.reshape(_shape(shape))


def _build_reshape(_arguments: tuple[object, ...], state: object) -> NDArray[Any]:
    """``chumpy.reordering.Reshape``: ``a`` in ``newshape``."""
    parts = _state(state)
    return _numbers(parts["a"]).reshape(_shape(parts["newshape"]))


def _skip(_arguments: tuple[object, ...], _state: object) -> None:
    """A product that chumpy would compute (SMPL's ``J``): not needed, it follows from the regressor."""


def _build_sparse(by_rows: bool) -> Callable[[tuple[object, ...], object], SparseMatrix]:
    def build(_arguments: tuple[object, ...], state: object) -> SparseMatrix:
        parts = _state(state)
        shape = _shape(parts["_shape"] if "_shape" in parts else parts["shape"])
        values, indices, starts = _numbers(parts["data"]), _indices(parts["indices"]), _indices(parts["indptr"])
        lines, across = shape if by_rows else shape[::-1]
        agree = (
            min(shape) >= 0
            and values.shape == indices.shape == (len(values),)
            and starts.shape == (lines + 1,)
            and (starts[0], starts[-1]) == (0, len(values))
            and bool((np.diff(starts) >= 0).all())
            and (not len(indices) or 0 <= indices.min() <= indices.max() < across)
        )
        if not agree:
            raise ValueError("a sparse matrix whose parts do not fit together")
        return SparseMatrix(values, indices, starts, (shape[0], shape[1]), by_rows)

    return build


def _numbers(value: object) -> NDArray[Any]:
    """An array, or a flat list of numbers: nested ones may unfold to far more than the pickle holds."""
    if isinstance(value, list | tuple) and any(isinstance(item, list | tuple | np.ndarray) for item in value):
        raise ValueError("a list of lists where an array belongs")
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise ValueError("an array of things that are no numbers")
    return array


def _indices(value: object) -> NDArray[np.int64]:
    array = _numbers(value)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise ValueError("a list of indices that is none")
    return array.astype(np.int64)


def _shape(value: object) -> tuple[int, ...]:
    sizes = tuple(int(size) for size in _numbers(value).ravel())
    if len(sizes) > 8 or any(size < -1 for size in sizes):
        raise ValueError("a shape that is none")
    return sizes


PUBLISHED_NAMES = {
    ("chumpy.ch", "Ch"): _build_ch,
    ("chumpy.ch", "MatVecMult"): _skip,
    ("chumpy.reordering", "Select"): _build_select,
    ("chumpy.reordering", "Reshape"): _build_reshape,
    **{
        (f"scipy.sparse.{module}", f"{kind}_{noun}"): _build_sparse(kind == "csr")
        for kind in ("csc", "csr")
        for module in (kind, f"_{kind}")
        for noun in ("matrix", "array")
    },
}
"""Builders of the classes that SMPL's files name beyond numpy's."""
