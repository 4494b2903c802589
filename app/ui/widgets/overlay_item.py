"""The fitted body as a translucent layer over the photograph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.widgets.pixels import desaturate, image_from_rgba
from fitting.spec import Window


class OverlayItem(QGraphicsItem):
    """Layer that covers a window of the image exactly; grey while its fit is stale."""

    def __init__(self, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._rgba: NDArray[np.uint8] | None = None
        self._pixmap: QPixmap | None = None
        self._rect = QRectF()
        self._stale = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_layer(self, rgba: NDArray[np.uint8] | None, window: Window | None) -> None:
        """Show an ``(h, w, 4)`` layer over a window of the image, or nothing."""
        self.prepareGeometryChange()
        self._rgba = rgba if window is not None else None
        self._rect = (
            QRectF(window.x, window.y, window.width, window.height)
            if rgba is not None and window is not None
            else QRectF()
        )
        self._rebuild()

    def set_stale(self, stale: bool) -> None:
        """Draw without colour: the body no longer belongs to these keypoints."""
        if stale != self._stale:
            self._stale = stale
            self._rebuild()

    def has_layer(self) -> bool:
        """Whether there is a body to show."""
        return self._pixmap is not None

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The window of the image."""
        return self._rect

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Paint the layer; the item's opacity is already set on the painter."""
        if self._pixmap is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(self._rect, self._pixmap, QRectF(self._pixmap.rect()))

    def _rebuild(self) -> None:
        if self._rgba is None:
            self._pixmap = None
        else:
            self._pixmap = QPixmap.fromImage(image_from_rgba(desaturate(self._rgba) if self._stale else self._rgba))
        self.update()
