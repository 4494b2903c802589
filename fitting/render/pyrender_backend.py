"""Drawing with ``pyrender`` on EGL. The only door to ``pyrender``, ``trimesh`` and OpenGL.

Measured (open_default_findings.md 7): keeping one scene and rewriting the vertex buffer is three times faster than new
meshes, and pyrender's fixed multisampling costs more than the picture. Deleting an ``OffscreenRenderer`` terminates
the display of every other one in the process, so there is one a process and it is never deleted.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fitting.body.model import load_body
from fitting.errors import JobError, RenderError
from fitting.render.shading import NormalOperator, shade_clay
from fitting.render.view import place_on_layer
from fitting.spec import ByteImage, FloatArray, RenderJob, RenderResult

if TYPE_CHECKING:
    from fitting.body.assets import BodyAsset

MAX_SIDE_PX = 8192
_SAMPLES = 4
_CURE = (
    "on Debian or Ubuntu install the packages libegl1 libgl1 libgl1-mesa-dri libgles2,"
    " then run 'python main.py doctor'."
)


@lru_cache(maxsize=1)
def get_renderer() -> PyrenderRenderer:
    """The renderer of this process, made at the first call, whose thread it then belongs to.

    Raises:
        RenderError: No OpenGL context can be made on this machine.
    """
    return PyrenderRenderer()


class PyrenderRenderer:
    """:class:`fitting.render.base.Renderer` on an off-screen OpenGL context; also tells which face each pixel shows."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._canvas = _open_canvas()
        self._clay: dict[str, _ClayBody] = {}

    def render(self, job: RenderJob) -> RenderResult:
        """Draw the body of ``job`` (see :class:`fitting.render.base.Renderer`)."""
        self._check(job.size_px)
        body = load_body(job.body)
        points = place_on_layer(body.vertices_of(job.fit), job)
        clay = self._clay_of(body.asset)
        colors = shade_clay(clay.normals(points), job.color_rgb)
        premultiplied = self._draw(clay.mesh, points, colors, job.size_px, _SAMPLES if job.multisample else 0)
        return RenderResult(job.job_id, job.view, _straight_alpha(premultiplied), job.window)

    def draw_face_ids(
        self, points_px: FloatArray, faces: NDArray[np.int64], size_px: tuple[int, int]
    ) -> NDArray[np.int64]:
        """Which face each pixel's centre shows, ``(height, width)``, -1 where there is none.

        Args:
            points_px: ``(V, 3)`` layer coordinates (:mod:`fitting.render.view`).
            faces: ``(F, 3)``.
            size_px: Width and height of the layer.
        """
        self._check(size_px)
        corners = points_px[faces].reshape(-1, 3)
        code = np.arange(1, len(faces) + 1)
        colors = np.stack((code & 255, code >> 8 & 255, code >> 16 & 255), axis=1) / 255.0
        mesh = self._canvas.add_mesh(np.arange(len(corners)).reshape(-1, 3), len(corners))
        try:
            rgba = self._draw(mesh, corners, np.repeat(colors, 3, axis=0), size_px, 0).astype(np.int64)
        finally:
            self._canvas.remove_mesh(mesh)
        return rgba[..., 0] + (rgba[..., 1] << 8) + (rgba[..., 2] << 16) - 1

    def _check(self, size_px: tuple[int, int]) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("a renderer may only be used by the thread that made it")
        if not (0 < min(size_px) and max(size_px) <= MAX_SIDE_PX):
            raise JobError(
                f"A layer of {size_px[0]} x {size_px[1]} pixels cannot be drawn;"
                f" each side must be between 1 and {MAX_SIDE_PX}."
            )

    def _clay_of(self, asset: BodyAsset) -> _ClayBody:
        if asset.sha256 not in self._clay:
            count = len(asset.v_template)
            mesh = self._canvas.add_mesh(asset.faces, count)
            self._clay[asset.sha256] = _ClayBody(mesh, NormalOperator(asset.faces, count))
        return self._clay[asset.sha256]

    def _draw(
        self, mesh: Any, points_px: FloatArray, colors: FloatArray, size_px: tuple[int, int], samples: int
    ) -> ByteImage:
        vertices = np.empty((len(points_px), 7), dtype=np.float32)
        vertices[:, :3] = _to_view_volume(points_px, size_px)
        vertices[:, 3:6] = colors
        vertices[:, 6] = 1.0
        return self._canvas.draw(mesh, vertices, size_px, samples)


@dataclass(frozen=True, slots=True)
class _ClayBody:
    """What is kept of one body file between pictures."""

    mesh: Any
    normals: NormalOperator


def _to_view_volume(points_px: FloatArray, size_px: tuple[int, int]) -> FloatArray:
    """Layer coordinates to the volume of the scene's camera: x within +-aspect, y within +-1, z in -2..-1.

    pyrender's orthographic camera overrides its width by the viewport's aspect, hence the factor on x.
    """
    width, height = size_px
    depth = points_px[:, 2]
    near, far = float(depth.min()), float(depth.max())
    x = (2.0 * points_px[:, 0] / width - 1.0) * (width / height)
    y = 1.0 - 2.0 * points_px[:, 1] / height
    z = -1.0 - (depth - near) / max(far - near, 1e-9)
    return np.stack((x, y, z), axis=1)


def _straight_alpha(premultiplied: ByteImage) -> ByteImage:
    """Divide the colour of half-covered edge pixels by their coverage."""
    edge = (premultiplied[..., 3] > 0) & (premultiplied[..., 3] < 255)
    pixels = premultiplied[edge].astype(np.float32)
    pixels[:, :3] = np.minimum(pixels[:, :3] * (255.0 / pixels[:, 3:]) + 0.5, 255.0)
    premultiplied[edge] = pixels.astype(np.uint8)
    return premultiplied


def _open_canvas() -> Any:
    """Import pyrender and make its context, or say what is missing."""
    if sys.platform == "linux":
        os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from fitting.render.canvas import Canvas

            return Canvas()
    except (ImportError, AttributeError, AssertionError, ValueError, OSError, RuntimeError) as error:
        reason = f" ({error})" if str(error) else ""
        raise RenderError(f"No OpenGL context can be made on this machine{reason}; {_CURE}") from error
