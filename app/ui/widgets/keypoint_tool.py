"""What a press of the mouse begins and what it has done so far: strokes with begin, commit and abort. No Qt.

A stroke remembers the keypoints it started from, so that aborting is forgetting and committing is one report. Which
stroke begins is one table, :func:`choose_stroke`; the rule behind it: a plain drag never moves a whole body.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

DRAG_THRESHOLD = 3.0
"""Screen pixels the pointer travels before a press becomes a drag: a click that trembles moves nothing."""


class StrokeKind(Enum):
    """What a drag does."""

    PAN = auto()
    MOVE_JOINT = auto()
    MOVE_BODY = auto()


@dataclass(frozen=True, slots=True)
class Press:
    """A mouse press: which button, which keys are held, and the joint under the pointer."""

    middle_button: bool = False
    alt: bool = False
    space: bool = False
    joint: int | None = None
    armed: bool = False


def choose_stroke(press: Press) -> StrokeKind:
    """What a drag begun by this press does.

    Panning keys win over everything, Alt means the body, an armed placement waits for a click and does not grab
    the joints it may have to lie beside; a joint under the pointer is moved, and all other drags pan.
    """
    if press.middle_button or press.space:
        return StrokeKind.PAN
    if press.alt:
        return StrokeKind.MOVE_BODY
    if press.joint is not None and not press.armed:
        return StrokeKind.MOVE_JOINT
    return StrokeKind.PAN


class Stroke:
    """A press and the way of the pointer since.

    Args:
        kind: What dragging does.
        keypoints_px: ``(J, 3)`` keypoints at the press; kept, never changed.
        screen: Pointer at the press, screen pixels.
        joint: Joint under the pointer for ``MOVE_JOINT``.
    """

    def __init__(
        self,
        kind: StrokeKind,
        keypoints_px: NDArray[np.float64],
        screen: tuple[float, float],
        joint: int | None = None,
    ) -> None:
        self.kind = kind
        self.joint = joint
        self.base_px = keypoints_px.copy()
        self.moving = False
        self._start = screen
        self._last = screen

    def advance(self, screen: tuple[float, float]) -> tuple[float, float]:
        """Follow the pointer; returns the screen pixels to pan by, zero until the press has become a drag."""
        travelled = float(np.hypot(screen[0] - self._start[0], screen[1] - self._start[1]))
        if not self.moving and travelled < DRAG_THRESHOLD:
            return 0.0, 0.0
        self.moving = True
        step = (screen[0] - self._last[0], screen[1] - self._last[1])
        self._last = screen
        return step

    def shift_px(self, scale: float) -> tuple[float, float]:
        """How far the pointer has dragged, image pixels."""
        if not self.moving:
            return 0.0, 0.0
        return (self._last[0] - self._start[0]) / scale, (self._last[1] - self._start[1]) / scale

    def keypoints_px(self, scale: float) -> NDArray[np.float64]:
        """``(J, 3)`` keypoints as dragged so far."""
        shift = self.shift_px(scale)
        if self.kind is StrokeKind.MOVE_BODY:
            return shift_body(self.base_px, *shift)
        moved = self.base_px.copy()
        if self.kind is StrokeKind.MOVE_JOINT and self.joint is not None:
            moved[self.joint, :2] += shift
        return moved


def shift_body(keypoints_px: NDArray[np.float64], dx: float, dy: float) -> NDArray[np.float64]:
    """``(J, 3)`` keypoints with the labelled ones shifted."""
    moved = keypoints_px.copy()
    moved[moved[:, 2] > 0, :2] += (dx, dy)
    return moved


def rotate_body(keypoints_px: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """``(J, 3)`` keypoints with the labelled ones turned about their mean, clockwise on the screen when positive."""
    labelled = keypoints_px[:, 2] > 0
    if not labelled.any():
        return keypoints_px.copy()
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    points = keypoints_px[labelled, :2]
    pivot = points.mean(axis=0)
    turned = keypoints_px.copy()
    turned[labelled, :2] = (points - pivot) @ np.array([[cosine, sine], [-sine, cosine]]) + pivot
    return turned
