"""Rotation matrices and axis-angle vectors in double precision, for formats that hold the latter.

Matrices act on column vectors, ``x' = R x``; an axis-angle vector points along the axis, its length is the angle in
radians. Unit quaternions lie between, so that neither the identity nor a half turn gives NaN (eft_method.md 11,
pitfall 8).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from db.formats.parts.checks import ItemError

_LARGEST_ANGLE = 100.0


def matrix_to_axis_angle(matrices: ArrayLike) -> NDArray[np.float64]:
    """Axis-angle vectors of rotations.

    Args:
        matrices: ``(..., 3, 3)``; of a matrix that is orthonormal only to rounding, the nearest rotation counts.

    Returns:
        ``(..., 3)`` radians, no longer than pi.
    """
    exact = np.asarray(matrices, dtype=np.float64)
    left, _, right = np.linalg.svd(exact.reshape(-1, 3, 3))
    vectors = Rotation.from_matrix(left @ right).as_rotvec()
    return np.asarray(vectors, dtype=np.float64).reshape(exact.shape[:-1])


def axis_angle_to_matrix(vectors: ArrayLike) -> NDArray[np.float64]:
    """Rotations of axis-angle vectors.

    Args:
        vectors: ``(..., 3)`` radians.

    Returns:
        ``(..., 3, 3)``.

    Raises:
        ItemError: A number is not finite, or too large to be an angle in radians.
    """
    exact = np.asarray(vectors, dtype=np.float64)
    if not np.isfinite(exact).all():
        raise ItemError("the pose has a value that is not a finite number")
    if exact.size and (largest := float(np.abs(exact).max())) > _LARGEST_ANGLE:
        raise ItemError(f"the pose has an angle of {largest:.3g}; expected radians")
    matrices = Rotation.from_rotvec(exact.reshape(-1, 3)).as_matrix()
    return np.asarray(matrices, dtype=np.float64).reshape(*exact.shape, 3)
