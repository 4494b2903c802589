"""Where names go so that they do not cover each other or leave the canvas: pure arithmetic on rectangles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Rect(NamedTuple):
    """Left, top, width, height in screen pixels."""

    left: float
    top: float
    width: float
    height: float

    def overlap(self, other: Rect) -> float:
        """Area shared with another rectangle."""
        width = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        height = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)

    def clamped_into(self, bounds: Rect) -> Rect:
        """Shifted so that it lies inside ``bounds`` (its top-left corner first, where it is too large)."""
        left = max(bounds.left, min(self.left, bounds.left + bounds.width - self.width))
        top = max(bounds.top, min(self.top, bounds.top + bounds.height - self.height))
        return Rect(left, top, self.width, self.height)


def place_labels(
    anchors: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    bounds: Rect,
    gap: float,
) -> list[Rect]:
    """Rectangle of each label, beside its anchor on the side that covers least of the labels placed before it.

    Args:
        anchors: Screen points the labels belong to, the most important first.
        sizes: Width and height of each label.
        bounds: Visible part of the canvas.
        gap: Distance between anchor and label.
    """
    placed: list[Rect] = []
    for (x, y), (width, height) in zip(anchors, sizes, strict=True):
        candidates = (
            Rect(x + gap, y - height / 2, width, height),
            Rect(x - gap - width, y - height / 2, width, height),
            Rect(x - width / 2, y - gap - height, width, height),
            Rect(x - width / 2, y + gap, width, height),
            Rect(x + gap * 0.7, y - gap * 0.7 - height, width, height),
            Rect(x - gap * 0.7 - width, y + gap * 0.7, width, height),
        )
        placed.append(min(candidates, key=lambda c: _cost(c, bounds, placed)).clamped_into(bounds))
    return placed


def _cost(candidate: Rect, bounds: Rect, placed: Sequence[Rect]) -> float:
    outside = candidate.width * candidate.height - candidate.overlap(bounds)
    # Leaving the canvas is worse than covering a neighbour: a clamped label may lie on its own joint.
    return sum(candidate.overlap(other) for other in placed) + 4.0 * outside
