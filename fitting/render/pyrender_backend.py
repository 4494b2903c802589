"""Drawing with ``pyrender`` on EGL. The only door to ``pyrender`` and OpenGL.

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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fitting.body.assets import BodyAsset
from fitting.body.model import load_body
from fitting.errors import JobError, RenderError
from fitting.render.posed import PosedBodies, PosedBody
from fitting.render.shading import NormalOperator, shade_clay
from fitting.render.view import build_frame, check_finite, place_on_layer, viewpoint_of
from fitting.render.wire import find_edges, shade_wire
from fitting.spec import ByteImage, FloatArray, RenderJob, RenderResult, Scene

MAX_SIDE_PX = 8192
_SAMPLES = 4
_WIRE_LIFT = 0.004
"""Edges lie this much nearer than their surface, in shares of the body's depth, or they would flicker in it."""
_CURE = (
    "on Debian or Ubuntu install the packages libegl1 libgl1 libgl1-mesa-dri libgles2, then run 'python main.py doctor'"
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
        self._posed = PosedBodies()
        self._ids: _IdMesh | None = None

    def render(self, job: RenderJob) -> RenderResult:
        """Draw the body of ``job`` (see :class:`fitting.render.base.Renderer`)."""
        self._check(job.size_px)
        posed = self._posed.get(job.body, job.fit)
        clay = self._clay_of(load_body(job.body).asset)
        scene = None
        if job.view == "camera":
            points = place_on_layer(posed.vertices, job)
            normals = clay.normals(points) if job.mesh or job.wire else points
        else:
            points, normals, scene = self._set_scene(job, posed, clay)
        samples = _SAMPLES if job.multisample else 0
        rgba = _straight_alpha(self._canvas.draw(_dress(job, clay, points, normals), job.size_px, samples))
        return RenderResult(job.job_id, job.view, rgba, job.window, scene)

    def _set_scene(self, job: RenderJob, posed: PosedBody, clay: _ClayBody) -> tuple[FloatArray, FloatArray, Scene]:
        """Layer coordinates and normals of an orthographic view, and what else its layer may show."""
        if job.view == "camera":
            raise TypeError("the camera's own view has no scene")
        from_pelvis = posed.vertices - posed.pelvis
        framed = [self._posed.get(job.body, fit) for fit in job.framed_by] or [posed]
        points_m = np.concatenate([body.vertices - body.pelvis for body in framed])
        frame = build_frame(points_m, viewpoint_of(job.view), job.size_px, job.framing)
        points = check_finite(frame.place(from_pelvis))
        normals = posed.normals(clay.normals) @ frame.turn.T.astype(np.float32)
        scene = Scene(
            joints_m=posed.joints - posed.pelvis,
            floor_m=float(from_pelvis[:, 1].max()),
            pixels_per_metre=frame.pixels_per_metre,
            pelvis_px=(float(frame.pelvis_px[0]), float(frame.pelvis_px[1])),
        )
        return points, normals, scene

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
        if self._ids is None or self._ids.faces is not faces:
            if self._ids is not None:
                self._canvas.remove_mesh(self._ids.mesh)
            mesh = self._canvas.add_mesh(np.arange(3 * len(faces)).reshape(-1, 3), 3 * len(faces))
            self._ids = _IdMesh(faces, mesh, _number_corners(len(faces)))
        vertices = self._ids.vertices
        vertices[:, :3] = _to_view_volume(points_px, size_px)[faces.ravel()]
        pixels = self._canvas.draw([(self._ids.mesh, vertices)], size_px, 0)
        codes = pixels.view("<u4")[..., 0].astype(np.int64)
        ids: NDArray[np.int64] = (codes & 0xFFFFFF) - 1
        return ids

    def _check(self, size_px: tuple[int, int]) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("a renderer may only be used by the thread that made it")
        if not (min(size_px) > 0 and max(size_px) <= MAX_SIDE_PX):
            raise JobError(
                f"A layer of {size_px[0]} x {size_px[1]} pixels cannot be drawn;"
                f" each side must be between 1 and {MAX_SIDE_PX}."
            )

    def _clay_of(self, asset: BodyAsset) -> _ClayBody:
        if asset.sha256 not in self._clay:
            count = len(asset.v_template)
            mesh = self._canvas.add_mesh(asset.faces, count)
            wire = self._canvas.add_mesh(find_edges(asset.faces), count, lines=True)
            self._clay[asset.sha256] = _ClayBody(mesh, wire, NormalOperator(asset.faces, count))
        return self._clay[asset.sha256]


@dataclass(frozen=True, slots=True)
class _ClayBody:
    """What is kept of one body file between pictures."""

    mesh: Any
    wire: Any
    normals: NormalOperator


@dataclass(frozen=True, slots=True, eq=False)
class _IdMesh:
    """The mesh of unshared corners that face numbers were last drawn with; ``vertices`` ``(3 F, 7)`` is reused."""

    faces: NDArray[np.int64]
    mesh: Any
    vertices: NDArray[np.float32]


def _dress(
    job: RenderJob, clay: _ClayBody, points: FloatArray, normals: FloatArray
) -> list[tuple[Any, NDArray[np.float32]]]:
    """The meshes of a job with their vertices ``(V, 7)``: position in the view volume and RGBA."""
    if not (job.mesh or job.wire):
        return []
    vertices = np.ones((len(points), 7), dtype=np.float32)
    vertices[:, :3] = _to_view_volume(points, job.size_px)
    vertices[:, 3:6] = shade_clay(normals, job.color_rgb)
    dressed = [(clay.mesh, vertices)] if job.mesh else []
    if job.wire:
        lines = vertices.copy()
        lines[:, 2] += _WIRE_LIFT
        lines[:, 3:6] = shade_wire(vertices[:, 3:6], over_mesh=job.mesh)
        dressed.append((clay.wire, lines))
    return dressed


def _number_corners(face_count: int) -> NDArray[np.float32]:
    """Vertices ``(3 F, 7)`` whose colour is the number of their face, from 1, in 24 bits."""
    code = np.arange(1, face_count + 1)
    vertices = np.ones((face_count, 3, 7), dtype=np.float32)
    vertices[..., 3:6] = (np.stack((code & 255, code >> 8 & 255, code >> 16 & 255), axis=1) / 255.0)[:, None]
    return vertices.reshape(-1, 7)


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


class _Canvas:
    """A pyrender scene of meshes of which some are drawn at a time, on framebuffers with or without multisampling."""

    def __init__(self, pyrender: Any, gl: Any) -> None:
        self._pyrender, self._gl = pyrender, gl
        self._offscreen = pyrender.OffscreenRenderer(64, 64)
        self._renderer = self._offscreen._renderer
        self._renderer.dpscale = 1  # macOS: a layer has the pixels that were asked for
        # pyrender reads and converts the depth buffer with every picture; nobody here wants it.
        self._renderer._read_main_framebuffer = self._read_pixels
        self._scene = pyrender.Scene(bg_color=np.zeros(4), ambient_light=np.ones(3))
        self._scene.add(pyrender.OrthographicCamera(xmag=1.0, ymag=1.0, znear=0.5, zfar=2.5), pose=np.eye(4))
        self._storage: tuple[int, int, int] | None = None

    def add_mesh(self, faces: NDArray[np.int64], vertex_count: int, *, lines: bool = False) -> Any:
        """A scene node for this topology, triangles ``(F, 3)`` or lines ``(E, 2)``; vertices come with each drawing."""
        primitive = self._pyrender.Primitive(
            positions=np.zeros((vertex_count, 3), dtype=np.float32),
            color_0=np.ones((vertex_count, 4), dtype=np.float32),
            indices=faces.astype(np.uint32),
            material=self._pyrender.MetallicRoughnessMaterial(doubleSided=True),
            mode=self._gl.GL_LINES if lines else self._gl.GL_TRIANGLES,
        )
        mesh = self._pyrender.Mesh([primitive], is_visible=False)
        return self._scene.add(mesh)

    def remove_mesh(self, node: Any) -> None:
        """Take a mesh out of the scene; its buffers are freed with the next picture."""
        self._scene.remove_node(node)

    def draw(self, dressed: list[tuple[Any, NDArray[np.float32]]], size_px: tuple[int, int], samples: int) -> ByteImage:
        """Draw some meshes, unlit.

        Args:
            dressed: Nodes from :meth:`add_mesh`, each with ``(V, 7)`` position in the view volume and RGBA.
            size_px: Width and height.
            samples: Samples a pixel; 0 draws without multisampling.

        Returns:
            ``(height, width, 4)`` premultiplied RGBA, first row on top.
        """
        if not dressed:
            return np.zeros((size_px[1], size_px[0], 4), dtype=np.uint8)
        flags = self._pyrender.RenderFlags
        for node, _vertices in dressed:
            node.mesh.is_visible = True
        try:
            self._offscreen._platform.make_current()
            self._prepare_storage(size_px, samples)
            for node, vertices in dressed:
                self._upload(node.mesh.primitives[0], vertices)
            pixels: ByteImage = self._offscreen.render(self._scene, flags.RGBA | flags.FLAT)
        except self._gl.GLError as error:
            raise RenderError(
                f"The graphics driver cannot draw {size_px[0]} x {size_px[1]} pixels ({error.err});"
                " draw a smaller picture or free graphics memory."
            ) from error
        finally:
            for node, _vertices in dressed:
                node.mesh.is_visible = False
        return pixels

    def _prepare_storage(self, size_px: tuple[int, int], samples: int) -> None:
        """Let pyrender allocate its framebuffers, then give the one it draws into the wanted samples."""
        if self._storage == (*size_px, samples):
            return
        gl, renderer = self._gl, self._renderer
        width, height = size_px
        self._offscreen.viewport_width, self._offscreen.viewport_height = width, height
        renderer.viewport_width, renderer.viewport_height = width, height
        renderer._configure_main_framebuffer()
        for buffer, kind in ((renderer._main_cb_ms, gl.GL_RGBA8), (renderer._main_db_ms, gl.GL_DEPTH_COMPONENT24)):
            gl.glBindRenderbuffer(gl.GL_RENDERBUFFER, buffer)
            if samples:
                gl.glRenderbufferStorageMultisample(gl.GL_RENDERBUFFER, samples, kind, width, height)
            else:
                gl.glRenderbufferStorage(gl.GL_RENDERBUFFER, kind, width, height)
        self._storage = (width, height, samples)

    def _upload(self, primitive: Any, vertices: NDArray[np.float32]) -> None:
        self._renderer._update_context(self._scene, self._pyrender.RenderFlags.FLAT)  # makes the buffers of new meshes
        gl = self._gl
        gl.glBindBuffer(gl.GL_ARRAY_BUFFER, primitive._buffers[0])
        gl.glBufferSubData(gl.GL_ARRAY_BUFFER, 0, vertices.nbytes, np.ascontiguousarray(vertices))

    def _read_pixels(self, _scene: Any, _flags: int) -> ByteImage:
        """What the forward pass drew, samples resolved; called by pyrender in place of its own reader."""
        gl, renderer = self._gl, self._renderer
        width, height = renderer._main_fb_dims
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, renderer._main_fb_ms)
        gl.glBindFramebuffer(gl.GL_DRAW_FRAMEBUFFER, renderer._main_fb)
        gl.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.GL_COLOR_BUFFER_BIT, gl.GL_NEAREST)
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, renderer._main_fb)
        raw = gl.glReadPixels(0, 0, width, height, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE)
        pixels = np.frombuffer(raw, dtype=np.uint8).reshape(height, width, 4)
        return np.ascontiguousarray(pixels[::-1])


def _open_canvas() -> _Canvas:
    """Import pyrender and make its context, or say what is missing."""
    if sys.platform == "linux":
        os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pyrender
            from OpenGL import GL

            return _Canvas(pyrender, GL)
    # AssertionError and AttributeError are how pyrender's EGL platform and PyOpenGL say that a library is missing.
    except (ImportError, AttributeError, AssertionError, ValueError, OSError, RuntimeError) as error:
        reason = f" ({error})" if str(error) else ""
        raise RenderError(f"No OpenGL context can be made on this machine{reason}; {_CURE}.") from error
