"""From what is to be seen to what is to be drawn: sizes, coarse or in full, and under what a picture is kept."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.services.comparing import BodyVersion
from app.services.overlays import OVERLAY_PX, build_overlay_job, build_view_job
from app.services.person_view import PersonView
from app.services.project import Project
from app.ui.review.layers import LayerKey, Wanted
from app.ui.review.orbit import OrbitCamera
from app.ui.review.surfaces import Sight, ViewSurface
from app.ui.widgets.body_panel import PanelLayers
from fitting.spec import BodyFit, Box

_SIZE_STEP: Final = 64
"""Layer sizes are rounded up to this, so that a window a little larger still finds the kept layers."""
_LARGEST_VIEW_PX: Final = 1536
MOVING_PX: Final = 416
"""Longest side of a layer while the camera moves."""
MOVING_PAIR_PX: Final = 320
"""The same for each of two."""
PREVIEW_VIEW_PX: Final = 320


class LayerWishes:
    """Builds the jobs of the display.

    Args:
        project: Where the body file is known.
        camera: From where the views see the body; while it moves they are coarse.
    """

    def __init__(self, project: Project, camera: OrbitCamera) -> None:
        self._project = project
        self._camera = camera
        self.panel_layers = PanelLayers()

    def build_overlay(self, view: PersonView, version: BodyVersion) -> Wanted:
        """A stored body over its picture."""
        job = build_overlay_job(self._project, version.body, version.box, view.image)
        return Wanted(job, LayerKey(version.fit.id, "camera", (OVERLAY_PX, OVERLAY_PX), version.stage))

    def build_view(self, sight: Sight) -> Wanted:
        """A stored body alone; kept where the view is a named one."""
        moving, viewpoint = self._camera.is_moving, self._camera.viewpoint
        size_px = _rounded(sight.surface.layer_size())
        if moving:
            size_px = _limited(size_px, MOVING_PX if len(sight.framed_by) < 2 else MOVING_PAIR_PX)
        layers, version = self.panel_layers, sight.version
        job = build_view_job(
            self._project, version.body, version.box, viewpoint, size_px, preview=moving,
            mesh=layers.mesh, wire=layers.wire, framed_by=tuple(framing.body for framing in sight.framed_by),
        )  # fmt: skip
        if moving or not viewpoint.is_home:
            return Wanted(job, None)
        framed_by = tuple(framing.key for framing in sight.framed_by)
        dress = (layers.mesh, layers.wire)
        return Wanted(job, LayerKey(version.fit.id, viewpoint, size_px, version.stage, dress, framed_by))

    def build_preview_overlay(self, view: PersonView, fit: BodyFit) -> Wanted:
        """One iteration of a running fit over the picture."""
        return Wanted(build_overlay_job(self._project, fit, _box_of(view), view.image, preview=True), None)

    def build_preview_view(
        self, view: PersonView, surface: ViewSurface, body: BodyFit, framed_by: tuple[BodyFit, ...]
    ) -> Wanted:
        """A body alone, while a fit runs."""
        layers = self.panel_layers
        size_px = _limited(_rounded(surface.layer_size()), PREVIEW_VIEW_PX)
        job = build_view_job(
            self._project, body, _box_of(view), self._camera.viewpoint, size_px,
            preview=True, mesh=layers.mesh, wire=layers.wire, framed_by=framed_by,
        )  # fmt: skip
        return Wanted(job, None)


def _box_of(view: PersonView) -> Box:
    return Box(np.array(view.person.box_center_px), view.person.box_scale)


def _rounded(size_px: tuple[int, int]) -> tuple[int, int]:
    """The next larger of the sizes that layers have; a pane larger than the largest is filled by a smaller layer."""
    scale = min(1.0, _LARGEST_VIEW_PX / max(size_px))
    width, height = (-(-round(side * scale) // _SIZE_STEP) * _SIZE_STEP for side in size_px)
    return width, height


def _limited(size_px: tuple[int, int], longest_px: int) -> tuple[int, int]:
    """A size of the same shape that is no longer than this."""
    scale = min(1.0, longest_px / max(size_px))
    return max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))
