"""Published bodies and pose priors to files of plain arrays, checked. The same source always gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from fitting.body.assets import (
    ARRAYS,
    BETAS,
    EXTRA_JOINTS,
    JOINTS,
    LARGEST_BYTES,
    build_asset,
    read_body_bytes,
)
from fitting.body.pose_prior import build_prior_asset
from fitting.body.published import read_published_arrays
from fitting.body.smpl import VERTICES, complete, count_vertices
from fitting.errors import AssetError

_PRIOR_ARRAYS: Final = ("means", "covars", "weights")
_PRIOR_LICENCE: Final = "SMPLify licence (non-commercial; smplify.is.tue.mpg.de)"
_INDEX_ARRAYS: Final = ("f", "kintree_table", "landmark_vertices")
_TEXTS: Final = ("name", "licence", "gender")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """A converted file.

    Attributes:
        kind: What it has turned out to be.
        content: Bytes of the ``.npz``.
        summary: What it is, one sentence without its end.
        notes: What was missing beside the source and what that locks.
    """

    kind: Literal["body", "prior"]
    content: bytes
    summary: str
    notes: tuple[str, ...]


def convert_published(source: Path, kind: Literal["body", "prior"]) -> Converted:
    """A published body or pose prior as a file of plain arrays.

    Args:
        source: The file; the regressors of a body are looked for beside it.
        kind: What it should be. A prior that is given as a body is recognised.

    Raises:
        AssetError: It is no such file, wants to run something, or something beside it is broken.
    """
    content = read_body_bytes(source)
    arrays = read_published_arrays(content, source, (*ARRAYS, *_PRIOR_ARRAYS), LARGEST_BYTES)
    if kind == "prior" or ("v_template" not in arrays and {"means", "covars"} <= arrays.keys()):
        return _convert_prior(arrays, source)
    return _convert_body(arrays, source)


def _convert_body(held: dict[str, NDArray[Any]], source: Path) -> Converted:
    """Shape directions beyond the tenth are left out: the program has ten betas."""
    completed = complete(held, source)
    arrays = completed.arrays
    count = count_vertices(arrays)
    if count and "landmark_vertices" not in arrays:
        raise AssetError(
            f"{source} has {count} vertices and no array 'landmark_vertices' that says which of them are nose, eyes,"
            f" toes and fingers; that is known only of SMPL's {VERTICES}, so convert an SMPL body or add the array."
        )
    stand_in = {"J_regressor_extra": np.zeros((EXTRA_JOINTS, count))}
    asset = build_asset({**stand_in, **arrays}, source, "")
    if not np.array_equal(arrays["kintree_table"][1], np.arange(JOINTS)):
        raise AssetError(f"{source} numbers its joints otherwise than SMPL; convert a body of SMPL's {JOINTS} joints.")
    summary = f"{asset.name}: a body of {count:,} vertices, {len(asset.faces):,} triangles and {BETAS} shape directions"
    content = write_npz({key: _stored(key, arrays[key]) for key in ARRAYS if key in arrays})
    return Converted("body", content, summary, completed.notes)


def _convert_prior(arrays: dict[str, NDArray[Any]], source: Path) -> Converted:
    """In double precision: the determinants of its covariances are tiny."""
    stored: dict[str, NDArray[Any]] = {
        "name": arrays.get("name", np.array(source.stem)),
        "licence": arrays.get("licence", np.array(_PRIOR_LICENCE)),
    }
    prior = build_prior_asset({**arrays, **stored}, source, "")
    content = write_npz({**stored, "means": prior.means, "covars": prior.covars, "weights": prior.weights})
    return Converted("prior", content, f"{prior.name}: a pose prior of {len(prior.weights)} Gaussians", ())


def write_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Bytes of an ``.npz``; unlike ``np.savez`` they do not depend on the time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{key}.npy", _EPOCH), entry.getvalue())
    return buffer.getvalue()


def _stored(key: str, array: NDArray[Any]) -> NDArray[Any]:
    """An array as the program uses it, once it has been checked."""
    if key in _TEXTS:
        return np.array(str(array))
    if key == "kintree_table":
        stored = array.astype(np.int64)
        stored[0, 0] = -1
        return stored
    if key in _INDEX_ARRAYS:
        return array.astype(np.int64)
    if key == "shapedirs":
        array = array[..., :BETAS]
    return np.ascontiguousarray(array, dtype=np.float32)
