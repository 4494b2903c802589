"""The words all jobs share: arrays, a box in a picture, the parameters of one body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating]
ByteImage: TypeAlias = NDArray[np.uint8]

Rectangle: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height in pixels of the picture."""

JobId = NewType("JobId", str)

JOINT_COUNT = 49
"""Joints of the spin49 skeleton: 25 OpenPose joints, then the 24 of SPIN (eft_method.md 3.2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """Square crop of an image: centre ``(2,)`` px and scale = side / 200 (eft_method.md 2.7)."""

    center_px: FloatArray
    scale: float

    @property
    def side_px(self) -> float:
        """Side of the square in pixels."""
        return 200.0 * self.scale


@dataclass(frozen=True, slots=True, eq=False)
class BodyFit:
    """Parameters of one body: rotations ``(24, 3, 3)``, betas ``(10,)``, camera ``(3,)`` = ``[s, tx, ty]``."""

    rotations: FloatArray
    betas: FloatArray
    camera: FloatArray
