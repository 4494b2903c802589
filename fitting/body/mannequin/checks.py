"""How well a posed mesh holds up: volume, triangles turned over, sharp ones, and pairs that cut each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fitting.body.mannequin.posing import blend, bone_transforms, move
from fitting.body.mannequin.surface import enclosed_volume

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]
Body = dict[str, FloatArray]
"""Arrays of a body file in double precision, ``f`` among them."""


@dataclass(frozen=True, slots=True)
class MeshReport:
    """What is wrong with one posed mesh.

    Attributes:
        litres: Volume inside the surface.
        inverted: Triangles whose normal points against the one skinning alone would give.
        cuts: Pairs of triangles without a common corner that cut each other.
        longest_mm: Largest growth of an edge.
        sharpest: 0.1st percentile of the triangles' smallest angles, degrees.
    """

    litres: float
    inverted: int
    cuts: int
    longest_mm: float
    sharpest: float


def pose_body(
    body: Body, rotations: FloatArray, betas: FloatArray | None = None, correct: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Vertices ``(V, 3)`` of a shaped body at rest and posed, metres.

    Args:
        body: Arrays of the body file.
        rotations: ``(24, 3, 3)``.
        betas: ``(10,)``, standard deviations.
        correct: Whether to add the pose correctives.
    """
    rest = body["v_template"] if betas is None else body["v_template"] + body["shapedirs"] @ betas
    corrected = rest + body["posedirs"] @ (rotations[1:] - np.eye(3)).ravel() if correct else rest
    motions = blend(body["weights"], bone_transforms(body["J_regressor"] @ rest, rotations))
    return rest, move(corrected, motions)


def report_mesh(body: Body, rest: FloatArray, rotations: FloatArray, posed: FloatArray) -> MeshReport:
    """Measure a posed mesh against its rest shape."""
    faces = body["f"].astype(np.int64)
    motions = blend(body["weights"], bone_transforms(body["J_regressor"] @ rest, rotations))
    carried = np.einsum("fij,fj->fi", motions[faces, :, :3].mean(1), face_normals(rest, faces))
    inverted = int(((carried * face_normals(posed, faces)).sum(1) < 0.0).sum())
    growth = edge_lengths(posed, faces) - edge_lengths(rest, faces)
    return MeshReport(
        1000.0 * enclosed_volume(posed, faces),
        inverted,
        len(cutting_triangles(posed, faces)),
        1000.0 * float(growth.max()),
        float(np.percentile(smallest_angles(posed, faces), 0.1)),
    )


def face_normals(vertices: FloatArray, faces: IndexArray) -> FloatArray:
    """Unit normals ``(F, 3)``."""
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-15))


def edge_lengths(vertices: FloatArray, faces: IndexArray) -> FloatArray:
    """Length ``(F, 3)`` of each triangle's sides, metres."""
    return np.asarray(np.linalg.norm(vertices[faces] - vertices[np.roll(faces, -1, 1)], axis=-1))


def smallest_angles(vertices: FloatArray, faces: IndexArray) -> FloatArray:
    """Smallest angle ``(F,)`` of each triangle, degrees: the one between its two longer sides."""
    short, middle, long = np.sort(edge_lengths(vertices, faces), axis=1).T
    cosine = (middle**2 + long**2 - short**2) / np.maximum(2.0 * middle * long, 1e-15)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def cutting_triangles(vertices: FloatArray, faces: IndexArray) -> IndexArray:
    """Pairs ``(N, 2)`` of triangles that cut each other and share no corner."""
    corners = vertices[faces]
    center = corners.mean(1)
    radius = np.linalg.norm(corners - center[:, None], axis=-1).max(1)
    near = cKDTree(center).query_ball_point(center, radius + radius.max(), return_sorted=False)
    first = np.repeat(np.arange(len(faces)), [len(row) for row in near])
    second = np.concatenate([np.asarray(row, np.int64) for row in near])
    once = first < second
    first, second = first[once], second[once]
    apart = np.linalg.norm(center[first] - center[second], axis=1) > radius[first] + radius[second]
    touching = (faces[first][:, :, None] == faces[second][:, None, :]).any((1, 2))
    first, second = first[~apart & ~touching], second[~apart & ~touching]
    hit = np.zeros(len(first), bool)
    for side in range(3):
        for cutter, cut in ((first, second), (second, first)):
            hit |= _crosses(corners[cutter, side], corners[cutter, (side + 1) % 3], corners[cut])
    return np.stack([first[hit], second[hit]], -1)


def _crosses(start: FloatArray, end: FloatArray, triangle: FloatArray) -> NDArray[np.bool_]:
    """Whether each segment ``(N, 3)`` passes through its triangle ``(N, 3, 3)`` (Moeller and Trumbore 1997)."""
    along = end - start
    first, second = triangle[:, 1] - triangle[:, 0], triangle[:, 2] - triangle[:, 0]
    normal = np.cross(along, second)
    determinant = (first * normal).sum(1)
    parallel = np.abs(determinant) < 1e-18
    scale = 1.0 / np.where(parallel, 1.0, determinant)
    offset = start - triangle[:, 0]
    u = (offset * normal).sum(1) * scale
    turned = np.cross(offset, first)
    v = (along * turned).sum(1) * scale
    at = (second * turned).sum(1) * scale
    return np.asarray(~parallel & (u > 0) & (v > 0) & (u + v < 1) & (at > 0) & (at < 1))
