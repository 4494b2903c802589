"""Skinning weights by bone heat (Baran & Popovic 2007, "Automatic rigging and animation of 3D characters", 4).

The surface carries the heat, so arms do not pull the ribs and legs do not pull each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from fitting.body.mannequin.anatomy import JOINT_NAMES, SOLE_DEPTH, mirrored_name
from fitting.body.mannequin.surface import Mesh, neighbour_mean

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]
Segment = tuple[int, FloatArray, FloatArray]

JOINTS = len(JOINT_NAMES)
HEAT = 0.6
_CLOSEST_M = 0.02
_INFLUENCES = 4
_FAINT = 0.02


def build_weights(mesh: Mesh, segments: Sequence[Segment]) -> FloatArray:
    """Weights ``(V, 24)``: bone heat, smoothed, at most four a vertex, rows sum to 1, head rigid, twins mirrored."""
    weights = bone_heat(mesh.vertices, mesh.faces, segments)
    mean = neighbour_mean(mesh.faces, len(mesh.vertices))
    for _ in range(2):
        weights = 0.5 * weights + 0.5 * (mean @ weights)
    weights = 0.5 * (weights + _mirrored(weights, mesh.twins))
    return _strongest(_with_rigid_head(weights, mesh.vertices))


def bone_heat(vertices: FloatArray, faces: IndexArray, segments: Sequence[Segment]) -> FloatArray:
    """Equilibrium ``(L + H) w = H p`` of heat from the nearest bone, ``(V, 24)``.

    L is the cotangent Laplacian, p is 1 for the nearest bone of the vertex' own side, and H = 0.6 area / d^2.
    """
    distances = np.full((len(vertices), JOINTS), np.inf)
    for joint, start, end in segments:
        side = np.sign(start[0] + end[0])
        reachable = vertices[:, 0] * side >= 0.0
        to_bone = np.where(reachable, segment_distance(vertices, start, end), np.inf)
        distances[:, joint] = np.minimum(distances[:, joint], to_bone)
    nearest = distances.min(1, keepdims=True)
    sources = (distances <= nearest + 1e-6).astype(float)
    sources /= sources.sum(1, keepdims=True)
    heat = HEAT * vertex_areas(vertices, faces) / np.maximum(nearest[:, 0], _CLOSEST_M) ** 2
    system = cotangent_laplacian(vertices, faces) + sparse.diags(heat)
    weights: FloatArray = splu(system.tocsc()).solve(heat[:, None] * sources)
    weights = np.clip(weights, 0.0, None)
    return np.asarray(weights / weights.sum(1, keepdims=True))


def segment_distance(points: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """Distance ``(N,)`` of points ``(N, 3)`` from a segment."""
    axis = end - start
    along = np.clip((points - start) @ axis / max(float(axis @ axis), 1e-12), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - along[:, None] * axis, axis=1))


def vertex_areas(vertices: FloatArray, faces: IndexArray) -> FloatArray:
    """A third of the area of the triangles around each vertex ``(V,)``."""
    corners = vertices[faces]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2.0
    around: FloatArray = np.zeros(len(vertices))
    np.add.at(around, faces.ravel(), np.repeat(areas / 3.0, 3))
    return around


def cotangent_laplacian(vertices: FloatArray, faces: IndexArray) -> sparse.csr_matrix:
    """Positive semi-definite cotangent Laplacian ``(V, V)``; weights of blunt triangles are cut off at 0."""
    rows, columns, values = [], [], []
    for corner in range(3):
        i, j, k = faces[:, corner], faces[:, (corner + 1) % 3], faces[:, (corner + 2) % 3]
        first, second = vertices[i] - vertices[k], vertices[j] - vertices[k]
        sine = np.linalg.norm(np.cross(first, second), axis=1)
        cotangent = np.maximum((first * second).sum(1) / np.maximum(sine, 1e-12), 0.0) / 2.0
        rows += [i, j]
        columns += [j, i]
        values += [cotangent, cotangent]
    shape = (len(vertices), len(vertices))
    links = sparse.coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape).tocsr()
    return sparse.diags(np.asarray(links.sum(1)).ravel()) - links


def head_share(points: FloatArray) -> FloatArray:
    """How much of a point ``(N,)`` belongs to the rigid head: 1 above jaw and nape, 0 from 4.5 cm below."""
    border = 1.540 - 0.35 * points[:, 2] - SOLE_DEPTH
    ramp = np.clip((points[:, 1] - border + 0.045) / 0.045, 0.0, 1.0)
    return np.asarray(ramp * ramp * (3.0 - 2.0 * ramp))


def _with_rigid_head(weights: FloatArray, vertices: FloatArray) -> FloatArray:
    head = JOINT_NAMES.index("head")
    rest = weights.copy()
    rest[:, head] = 0.0
    rest[rest.sum(1) < 1e-6, JOINT_NAMES.index("neck")] = 1.0
    share = head_share(vertices)[:, None]
    rest *= (1.0 - share) / rest.sum(1, keepdims=True)
    rest[:, head] = share[:, 0]
    return rest


def _mirrored(weights: FloatArray, twins: IndexArray) -> FloatArray:
    swap = [JOINT_NAMES.index(mirrored_name(name)) for name in JOINT_NAMES]
    return weights[twins][:, swap]


def _strongest(weights: FloatArray) -> FloatArray:
    # Subtracted, not cut off: a step in the weights is a step in the bent skin.
    kept = np.maximum(weights - _FAINT, 0.0)
    # Equals of the strongest that is left out go with it: on the midline left and right must both stay or both go.
    first_out = np.sort(kept, axis=1)[:, [-_INFLUENCES - 1]]
    kept = np.where(kept <= first_out * (1.0 + 1e-6), 0.0, kept - first_out)
    return np.asarray(kept / kept.sum(1, keepdims=True))
