"""How deep limbs reach into each other and into the trunk: capsules along the bones, measured from the mannequin.

Limbs are capsules whose radius runs from one end to the other; the trunk is a stack of capsules that lie across it.
Neighbours are never compared, and every pair has a depth that flesh gives way to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fitting.body.assets import BodyAsset
from fitting.body.kinematics import Bones
from fitting.synthetic.mean_body import get_asset, rest_joints

SIDES: Final = ("left", "right")


class _Limb(NamedTuple):
    """Part of a bone, from its joint to the child's: start and end as fractions of the way."""

    name: str
    joint: int
    child: int
    start: float
    end: float


_LEFT_LIMBS: Final = (
    _Limb("upper_arm", 16, 18, 0.55, 1.0),
    _Limb("forearm", 18, 20, 0.15, 1.0),
    _Limb("hand", 20, 22, 0.3, 1.9),
    _Limb("hip", 1, 4, 0.05, 0.35),
    _Limb("thigh", 1, 4, 0.35, 1.0),
    _Limb("shin", 4, 7, 0.1, 1.0),
    _Limb("foot", 7, 10, 0.2, 1.5),
)
_BELTS: Final = ((0, -0.24), (0, -0.16), (3, -0.05), (6, 0.04), (9, 0.12), (9, 0.19))
"""Joint and height at rest, metres, of the capsules across the trunk."""
_TRUNK_JOINTS: Final = (0, 3, 6, 9, 13, 14)
_HAND_RADIUS: Final = 0.018
_FINGERS: Final = ((11, 0.35, 0.011), (12, 0.3, 0.012), (15, 0.3, 0.012))
"""Landmark of the tip, start as a fraction of the way from the wrist, radius: thumb, first and last finger."""
_HEAD: Final = (((0.0, 0.02, 0.025), (0.0, 0.02, 0.025), 0.062), ((0.0, 0.105, -0.018), (0.0, 0.105, 0.015), 0.086))
"""Ends from the head's joint and radius of the jaw and the skull."""

_ALLOWED: Final = {
    ("hand", "belt"): 0.015,
    ("forearm", "belt"): 0.02,
    ("upper_arm", "belt"): 0.045,
    ("hand", "head"): 0.02,
    ("forearm", "head"): 0.015,
    ("upper_arm", "head"): 0.02,
    ("hand", "thigh"): 0.015,
    ("forearm", "thigh"): 0.02,
    ("upper_arm", "thigh"): 0.025,
    ("hand", "shin"): 0.012,
    ("hand", "hip"): 0.015,
    ("forearm", "hip"): 0.02,
    ("finger", "belt"): 0.014,
    ("finger", "head"): 0.015,
    ("finger", "thigh"): 0.014,
    ("finger", "hip"): 0.014,
    ("finger", "shin"): 0.01,
    ("forearm", "shin"): 0.015,
    ("hand", "foot"): 0.015,
    ("forearm", "foot"): 0.015,
    ("thigh", "belt"): 0.045,
    ("thigh", "head"): 0.01,
    ("shin", "belt"): 0.03,
    ("foot", "belt"): 0.045,
}
"""Depth, metres, that is still touching; the thigh and the foot meet the belly and the seat in deep creases."""
_ALLOWED_ACROSS: Final = {
    ("hand", "hand"): 0.028,
    ("hand", "forearm"): 0.014,
    ("finger", "forearm"): 0.012,
    ("finger", "upper_arm"): 0.012,
    ("hand", "upper_arm"): 0.015,
    ("forearm", "forearm"): 0.018,
    ("forearm", "upper_arm"): 0.02,
    ("thigh", "thigh"): 0.03,
    ("shin", "thigh"): 0.025,
    ("shin", "shin"): 0.018,
    ("foot", "thigh"): 0.02,
    ("foot", "shin"): 0.015,
    ("foot", "foot"): 0.015,
}
"""The same between the limbs of the two sides."""
_GROWN_TOGETHER: Final = {("thigh", "belt0"), ("thigh", "belt1"), ("upper_arm", "belt5")}


@dataclass(frozen=True, slots=True, eq=False)
class Flesh:
    """N capsules: their joint ``(N,)``, ends ``(N, 2, 3)`` from it at rest, radii at both ends ``(N, 2)``, metres.

    ``pairs`` ``(P, 2)`` are the capsules that must not meet deeper than ``allowed`` ``(P,)``.
    """

    names: tuple[str, ...]
    joint: Tensor
    ends: Tensor
    radii: Tensor
    pairs: Tensor
    allowed: Tensor


def penetration(bones: Bones) -> Tensor:
    """Deepest forbidden meeting of each person's capsules ``(B,)``, metres; negative where all keep clear."""
    return pair_depths(bones).amax(1)


def pair_depths(bones: Bones) -> Tensor:
    """Depth beyond what is allowed of every pair ``(B, P)``, metres."""
    flesh = get_flesh()
    # Coordinates first and people last, as pose_bones lays them out: sums over three numbers cost little then.
    rotations, joints = bones.rotations.permute(2, 3, 1, 0)[:, :, flesh.joint], bones.joints_cam.permute(2, 1, 0)
    starts, stops = (
        (rotations * flesh.ends[:, end].T[None, :, :, None]).sum(1) + joints[:, flesh.joint] for end in (0, 1)
    )
    first, second = flesh.pairs.unbind(1)
    where, other, distance = _closest(starts[:, first], stops[:, first], starts[:, second], stops[:, second])
    radii = flesh.radii[..., None]
    radius = torch.lerp(radii[first, 0], radii[first, 1], where)
    other_radius = torch.lerp(radii[second, 0], radii[second, 1], other)
    return (radius + other_radius - distance - flesh.allowed[:, None]).T


def _closest(start: Tensor, stop: Tensor, other: Tensor, other_stop: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where two segments between points ``(3, ...)`` are nearest, as fractions of their lengths, and how far apart."""
    along, across, gap = stop - start, other_stop - other, start - other

    def dot(a: Tensor, b: Tensor) -> Tensor:
        return (a * b).sum(0)

    a, e, b = dot(along, along).clamp_min(1e-9), dot(across, across).clamp_min(1e-9), dot(along, across)
    c, f = dot(along, gap), dot(across, gap)
    s = ((b * f - c * e) / (a * e - b * b).clamp_min(1e-9)).clamp(0, 1)
    t = ((b * s + f) / e).clamp(0, 1)
    s = ((b * t - c) / a).clamp(0, 1)
    distance = dot(between := gap + s * along - t * across, between).sqrt()
    return s, t, distance


@lru_cache(maxsize=1)
def get_flesh() -> Flesh:
    """The mannequin's capsules, measured once."""
    asset = get_asset()
    rest = rest_joints().double().numpy()
    parts = [part for limb in _LEFT_LIMBS for part in _limb_parts(limb, asset, rest)]
    parts += [part for finger in _FINGERS for part in _finger_parts(*finger, asset, rest)]
    parts += [_belt(joint, height, asset, rest) for joint, height in _BELTS]
    parts += [_Part("head", 15, np.array(ends), (radius, radius)) for *ends, radius in _HEAD]
    names = tuple(part.name for part in parts)
    pairs = [(a, b, depth) for a, b in product(range(len(parts)), repeat=2) if (depth := _allowed(names[a], names[b]))]
    return Flesh(
        names=names,
        joint=torch.tensor([part.joint for part in parts]),
        ends=torch.tensor(np.stack([part.ends for part in parts]), dtype=torch.float32),
        radii=torch.tensor([part.radii for part in parts], dtype=torch.float32),
        pairs=torch.tensor([pair[:2] for pair in pairs]),
        allowed=torch.tensor([pair[2] for pair in pairs]),
    )


class _Part(NamedTuple):
    name: str
    joint: int
    ends: NDArray[np.float64]
    radii: tuple[float, float]


def _allowed(first: str, second: str) -> float | None:
    """Depth two parts may meet, None where they are not compared (in this order)."""
    first_side, _, first_kind = first.rpartition("/")
    second_side, _, second_kind = second.rpartition("/")
    kinds = (first_kind, second_kind)
    if first_side and second_side and first_side != second_side:
        if kinds in _ALLOWED_ACROSS and (kinds[0] != kinds[1] or first_side == SIDES[0]):
            return _ALLOWED_ACROSS[kinds]
        return _ALLOWED.get(kinds)
    if kinds in _GROWN_TOGETHER:
        return None
    return _ALLOWED.get((first_kind, second_kind.rstrip("0123456789")))


def _limb_parts(limb: _Limb, asset: BodyAsset, rest: NDArray[np.float64]) -> list[_Part]:
    """The capsule of one limb, left and mirrored."""
    bone = rest[limb.child] - rest[limb.joint]
    ends = np.stack((limb.start * bone, limb.end * bone))
    radii = (_HAND_RADIUS, _HAND_RADIUS) if limb.name == "hand" else _limb_radii(limb, asset, rest)
    mirror = np.array([-1.0, 1.0, 1.0])
    return [
        _Part(f"{SIDES[0]}/{limb.name}", limb.joint, ends, radii),
        _Part(f"{SIDES[1]}/{limb.name}", limb.joint + 1, ends * mirror, radii),
    ]


def _finger_parts(
    landmark: int, start: float, radius: float, asset: BodyAsset, rest: NDArray[np.float64]
) -> list[_Part]:
    """The capsule from a wrist to a fingertip, left and mirrored; the hand is wider than its middle."""
    wrist = 20
    tip = asset.v_template[asset.landmark_vertices[landmark]] - rest[wrist]
    ends = np.stack((start * tip, tip * (1 - radius / np.linalg.norm(tip))))
    return [
        _Part(f"{SIDES[0]}/finger", wrist, ends, (radius, radius)),
        _Part(f"{SIDES[1]}/finger", wrist + 1, ends * np.array([-1.0, 1.0, 1.0]), (radius, radius)),
    ]


def _limb_radii(limb: _Limb, asset: BodyAsset, rest: NDArray[np.float64]) -> tuple[float, float]:
    """Radii at a limb's ends: a line through the distances of its vertices from the bone."""
    own = asset.weights[:, limb.joint] > 0.5
    bone = rest[limb.child] - rest[limb.joint]
    offset = asset.v_template[own] - rest[limb.joint]
    along = offset @ bone / (bone @ bone)
    distance = np.linalg.norm(offset - along[:, None] * bone, axis=1)
    kept = (along > limb.start) & (along < limb.end)
    slope, base = np.polyfit(along[kept], distance[kept], 1)
    return float(base + slope * limb.start), float(base + slope * limb.end)


def _belt(joint: int, height: float, asset: BodyAsset, rest: NDArray[np.float64]) -> _Part:
    """A capsule across the trunk: as deep and as wide as the mesh at this height."""
    near = np.isin(asset.weights.argmax(1), _TRUNK_JOINTS) & (np.abs(asset.v_template[:, 1] - height) < 0.015)
    points = asset.v_template[near]
    depth = points[np.abs(points[:, 0]) < 0.05, 2]
    radius = float(np.ptp(depth)) / 2
    width = max(float(np.quantile(np.abs(points[:, 0]), 0.97)) - radius, 0.01)
    ends = np.array([[side * width, height, depth.min() + radius] for side in (1.0, -1.0)]) - rest[joint]
    return _Part(f"belt{[belt[1] for belt in _BELTS].index(height)}", joint, ends, (radius, radius))
