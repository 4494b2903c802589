"""The photograph on the canvas, sharp at every zoom."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

NEAREST_FROM_SCALE = 4.0
"""Above 400 % people look at single pixels; smoothing would hide where they are."""


class PictureItem(QGraphicsItem):
    """Picture in image pixels.

    Shrinking a large photograph bilinearly skips pixels and costs the whole photograph at every paint, so halved
    copies are kept and the smallest that still has a pixel for each of the screen is drawn. They are made when first
    needed.
    """

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._levels: list[QPixmap] = []
        self._rect = QRectF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        # Gives paint the exposed rectangle, so that a dragged joint repaints a patch and not the photograph.
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_image(self, image: QImage | None) -> None:
        """Show a picture, or nothing."""
        self.prepareGeometryChange()
        self._levels = [QPixmap.fromImage(image)] if image is not None else []
        self._rect = QRectF(0, 0, image.width(), image.height()) if image is not None else QRectF()
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The picture."""
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the exposed part of the picture."""
        if not self._levels:
            return
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        scale = painter.worldTransform().m11() * ratio
        level = self._level(scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale <= NEAREST_FROM_SCALE * ratio)
        # A border of two source pixels keeps the interpolation of a patch equal to that of the whole.
        margin = 2.0 * self._rect.width() / level.width()
        exposed = option.exposedRect.adjusted(-margin, -margin, margin, margin).toAlignedRect()
        target = QRectF(exposed).intersected(self._rect)
        factor_x, factor_y = level.width() / self._rect.width(), level.height() / self._rect.height()
        source = QRectF(
            target.x() * factor_x, target.y() * factor_y, target.width() * factor_x, target.height() * factor_y
        )
        painter.drawPixmap(target, level, source)

    def _level(self, scale: float) -> QPixmap:
        wanted = 0
        while scale <= 0.5 ** (wanted + 1) and min(self._rect.width(), self._rect.height()) >= 2 ** (wanted + 2):
            wanted += 1
        while len(self._levels) <= wanted:
            last = self._levels[-1]
            self._levels.append(
                last.scaled(
                    max(1, last.width() // 2),
                    max(1, last.height() // 2),
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        return self._levels[wanted]
