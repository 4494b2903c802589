"""What helps the eye on the canvas and is no data: overview, loupe, crosshair. Each can be switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.keypoint_items import ScreenLineItem
from app.ui.widgets.loupe import Loupe
from app.ui.widgets.mark_glyphs import HALO
from app.ui.widgets.overview import Overview
from app.ui.widgets.picture_tone import PictureTone
from app.ui.widgets.pixels import apply_table, build_tone_table
from app.ui.widgets.prepared_picture import PreparedPicture
from app.ui.widgets.viewport import Rectangle

if TYPE_CHECKING:
    from app.ui.widgets.keypoint_view import KeypointView

_CROSSHAIR_Z = 21.0
_OVERVIEW_PIXELS = 400
"""Longest side of the copy that the overview shrinks."""


class HairItem(ScreenLineItem):
    """One line of the crosshair, open around the point it marks."""

    extent = 3.0

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the line."""
        for pen in (self._pen(HALO, 2.6, alpha=120), self._pen(QColor("#ffffff"), 1.0, alpha=220)):
            painter.setPen(pen)
            painter.drawLine(self.line_px)


class CanvasAids(QObject):
    """Aids of one canvas; they listen to it.

    Args:
        canvas: Their place.
    """

    def __init__(self, canvas: KeypointView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.overview = Overview(canvas)
        self.loupe = Loupe(canvas)
        self._hairs = [HairItem() for _ in range(4)]
        for hair in self._hairs:
            hair.setZValue(_CROSSHAIR_Z)
            hair.setVisible(False)
            canvas.scene().addItem(hair)
        self._loupe_on = True
        self._crosshair_on = False
        self._dragging = False
        self._overview_on = True
        self._hidden = False
        self.overview.centre_wanted.connect(self._on_centre_wanted)
        canvas.view_changed.connect(self._on_view_changed)
        canvas.drag_began.connect(self._on_drag_began)
        canvas.joint_dragging.connect(self._on_joint_dragging)
        canvas.drag_ended.connect(lambda _committed: self._on_drag_ended())
        canvas.placement_changed.connect(lambda _joint: self._hide_hairs())
        canvas.viewport().installEventFilter(self)

    def set_overview_on(self, on: bool) -> None:
        """Show the overview whenever part of the picture is out of sight."""
        self._overview_on = on
        self.overview.set_on(on and not self._hidden)

    def set_loupe_on(self, on: bool) -> None:
        """Show the loupe while a joint is dragged on a picture that is shown small."""
        self._loupe_on = on
        if not on:
            self.loupe.hide()

    def set_crosshair_on(self, on: bool) -> None:
        """Show hair lines through the place where a joint is dragged or will be placed."""
        self._crosshair_on = on
        if not on:
            self._hide_hairs()

    def set_hidden(self, hidden: bool) -> None:
        """Hide everything while a key is held."""
        self._hidden = hidden
        self.overview.set_on(self._overview_on and not hidden)

    def set_picture(self, picture: PreparedPicture | None, tone: PictureTone) -> None:
        """Take the picture of the canvas, in its tone."""
        table = None if tone.is_neutral else build_tone_table(tone)
        self.loupe.set_picture(picture, table)
        if picture is None:
            self.overview.set_picture(None, (1, 1))
            return
        small = picture.level_for(_OVERVIEW_PIXELS / max(picture.size_px))
        self.overview.set_picture(small if table is None else apply_table(small, table), picture.size_px)
        self._on_view_changed()

    def set_person(self, box: Rectangle | None) -> None:
        """Frame the person in the overview."""
        self.overview.set_person(box)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Qt's hook on the canvas: the hair lines follow the pointer."""
        if self._crosshair_on and event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            if self._canvas.armed_joint() is not None:
                self._show_hairs(self._canvas.viewport_map().to_image(*event.position().toTuple()))
        elif event.type() == QEvent.Type.Leave:
            self._hide_hairs()
        return super().eventFilter(watched, event)

    def _on_centre_wanted(self, x: float, y: float) -> None:
        u, v = self._canvas.viewport_map().to_screen(x, y)
        viewport = self._canvas.viewport()
        self._canvas.pan_by(viewport.width() / 2 - u, viewport.height() / 2 - v)

    def _on_view_changed(self) -> None:
        view, viewport = self._canvas.viewport_map(), self._canvas.viewport()
        left, top = view.to_image(0, 0)
        self.overview.set_seen((left, top, viewport.width() / view.scale, viewport.height() / view.scale))
        self.overview.place(viewport.width(), viewport.height())
        for hair in self._hairs:
            hair.set_view_scale(view.scale)

    def _on_drag_began(self) -> None:
        self._dragging = True

    def _on_joint_dragging(self, _joint: int, x: float, y: float) -> None:
        if not self._dragging:
            return
        view = self._canvas.viewport_map()
        if self._loupe_on:
            at = QPointF(*view.to_screen(x, y))
            self.loupe.look_at(QPointF(x, y), at, view.scale, self._canvas.viewport().geometry())
        if self._crosshair_on:
            self._show_hairs((x, y))

    def _on_drag_ended(self) -> None:
        self._dragging = False
        self.loupe.hide()
        self._hide_hairs()

    def _show_hairs(self, at_px: tuple[float, float]) -> None:
        view, viewport = self._canvas.viewport_map(), self._canvas.viewport()
        (x, y), gap = at_px, 9.0 / view.scale
        left, top = view.to_image(0, 0)
        right, bottom = view.to_image(viewport.width(), viewport.height())
        lines = (
            QLineF(left, y, x - gap, y),
            QLineF(x + gap, y, right, y),
            QLineF(x, top, x, y - gap),
            QLineF(x, y + gap, x, bottom),
        )
        for hair, line in zip(self._hairs, lines, strict=True):
            hair.set_line(line.x1(), line.y1(), line.x2(), line.y2())
            hair.setVisible(True)

    def _hide_hairs(self) -> None:
        for hair in self._hairs:
            hair.setVisible(False)
