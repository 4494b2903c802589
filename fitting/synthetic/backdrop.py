"""What is behind and below the person: one of the painted places, out of focus where it is far.

A painter gets a :class:`Vista`, which knows where each pixel's ray meets the ground or a wall, and returns display RGB.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter

from fitting.spec import FloatArray
from fitting.synthetic.indoors import paint_room, paint_street, paint_studio
from fitting.synthetic.noise import smooth_step
from fitting.synthetic.outdoors import paint_beach, paint_court, paint_evening, paint_park
from fitting.synthetic.vista import Backdrop, Vista

_PAINTERS: Final[tuple[Callable[[Vista, Generator], Backdrop], ...]] = (
    paint_studio, paint_room, paint_room, paint_street, paint_park, paint_park, paint_beach, paint_court, paint_evening,
)  # fmt: skip


def paint_backdrop(vista: Vista, rng: Generator) -> Backdrop:
    """One of the places, by lot."""
    painter = _PAINTERS[rng.integers(len(_PAINTERS))]
    backdrop = painter(vista, rng)
    return Backdrop(_defocus(vista, backdrop.picture), backdrop.light, backdrop.floor_top)


def _defocus(vista: Vista, picture: FloatArray) -> FloatArray:
    """Blur that grows with the distance behind (and before) the person, as a lens does it."""
    width = vista.size_px[0] / 480
    soft = gaussian_filter(picture, (1.0 * width, 1.0 * width, 0))
    softer = gaussian_filter(picture, (3.0 * width, 3.0 * width, 0))
    _, away = vista.ground()
    depth = np.abs(away) / vista.distance
    near = smooth_step(0.02, 0.25, depth)[..., None]
    far = smooth_step(0.25, 0.8, depth)[..., None]
    mixed = picture * (1 - near) + soft * near
    blurred: FloatArray = mixed * (1 - far) + softer * far
    return blurred
