"""Which body is seen where: the stored fit, a running fit, the one it is compared with, the next person's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.comparing import BodyVersion
from app.services.fit_versions import ShownFit
from app.services.person_view import PersonView
from app.services.project import Project
from app.ui.fit_texts import describe_blink, describe_notice
from app.ui.review.layers import LayerDesk
from app.ui.review.orbit import OrbitCamera
from app.ui.review.surfaces import OverlaySurface, PaneName, Sight, Surface, ViewSurface
from app.ui.review.wishes import LayerWishes
from app.ui.widgets.body_panel import PanelLayers
from db.records import FitId, FitRecord, PersonId
from fitting.spec import BodyFit, RenderResult

_RESIZED_MS = 90


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
        drawn: :attr:`is_drawn` has changed: the fit looked at can be judged, or no longer.
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
        self._wishes = LayerWishes(project, camera)
        self._layers = layers
        self._overlays = tuple(overlays)
        self._panes = dict(panes)
        self._camera = camera
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
        self._was_drawn = False
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.setInterval(_RESIZED_MS)
        self._resized.timeout.connect(self.refresh_views)
        camera.changed.connect(self._on_camera_changed)
        camera.rested.connect(self.refresh_views)

    @property
    def is_drawn(self) -> bool:
        """Whether the fit looked at is on screen, over the picture and from another side as well."""
        layers = self._wishes.panel_layers
        if self._blinking or not (layers.mesh or layers.wire or layers.joints):
            return False
        return "overlay" in self._on_screen and any(name in self._on_screen for name in self._panes)

    @property
    def panel_layers(self) -> PanelLayers:
        """What the views show."""
        return self._wishes.panel_layers

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
            self._note(set())
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
            self._note(set())
            self._refresh_marks()
            self._request_overlay()
            self._request_views()
        return True

    def set_panel_layers(self, layers: PanelLayers) -> None:
        """Show or hide layers of the views."""
        redrawn = (layers.mesh, layers.wire) != (self._wishes.panel_layers.mesh, self._wishes.panel_layers.wire)
        self._wishes.panel_layers = layers
        for surface in self._panes.values():
            surface.set_layers(layers)
        if redrawn:
            self.refresh_views()
        self._tell_drawn()

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
        self._note(set())
        self._own_marks = (False, "")
        self._refresh_marks()
        self._request_preview()

    def prefetch(self, view: PersonView) -> None:
        """Draw what :meth:`show` will want for another person."""
        if view.fit is None:
            return
        version = BodyVersion(view.fit, "final")
        wanted = [self._wishes.build_overlay(view, version)]
        name: PaneName = "large" if self._panes["large"].isVisible() else "side"
        if self._camera.viewpoint.is_home and not self._panes["opposite"].isVisible():
            wanted.append(self._wishes.build_view(Sight(name, self._panes[name], version, ())))
        self._layers.request_together("prefetch", wanted, _ignore)

    # ---- what is wanted

    def _on_camera_changed(self) -> None:
        for surface in self._panes.values():
            surface.set_viewpoint(self._camera.viewpoint)
        if self._preview is not None:
            self._request_preview()
        elif self._camera.is_moving:
            self._request_views()

    def _find_sights(self) -> list[Sight]:
        """The panes that are on screen, with what they show."""
        if self._fit is None:
            return []
        own = BodyVersion(self._fit, "final")
        left, opposite = self._left or own, self._opposite
        pair = self._panes["opposite"].isVisible() and opposite is not None
        sights: list[Sight] = []
        for name, surface in self._panes.items():
            if not surface.isVisible() or (name == "opposite" and opposite is None):
                continue
            if name == "opposite" and opposite is not None:
                sights.append(Sight(name, surface, opposite, (left, opposite)))
            elif name == "large" and pair and opposite is not None:
                sights.append(Sight(name, surface, opposite if self._blinking else left, (left, opposite)))
            elif self._blinking and opposite is not None:
                sights.append(Sight(name, surface, opposite, (own,)))
            else:
                sights.append(Sight(name, surface, own, ()))
        return sights

    def _request_overlay(self) -> None:
        view, fit = self._view, self._fit
        if view is None or fit is None:
            return
        blinking = self._blinking and self._opposite is not None
        version = self._opposite if blinking and self._opposite is not None else BodyVersion(fit, "final")

        def show(layers: tuple[RenderResult, ...]) -> None:
            for surface in self._overlays:
                surface.set_overlay(layers[0].rgba, layers[0].window)
            if not blinking:
                self._note(self._on_screen | {"overlay"})

        wanted = self._wishes.build_overlay(view, version)
        self._layers.request_together("overlay", [wanted], self._while_stored(fit.id, blinking, show))

    def _request_views(self) -> None:
        fit, sights = self._fit, self._find_sights()
        if fit is None or not sights:
            return
        blinking = self._blinking

        def show(layers: tuple[RenderResult, ...]) -> None:
            for sight, layer in zip(sights, layers, strict=True):
                sight.surface.set_body(layer)
            own = {sight.name for sight in sights if sight.version.key == (fit.id, "final")}
            self._note((self._on_screen & {"overlay"}) | own)
            self.sights_drawn.emit()

        wanted = [self._wishes.build_view(sight) for sight in sights]
        self._layers.request_together("views", wanted, self._while_stored(fit.id, blinking, show))

    def _request_preview(self) -> None:
        """Overlay and view in one job: the body is posed once, and they show the same iteration."""
        view, fit = self._view, self._preview
        if view is None or fit is None:
            return
        wanted = [self._wishes.build_preview_overlay(view, fit)]
        surfaces: list[ViewSurface] = []
        opposite = self._opposite if self._panes["opposite"].isVisible() else None
        for name, surface in self._panes.items():
            if not surface.isVisible() or (name == "opposite" and opposite is None):
                continue
            body = opposite.body if name == "opposite" and opposite is not None else fit
            framed_by = (fit, opposite.body) if opposite is not None and name != "side" else ()
            wanted.append(self._wishes.build_preview_view(view, surface, body, framed_by))
            surfaces.append(surface)
        person_id = view.person.id

        def show(drawn: tuple[RenderResult, ...]) -> None:
            if not self._is_previewing(person_id):
                return
            for overlay in self._overlays:
                overlay.set_overlay(drawn[0].rgba, drawn[0].window)
            for surface, layer in zip(surfaces, drawn[1:], strict=True):
                surface.set_body(layer)

        self._layers.request_together("preview", wanted, show)

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

    def _note(self, on_screen: set[str]) -> None:
        """Remember where the fit looked at can be seen."""
        self._on_screen = on_screen
        self._tell_drawn()

    def _tell_drawn(self) -> None:
        if self.is_drawn != self._was_drawn:
            self._was_drawn = self.is_drawn
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
