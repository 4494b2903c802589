"""Mixtures of Gaussians over poses: the prior that keeps SMPLify's bodies human (eft_method.md section 7).

A prior file is an ``.npz`` with ``means (K, 69)``, ``covars (K, 69, 69)`` and ``weights (K,)``: the arrays of the
published ``gmm_08.pkl``, over the axis-angle vectors (radians) of SMPL's joints 1-23.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from torch import Tensor, nn

from fitting.body.published import read_published_arrays
from fitting.errors import AssetError

ARRAYS = ("name", "licence", "means", "covars", "weights")
"""What is read of a prior's file; whatever else it holds is left alone."""
POSE_NUMBERS = 69
"""Three numbers for each of the 23 joints below the root."""
_LARGEST = 1e6
"""Angles beyond it are none."""
_LARGEST_BYTES = 10**8
"""The published prior has 0.3 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class PriorAsset:
    """Arrays of one prior file; K components, radians, double precision.

    Attributes:
        name: Name told to people.
        licence: Licence of the file.
        sha256: Hash of the file's bytes.
        means: ``(K, 69)``.
        covars: ``(K, 69, 69)`` symmetric and positive definite.
        weights: ``(K,)`` positive, sum 1.
    """

    name: str
    licence: str
    sha256: str
    means: NDArray[np.float64]
    covars: NDArray[np.float64]
    weights: NDArray[np.float64]


class PosePrior(nn.Module):
    """How unlikely a pose is: ``min_k`` of the components' negative log-likelihoods. Buffers only, nothing to train.

    All components are whitened in one batched product. Inverses and determinants come from Cholesky factors in double
    precision: the determinant of 69 variances of a few hundredths is far below what a float can hold.
    """

    def __init__(self, asset: PriorAsset, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        factors = np.linalg.cholesky(asset.covars)
        half_log_dets = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(-1)
        identity = np.eye(POSE_NUMBERS)
        whitening = np.stack([solve_triangular(factor, identity, lower=True) for factor in factors])
        # The released normalisation: the determinants count relative to the smallest one.
        offsets = 0.5 * POSE_NUMBERS * math.log(2 * math.pi) + half_log_dets - half_log_dets.min()
        self._constant("means", asset.means, dtype)
        self._constant("whitening", whitening, dtype)
        self._constant("offsets", offsets - np.log(asset.weights), dtype)

    means: Tensor
    whitening: Tensor
    offsets: Tensor

    def _constant(self, name: str, array: NDArray[np.float64], dtype: torch.dtype) -> None:
        self.register_buffer(name, torch.tensor(array, dtype=dtype), persistent=False)

    def forward(self, body_pose: Tensor) -> Tensor:
        """``E_gmm`` of poses ``(B, 69)``, axis-angle radians: ``(B,)``, its smallest value far above zero."""
        energies: Tensor = self.component_energies(body_pose).amin(-1)
        return energies

    def component_energies(self, body_pose: Tensor) -> Tensor:
        """What each component says, ``(B, K)``: the terms within ``min_k`` of eft_method.md section 7."""
        difference = body_pose[:, None] - self.means
        white = difference.transpose(0, 1) @ self.whitening.mT
        return 0.5 * white.square().sum(-1).T + self.offsets


@lru_cache(maxsize=4)
def load_prior_asset(path: Path) -> PriorAsset:
    """Read and check a prior file, an ``.npz`` or the published pickle; cached by path.

    Raises:
        AssetError: Missing, no file of plain arrays, or no mixture over 69 pose numbers.
    """
    try:
        content = path.read_bytes()
        arrays = read_published_arrays(content, path, ARRAYS, _LARGEST_BYTES)
    except OSError as error:
        raise AssetError(
            f"Pose prior {path} cannot be read ({error.strerror}); name another one, or none to take the mannequin's."
        ) from error
    except AssetError as error:
        raise AssetError(f"{str(error).rstrip('.')}; a pose prior is gmm_08.pkl or an .npz of plain arrays.") from error
    return build_prior_asset(arrays, path, hashlib.sha256(content).hexdigest())


def build_prior_asset(arrays: Mapping[str, NDArray[Any]], path: Path, sha256: str) -> PriorAsset:
    """Check the arrays of a prior and put them into double precision.

    Args:
        arrays: Arrays by name.
        path: The file, for messages.
        sha256: Hash of the file.

    Raises:
        AssetError: An array of the wrong name, shape or content.
    """
    weights = _get(arrays, path, "weights", None)
    count = len(weights)
    if weights.min(initial=1.0) <= 0 or abs(weights.sum() - 1) > 1e-3:
        raise _malformed(path, "its weights are not positive numbers of sum 1")
    return PriorAsset(
        name=str(arrays.get("name", path.stem)),
        licence=str(arrays.get("licence", "unknown")),
        sha256=sha256,
        means=_get(arrays, path, "means", count, POSE_NUMBERS),
        covars=_check_covariances(_get(arrays, path, "covars", count, POSE_NUMBERS, POSE_NUMBERS), path),
        weights=weights,
    )


@lru_cache(maxsize=4)
def load_prior(path: Path) -> PosePrior:
    """Prior of a file, built once a process.

    Raises:
        AssetError: The file is missing or not a prior.
    """
    return PosePrior(load_prior_asset(path)).eval()


def _get(arrays: Mapping[str, NDArray[Any]], path: Path, key: str, *shape: int | None) -> NDArray[np.float64]:
    """One array of numbers in a shape, of which None may be any length."""
    array = arrays.get(key)
    if array is None:
        raise _malformed(path, f"it has no array '{key}'")
    if len(array.shape) != len(shape) or any(
        want not in (None, have) for have, want in zip(array.shape, shape, strict=True)
    ):
        wanted = " x ".join("any" if n is None else str(n) for n in shape)
        raise _malformed(path, f"its array '{key}' has shape {array.shape}, expected {wanted}")
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise _malformed(path, f"its array '{key}' holds something that is no number")
    if np.abs(array).max(initial=0) > _LARGEST:
        raise _malformed(path, f"its array '{key}' holds a number beyond {_LARGEST:g}")
    return array.astype(np.float64)


def _check_covariances(covars: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    """Covariances without the asymmetry of rounding."""
    transposed = covars.swapaxes(1, 2)
    if not np.allclose(covars, transposed, rtol=1e-4, atol=1e-6):
        raise _malformed(path, "a covariance is not symmetric")
    symmetric: NDArray[np.float64] = (covars + transposed) / 2
    try:
        np.linalg.cholesky(symmetric)
    except np.linalg.LinAlgError as error:
        raise _malformed(path, "a covariance is not positive definite") from error
    return symmetric


def _malformed(path: Path, reason: str) -> AssetError:
    return AssetError(
        f"Pose prior {path} is no mixture of Gaussians over 69 pose numbers: {reason}; convert or build it again."
    )
