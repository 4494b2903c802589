"""The photograph on the canvas, sharp at every zoom."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.prepared_picture import PreparedPicture

NEAREST_FROM_SCALE = 4.0
"""Above 400 % people look at single pixels; smoothing would hide where they are."""


class PictureItem(QGraphicsItem):
    """Picture in image pixels."""

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._picture: PreparedPicture | None = None
        self._rect = QRectF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        # Gives paint the exposed rectangle, so that a dragged joint repaints a patch and not the photograph.
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_picture(self, picture: PreparedPicture | None) -> None:
        """Show a picture, or nothing."""
        self.prepareGeometryChange()
        self._picture = picture
        self._rect = QRectF(0, 0, *picture.size_px) if picture is not None else QRectF()
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
        painter.drawImage(target, level, source)
