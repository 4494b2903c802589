"""From the distance field to a closed, mirror-symmetric triangle mesh.

Only the half x >= 0 is meshed; its rim lies in the plane x = 0 and is welded to its mirror image, so left and right
vertices correspond exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from fitting.body.mannequin.field import FAR, Part, rest_distance, rest_gradient
from fitting.body.mannequin.primitives import smooth_subtract, smooth_union

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]
Care = Sequence[tuple[FloatArray, FloatArray, float]]
"""Regions that keep more triangles: centre ``(3,)``, reach ``(3,)`` in metres, factor of swelling."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A closed mesh: ``vertices (V, 3)``, ``faces (F, 3)`` outward, and each vertex' mirror image ``twins (V,)``."""

    vertices: FloatArray
    faces: IndexArray
    twins: IndexArray


def sample_grid(parts: Sequence[Part], spacing: float) -> tuple[FloatArray, FloatArray]:
    """The rest field on a grid over x >= 0.

    Each part is evaluated only near its own box: farther away it cannot change the surface.

    Returns:
        Field ``(nx, ny, nz)`` and the place ``(3,)`` of its first sample; the plane x = 0 is the first slice.
    """
    boxes = [part.solid.bounds() for part in parts if not part.carves]
    low = np.min([box[0] for box in boxes], 0) - 4 * spacing
    high = np.max([box[1] for box in boxes], 0) + 4 * spacing
    low[0] = 0.0
    shape = np.ceil((high - low) / spacing).astype(int) + 1
    axes = [low[axis] + spacing * np.arange(shape[axis]) for axis in range(3)]
    field = np.full(shape, FAR)
    for part in parts:
        lower, upper = part.solid.bounds()
        reach = 2.0 * part.blend + 3 * spacing
        window = tuple(
            slice(int(np.searchsorted(axes[k], lower[k] - reach)), int(np.searchsorted(axes[k], upper[k] + reach)))
            for k in range(3)
        )
        points = np.stack(np.meshgrid(*(axes[k][window[k]] for k in range(3)), indexing="ij"), -1)
        distance = part.solid.distance(points.reshape(-1, 3)).reshape(points.shape[:3])
        join = smooth_subtract if part.carves else smooth_union
        field[window] = join(field[window], distance, part.blend)
    return field, low


def extract_half(field: FloatArray, low: FloatArray, spacing: float) -> tuple[FloatArray, IndexArray]:
    """Marching cubes on the half field; vertices ``(V, 3)`` with x >= 0 and faces ``(F, 3)`` outward."""
    from skimage.measure import marching_cubes

    vertices, faces, _, _ = marching_cubes(  # type: ignore[no-untyped-call]
        field.astype(np.float32), 0.0, spacing=(spacing,) * 3
    )
    vertices = vertices.astype(np.float64) + low
    faces = faces.astype(np.int64)
    vertices[vertices[:, 0] < 1e-6, 0] = 0.0
    return _largest_piece(vertices, _outward(vertices, faces))


def _outward(vertices: FloatArray, faces: IndexArray) -> IndexArray:
    corners = vertices[faces]
    volume = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    return faces if volume > 0 else faces[:, ::-1]


def _largest_piece(vertices: FloatArray, faces: IndexArray) -> tuple[FloatArray, IndexArray]:
    links = sparse.coo_matrix((np.ones(3 * len(faces)), (faces.ravel(), np.roll(faces, 1, 1).ravel())))
    links.resize((len(vertices), len(vertices)))
    _, label = sparse.csgraph.connected_components(links, directed=False)
    keep = label == np.bincount(label).argmax()
    index = np.cumsum(keep) - 1
    return vertices[keep], index[faces[keep[faces[:, 0]]]]


def decimate(vertices: FloatArray, faces: IndexArray, target_faces: int, care: Care) -> tuple[FloatArray, IndexArray]:
    """Quadric decimation (fast-simplification), finer where ``care`` says so; the rim at x = 0 stays in its plane.

    The mesh is decimated swollen, one region after the other: what is drawn larger keeps more triangles. Each vertex
    that is left then takes the place of the nearest vertex of the fine mesh.
    """
    import fast_simplification

    swollen = vertices.copy()
    for center, reach, factor in care:
        offset = swollen - center
        share = np.exp(-0.5 * ((offset / reach) ** 2).sum(1, keepdims=True))
        swollen += (factor - 1.0) * share * offset
    thinned, faces_left = fast_simplification.simplify(
        swollen.astype(np.float32), faces.astype(np.int32), target_count=target_faces, agg=3
    )
    kept = faces_left.astype(np.int64)
    places = vertices[cKDTree(swollen).query(thinned.astype(np.float64))[1]]
    places[np.unique(_open_edges(kept)), 0] = 0.0
    return places, kept


def _open_edges(faces: IndexArray) -> IndexArray:
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    return np.asarray(unique[count == 1])


def mirror(vertices: FloatArray, faces: IndexArray) -> Mesh:
    """Weld a half mesh to its mirror image along the rim."""
    count = len(vertices)
    rim = np.zeros(count, bool)
    rim[np.unique(_open_edges(faces))] = True
    inner = np.flatnonzero(~rim)
    twin = np.arange(count)
    twin[inner] = count + np.arange(len(inner))
    everything = np.concatenate([vertices, vertices[inner] * [-1.0, 1.0, 1.0]])
    twins = np.concatenate([twin, inner])
    return Mesh(everything, np.concatenate([faces, twin[faces][:, ::-1]]), twins)


def settle(mesh: Mesh, parts: Sequence[Part], rounds: int, fixed: IndexArray | None = None) -> Mesh:
    """Spread the triangles evenly and bring the vertices onto the surface.

    Each round is half a step of the tangential Laplacian and two Newton steps back to the distance field. Sharply
    curved places (fingertips, lips) are spared: there the Laplacian would pull the triangles away from the tip.
    Vertices numbered in ``fixed`` stay where they are.
    """
    vertices = mesh.vertices.copy()
    mean = neighbour_mean(mesh.faces, len(vertices))
    free = np.ones((len(vertices), 1))
    free[[] if fixed is None else fixed] = 0.0
    for _ in range(rounds):
        normals = rest_gradient(parts, vertices)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        flatness = np.linalg.norm(mean @ normals, axis=1, keepdims=True)
        step = 0.5 * np.clip((flatness - 0.6) / 0.3, 0.0, 1.0) * (mean @ vertices - vertices)
        moved = vertices + step - normals * (step * normals).sum(1, keepdims=True)
        moved = _symmetric(project(moved, parts, 2), mesh.twins)
        vertices = vertices + free * (moved - vertices)
    return Mesh(vertices, mesh.faces, mesh.twins)


def _symmetric(vertices: FloatArray, twins: IndexArray) -> FloatArray:
    return 0.5 * (vertices + vertices[twins] * [-1.0, 1.0, 1.0])


def neighbour_mean(faces: IndexArray, count: int) -> sparse.csr_matrix:
    """Row-stochastic matrix ``(V, V)`` that replaces each value by the mean of its neighbours'."""
    links = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    links = np.concatenate([links, links[:, ::-1]])
    matrix = sparse.coo_matrix((np.ones(len(links)), links.T), (count, count)).tocsr()
    matrix.data[:] = 1.0
    return sparse.diags(1.0 / np.asarray(matrix.sum(1)).ravel()) @ matrix


def project(points: FloatArray, parts: Sequence[Part], steps: int, longest: float = 0.006) -> FloatArray:
    """Newton steps ``(N, 3)`` onto the surface, each no longer than ``longest`` metres."""
    for _ in range(steps):
        gradient = rest_gradient(parts, points)
        slope = np.maximum((gradient**2).sum(1), 0.05)
        move = -(rest_distance(parts, points) / slope)[:, None] * gradient
        length = np.linalg.norm(move, axis=1, keepdims=True)
        points = points + move * np.minimum(1.0, longest / np.maximum(length, 1e-12))
    return points


def pin_landmarks(
    mesh: Mesh, parts: Sequence[Part], wanted: FloatArray, names: Sequence[str]
) -> tuple[Mesh, IndexArray]:
    """Choose a vertex for each landmark and slide it to the wanted place on the surface, twins together.

    Returns:
        The mesh and the vertex numbers ``(L,)``.
    """
    vertices = mesh.vertices.copy()
    on_surface = project(wanted, parts, 6)
    chosen = np.zeros(len(wanted), np.int64)
    for row, name in enumerate(names):
        if name.startswith("right_"):
            continue
        midline = wanted[row, 0] == 0.0
        candidates = np.flatnonzero((mesh.twins == np.arange(len(vertices))) == midline)
        nearest = candidates[np.linalg.norm(vertices[candidates] - on_surface[row], axis=1).argmin()]
        vertices[nearest] = on_surface[row]
        vertices[mesh.twins[nearest]] = on_surface[row] * [-1.0, 1.0, 1.0]
        chosen[row] = nearest
        if name.startswith("left_"):
            chosen[list(names).index("right_" + name.removeprefix("left_"))] = mesh.twins[nearest]
    return Mesh(vertices, mesh.faces, mesh.twins), chosen


def vertex_normals(mesh: Mesh) -> FloatArray:
    """Unit normals ``(V, 3)``, the faces around a vertex weighted by area."""
    corners = mesh.vertices[mesh.faces]
    normals = np.zeros_like(mesh.vertices)
    np.add.at(normals, mesh.faces, np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, None])
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def enclosed_volume(vertices: FloatArray, faces: IndexArray) -> float:
    """Volume in cubic metres inside a closed mesh, by the divergence theorem."""
    corners = vertices[faces]
    return float(np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0)
