"""Body files: SMPL's arrays in an ``.npz``, checked when they are loaded. Nothing is ever unpickled.

Beside SMPL's own arrays a file says which of its vertices are the 21 landmarks and how the extra joints are regressed,
so that no vertex count and no vertex number is a constant of the program.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.errors import AssetError
from fitting.spec import FloatArray

JOINTS = 24
BETAS = 10
POSE_FEATURES = 9 * (JOINTS - 1)
LANDMARKS = 21
EXTRA_JOINTS = 9


_LARGEST_BYTES = 10**9
"""SMPL in double precision has 40 MB; whatever inflates to more than this is no body."""
_UNREADABLE = (
    *(ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError, MemoryError),
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error),
)  # what numpy and zipfile raise on files that are cut, encrypted, foreign or too large


@dataclass(frozen=True, slots=True, eq=False)
class BodyAsset:
    """Arrays of one body file; V vertices, F faces, body frame, metres.

    Attributes:
        name: Name told to people.
        licence: Licence of the file.
        sha256: Hash of the file's bytes; stored with each fit.
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
    """Read and check a body file; cached by path.

    Raises:
        AssetError: Missing, not an ``.npz``, pickled, or an array of the wrong name, shape or content.
    """
    content, arrays = _read(path)

    def get(key: str, *shape: int | None) -> NDArray[Any]:
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
            raise AssetError(
                f"Array '{key}' of body file {path.name} holds no numbers; build or convert the body again."
            )
        if not np.isfinite(array).all():
            raise AssetError(f"Array '{key}' of body file {path.name} holds NaN; build or convert the body again.")
        return array

    v_template = get("v_template", None, 3)
    count = len(v_template)
    faces = _indices(get("f", None, 3), "f", count, path)
    kintree = get("kintree_table", 2, JOINTS).astype(np.int64)
    parents = kintree[0].copy()
    parents[0] = -1
    if not all(0 <= parents[joint] < joint for joint in range(1, JOINTS)):
        raise AssetError(f"The joints of body file {path.name} do not form a tree; it is not a body in SMPL's format.")
    weights = get("weights", count, JOINTS).astype(np.float32)
    if np.abs(weights.sum(1) - 1).max() > 1e-3:
        raise AssetError(f"The skinning weights of body file {path.name} do not sum to 1; build the body again.")
    h36m = arrays.get("J_regressor_h36m")
    return BodyAsset(
        name=str(arrays["name"]) if "name" in arrays else path.stem,
        licence=str(arrays["licence"]) if "licence" in arrays else "unknown",
        sha256=hashlib.sha256(content).hexdigest(),
        v_template=v_template.astype(np.float32),
        shapedirs=get("shapedirs", count, 3, None)[..., :BETAS].astype(np.float32),
        posedirs=get("posedirs", count, 3, POSE_FEATURES).astype(np.float32),
        J_regressor=get("J_regressor", JOINTS, count).astype(np.float32),
        weights=weights,
        faces=faces,
        parents=parents,
        landmark_vertices=_indices(get("landmark_vertices", LANDMARKS), "landmark_vertices", count, path),
        J_regressor_extra=get("J_regressor_extra", EXTRA_JOINTS, count).astype(np.float32),
        J_regressor_h36m=None if h36m is None else get("J_regressor_h36m", 17, count).astype(np.float32),
    )


def _read(path: Path) -> tuple[bytes, dict[str, NDArray[Any]]]:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise AssetError(
            f"Body file {path} is missing; run 'python main.py body build' to make the mannequin."
        ) from error
    except OSError as error:
        raise AssetError(f"Body file {path} cannot be read ({error.strerror}); check its rights.") from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inflated = sum(item.file_size for item in archive.infolist())
        if inflated > _LARGEST_BYTES:
            raise ValueError(f"it would inflate to {inflated / 1e9:.1f} GB")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return content, {key: arrays[key] for key in arrays.files}
    except _UNREADABLE as error:
        raise AssetError(
            f"Body file {path} is not a readable .npz of plain arrays ({error}); convert or build it again."
        ) from error


def _indices(array: NDArray[Any], key: str, count: int, path: Path) -> NDArray[np.int64]:
    if array.min() < 0 or array.max() >= count:
        raise AssetError(
            f"Array '{key}' of body file {path.name} points past its {count} vertices; build the body again."
        )
    return array.astype(np.int64)
