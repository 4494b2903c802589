"""Joint regressors: few non-negative weights over the vertices around a joint.

Rest place and the wanted shift of every shape direction are fitted together: a regressor that knows only the rest body
lets its joints drift off when a beta moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from fitting.body.mannequin.shape_directions import shape_fields
from fitting.body.mannequin.surface import Mesh

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]

_SHIFT_WEIGHT = 0.5
_SUM_WEIGHT = 10.0
_CANDIDATES = 400


def build_regressor(
    mesh: Mesh, directions: FloatArray, places: FloatArray, names: Sequence[str], most: int
) -> FloatArray:
    """Rows ``(J, V)`` that give ``places (J, 3)`` at rest and follow the shape fields.

    Args:
        mesh: The rest mesh.
        directions: Shape directions ``(V, 3, 10)``.
        places: Wanted rest places, body frame.
        names: Their names; "right_..." rows are mirrored from "left_...", other rows are symmetric.
        most: Most vertices in a row.
    """
    rows = np.zeros((len(places), len(mesh.vertices)))
    for index, name in enumerate(names):
        if not name.startswith("right_"):
            rows[index] = _fit_row(mesh, directions, places[index], name.startswith("left_"), most)
    for index, name in enumerate(names):
        if name.startswith("right_"):
            left = list(names).index("left_" + name.removeprefix("right_"))
            rows[index] = rows[left][mesh.twins]
    return rows


def _fit_row(mesh: Mesh, directions: FloatArray, place: FloatArray, one_sided: bool, most: int) -> FloatArray:
    """One row ``(V,)``; a symmetric joint is fitted over pairs of twins, with equal weights."""
    order = np.argsort(np.linalg.norm(mesh.vertices - place, axis=1), kind="stable")
    if not one_sided:
        order = order[mesh.vertices[order, 0] >= 0.0]
    chosen = order[:_CANDIDATES]
    wanted = np.concatenate([place, _SHIFT_WEIGHT * shape_fields(place[None])[0].ravel(), [_SUM_WEIGHT]])
    weights = np.zeros(len(chosen))
    for _ in range(2):
        vertices, shifts = mesh.vertices[chosen], directions[chosen]
        if not one_sided:
            vertices = vertices * [0.0, 1.0, 1.0]
            shifts = shifts * np.array([0.0, 1.0, 1.0])[:, None]
        system = np.concatenate(
            [vertices.T, _SHIFT_WEIGHT * shifts.reshape(len(chosen), -1).T, np.full((1, len(chosen)), _SUM_WEIGHT)]
        )
        weights, _ = nnls(system, wanted)
        keep = np.argsort(-weights, kind="stable")[: most if one_sided else most // 2]
        chosen, weights = chosen[keep], weights[keep]
    row = np.zeros(len(mesh.vertices))
    row[chosen] = weights / weights.sum()
    return row if one_sided else 0.5 * (row + row[mesh.twins])
