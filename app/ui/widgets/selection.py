"""Which joints are selected: none, one, or several of which one leads. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.ui.widgets.viewport import Rectangle


@dataclass(frozen=True, slots=True)
class Selection:
    """Selected joints.

    Attributes:
        primary: The joint chosen last, whose name is shown; None when nothing is selected.
        joints: All of them.
    """

    primary: int | None = None
    joints: frozenset[int] = frozenset()

    @classmethod
    def of(cls, joints: Iterable[int], primary: int | None = None) -> Selection:
        """These joints; the leading one is the one named, else the first."""
        chosen = frozenset(joints)
        if not chosen:
            return cls()
        return cls(primary if primary in chosen else min(chosen), chosen)

    @property
    def several(self) -> bool:
        """Whether more than one joint is selected."""
        return len(self.joints) > 1

    def toggled(self, joint: int) -> Selection:
        """With the joint, or without it when it was one of them."""
        if joint in self.joints:
            return Selection.of(self.joints - {joint}, self.primary)
        return Selection(joint, self.joints | {joint})

    def joined(self, joints: Collection[int]) -> Selection:
        """With these as well."""
        return Selection.of(self.joints | frozenset(joints), self.primary)


def find_in_rectangle(keypoints_px: NDArray[np.float64], rectangle_px: Rectangle) -> tuple[int, ...]:
    """Labelled joints within a rectangle of the image, border included."""
    left, top, width, height = rectangle_px
    x, y, visibility = keypoints_px.T
    inside = (visibility > 0) & (x >= left) & (x <= left + width) & (y >= top) & (y <= top + height)
    return tuple(np.flatnonzero(inside).tolist())
