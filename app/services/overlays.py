"""What is to be drawn of a fit: jobs for the renderer."""

from __future__ import annotations

from app.services.fitting import new_job_id
from app.services.project import Project
from db.records import FitRecord, ImageRecord
from fitting.spec import BodyFit, Box, RenderJob, View, Viewpoint, Window

OVERLAY_MARGIN = 1.35
"""The layer reaches this much beyond the box: arms and bodies of cut people stick out of it."""
OVERLAY_PX = 720
PREVIEW_PX = 360
"""Longest side of a layer; a live preview is small because it lives for a tenth of a second."""


def body_fit_of(fit: FitRecord) -> tuple[BodyFit, Box]:
    """Body and box of a stored fit."""
    return BodyFit(fit.rotations, fit.betas, fit.camera), Box(fit.box_center_px, fit.box_scale)


def overlay_window(box: Box, image: ImageRecord) -> Window:
    """Part of the picture that the overlay covers: the box with a margin, cut to the picture and a border around it."""
    half = box.side_px / 2 * OVERLAY_MARGIN
    x, y = (float(value) for value in box.center_px)
    border = 0.25 * max(image.width, image.height)
    left, top = max(x - half, -border), max(y - half, -border)
    right, bottom = min(x + half, image.width + border), min(y + half, image.height + border)
    if right - left < 1 or bottom - top < 1:  # a box far outside its picture is still drawn, where it is
        return Window(x - half, y - half, 2 * half, 2 * half)
    return Window(left, top, right - left, bottom - top)


def build_overlay_job(
    project: Project, fit: BodyFit, box: Box, image: ImageRecord, *, preview: bool = False
) -> RenderJob:
    """The body through the fit's own camera, over its part of the picture."""
    return build_window_job(
        project, fit, box, overlay_window(box, image), PREVIEW_PX if preview else OVERLAY_PX, preview
    )


def build_window_job(
    project: Project, fit: BodyFit, box: Box, window: Window, longest_px: float, preview: bool = False
) -> RenderJob:
    """The body through the fit's own camera over any window of the picture."""
    zoom = longest_px / max(window.width, window.height)
    size_px = (max(1, round(window.width * zoom)), max(1, round(window.height * zoom)))
    return RenderJob(new_job_id(), fit, box, "camera", size_px, project.body, window=window, multisample=not preview)


def build_view_job(
    project: Project,
    fit: BodyFit,
    box: Box,
    view: View | Viewpoint,
    size_px: tuple[int, int],
    *,
    preview: bool = False,
    mesh: bool = True,
    wire: bool = False,
    framed_by: tuple[BodyFit, ...] = (),
) -> RenderJob:
    """The body alone, from the side or any other view; see :class:`~fitting.spec.RenderJob`."""
    return RenderJob(
        new_job_id(), fit, box, view, size_px, project.body,
        multisample=not preview, mesh=mesh, wire=wire, framed_by=framed_by,
    )  # fmt: skip
