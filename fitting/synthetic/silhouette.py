"""The body's rough outline from its bones: enough to box a person and to cut it, without the mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor

from fitting.body.kinematics import Bones
from resources.skeleton import get_skeleton


class _Bone(NamedTuple):
    start: str
    end: str
    radius_m: float


# Names are joints of smpl24 or spin49; radii are half the width of a slim adult's flesh.
_BONES: Final = (
    _Bone("pelvis", "spine1", 0.13),
    _Bone("spine1", "spine2", 0.12),
    _Bone("spine2", "spine3", 0.13),
    _Bone("spine3", "neck", 0.10),
    _Bone("neck", "head_top", 0.075),
    _Bone("head", "nose", 0.03),
    _Bone("left_hip", "left_knee", 0.075),
    _Bone("right_hip", "right_knee", 0.075),
    _Bone("left_knee", "left_ankle", 0.05),
    _Bone("right_knee", "right_ankle", 0.05),
    _Bone("openpose_left_heel", "openpose_left_big_toe", 0.02),
    _Bone("openpose_right_heel", "openpose_right_big_toe", 0.02),
    _Bone("left_collar", "left_shoulder", 0.06),
    _Bone("right_collar", "right_shoulder", 0.06),
    _Bone("left_shoulder", "left_elbow", 0.05),
    _Bone("right_shoulder", "right_elbow", 0.05),
    _Bone("left_elbow", "left_wrist", 0.04),
    _Bone("right_elbow", "right_wrist", 0.04),
    _Bone("left_wrist", "left_fingertip", 0.02),
    _Bone("right_wrist", "right_fingertip", 0.02),
)
STEPS: Final = 5
"""Points along each bone."""
FINGERTIP: Final = 2.2
"""Fingertips lie this many times as far from the wrist as the hand joint."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What the photograph shows of each person: lowest and highest corner ``(B, 2)``, may be infinite."""

    low: Tensor
    high: Tensor

    def contains(self, points: Tensor) -> Tensor:
        """Which of the points ``(B, N, 2)`` lie inside, ``(B, N)``."""
        return ((points >= self.low[:, None]) & (points <= self.high[:, None])).all(-1)

    def opened_where(self, people: Tensor) -> Window:
        """The same without borders for the people ``(B,)`` of a mask."""
        return Window(
            self.low.masked_fill(people[:, None], -torch.inf), self.high.masked_fill(people[:, None], torch.inf)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Discs along the bones: centres ``(B, N, 3 or 2)`` and radii ``(N,)``, metres."""

    points: Tensor
    radii: Tensor

    def extent(self, window: Window | None = None) -> Tensor:
        """Corners ``(B, 2, 2)`` of the part inside the window (low, high); of all of it without one."""
        low, high = self.points - self.radii[:, None], self.points + self.radii[:, None]
        if window is not None:
            seen = ((high > window.low[:, None]) & (low < window.high[:, None])).all(-1, keepdim=True)
            low = torch.where(seen, torch.maximum(low, window.low[:, None]), torch.inf)
            high = torch.where(seen, torch.minimum(high, window.high[:, None]), -torch.inf)
        return torch.stack((low.amin(1), high.amax(1)), 1)


def build_outline(bones: Bones, joints_cam: Tensor) -> Outline:
    """Outline of posed people, camera frame.

    Args:
        bones: Their kinematic joints.
        joints_cam: ``(B, 49, 3)`` their joints of spin49: landmarks of face and feet, head top.
    """
    smpl, spin49 = get_skeleton("smpl24"), get_skeleton("spin49")
    places = {name: joints_cam[:, index] for index, name in enumerate(spin49.joints)}
    # Kinematic joints second: where both layouts have a name, theirs is the place inside the flesh.
    places |= {name.removesuffix("_smpl"): bones.joints_cam[:, index] for index, name in enumerate(smpl.joints)}
    for side in ("left", "right"):
        wrist, hand = places[f"{side}_wrist"], places[f"{side}_hand"]
        places[f"{side}_fingertip"] = wrist + FINGERTIP * (hand - wrist)
    starts = torch.stack([places[bone.start] for bone in _BONES], 1)
    ends = torch.stack([places[bone.end] for bone in _BONES], 1)
    along = torch.linspace(0, 1, STEPS)[:, None, None, None]
    points = (starts + along * (ends - starts)).permute(1, 0, 2, 3).flatten(1, 2)
    return Outline(points, torch.tensor([bone.radius_m for bone in _BONES]).repeat(STEPS))
