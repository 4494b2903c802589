"""Which picture of the body is wanted where: the stored fit, a running fit, the one it is compared with, the next
person's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.services.comparing import BodyVersion
from app.services.fit_versions import ShownFit
from app.services.overlays import OVERLAY_PX, build_overlay_job, build_view_job
from app.services.person_view import PersonView
from app.services.project import Project
from app.ui.fit_texts import describe_blink, describe_notice
from app.ui.review.layers import LayerDesk, LayerKey, Wanted
from app.ui.review.orbit import OrbitCamera
from app.ui.widgets.body_panel import PanelLayers
from db.records import FitId, FitRecord, PersonId
from fitting.spec import BodyFit, Box, ByteImage, RenderResult, Viewpoint, Window

_SIZE_STEP = 64
"""Layer sizes are rounded up to this, so that a window a little larger still finds the kept layers."""
_LARGEST_VIEW_PX = 1536
MOVING_PX = 416
"""Longest side of a layer while the camera moves."""
PREVIEW_VIEW_PX = 320
_RESIZED_MS = 90

PaneName: TypeAlias = Literal["side", "large", "opposite"]
"""The pane beside the picture, the one in its place, and the one beside that for comparing."""


class Surface(Protocol):
    """Where a body is seen."""

    def set_stale(self, stale: bool) -> None:
        """Mark the body as fitted to earlier keypoints."""

    def set_notice(self, text: str) -> None:
        """Say that the body is not the current one; empty says nothing."""


class OverlaySurface(Surface, Protocol):
    """Where the body lies over the picture."""

    def set_overlay(self, rgba: ByteImage | None, window: Window | None = None) -> None:
        """Show a layer over a window of the image, or nothing."""


class ViewSurface(Surface, Protocol):
    """Where the body is seen alone."""

    def set_body(self, drawn: RenderResult | None) -> None:
        """Show a layer, or the message."""

    def set_viewpoint(self, viewpoint: Viewpoint) -> None:
        """Say from where the body is seen."""

    def set_layers(self, layers: PanelLayers) -> None:
        """Show or hide what lies beside the surface."""

    def set_message(self, message: str) -> None:
        """Sentence while there is no body."""

    def layer_size(self) -> tuple[int, int]:
        """Size a layer should have."""

    def isVisible(self) -> bool:  # noqa: N802 -- Qt's name
        """Whether anybody can see it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """A pane with the body that it shows and the bodies that frame it."""

    name: PaneName
    surface: ViewSurface
    version: BodyVersion
    framed_by: tuple[BodyVersion, ...]


class BodyDisplay(QObject):
    """Keeps the body on the picture and in the views up to date.

    Args:
        project: Where the body file is known.
        layers: Draws.
        overlays: Pictures.
        panes: Views of the body alone.
        camera: From where they see it.
        parent: Owner.

    Signals:
        drawn: The fit looked at is on screen over the picture and from another side: it can be judged.
        sights_drawn: A view has been drawn anew.
    """

    drawn = Signal()
    sights_drawn = Signal()

    def __init__(
        self,
        project: Project,
        layers: LayerDesk,
        overlays: Sequence[OverlaySurface],
        panes: Mapping[PaneName, ViewSurface],
        camera: OrbitCamera,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._layers = layers
        self._overlays = tuple(overlays)
        self._panes = dict(panes)
        self._camera = camera
        self._panel_layers = PanelLayers()
        self._view: PersonView | None = None
        self._fit: FitRecord | None = None
        self._left: BodyVersion | None = None
        self._opposite: BodyVersion | None = None
        self._blinking = False
        self._preview: BodyFit | None = None
        self._notice = ""
        self._stale = False
        self._own_marks = (False, "")
        self._on_screen: set[str] = set()
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.setInterval(_RESIZED_MS)
        self._resized.timeout.connect(self.refresh_views)
        camera.changed.connect(self._on_camera_changed)
        camera.rested.connect(self.refresh_views)

    @property
    def is_drawn(self) -> bool:
        """Whether the fit looked at is on screen, over the picture and from another side as well."""
        if self._blinking or not (self._panel_layers.mesh or self._panel_layers.wire or self._panel_layers.joints):
            return False
        return "overlay" in self._on_screen and any(name in self._on_screen for name in self._panes)

    @property
    def panel_layers(self) -> PanelLayers:
        """What the views show."""
        return self._panel_layers

    def show(self, view: PersonView | None, shown: ShownFit | None, waiting_text: str = "") -> None:
        """Show one of a person's fits, or the text where there is none."""
        fit = None if shown is None else shown.fit
        same = view is not None and self._view is not None and view.person.id == self._view.person.id
        if not same:
            self._left = self._opposite = None
            self._blinking = False
        if not same or fit is None:
            self._clear()
        changed = self._preview is not None or not same or not self._is_shown(fit)
        self._view, self._fit = view, fit
        self._preview = None
        if changed or fit is None:
            self._on_screen.clear()
        self._own_marks = (shown is not None and shown.is_stale, describe_notice(shown))
        self._refresh_marks()
        for surface in self._panes.values():
            surface.set_message(waiting_text)
        if fit is not None and changed:
            self._request_overlay()
            self._request_views()

    def compare(self, left: BodyVersion | None, opposite: BodyVersion | None) -> None:
        """Say which bodies the two panes show, None for the fit looked at and for none, and which one blinks in."""
        self._left, self._opposite = left, opposite
        if opposite is None:
            self._panes["opposite"].set_body(None)
        if self._blinking:
            self.blink(opposite is not None)
        elif self._panes["opposite"].isVisible():
            self.refresh_views()

    def blink(self, on: bool) -> bool:
        """Show the body compared with in place of the fit looked at, everywhere; False when there is none."""
        if on and (self._opposite is None or self._preview is not None or self._fit is None):
            return False
        if on != self._blinking:
            self._blinking = on
            self._on_screen.clear()
            self._refresh_marks()
            self._request_overlay()
            self._request_views()
        return True

    def set_panel_layers(self, layers: PanelLayers) -> None:
        """Show or hide layers of the views."""
        redrawn = (layers.mesh, layers.wire) != (self._panel_layers.mesh, self._panel_layers.wire)
        self._panel_layers = layers
        for surface in self._panes.values():
            surface.set_layers(layers)
        if redrawn:
            self.refresh_views()
        if self.is_drawn:
            self.drawn.emit()

    def refresh_views(self) -> None:
        """Draw the views again: the camera rests, or one has come on screen or changed its size."""
        if self._preview is not None:
            self._request_preview()
        else:
            self._request_views()

    def refresh_views_soon(self) -> None:
        """The same once a pane has stopped changing its size."""
        self._resized.start()

    @property
    def is_previewing(self) -> bool:
        """Whether a body is shown that is not stored."""
        return self._preview is not None

    def preview(self, view: PersonView, fit: BodyFit) -> None:
        """Show one iteration of a running fit, coarsely; the next one may already be on its way."""
        if self._view is None or view.person.id != self._view.person.id:
            return
        self._preview = fit
        self._blinking = False
        self._on_screen.clear()
        self._own_marks = (False, "")
        self._refresh_marks()
        self._request_preview()

    def prefetch(self, view: PersonView) -> None:
        """Draw what :meth:`show` will want for another person."""
        if view.fit is None:
            return
        version = BodyVersion(view.fit, "final")
        wanted = [self._want_overlay(view, version)]
        name: PaneName = "large" if self._panes["large"].isVisible() else "side"
        if self._camera.viewpoint.is_home and not self._panes["opposite"].isVisible():
            wanted.append(self._want_view(_Sight(name, self._panes[name], version, ())))
        self._layers.request_together("prefetch", wanted, _ignore)

    # ---- what is wanted

    def _on_camera_changed(self) -> None:
        for surface in self._panes.values():
            surface.set_viewpoint(self._camera.viewpoint)
        if self._preview is not None:
            self._request_preview()
        elif self._camera.is_moving:
            self._request_views()

    def _find_sights(self) -> list[_Sight]:
        """The panes that are on screen, with what they show."""
        if self._fit is None:
            return []
        own = BodyVersion(self._fit, "final")
        left, opposite = self._left or own, self._opposite
        pair = self._panes["opposite"].isVisible() and opposite is not None
        sights: list[_Sight] = []
        for name, surface in self._panes.items():
            if not surface.isVisible() or (name == "opposite" and opposite is None):
                continue
            if name == "opposite" and opposite is not None:
                sights.append(_Sight(name, surface, opposite, (left, opposite)))
            elif name == "large" and pair and opposite is not None:
                sights.append(_Sight(name, surface, opposite if self._blinking else left, (left, opposite)))
            elif self._blinking and opposite is not None:
                sights.append(_Sight(name, surface, opposite, (own,)))
            else:
                sights.append(_Sight(name, surface, own, ()))
        return sights

    def _want_overlay(self, view: PersonView, version: BodyVersion) -> Wanted:
        job = build_overlay_job(self._project, version.body, version.box, view.image)
        return Wanted(job, LayerKey(version.fit.id, "camera", (OVERLAY_PX, OVERLAY_PX), version.stage))

    def _want_view(self, sight: _Sight) -> Wanted:
        moving, viewpoint = self._camera.is_moving, self._camera.viewpoint
        size_px = _rounded(sight.surface.layer_size())
        if moving:
            size_px = _limited(size_px, MOVING_PX)
        layers, version = self._panel_layers, sight.version
        job = build_view_job(
            self._project, version.body, version.box, viewpoint, size_px, preview=moving,
            mesh=layers.mesh, wire=layers.wire, framed_by=tuple(framing.body for framing in sight.framed_by),
        )  # fmt: skip
        if moving or not viewpoint.is_home:
            return Wanted(job, None)
        framed_by = tuple(framing.key for framing in sight.framed_by)
        return Wanted(
            job,
            LayerKey(version.fit.id, viewpoint, size_px, version.stage, (layers.mesh, layers.wire), framed_by),
        )

    def _request_overlay(self) -> None:
        view, fit = self._view, self._fit
        if view is None or fit is None:
            return
        blinking = self._blinking and self._opposite is not None
        version = self._opposite if blinking and self._opposite is not None else BodyVersion(fit, "final")
        counts = not blinking

        def show(layers: tuple[RenderResult, ...]) -> None:
            for surface in self._overlays:
                surface.set_overlay(layers[0].rgba, layers[0].window)
            if counts:
                self._note("overlay")

        wanted = self._want_overlay(view, version)
        self._layers.request_together("overlay", [wanted], self._while_stored(fit.id, blinking, show))

    def _request_views(self) -> None:
        fit, sights = self._fit, self._find_sights()
        if fit is None or not sights:
            return
        blinking = self._blinking

        def show(layers: tuple[RenderResult, ...]) -> None:
            for sight, layer in zip(sights, layers, strict=True):
                sight.surface.set_body(layer)
                if not blinking and sight.version.key == (fit.id, "final"):
                    self._note(sight.name)
            self.sights_drawn.emit()

        wanted = [self._want_view(sight) for sight in sights]
        self._layers.request_together("views", wanted, self._while_stored(fit.id, blinking, show))

    def _request_preview(self) -> None:
        """Overlay and view in one job: the body is posed once, and they show the same iteration."""
        view, fit = self._view, self._preview
        if view is None or fit is None:
            return
        box = Box(np.array(view.person.box_center_px), view.person.box_scale)
        jobs = [build_overlay_job(self._project, fit, box, view.image, preview=True)]
        surfaces = [s for name, s in self._panes.items() if name != "opposite" and s.isVisible()]
        layers = self._panel_layers
        for surface in surfaces:
            size_px = _limited(_rounded(surface.layer_size()), PREVIEW_VIEW_PX)
            jobs.append(
                build_view_job(
                    self._project, fit, box, self._camera.viewpoint, size_px,
                    preview=True, mesh=layers.mesh, wire=layers.wire,
                )
            )  # fmt: skip
        person_id = view.person.id

        def show(drawn: tuple[RenderResult, ...]) -> None:
            if not self._is_previewing(person_id):
                return
            for overlay in self._overlays:
                overlay.set_overlay(drawn[0].rgba, drawn[0].window)
            for surface, layer in zip(surfaces, drawn[1:], strict=True):
                surface.set_body(layer)

        self._layers.request_together("preview", [Wanted(job, None) for job in jobs], show)

    # ---- what is shown

    def _clear(self) -> None:
        for channel in ("overlay", "views", "preview"):
            self._layers.forget_waiting(channel)
        for overlay in self._overlays:
            overlay.set_overlay(None)
        for surface in self._panes.values():
            surface.set_body(None)

    def _refresh_marks(self) -> None:
        stale, notice = self._own_marks
        if self._blinking and self._opposite is not None:
            stale, notice = False, describe_blink(self._opposite)
        surfaces: list[Surface] = [*self._overlays, *(s for n, s in self._panes.items() if n != "opposite")]
        if stale != self._stale:
            self._stale = stale
            for surface in surfaces:
                surface.set_stale(stale)
        if notice != self._notice:
            self._notice = notice
            for surface in surfaces:
                surface.set_notice(notice)

    def _is_shown(self, fit: FitRecord | None) -> bool:
        return (None if fit is None else fit.id) == (None if self._fit is None else self._fit.id)

    def _is_previewing(self, person_id: PersonId) -> bool:
        return self._preview is not None and self._view is not None and self._view.person.id == person_id

    def _note(self, place: str) -> None:
        before = self.is_drawn
        self._on_screen.add(place)
        if self.is_drawn and not before:
            self.drawn.emit()

    def _while_stored(self, fit_id: FitId, blinking: bool, show: _Show) -> _Show:
        """Only if the fit is still the one to show, itself or blinking."""

        def guarded(layers: tuple[RenderResult, ...]) -> None:
            wanted = self._preview is None and self._fit is not None and fit_id == self._fit.id
            if wanted and blinking == self._blinking:
                show(layers)

        return guarded


_Show: TypeAlias = Callable[[tuple[RenderResult, ...]], None]


def _ignore(_layers: tuple[RenderResult, ...]) -> None:
    """A prefetched layer waits in the desk's cache."""


def _rounded(size_px: tuple[int, int]) -> tuple[int, int]:
    """The next larger of the sizes that layers have; a pane larger than the largest is filled by a smaller layer."""
    longest = max(size_px)
    scale = min(1.0, _LARGEST_VIEW_PX / longest)
    width, height = (-(-round(side * scale) // _SIZE_STEP) * _SIZE_STEP for side in size_px)
    return width, height


def _limited(size_px: tuple[int, int], longest_px: int) -> tuple[int, int]:
    """A size of the same shape that is no longer than this."""
    scale = min(1.0, longest_px / max(size_px))
    return max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))
