"""The picture, small, with the body over it: beside the body while that has the picture's place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.widgets.pixels import desaturate, image_from_rgb, image_from_rgba
from fitting.spec import Window


class SmallPicture(QWidget):
    """Paints the part of a picture that a layer covers, and the layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rgb: NDArray[np.uint8] | None = None
        self._window: Window | None = None
        self._rgba: NDArray[np.uint8] | None = None
        self._layer: QImage | None = None
        self._part: tuple[QImage, QRectF] | None = None
        self._opacity = 0.7
        self._body_is_shown = True
        self._stale = False
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Picture with the body over it"))

    def set_picture(self, rgb: NDArray[np.uint8] | None) -> None:
        """Take another picture ``(H, W, 3)``, or none."""
        self._rgb = rgb
        self._part = None
        self.update()

    def set_overlay(self, rgba: NDArray[np.uint8] | None, window: Window | None = None) -> None:
        """Show an ``(h, w, 4)`` layer over a window of the picture, or nothing."""
        if window != self._window:
            self._part = None
        self._rgba, self._window = rgba, window
        self._layer = None
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """Opacity of the layer, 0 to 1."""
        self._opacity = opacity
        self.update()

    def set_body_shown(self, shown: bool) -> None:
        """Show or hide the layer."""
        self._body_is_shown = shown
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Show the layer without colour."""
        if stale != self._stale:
            self._stale = stale
            self._layer = None
            self.update()

    def set_notice(self, text: str) -> None:
        """Say what the layer is, as a tooltip: the pane in the middle says it aloud."""
        self.setToolTip(text)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As large as the view whose place it takes."""
        return QSize(360, 340)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint picture and layer."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#101215"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        window = self._window
        if window is not None:
            scale = min(self.width() / window.width, self.height() / window.height)
            width, height = window.width * scale, window.height * scale
            place = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
            part = self._find_part(window)
            if part is not None:
                image, covered = part
                shift = place.topLeft()
                painter.drawImage(
                    QRectF(
                        shift.x() + covered.x() * scale,
                        shift.y() + covered.y() * scale,
                        covered.width() * scale,
                        covered.height() * scale,
                    ),
                    image,
                )
            layer = self._find_layer()
            if layer is not None and self._body_is_shown and self._opacity > 0:
                painter.setOpacity(self._opacity)
                painter.drawImage(place, layer)
        painter.end()

    def _find_layer(self) -> QImage | None:
        if self._layer is None and self._rgba is not None:
            self._layer = image_from_rgba(desaturate(self._rgba) if self._stale else self._rgba)
        return self._layer

    def _find_part(self, window: Window) -> tuple[QImage, QRectF] | None:
        """The pixels of the picture within the window, and where they lie in it; converted once."""
        if self._part is None and self._rgb is not None:
            height, width = self._rgb.shape[:2]
            left, top = max(0, int(window.x)), max(0, int(window.y))
            right, bottom = min(width, int(window.x + window.width) + 1), min(height, int(window.y + window.height) + 1)
            if right > left and bottom > top:
                # Only as many pixels as can be seen.
                step = max(1, int(min((right - left) / 720, (bottom - top) / 720)))
                pixels = np.ascontiguousarray(self._rgb[top:bottom:step, left:right:step])
                self._part = (
                    image_from_rgb(pixels),
                    QRectF(left - window.x, top - window.y, right - left, bottom - top),
                )
        return self._part
