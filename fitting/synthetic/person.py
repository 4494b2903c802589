"""A posed body in its clothes, standing on the ground or sitting on a cube."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from fitting.body.model import BodyModel
from fitting.render.shading import NormalOperator
from fitting.spec import BodyFit, FloatArray
from fitting.synthetic.figure import Figure
from fitting.synthetic.garments import smoothness, thickness
from fitting.synthetic.lighting import Mesh
from fitting.synthetic.outfit import Outfit
from fitting.synthetic.scene import Ground, Staging, build_seat, lay_ground

_SEAT_COLORS = np.array(
    [[0.82, 0.72, 0.58], [0.55, 0.62, 0.66], [0.78, 0.55, 0.42], [0.88, 0.86, 0.82], [0.42, 0.50, 0.44]]
)


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A dressed body, and its seat if it has one; vertices below ``body_vertices`` are the body's."""

    mesh: Mesh
    body_vertices: int
    ground: Ground
    seat_color: FloatArray


def dress(body: BodyModel, figure: Figure, staging: Staging, outfit: Outfit, rng: Generator) -> Person:
    """Pose the body, let the clothes stand off the skin, put it on the ground or a seat."""
    fit = BodyFit(staging.rotations, staging.betas, np.array([1.0, 0.0, 0.0]))
    skin = body.vertices_of(fit).astype(np.float64)
    normals_of = NormalOperator(body.faces, len(skin))
    soft = relax(skin, body.faces, smoothness(outfit, figure))
    points = soft + thickness(outfit, figure)[:, None] * normals_of(soft)
    normals = normals_of(points)
    ground = lay_ground(points, staging.pitch, staging.lift)
    faces = body.faces
    if staging.is_seated:
        rest = figure.vertices
        sat_on = (np.abs(rest[:, 0]) < figure.shoulder) & (rest[:, 2] < 0) & (np.abs(rest[:, 1] - figure.hip) < 0.09)
        seat = build_seat(points[sat_on], ground, staging.heading)
        faces = np.concatenate((faces, seat.faces + len(points)))
        sides = np.cross(
            seat.points_cam[seat.faces[::2, 1]] - seat.points_cam[seat.faces[::2, 0]],
            seat.points_cam[seat.faces[::2, 2]] - seat.points_cam[seat.faces[::2, 0]],
        )
        outward = seat.points_cam.reshape(6, 4, 3).mean(1) - seat.points_cam.mean(0)
        sides *= np.sign((sides * outward).sum(1, keepdims=True)) / np.linalg.norm(sides, axis=1, keepdims=True)
        points = np.concatenate((points, seat.points_cam))
        normals = np.concatenate((normals, np.repeat(sides, 4, axis=0)))
    return Person(Mesh(points, normals, faces), len(skin), ground, _SEAT_COLORS[rng.integers(len(_SEAT_COLORS))])


def relax(points: FloatArray, faces: NDArray[np.int64], amount: FloatArray, rounds: int = 8) -> FloatArray:
    """Points ``(V, 3)`` smoothed over the mesh where ``amount`` ``(V,)`` is 1, untouched where it is 0."""
    edges = np.concatenate((faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]))
    pairs = np.concatenate((edges, edges[:, ::-1]))
    count = len(points)
    neighbours = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    mean = diags(1.0 / np.maximum(np.asarray(neighbours.sum(1)).ravel(), 1.0)) @ neighbours
    smooth = points
    for _ in range(rounds):
        smooth = smooth + (0.6 * amount)[:, None] * (mean @ smooth - smooth)
    return smooth
