"""From where a body is seen: an orthographic camera that turns about the pelvis. A value, without Qt or OpenGL."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from fitting.spec.body import FloatArray

NamedView: TypeAlias = Literal["front", "side", "back", "top"]

_NAMED_ANGLES: Final[dict[NamedView, tuple[float, float]]] = {
    "front": (0.0, 0.0),
    "side": (90.0, 0.0),
    "back": (180.0, 0.0),
    "top": (0.0, 90.0),
}
MIN_ZOOM: Final = 0.25
MAX_ZOOM: Final = 12.0
MAX_PAN: Final = 6.0


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A camera that sets out from a named view; equal values are equal cameras, to the bit.

    Attributes:
        home: Named view it set out from. Body and layer are framed as there, so that the pelvis stays where it was
            when the turning began.
        yaw_deg: Turn about the upright axis: 0 from the image's camera, 90 from the image's right, 180 from behind.
        pitch_deg: Height of the eye, -90 from below to 90 from above.
        zoom: Against the framing of the home.
        pan: Shift of the picture, x right and y down, in shares of the layer's shorter side.
    """

    home: NamedView
    yaw_deg: float
    pitch_deg: float
    zoom: float = 1.0
    pan: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, view: NamedView) -> Viewpoint:
        """The camera of a named view."""
        return cls(view, *_NAMED_ANGLES[view])

    @property
    def is_home(self) -> bool:
        """Whether this is exactly a named view."""
        return self == Viewpoint.of(self.home)

    def matrix(self) -> FloatArray:
        """``(3, 3)`` rows: the view's right, down and away in the camera frame of the image; exact at right angles."""
        cos_yaw, sin_yaw = _cos_sin(self.yaw_deg)
        cos_pitch, sin_pitch = _cos_sin(self.pitch_deg)
        away = np.array([-sin_yaw, 0.0, cos_yaw])
        down = np.array([0.0, 1.0, 0.0])
        return np.stack(
            (
                np.array([cos_yaw, 0.0, sin_yaw]),
                cos_pitch * down - sin_pitch * away,
                sin_pitch * down + cos_pitch * away,
            )
        )

    def turned(self, yaw_deg: float, pitch_deg: float) -> Viewpoint:
        """Turned further; never over the poles, so that up stays up."""
        yaw = (self.yaw_deg + yaw_deg) % 360.0
        return dataclasses.replace(self, yaw_deg=yaw, pitch_deg=_clamp(self.pitch_deg + pitch_deg, -90.0, 90.0))

    def panned(self, right: float, down: float) -> Viewpoint:
        """The picture shifted by shares of the layer's shorter side."""
        x, y = self.pan
        return dataclasses.replace(
            self, pan=(_clamp(x + right, -MAX_PAN, MAX_PAN), _clamp(y + down, -MAX_PAN, MAX_PAN))
        )

    def zoomed(self, factor: float, at: tuple[float, float] = (0.0, 0.0)) -> Viewpoint:
        """Magnified; what lies at a point (from the layer's middle, in shares of its shorter side) stays there."""
        zoom = _clamp(self.zoom * factor, MIN_ZOOM, MAX_ZOOM)
        real = zoom / self.zoom
        x, y = (p + (q - p) * real for p, q in zip(at, self.pan, strict=True))
        return dataclasses.replace(self, zoom=zoom).panned(x - self.pan[0], y - self.pan[1])


def _cos_sin(degrees: float) -> tuple[float, float]:
    """Cosine and sine, exact at multiples of 90 degrees."""
    quarter, rest = divmod(degrees, 90.0)
    if rest == 0.0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarter) % 4]
    angle = math.radians(degrees)
    return math.cos(angle), math.sin(angle)


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
