"""Drawing a body as a transparent layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from fitting.spec.body import BodyFit, Box, ByteImage, JobId

View: TypeAlias = Literal["camera", "side", "front", "back", "top"]
"""``camera`` draws through the fit's own camera; the others turn the body about its pelvis."""


@dataclass(frozen=True, slots=True)
class Window:
    """Axis-aligned rectangle of an image, pixels: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class RenderJob:
    """Draw one body as a transparent layer.

    Attributes:
        fit: Body to draw.
        box: Box the fit's camera belongs to.
        view: ``camera`` for the overlay; otherwise the body seen orthographically from there, upright as in the image.
        window: For ``camera``: the image rectangle the layer covers exactly. None for the other views, which frame
            the body themselves.
        size_px: ``(width, height)`` of the layer.
        body: Body file.
        color_rgb: Body colour, 0-1.
        multisample: Smooth edges; off for live previews, which then cost a third.
    """

    job_id: JobId
    fit: BodyFit
    box: Box
    view: View
    size_px: tuple[int, int]
    body: Path
    window: Window | None = None
    color_rgb: tuple[float, float, float] = (0.55, 0.67, 0.85)
    multisample: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class RenderResult:
    """``rgba`` ``(height, width, 4)`` uint8, straight (not premultiplied) alpha; transparent where no body is."""

    job_id: JobId
    view: View
    rgba: ByteImage
    window: Window | None
