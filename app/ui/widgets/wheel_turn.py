"""Turning and scaling with the wheel: notches close together are one gesture."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from app.services.point_moves import rotate_points, scale_points

IDLE_MS = 250
"""Turns of the wheel closer together than this are one gesture."""

DEGREES_PER_NOTCH = 2.0
SCALE_PER_NOTCH = 1.02
_UNITS_PER_NOTCH = 120.0


class WheelTurn(QObject):
    """What the wheel has done to joints since the gesture began.

    Attributes:
        joints: Which joints it turns; none while no gesture is under way.
        whole_body: Whether these are the body and not a selection.
        scales: Whether it scales instead of turning.

    Signals:
        paused: The wheel has been still for a while; the gesture is over.
    """

    paused = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self.paused)
        self.joints: tuple[int, ...] = ()
        self.whole_body = self.scales = False
        self._notches = 0.0

    @property
    def degrees(self) -> float:
        """How far it has turned, clockwise on the screen."""
        return 0.0 if self.scales else self._notches * DEGREES_PER_NOTCH

    @property
    def factor(self) -> float:
        """How much larger it has made."""
        return SCALE_PER_NOTCH**self._notches if self.scales else 1.0

    def begin(self, joints: Collection[int], *, whole_body: bool, scales: bool) -> None:
        """Begin a gesture."""
        self.joints, self.whole_body, self.scales = tuple(sorted(joints)), whole_body, scales
        self._notches = 0.0

    def turn(self, units: float) -> None:
        """One event of the wheel."""
        self._notches += units / _UNITS_PER_NOTCH
        self._idle.start()

    def apply(self, keypoints_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(J, 3)`` keypoints as turned so far."""
        if self.scales:
            return scale_points(keypoints_px, self.joints, self.factor)
        return rotate_points(keypoints_px, self.joints, self.degrees)

    def reset(self) -> None:
        """No gesture is under way any more."""
        self._idle.stop()
        self.joints = ()
        self.whole_body = self.scales = False
        self._notches = 0.0
