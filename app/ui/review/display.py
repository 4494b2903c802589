"""Which picture of the body is wanted where: the stored fit, a running fit, the next person's."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.services.fit_versions import ShownFit
from app.services.overlays import OVERLAY_PX, body_fit_of, build_overlay_job, build_view_job
from app.services.person_view import PersonView
from app.services.project import Project
from app.ui.fit_texts import describe_notice
from app.ui.review.layers import Channel, LayerDesk, LayerKey
from db.records import FitId, FitRecord, PersonId
from fitting.spec import BodyFit, Box, ByteImage, RenderResult, View, Window

_SIZE_STEP = 64
"""Layer sizes are rounded up to this, so that a window a little larger still finds the kept layers."""
_LARGEST_VIEW_PX = 1024


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

    def set_layer(self, rgba: ByteImage | None, view: View | None = None) -> None:
        """Show a layer, or the message."""

    def set_message(self, message: str) -> None:
        """Sentence while there is no body."""

    def set_notice(self, text: str) -> None:
        """Say that the body is not the current one; empty says nothing."""

    def layer_size(self) -> tuple[int, int]:
        """Size a layer should have."""

    def isVisible(self) -> bool:  # noqa: N802 -- Qt's name
        """Whether anybody can see it."""


class BodyDisplay(QObject):
    """Keeps the body on the canvas and in the views up to date.

    Args:
        project: Where the body file is known.
        layers: Draws.
        canvas: The picture.
        views: Views of the body alone, by the channel they are drawn through.
        parent: Owner.

    Signals:
        drawn: The fit looked at is on screen over the picture and from another side: it can be judged.
    """

    drawn = Signal()

    def __init__(
        self,
        project: Project,
        layers: LayerDesk,
        canvas: OverlaySurface,
        views: dict[Channel, ViewSurface],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._layers = layers
        self._canvas = canvas
        self._views = views
        self._direction: View = "side"
        self._person_id: PersonId | None = None
        self._fit: FitRecord | None = None
        self._notice = ""
        self._previewing = False
        self._stale = False
        self._on_screen: set[Channel] = set()

    @property
    def is_drawn(self) -> bool:
        """Whether the fit looked at is on screen, over the picture and from another side as well."""
        return "overlay" in self._on_screen and any(channel in self._on_screen for channel in self._views)

    def show(self, view: PersonView | None, shown: ShownFit | None, waiting_text: str = "") -> None:
        """Show one of a person's fits, or the text where there is none."""
        person_id = None if view is None else view.person.id
        fit = None if shown is None else shown.fit
        if person_id != self._person_id or fit is None:
            self._clear()
        changed = self._previewing or person_id != self._person_id or not self._is_shown(fit)
        self._person_id, self._fit = person_id, fit
        self._previewing = False
        if changed or fit is None:
            self._on_screen.clear()
        self._mark(stale=shown is not None and shown.is_stale, notice=describe_notice(shown))
        for surface in self._views.values():
            surface.set_message(waiting_text)
        if view is not None and fit is not None and changed:
            self._request_overlay(view, fit)
            self._request_views()

    def set_direction(self, direction: View) -> None:
        """Turn the views."""
        if direction != self._direction:
            self._direction = direction
            self._request_views()

    def refresh_views(self) -> None:
        """Draw the views again: one has come on screen or changed its size."""
        if not self._previewing:
            self._request_views()

    def preview(self, view: PersonView, fit: BodyFit) -> None:
        """Show one iteration of a running fit, coarsely; the next one may already be on its way."""
        if view.person.id != self._person_id:
            return
        self._previewing = True
        self._on_screen.clear()
        self._mark(stale=False, notice="")
        box = Box(np.array(view.person.box_center_px), view.person.box_scale)
        overlay = build_overlay_job(self._project, fit, box, view.image, preview=True)
        self._layers.request("overlay", overlay, self._while_previewing(view.person.id, self._show_overlay))
        for channel, surface in self._views.items():
            if surface.isVisible():
                width, height = _rounded(surface.layer_size())
                size_px = (width // 2, height // 2)
                job = build_view_job(self._project, fit, box, self._direction, size_px, preview=True)
                show = self._show_in(surface)
                self._layers.request(channel, job, self._while_previewing(view.person.id, show))

    def prefetch(self, view: PersonView) -> None:
        """Draw what :meth:`show` will want for another person."""
        fit = view.fit
        if fit is None:
            return
        body, box = body_fit_of(fit)
        key = LayerKey(fit.id, "camera", (OVERLAY_PX, OVERLAY_PX))
        self._layers.request("prefetch overlay", build_overlay_job(self._project, body, box, view.image), _ignore, key)
        surface = self._views["view"]
        size_px = _rounded(surface.layer_size())
        job = build_view_job(self._project, body, box, self._direction, size_px)
        self._layers.request("prefetch view", job, _ignore, LayerKey(fit.id, self._direction, size_px))

    def _request_overlay(self, view: PersonView, fit: FitRecord) -> None:
        body, box = body_fit_of(fit)
        job = build_overlay_job(self._project, body, box, view.image)
        key = LayerKey(fit.id, "camera", (OVERLAY_PX, OVERLAY_PX))
        self._layers.request("overlay", job, self._while_stored(fit.id, "overlay", self._show_overlay), key)

    def _request_views(self) -> None:
        fit = self._fit
        if fit is None:
            return
        body, box = body_fit_of(fit)
        for channel, surface in self._views.items():
            if surface.isVisible():
                size_px = _rounded(surface.layer_size())
                job = build_view_job(self._project, body, box, self._direction, size_px)
                key = LayerKey(fit.id, self._direction, size_px)
                self._layers.request(channel, job, self._while_stored(fit.id, channel, self._show_in(surface)), key)

    def _clear(self) -> None:
        for channel in ("overlay", *self._views):
            self._layers.forget_waiting(channel)
        self._canvas.set_overlay(None)
        for surface in self._views.values():
            surface.set_layer(None)

    def _mark(self, *, stale: bool, notice: str) -> None:
        surfaces: list[Surface] = [self._canvas, *self._views.values()]
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

    def _show_overlay(self, result: RenderResult) -> None:
        self._canvas.set_overlay(result.rgba, result.window)

    def _show_in(self, surface: ViewSurface) -> _Show:
        def show(result: RenderResult) -> None:
            if result.view == self._direction:
                surface.set_layer(result.rgba, result.view)

        return show

    def _while_stored(self, fit_id: FitId, channel: Channel, show: _Show) -> _Show:
        """Only if the fit is still the one to show."""

        def guarded(result: RenderResult) -> None:
            if self._previewing or self._fit is None or fit_id != self._fit.id:
                return
            show(result)
            before = self.is_drawn
            self._on_screen.add(channel)
            if self.is_drawn and not before:
                self.drawn.emit()

        return guarded

    def _while_previewing(self, person_id: PersonId, show: _Show) -> _Show:
        """Only if the person's fit still runs."""

        def guarded(result: RenderResult) -> None:
            if self._previewing and person_id == self._person_id:
                show(result)

        return guarded


class _Show(Protocol):
    def __call__(self, result: RenderResult, /) -> None: ...


def _ignore(_result: RenderResult) -> None:
    """A prefetched layer waits in the desk's cache."""


def _rounded(size_px: tuple[int, int]) -> tuple[int, int]:
    width, height = (min(-(-side // _SIZE_STEP) * _SIZE_STEP, _LARGEST_VIEW_PX) for side in size_px)
    return width, height
