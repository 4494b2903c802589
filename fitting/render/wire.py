"""The edges of a mesh, to be drawn as lines."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fitting.spec import FloatArray

_OVER_MESH: Final = 0.62
"""Share of the surface's brightness that its edges keep: lines stand out from what they lie on, in light and shade."""


def find_edges(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Edges ``(E, 2)`` of faces ``(F, 3)``, each once."""
    sides = np.sort(np.concatenate((faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]])), axis=1)
    return np.unique(sides, axis=0)


def shade_wire(colors: FloatArray, *, over_mesh: bool) -> FloatArray:
    """Colours ``(V, 3)`` of edges whose surface has the colours given."""
    return colors * _OVER_MESH if over_mesh else colors
