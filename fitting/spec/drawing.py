"""Drawing a body as a transparent layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from fitting.spec.body import BodyFit, Box, ByteImage, FloatArray, JobId
from fitting.spec.viewpoint import Viewpoint

View: TypeAlias = Literal["camera", "side", "front", "back", "top"]
"""``camera`` draws through the fit's own camera; the others turn the body about its pelvis."""

Framing: TypeAlias = Literal["home", "seen", "turning"]
"""Where a turned body stands on its layer: ``home`` as its viewpoint's home frames it, so that turning leaves the
pelvis where it was; ``seen`` with its middle, as the viewpoint sees it, in the middle; ``turning`` with its pelvis in
the middle and room for a whole turn about the upright axis."""


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
            A :class:`Viewpoint` is a free camera; the names are those that are exactly at home.
        window: For ``camera``: the image rectangle the layer covers exactly. None for the other views, which frame
            the body themselves.
        size_px: ``(width, height)`` of the layer.
        body: Body file.
        color_rgb: Body colour, 0-1.
        multisample: Smooth edges; off for live previews, which then cost a third.
        mesh: Draw the surface.
        wire: Draw its edges; before the surface those that face the eye, without it all.
        framed_by: Bodies that must find room in the frame, pelvis on pelvis, so that those that are compared share
            scale and place; none for the body by itself. For other views than ``camera``.
        framing: How the frame is found, likewise.
    """

    job_id: JobId
    fit: BodyFit
    box: Box
    view: View | Viewpoint
    size_px: tuple[int, int]
    body: Path
    window: Window | None = None
    color_rgb: tuple[float, float, float] = (0.55, 0.67, 0.85)
    multisample: bool = True
    mesh: bool = True
    wire: bool = False
    framed_by: tuple[BodyFit, ...] = ()
    framing: Framing = "home"


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What else can be drawn into a layer without the mesh: joints, floor, distances.

    Attributes:
        joints_m: ``(24, 3)`` the body's joints from its pelvis on, in the axes of the image's camera, metres.
        floor_m: How far below the pelvis the lowest point of the body is, along the image's down.
        pixels_per_metre: Of the layer.
        pelvis_px: Where the layer has the pelvis.
    """

    joints_m: FloatArray
    floor_m: float
    pixels_per_metre: float
    pelvis_px: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class RenderResult:
    """``rgba`` ``(height, width, 4)`` uint8, straight (not premultiplied) alpha; transparent where no body is.

    ``scene`` comes with every view but ``camera``.
    """

    job_id: JobId
    view: View | Viewpoint
    rgba: ByteImage
    window: Window | None
    scene: Scene | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RenderManyJob:
    """Draw several layers that are wanted together, such as overlay and side view of one body."""

    job_id: JobId
    jobs: tuple[RenderJob, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RenderManyResult:
    """The layers, in the order of the jobs."""

    job_id: JobId
    layers: tuple[RenderResult, ...]
