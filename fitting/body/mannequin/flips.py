"""Edge flips towards Delaunay triangles: slivers that decimation leaves would shade as streaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]

_ROUNDS = 8
_EXCESS = np.radians(2.0)
_FLAT = 0.85
"""Cosine between neighbours' normals above which an edge may be flipped: no crease is flipped away."""


def flip_edges(vertices: FloatArray, faces: IndexArray, rim: NDArray[np.bool_]) -> IndexArray:
    """Faces ``(F, 3)`` with the edges flipped whose opposite angles sum to more than a half turn.

    Args:
        vertices: ``(V, 3)``.
        faces: ``(F, 3)``; the surface may be open.
        rim: Vertices ``(V,)`` on the open rim; no two of them are joined, a mirror image would join them too.
    """
    faces = faces.copy()
    for _ in range(_ROUNDS):
        if not _flip_once(vertices, faces, rim):
            break
    return faces


def _flip_once(vertices: FloatArray, faces: IndexArray, rim: NDArray[np.bool_]) -> int:
    """Flip edges that share no vertex with each other, worst first; returns how many."""
    count = len(vertices)
    starts, ends, tips = (np.concatenate([faces[:, (k + shift) % 3] for k in range(3)]) for shift in (0, 1, 2))
    keys = np.minimum(starts, ends) * count + np.maximum(starts, ends)
    order = np.argsort(keys, kind="stable")
    shared = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    one, other = order[shared], order[shared + 1]
    a, b, c, d = starts[one], ends[one], tips[one], tips[other]
    excess = _angle(vertices, c, a, b) + _angle(vertices, d, a, b) - np.pi
    before = [_normal(vertices, a, b, c), _normal(vertices, b, a, d)]
    after = [_normal(vertices, a, d, c), _normal(vertices, d, b, c)]
    flat = np.min([(first * second).sum(1) for first in before for second in (*before, *after)], axis=0) > _FLAT
    wanted = np.flatnonzero((excess > _EXCESS) & flat & ~(rim[c] & rim[d]))
    taken, known, flipped = np.zeros(count, bool), set(keys.tolist()), 0
    for edge in wanted[np.argsort(-excess[wanted], kind="stable")]:
        corners = [int(a[edge]), int(b[edge]), int(c[edge]), int(d[edge])]
        link = min(corners[2:]) * count + max(corners[2:])
        if taken[corners].any() or link in known:
            continue
        faces[one[edge] % len(faces)] = (corners[0], corners[3], corners[2])
        faces[other[edge] % len(faces)] = (corners[3], corners[1], corners[2])
        taken[corners] = True
        flipped += 1
    return flipped


def _angle(vertices: FloatArray, at: IndexArray, first: IndexArray, second: IndexArray) -> FloatArray:
    u, v = vertices[first] - vertices[at], vertices[second] - vertices[at]
    return np.asarray(np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), (u * v).sum(1)))


def _normal(vertices: FloatArray, a: IndexArray, b: IndexArray, c: IndexArray) -> FloatArray:
    normal = np.cross(vertices[b] - vertices[a], vertices[c] - vertices[a])
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-15))
