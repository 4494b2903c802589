"""A photograph made ready for painting. Converting and halving a large one takes longer than a frame, so it may be done
in any thread; only painting belongs to Qt's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from app.ui.widgets.pixels import image_from_rgb

_SMALLEST_SIDE = 256


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPicture:
    """A photograph and its halved copies, the largest first.

    Shrinking a large photograph bilinearly skips pixels and reads all of it at every paint; of the copies, the smallest
    that still has a pixel for each of the screen is drawn instead.
    """

    levels: tuple[QImage, ...]

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.levels[0].width(), self.levels[0].height()

    def level_for(self, scale: float) -> QImage:
        """Copy to draw when one image pixel takes ``scale`` pixels of the device."""
        wanted = 0
        while wanted + 1 < len(self.levels) and scale <= 0.5 ** (wanted + 1):
            wanted += 1
        return self.levels[wanted]


def prepare_picture(rgb: NDArray[np.uint8]) -> PreparedPicture:
    """Make an ``(H, W, 3)`` uint8 photograph ready for painting."""
    levels = [image_from_rgb(rgb)]
    while min(levels[-1].width(), levels[-1].height()) >= 2 * _SMALLEST_SIDE:
        last = levels[-1]
        levels.append(
            last.scaled(
                last.width() // 2,
                last.height() // 2,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    return PreparedPicture(tuple(levels))
