"""What a press of the mouse begins and what it has done so far: strokes with begin, commit and abort. No Qt.

A stroke remembers the keypoints it started from, so that aborting is forgetting and committing is one report. Which
stroke begins is one table, :func:`choose_stroke`; the rule behind it: a plain drag never moves a whole body.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from app.services.point_moves import shift_points
from app.ui.widgets.viewport import Rectangle

DRAG_THRESHOLD = 3.0
"""Screen pixels the pointer travels before a press becomes a drag: a click that trembles moves nothing."""


class StrokeKind(Enum):
    """What a drag does."""

    PAN = auto()
    BAND = auto()
    MOVE_JOINT = auto()
    MOVE_SELECTION = auto()
    MOVE_BODY = auto()

    @property
    def moves_joints(self) -> bool:
        """Whether dragging changes keypoints."""
        return self in (StrokeKind.MOVE_JOINT, StrokeKind.MOVE_SELECTION, StrokeKind.MOVE_BODY)


@dataclass(frozen=True, slots=True)
class Press:
    """A mouse press: which button, which keys are held, and the joint under the pointer.

    ``in_selection`` says that this joint is one of several selected ones, ``armed`` that a click places a joint.
    """

    middle_button: bool = False
    alt: bool = False
    space: bool = False
    joint: int | None = None
    armed: bool = False
    shift: bool = False
    ctrl: bool = False
    in_selection: bool = False

    @property
    def adds(self) -> bool:
        """Whether what is clicked or caught joins the selection instead of taking its place."""
        return self.shift or self.ctrl


def choose_stroke(press: Press) -> StrokeKind:
    """What a drag begun by this press does.

    Panning keys win over everything, Alt means the body, an armed placement waits for a click and does not grab
    the joints it may have to lie beside; Shift draws a band, also from a joint. A joint under the pointer is moved,
    with the others where it is one of several selected ones, and all other drags pan.
    """
    if press.middle_button or press.space:
        return StrokeKind.PAN
    if press.alt:
        return StrokeKind.MOVE_BODY
    if press.armed:
        return StrokeKind.PAN
    if press.shift:
        return StrokeKind.BAND
    if press.joint is None:
        return StrokeKind.PAN
    return StrokeKind.MOVE_SELECTION if press.in_selection else StrokeKind.MOVE_JOINT


class Stroke:
    """A press and the way of the pointer since.

    Args:
        kind: What dragging does.
        keypoints_px: ``(J, 3)`` keypoints at the press; kept, never changed.
        screen: Pointer at the press, screen pixels.
        joints: Joints that dragging moves.
    """

    def __init__(
        self,
        kind: StrokeKind,
        keypoints_px: NDArray[np.float64],
        screen: tuple[float, float],
        joints: Collection[int] = (),
    ) -> None:
        self.kind = kind
        self.joints = tuple(joints) if kind.moves_joints else ()
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
        return shift_points(self.base_px, self.joints, *self.shift_px(scale))

    def band(self) -> Rectangle:
        """The rectangle between press and pointer, screen pixels."""
        (x, y), (u, v) = self._start, self._last
        return min(x, u), min(y, v), abs(u - x), abs(v - y)
