"""Where names go so that they do not cover each other or leave the canvas: pure arithmetic on rectangles.

Rectangles are rows ``(left, top, width, height)`` in screen pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ui.widgets.viewport import Rectangle

# Leaving the canvas is worse than covering a neighbour: a clamped label may lie on its own joint.
_OUTSIDE_WEIGHT = 4.0


def place_labels(
    anchors: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    bounds: Rectangle,
    gap: float,
    obstacles: Sequence[Rectangle] = (),
) -> list[Rectangle]:
    """Rectangle of each label, on the side of its anchor where it covers least of what is there already.

    Args:
        anchors: Screen points the labels belong to, the most important first.
        sizes: Width and height of each label.
        bounds: Visible part of the canvas.
        gap: Distance between anchor and label.
        obstacles: What labels should not cover: the marks of the joints.
    """
    taken = [*obstacles]
    placed: list[Rectangle] = []
    canvas = np.array([bounds], dtype=np.float64)
    for anchor, size in zip(anchors, sizes, strict=True):
        candidates = _candidates(anchor, size, gap)
        outside = size[0] * size[1] - overlaps(candidates, canvas)[:, 0]
        covered = overlaps(candidates, np.array(taken, dtype=np.float64).reshape(-1, 4)).sum(axis=1)
        best = candidates[int(np.argmin(covered + _OUTSIDE_WEIGHT * outside))]
        placed.append(_clamped_into(best, bounds))
        taken.append(placed[-1])
    return placed


def overlaps(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Areas ``(N, M)`` shared by rectangles ``(N, 4)`` and ``(M, 4)``."""
    a, b = first[:, None], second[None]
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    areas: NDArray[np.float64] = np.clip(high - low, 0.0, None).prod(axis=-1)
    return areas


def _candidates(anchor: tuple[float, float], size: tuple[float, float], gap: float) -> NDArray[np.float64]:
    """Right, left, above, below, then the two diagonals; the first wins a tie."""
    (x, y), (width, height) = anchor, size
    near = 0.7 * gap
    corners = (
        (x + gap, y - height / 2),
        (x - gap - width, y - height / 2),
        (x - width / 2, y - gap - height),
        (x - width / 2, y + gap),
        (x + near, y - near - height),
        (x - near - width, y + near),
    )
    return np.array([(left, top, width, height) for left, top in corners], dtype=np.float64)


def _clamped_into(rectangle: NDArray[np.float64], bounds: Rectangle) -> Rectangle:
    """Shifted to lie inside ``bounds``, with its top-left corner first where it is too large."""
    left, top, width, height = rectangle.tolist()
    left = max(bounds[0], min(left, bounds[0] + bounds[2] - width))
    top = max(bounds[1], min(top, bounds[1] + bounds[3] - height))
    return left, top, width, height
