"""The photograph on the canvas, sharp at every zoom, in the tone people have set."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.picture_tone import PictureTone
from app.ui.widgets.pixels import ToneTable, apply_table, build_tone_table
from app.ui.widgets.prepared_picture import PreparedPicture

NEAREST_FROM_SCALE = 4.0
"""Above 400 % people look at single pixels; smoothing would hide where they are."""


class PictureItem(QGraphicsItem):
    """Picture in image pixels."""

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._picture: PreparedPicture | None = None
        self._rect = QRectF()
        self._table: ToneTable | None = None
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        # Gives paint the exposed rectangle, so that a dragged joint repaints a patch and not the photograph.
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_picture(self, picture: PreparedPicture | None) -> None:
        """Show a picture, or nothing."""
        self.prepareGeometryChange()
        self._picture = picture
        self._rect = QRectF(0, 0, *picture.size_px) if picture is not None else QRectF()
        self.update()

    def picture(self) -> PreparedPicture | None:
        """Picture shown."""
        return self._picture

    def set_tone(self, tone: PictureTone) -> None:
        """Show it in another tone."""
        self._table = None if tone.is_neutral else build_tone_table(tone)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The picture."""
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the exposed part of the picture."""
        if self._picture is None:
            return
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        scale = painter.worldTransform().m11() * ratio
        level = self._picture.level_for(scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale <= NEAREST_FROM_SCALE * ratio)
        # A border of two source pixels keeps the interpolation of a patch equal to that of the whole.
        margin = 2.0 * self._rect.width() / level.width()
        exposed = option.exposedRect.adjusted(-margin, -margin, margin, margin).toAlignedRect()
        target = QRectF(exposed).intersected(self._rect)
        across, down = level.width() / self._rect.width(), level.height() / self._rect.height()
        source = QRectF(target.x() * across, target.y() * down, target.width() * across, target.height() * down)
        if self._table is None:
            painter.drawImage(target, level, source)
        else:
            _draw_toned(painter, target, level, source, ratio, self._table)


def _draw_toned(
    painter: QPainter, target: QRectF, level: QImage, source: QRectF, ratio: float, table: ToneTable
) -> None:
    """Scale to the pixels of the device and change their tone then: the cost is that of what is seen."""
    world = painter.worldTransform()
    place = _covered_pixels(world.mapRect(target), ratio)
    if place.isEmpty():
        return
    scaled = QImage(place.size(), QImage.Format.Format_RGB32)
    scaled.setDevicePixelRatio(ratio)
    scaled.fill(Qt.GlobalColor.black)
    corner = QPointF(place.x() / ratio, place.y() / ratio)
    scaler = QPainter(scaled)
    scaler.setRenderHints(painter.renderHints())
    scaler.translate(-corner)
    scaler.setTransform(world, combine=True)
    scaler.drawImage(target, level, source)
    scaler.end()
    toned = apply_table(scaled, table)
    toned.setDevicePixelRatio(ratio)
    painter.save()
    painter.resetTransform()
    painter.drawImage(corner, toned)
    painter.restore()


def _covered_pixels(rectangle: QRectF, ratio: float) -> QRect:
    """Pixels of the device whose middle lies in a rectangle of the screen."""
    left, top = ceil(rectangle.left() * ratio - 0.5), ceil(rectangle.top() * ratio - 0.5)
    right, bottom = ceil(rectangle.right() * ratio - 0.5), ceil(rectangle.bottom() * ratio - 0.5)
    return QRect(left, top, right - left, bottom - top)
