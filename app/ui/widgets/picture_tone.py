"""Brightness, contrast and gamma of the photograph on screen: a table of 256 greys. The file is never touched.

Each setting is a whole number from -100 to 100, 0 leaves the picture as it is; that is what sliders and the settings
file hold. The table is ``((x + b - 1/2) c + 1/2) ** (1 / g)`` on 0-1, cut to that range.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

LIMIT: Final = 100
_MOST_CONTRAST: Final = 8.0
_MOST_GAMMA: Final = 4.0
_AUTO_SHARE: Final = 1.0
"""Percent of the pixels that may become black, and as many white."""
_AUTO_MIDDLE: Final = 0.45
_AUTO_GAMMA: Final = 1.8


@dataclass(frozen=True, slots=True)
class PictureTone:
    """How the photograph is shown; whole numbers from -100 to 100."""

    brightness: int = 0
    contrast: int = 0
    gamma: int = 0

    @property
    def is_neutral(self) -> bool:
        """Whether the photograph is shown as it is."""
        return self == PictureTone()

    @property
    def contrast_factor(self) -> float:
        """What differences of brightness are multiplied by."""
        return float(_MOST_CONTRAST ** (self.contrast / LIMIT))

    @property
    def gamma_value(self) -> float:
        """Exponent whose inverse is applied: above 1 the shadows open."""
        return float(_MOST_GAMMA ** (self.gamma / LIMIT))

    def stepped(self, brightness: int = 0, contrast: int = 0, gamma: int = 0) -> PictureTone:
        """Changed by so much, within the limits."""
        return PictureTone(
            _clamp(self.brightness + brightness), _clamp(self.contrast + contrast), _clamp(self.gamma + gamma)
        )

    def build_table(self) -> NDArray[np.uint8]:
        """``(256,)`` grey shown for each grey of the picture."""
        grey = np.arange(256) / 255.0
        stretched = (grey + self.brightness / (2 * LIMIT) - 0.5) * self.contrast_factor + 0.5
        shown = np.clip(stretched, 0.0, 1.0) ** (1.0 / self.gamma_value)
        table: NDArray[np.uint8] = (255.0 * shown).round().astype(np.uint8)
        return table


def find_auto_tone(grey: NDArray[np.uint8]) -> PictureTone:
    """Tone that uses the whole range for these greys and puts their median near the middle.

    Args:
        grey: Greys of the pixels that matter, any shape.
    """
    if grey.size == 0:
        return PictureTone()
    low, middle, high = (np.percentile(grey, (_AUTO_SHARE, 50.0, 100.0 - _AUTO_SHARE)) / 255.0).tolist()
    span = max(high - low, 1.0 / _MOST_CONTRAST)
    brightness = 2 * LIMIT * (0.5 - (low + high) / 2)
    contrast = LIMIT * log(1.0 / span) / log(_MOST_CONTRAST)
    stretched = min(max((middle - (low + high) / 2) / span + 0.5, 0.02), 0.98)
    wanted = min(max(log(stretched) / log(_AUTO_MIDDLE), 1 / _AUTO_GAMMA), _AUTO_GAMMA)
    return PictureTone(_clamp(brightness), _clamp(contrast), _clamp(LIMIT * log(wanted) / log(_MOST_GAMMA)))


def _clamp(value: float) -> int:
    return min(max(round(value), -LIMIT), LIMIT)
