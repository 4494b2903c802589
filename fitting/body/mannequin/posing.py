"""Linear blend skinning in numpy, for building correctives and looking at their effect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fitting.body.mannequin.anatomy import PARENTS

FloatArray = NDArray[np.float64]


def bone_transforms(joints: FloatArray, rotations: FloatArray, parents: Sequence[int] = PARENTS) -> FloatArray:
    """Rigid motions ``(J, 3, 4)`` of the bones from rest to pose.

    Args:
        joints: Rest joints ``(J, 3)``, body frame.
        rotations: Rotation of each joint relative to its parent ``(J, 3, 3)``.
        parents: Parent of each joint, -1 for the root; parents come first.
    """
    motions = np.zeros((len(joints), 3, 4))
    for joint, parent in enumerate(parents):
        turn, shift = rotations[joint], joints[joint] - rotations[joint] @ joints[joint]
        if parent >= 0:
            turn, shift = motions[parent, :, :3] @ turn, motions[parent, :, :3] @ shift + motions[parent, :, 3]
        motions[joint, :, :3], motions[joint, :, 3] = turn, shift
    return motions


def blend(weights: FloatArray, transforms: FloatArray) -> FloatArray:
    """Each vertex' own affine motion ``(V, 3, 4)`` from weights ``(V, J)`` and bone motions ``(J, 3, 4)``."""
    return np.asarray(np.tensordot(weights, transforms, axes=1))


def move(points: FloatArray, motions: FloatArray) -> FloatArray:
    """Points ``(N, 3)`` moved by one affine motion each ``(N, 3, 4)``."""
    return np.asarray(np.einsum("nij,nj->ni", motions[:, :, :3], points) + motions[:, :, 3])
