"""Where a vertex lands on a layer: the views of a body, as pure functions.

The layer frame: pixels, origin at the top-left corner of the top-left pixel, x right, y down, and z away from the
viewer *in the same unit*, so that light and occlusion keep the body's proportions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fitting.errors import JobError
from fitting.geometry.camera import project_to_image
from fitting.spec import Box, FloatArray, Framing, NamedView, RenderJob, View, Viewpoint, Window

MARGIN = 0.08
"""Share of the layer left free on each side of a body that is framed by itself."""


def turn_to_view(points_cam: FloatArray, view: View) -> FloatArray:
    """Points ``(N, 3)`` of the camera frame in the frame of a view: metres, x right, y down, z away.

    ``front`` is the camera's own direction; ``side`` looks from the image's right, so what faces the image's viewer
    points to the left; ``back`` and ``top`` look from behind and from above, image-left staying right and left.
    """
    matrix = np.eye(3) if view == "camera" else Viewpoint.of(view).matrix()
    return points_cam @ matrix.astype(points_cam.dtype).T


def place_in_window(
    points_cam: FloatArray, camera: FloatArray, box: Box, window: Window, size_px: tuple[int, int]
) -> FloatArray:
    """Layer coordinates ``(N, 3)`` of camera points through a fit's weak-perspective camera.

    The layer covers ``window`` of the image exactly; depth is scaled like the height (eft_method.md section 4).

    Args:
        points_cam: ``(N, 3)`` metres.
        camera: ``[s, tx, ty]``, belonging to ``box``.
        box: Crop the camera refers to.
        window: Image rectangle the layer covers.
        size_px: Width and height of the layer.
    """
    image_px = project_to_image(points_cam, camera, box)
    zoom_x, zoom_y = size_px[0] / window.width, size_px[1] / window.height
    depth = points_cam[:, 2] * (100.0 * box.scale * camera[0] * zoom_y)
    return np.stack(((image_px[:, 0] - window.x) * zoom_x, (image_px[:, 1] - window.y) * zoom_y, depth), axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where an orthographic view puts a body on its layer.

    Attributes:
        turn: ``(3, 3)`` of the viewpoint.
        pixels_per_metre: The zoom included.
        pelvis_px: ``(2,)``.
    """

    turn: FloatArray
    pixels_per_metre: float
    pelvis_px: FloatArray

    def place(self, points_m: FloatArray) -> FloatArray:
        """Layer coordinates ``(N, 3)`` of points given from the pelvis on, metres, camera axes."""
        placed: FloatArray = points_m @ (self.turn.T * self.pixels_per_metre).astype(points_m.dtype)
        placed[:, :2] += self.pelvis_px
        return placed


def build_frame(
    points_m: FloatArray, viewpoint: Viewpoint, size_px: tuple[int, int], framing: Framing = "home"
) -> Frame:
    """Frame points ``(N, 3)``, given from the pelvis on, so that they fill the layer.

    The scale comes from the extent in all three directions, so every view of one body at one layer size has the same
    pixels a metre, and front, side and back line up in height. For ``turning`` it comes from the reach around the
    upright axis instead.
    """
    extent = np.maximum(np.ptp(points_m, axis=0), 1e-6)
    widest, tallest = max(extent[0], extent[2]), max(extent[1], extent[2])
    framed = turn_to_view(points_m, viewpoint.home) if framing == "home" else points_m @ viewpoint.matrix().T
    middle = (framed[:, :2].min(axis=0) + framed[:, :2].max(axis=0)) / 2
    if framing == "turning":
        widest, tallest = max(2 * float(np.hypot(points_m[:, 0], points_m[:, 2]).max()), 1e-6), extent[1]
        middle[0] = 0.0
    pixels_per_metre = float((1.0 - 2.0 * MARGIN) * min(size_px[0] / widest, size_px[1] / tallest))
    scale = pixels_per_metre * viewpoint.zoom
    center = np.array(size_px) / 2 + np.array(viewpoint.pan) * min(size_px)
    return Frame(viewpoint.matrix(), scale, center - middle * scale)


def frame_body(points_cam: FloatArray, view: NamedView, size_px: tuple[int, int]) -> FloatArray:
    """Layer coordinates ``(N, 3)`` of a body that fills the layer, seen orthographically from one side."""
    return build_frame(points_cam, Viewpoint.of(view), size_px).place(points_cam)


def check_finite(placed: FloatArray) -> FloatArray:
    """The points given.

    Raises:
        JobError: They are not finite.
    """
    if not np.isfinite(placed).all():
        raise JobError("The fit holds NaN or infinite numbers, so its body cannot be drawn; fit the person again.")
    return placed


def place_on_layer(points_cam: FloatArray, job: RenderJob) -> FloatArray:
    """Layer coordinates ``(N, 3)`` of a job's body, framed by itself where its view is not the camera's.

    Raises:
        JobError: The camera view has no window or an empty one, or the numbers are not finite.
    """
    if job.view == "camera":
        window = _checked_window(job.window)
        return check_finite(place_in_window(points_cam, np.asarray(job.fit.camera), job.box, window, job.size_px))
    return check_finite(build_frame(points_cam, viewpoint_of(job.view), job.size_px, job.framing).place(points_cam))


def viewpoint_of(view: NamedView | Viewpoint) -> Viewpoint:
    """A view by name or by itself."""
    return view if isinstance(view, Viewpoint) else Viewpoint.of(view)


def _checked_window(window: Window | None) -> Window:
    if window is None:
        raise JobError("The camera view needs the image rectangle to cover; give the job a window.")
    if not (window.width > 0 and window.height > 0 and math.isfinite(window.width * window.height)):
        raise JobError(
            f"The window to draw is {window.width:g} x {window.height:g} pixels; it must have a positive size."
        )
    return window
