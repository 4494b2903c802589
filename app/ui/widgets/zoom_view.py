"""A graphics view that zooms at the pointer and pans without a bound, to the fraction of a pixel.

QGraphicsView keeps its position in scroll bars, which are whole numbers. Here the whole map, shift included, is the
view's transform (a :class:`Viewport`), and the scroll bars stay at zero inside a scene far larger than any picture.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QNativeGestureEvent,
    QPainter,
    QPalette,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from app.ui.widgets.tones import is_dark
from app.ui.widgets.viewport import Rectangle, Viewport, fit_rectangle

ZoomMode: TypeAlias = Literal["image", "person", "keep"]

_SCENE_REACH = 1.0e6
_ZOOM_PER_WHEEL_UNIT = 1.0015
_PERSON_MAX_SCALE = 6.0
"""A person of a few pixels stays in sight of the surroundings, without which nobody is recognised."""


class ZoomView(QGraphicsView):
    """Scene in image pixels under a free zoom and pan.

    Signals:
        view_changed: Zoom, pan or size of the canvas changed.
    """

    view_changed = Signal()

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._viewport_map = Viewport()
        self._zoom_mode: ZoomMode = "image"
        # What the view was fitted to and still shows; None once people have zoomed or panned themselves.
        self._fitted_to: ZoomMode | None = "image"
        self._last_size: tuple[float, float] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setSceneRect(-_SCENE_REACH, -_SCENE_REACH, 2 * _SCENE_REACH, 2 * _SCENE_REACH)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self._apply_surroundings()

    def image_rectangle(self) -> Rectangle | None:
        """Rectangle "fit image" shows, image pixels; None without a picture."""
        return None

    def person_rectangle(self) -> Rectangle | None:
        """Rectangle "fit person" shows, image pixels; None without a person."""
        return None

    def viewport_map(self) -> Viewport:
        """Map between image and screen pixels."""
        return self._viewport_map

    def set_viewport_map(self, viewport: Viewport) -> None:
        """Zoom and pan to a remembered view."""
        self._fitted_to = None
        self._show(viewport)

    def zoom_percent(self) -> float:
        """Screen's own pixels for 100 image pixels."""
        return 100.0 * self._viewport_map.scale * self.devicePixelRatioF()

    def set_zoom_mode(self, mode: ZoomMode) -> None:
        """What the next picture or person is shown with: all of the image, the person, or the view as it is."""
        self._zoom_mode = mode

    def zoom_mode(self) -> ZoomMode:
        """Mode set last."""
        return self._zoom_mode

    def fit_image(self) -> None:
        """Show the whole image."""
        self._fit("image", self.image_rectangle())

    def fit_person(self) -> None:
        """Show the person; without one, the image."""
        rectangle = self.person_rectangle()
        if rectangle is None:
            self.fit_image()
        else:
            self._fit("person", rectangle, max_scale=_PERSON_MAX_SCALE)

    def actual_size(self) -> None:
        """One image pixel for one pixel of the screen, about the middle of the canvas."""
        self.zoom_by(1.0 / (self._viewport_map.scale * self.devicePixelRatioF()))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom at a point of the canvas, its middle by default."""
        point = at if at is not None else QPointF(self.viewport().width() / 2, self.viewport().height() / 2)
        self.set_viewport_map(self._viewport_map.zoomed_at(point.x(), point.y(), factor))

    def pan_by(self, du: float, dv: float) -> None:
        """Shift the picture by screen pixels."""
        self.set_viewport_map(self._viewport_map.panned(du, dv))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Zoom at the pointer."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.zoom_by(_ZOOM_PER_WHEEL_UNIT**turned, event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Zoom with two fingers on a touch pad."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Keep what was fitted fitted, and the middle in the middle otherwise."""
        super().resizeEvent(event)
        size = float(self.viewport().width()), float(self.viewport().height())
        old, self._last_size = self._last_size, size
        if not self._refit():
            # A view chosen before the canvas had a size has no middle to keep.
            self._show(self._viewport_map if old is None else self._viewport_map.recentred(old, size))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._apply_surroundings()

    def _refit(self) -> bool:
        """Fit again to what the view is fitted to; whether there was anything to fit."""
        if self._fitted_to == "person" and self.person_rectangle() is not None:
            self.fit_person()
        elif self._fitted_to is not None and self.image_rectangle() is not None:
            self.fit_image()
        else:
            return False
        return True

    def _fit(self, to: ZoomMode, rectangle: Rectangle | None, max_scale: float | None = None) -> None:
        self._fitted_to = to
        if rectangle is None:
            return
        size = float(self.viewport().width()), float(self.viewport().height())
        self._show(
            fit_rectangle(rectangle, size) if max_scale is None else fit_rectangle(rectangle, size, max_scale=max_scale)
        )

    def _show(self, viewport: Viewport) -> None:
        self._viewport_map = viewport
        self.setTransform(QTransform(viewport.scale, 0, 0, viewport.scale, viewport.offset_x, viewport.offset_y))
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.setValue(0)
        self._on_view_shown()
        self.view_changed.emit()

    def _on_view_shown(self) -> None:
        """Let what has a constant screen size follow; called after every zoom, pan and resize."""

    def _apply_surroundings(self) -> None:
        window = self.palette().color(QPalette.ColorRole.Window)
        # Neutral surroundings: a tinted or brighter one changes how the photograph is judged.
        level = max(int(window.lightness() * 0.72), 16) if is_dark(self.palette()) else int(window.lightness() * 0.86)
        self.setBackgroundBrush(QColor(level, level, level))
