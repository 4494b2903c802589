"""Zoom and pan as arithmetic, without Qt.

Image coordinates are pixels of the picture (origin at its top-left corner, x right, y down), screen coordinates
are logical pixels of the canvas. A :class:`Viewport` is the similarity between them; every change returns a new one.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_SCALE = 0.02
MAX_SCALE = 64.0

Rectangle = tuple[float, float, float, float]
"""Left, top, width, height."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """Map ``screen = scale * image + offset``.

    Attributes:
        scale: Screen pixels for one image pixel.
        offset_x: Screen x of the image's origin.
        offset_y: Screen y of the image's origin.
    """

    scale: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Screen point of an image point."""
        return self.scale * x + self.offset_x, self.scale * y + self.offset_y

    def to_image(self, u: float, v: float) -> tuple[float, float]:
        """Image point under a screen point."""
        return (u - self.offset_x) / self.scale, (v - self.offset_y) / self.scale

    def zoomed_at(self, u: float, v: float, factor: float) -> Viewport:
        """Zoom by ``factor``; the image point under screen point ``(u, v)`` stays there."""
        scale = clamp_scale(self.scale * factor)
        ratio = scale / self.scale
        return Viewport(scale, u - ratio * (u - self.offset_x), v - ratio * (v - self.offset_y))

    def panned(self, du: float, dv: float) -> Viewport:
        """Shift by screen pixels."""
        return Viewport(self.scale, self.offset_x + du, self.offset_y + dv)

    def recentred(self, old_size: tuple[float, float], new_size: tuple[float, float]) -> Viewport:
        """Keep the image point in the middle of a canvas whose size changes."""
        return self.panned((new_size[0] - old_size[0]) / 2, (new_size[1] - old_size[1]) / 2)


def clamp_scale(scale: float) -> float:
    """Scale within what the canvas can draw."""
    return min(max(scale, MIN_SCALE), MAX_SCALE)


def fit_rectangle(
    rectangle: Rectangle, view_size: tuple[float, float], margin: float = 12.0, max_scale: float = MAX_SCALE
) -> Viewport:
    """Viewport that shows an image rectangle whole and centred.

    Args:
        rectangle: What to show, image pixels.
        view_size: Width and height of the canvas, screen pixels.
        margin: Free border, screen pixels; gives way on a very small canvas.
        max_scale: Do not enlarge beyond this.
    """
    left, top, width, height = rectangle
    free_width = max(view_size[0] - 2 * margin, view_size[0] / 2, 1.0)
    free_height = max(view_size[1] - 2 * margin, view_size[1] / 2, 1.0)
    scale = min(free_width / max(width, 1e-6), free_height / max(height, 1e-6), max_scale)
    scale = clamp_scale(scale)
    return Viewport(
        scale,
        view_size[0] / 2 - scale * (left + width / 2),
        view_size[1] / 2 - scale * (top + height / 2),
    )
