"""Rotations as matrices, axis-angle vectors and the 6D form of HMR/SPIN.

Convention: matrices act on column vectors, ``x' = R x``. The six numbers are a **row-major 3 x 2 matrix**
``[m00, m01, m10, m11, m20, m21]`` whose columns are the first two columns of the rotation before orthogonalisation
(eft_method.md 2.2; Zhou et al. 2019, "On the Continuity of Rotation Representations in Neural Networks", section B).
All functions broadcast over leading dimensions and are differentiable unless they say otherwise.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def six_d_to_matrix(six_d: Tensor) -> Tensor:
    """Orthogonalise the 6D form by Gram-Schmidt.

    Args:
        six_d: ``(..., 6)``, row-major 3 x 2.

    Returns:
        Rotation matrices ``(..., 3, 3)``.
    """
    columns = six_d.reshape(*six_d.shape[:-1], 3, 2)
    first = functional.normalize(columns[..., 0], dim=-1)
    second = columns[..., 1]
    second = functional.normalize(second - (first * second).sum(-1, keepdim=True) * first, dim=-1)
    third = torch.linalg.cross(first, second, dim=-1)
    return torch.stack((first, second, third), dim=-1)


def matrix_to_six_d(matrices: Tensor) -> Tensor:
    """First two columns, interleaved by row: ``(..., 3, 3)`` to ``(..., 6)``."""
    return matrices[..., :2].flatten(-2)


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """Rodrigues' formula, exact and differentiable at zero.

    Args:
        axis_angle: ``(..., 3)`` radians.

    Returns:
        ``(..., 3, 3)``.
    """
    squared = (axis_angle * axis_angle).sum(-1)[..., None, None]
    small = squared < 1e-8
    safe = torch.where(small, torch.ones_like(squared), squared)
    angle = safe.sqrt()
    # Taylor series below 1e-4 rad: the quotient loses all digits there, and its gradient is 0/0 at zero.
    sine = torch.where(small, 1 - squared / 6, angle.sin() / angle)
    cosine = torch.where(small, 0.5 - squared / 24, (1 - angle.cos()) / safe)
    cross = skew(axis_angle)
    identity = torch.eye(3, dtype=axis_angle.dtype, device=axis_angle.device)
    return identity + sine * cross + cosine * (cross @ cross)


def matrix_to_axis_angle(matrices: Tensor) -> Tensor:
    """Logarithm of rotations through unit quaternions; not meant for gradients.

    The quaternion's largest component is divided by, so that neither the identity nor a half turn gives NaN
    (eft_method.md 11, pitfall 8).

    Args:
        matrices: ``(..., 3, 3)``.

    Returns:
        ``(..., 3)`` radians, length at most pi.
    """
    m = matrices
    trace = m.diagonal(dim1=-2, dim2=-1).sum(-1)
    diagonal = m.diagonal(dim1=-2, dim2=-1)
    squares = torch.cat(((1 + trace)[..., None], 1 + 2 * diagonal - trace[..., None]), dim=-1).clamp_min(0)
    w, (x, y, z) = squares[..., 0], squares[..., 1:].unbind(-1)
    wx = m[..., 2, 1] - m[..., 1, 2]
    wy = m[..., 0, 2] - m[..., 2, 0]
    wz = m[..., 1, 0] - m[..., 0, 1]
    xy = m[..., 1, 0] + m[..., 0, 1]
    xz = m[..., 2, 0] + m[..., 0, 2]
    yz = m[..., 2, 1] + m[..., 1, 2]
    # Row k is 4 * q_k * (w, x, y, z); the row of the largest component is the well-conditioned one.
    rows = torch.stack(
        (
            torch.stack((w, wx, wy, wz), -1),
            torch.stack((wx, x, xy, xz), -1),
            torch.stack((wy, xy, y, yz), -1),
            torch.stack((wz, xz, yz, z), -1),
        ),
        dim=-2,
    )
    best = squares.argmax(-1)[..., None, None].expand(*squares.shape[:-1], 1, 4)
    quaternion = functional.normalize(rows.gather(-2, best).squeeze(-2), dim=-1)
    quaternion = torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)
    vector = quaternion[..., 1:]
    sine = vector.norm(dim=-1, keepdim=True)
    angle = 2 * torch.atan2(sine, quaternion[..., :1])
    scale = torch.where(sine > 1e-8, angle / sine.clamp_min(1e-12), torch.full_like(sine, 2.0))
    return vector * scale


def skew(vectors: Tensor) -> Tensor:
    """Cross-product matrices ``(..., 3, 3)`` of ``(..., 3)``: ``skew(a) @ b = a x b``."""
    x, y, z = vectors.unbind(-1)
    zero = torch.zeros_like(x)
    rows = torch.stack((zero, -z, y, z, zero, -x, -y, x, zero), dim=-1)
    return rows.reshape(*vectors.shape[:-1], 3, 3)


def geodesic_angle(first: Tensor, second: Tensor) -> Tensor:
    """Angle between rotations ``(..., 3, 3)``, radians ``(...)``."""
    relative = first.transpose(-1, -2) @ second
    cosine = (relative.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2
    sine = (
        torch.stack(
            (
                relative[..., 2, 1] - relative[..., 1, 2],
                relative[..., 0, 2] - relative[..., 2, 0],
                relative[..., 1, 0] - relative[..., 0, 1],
            ),
            -1,
        ).norm(dim=-1)
        / 2
    )
    return torch.atan2(sine, cosine)
