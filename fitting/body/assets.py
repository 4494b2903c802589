"""Body files: SMPL's arrays, checked when they are loaded. No pickle is ever run.

Beside SMPL's own arrays a file says which of its vertices are the 21 landmarks and how the extra joints are regressed,
so that the program works with any vertex count. SMPL's published files do not; what they leave unsaid is found by
:mod:`fitting.body.smpl`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.body.published import read_published_arrays
from fitting.body.smpl import EXTRA_MISSING, complete
from fitting.errors import AssetError
from fitting.spec import FloatArray

JOINTS = 24
BETAS = 10
POSE_FEATURES = 9 * (JOINTS - 1)
LANDMARKS = 21
EXTRA_JOINTS = 9


ARRAYS = (
    *("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f", "kintree_table"),
    *("landmark_vertices", "J_regressor_extra", "J_regressor_h36m", "name", "licence", "gender"),
)
"""What is read of a body file; whatever else it holds is left alone."""
LARGEST_BYTES = 10**9
"""SMPL with 300 shape directions has 250 MB; whatever inflates to more than this is no body."""
_LARGEST = 1e6
"""Metres, weights and directions beyond it are no body, and overflow single precision once they are multiplied."""


@dataclass(frozen=True, slots=True, eq=False)
class BodyAsset:
    """Arrays of one body file; V vertices, F faces, body frame, metres.

    Attributes:
        name: Name told to people.
        licence: Licence of the file.
        sha256: Hash of the file's bytes, and of the regressors beside it that were added; stored with each fit.
        v_template: ``(V, 3)`` rest vertices at zero betas.
        shapedirs: ``(V, 3, 10)`` metres per unit of beta.
        posedirs: ``(V, 3, 207)`` metres per entry of ``R - I`` of joints 1-23, row-major.
        J_regressor: ``(24, V)``; rows sum to 1.
        weights: ``(V, 24)`` skinning weights; rows sum to 1.
        faces: ``(F, 3)`` vertex indices.
        parents: ``(24,)``, -1 for the root.
        landmark_vertices: ``(21,)`` entries 24-44 of the model array (eft_method.md 3.1).
        J_regressor_extra: ``(9, V)`` entries 45-53 of the model array.
        J_regressor_h36m: ``(17, V)`` joints used by evaluation protocols, or None.
    """

    name: str
    licence: str
    sha256: str
    v_template: FloatArray
    shapedirs: FloatArray
    posedirs: FloatArray
    J_regressor: FloatArray
    weights: FloatArray
    faces: NDArray[np.int64]
    parents: NDArray[np.int64]
    landmark_vertices: NDArray[np.int64]
    J_regressor_extra: FloatArray
    J_regressor_h36m: FloatArray | None


@lru_cache(maxsize=8)
def load_body_asset(path: Path) -> BodyAsset:
    """Read and check a body file, an ``.npz`` or SMPL's own pickle; cached by path.

    Raises:
        AssetError: Missing, unreadable, or an array of the wrong name, shape or content.
    """
    content = read_body_bytes(path)
    completed = complete(read_body_arrays(content, path), path)
    if EXTRA_MISSING in completed.notes and "v_template" in completed.arrays:
        raise AssetError(f"Body file {path} has no array 'J_regressor_extra', and {EXTRA_MISSING}.")
    digest = hashlib.sha256(content)
    for companion in completed.companions:
        digest.update(companion)
    return build_asset(completed.arrays, path, digest.hexdigest())


def read_body_bytes(path: Path) -> bytes:
    """Content of a body file.

    Raises:
        AssetError: It is missing or cannot be read.
    """
    try:
        if not path.is_file() and not path.is_dir() and path.exists():
            raise AssetError(f"Body file {path} is a device or a pipe; name a file.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise AssetError(
            f"Body file {path} is missing; run 'python main.py body build' to make the mannequin."
        ) from error
    except OSError as error:
        raise AssetError(f"Body file {path} cannot be read ({error.strerror}); check its rights.") from error


def read_body_arrays(content: bytes, path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a body file that has been read, as they are.

    Raises:
        AssetError: It is no file of arrays.
    """
    try:
        return read_published_arrays(content, path, ARRAYS, LARGEST_BYTES)
    except AssetError as error:
        raise AssetError(f"{str(error).rstrip('.')}; a body file is SMPL's .pkl or an .npz of plain arrays.") from error


def build_asset(arrays: Mapping[str, NDArray[Any]], path: Path, sha256: str) -> BodyAsset:
    """Check the arrays of a body and put them into the program's precision.

    Args:
        arrays: Arrays by name.
        path: The file, for messages.
        sha256: Hash of the file.

    Raises:
        AssetError: An array of the wrong name, shape or content.
    """
    v_template = _get(arrays, path, "v_template", None, 3)
    count = len(v_template)
    parents = _parents(_get(arrays, path, "kintree_table", 2, JOINTS), path)
    weights = _get(arrays, path, "weights", count, JOINTS).astype(np.float32)
    if np.abs(weights.sum(1) - 1).max() > 1e-3:
        raise AssetError(f"The skinning weights of body file {path.name} do not sum to 1; build the body again.")
    shapedirs = _get(arrays, path, "shapedirs", count, 3, None)
    if shapedirs.shape[2] < BETAS:
        raise AssetError(
            f"Body file {path.name} has {shapedirs.shape[2]} shape directions, {BETAS} are needed; use another body."
        )
    landmarks = _get(arrays, path, "landmark_vertices", LANDMARKS)
    h36m = _get(arrays, path, "J_regressor_h36m", 17, count) if "J_regressor_h36m" in arrays else None
    return BodyAsset(
        name=str(arrays["name"]) if "name" in arrays else path.stem,
        licence=str(arrays["licence"]) if "licence" in arrays else "unknown",
        sha256=sha256,
        v_template=v_template.astype(np.float32),
        shapedirs=shapedirs[..., :BETAS].astype(np.float32),
        posedirs=_get(arrays, path, "posedirs", count, 3, POSE_FEATURES).astype(np.float32),
        J_regressor=_get(arrays, path, "J_regressor", JOINTS, count).astype(np.float32),
        weights=weights,
        faces=_indices(_get(arrays, path, "f", None, 3), "f", count, path),
        parents=parents,
        landmark_vertices=_indices(landmarks, "landmark_vertices", count, path),
        J_regressor_extra=_get(arrays, path, "J_regressor_extra", EXTRA_JOINTS, count).astype(np.float32),
        J_regressor_h36m=None if h36m is None else h36m.astype(np.float32),
    )


def _get(arrays: Mapping[str, NDArray[Any]], path: Path, key: str, *shape: int | None) -> NDArray[Any]:
    """An array of finite numbers; None in ``shape`` stands for any size."""
    array = arrays.get(key)
    if array is None:
        raise AssetError(f"Body file {path.name} has no array '{key}'; build or convert the body again.")
    fits = len(array.shape) == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = " x ".join("any" if n is None else str(n) for n in shape)
        raise AssetError(
            f"Array '{key}' of body file {path.name} has shape {array.shape}, expected {wanted};"
            " it is not a body in SMPL's format."
        )
    if array.dtype.kind not in "fiu" or array.size == 0:
        raise AssetError(f"Array '{key}' of body file {path.name} holds no numbers; build or convert the body again.")
    if not np.isfinite(array).all():
        raise AssetError(f"Array '{key}' of body file {path.name} holds NaN; build or convert the body again.")
    if array.dtype.kind == "f" and np.abs(array).max() > _LARGEST:
        raise AssetError(
            f"Array '{key}' of body file {path.name} holds a number beyond {_LARGEST:g}; its unit should be metres."
        )
    return array


def _parents(kintree: NDArray[Any], path: Path) -> NDArray[np.int64]:
    parents: NDArray[np.int64] = kintree[0].astype(np.int64)
    parents[0] = -1  # SMPL writes 4294967295
    if not all(0 <= parents[joint] < joint for joint in range(1, JOINTS)):
        raise AssetError(f"The joints of body file {path.name} do not form a tree; it is not a body in SMPL's format.")
    return parents


def _indices(array: NDArray[Any], key: str, count: int, path: Path) -> NDArray[np.int64]:
    if array.min() < 0 or array.max() >= count:
        raise AssetError(
            f"Array '{key}' of body file {path.name} points past its {count} vertices; build the body again."
        )
    indices: NDArray[np.int64] = array.astype(np.int64)
    if not np.array_equal(indices, array):
        raise AssetError(f"Array '{key}' of body file {path.name} holds a fraction; its vertices are whole numbers.")
    return indices
