"""What a network sees in a crop: a small trunk that looks for joints, with the annotated ones shown to it.

Keypoints and bones enter as soft maps beside the picture's features. Out come, for each of the 24 joints, where the
trunk believes it is (soft-argmax of a heat map), how deep it lies relative to the pelvis, and what the picture is like
there; for each of the eight limbs whether it points towards the camera, which keypoints cannot tell; and what the
picture is like as a whole. The trunk knows what the keypoints alone make one believe of the depths and says where it
sees otherwise: what millions of keypoints have taught need not be learnt again from some ten thousand pictures. Maps
and limbs can be taught directly (:mod:`fitting.training.sighted`), which takes far fewer pictures than teaching a pose
through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from fitting.regressor.norm import FrozenableBatchNorm
from resources.skeleton import get_skeleton

PICTURE_SIDE: Final = 128
"""Pixels of the picture that the trunk works on; larger crops are shrunk."""
_MAP_SIDE: Final = 32
_SIGMA: Final = 1.1
"""Width of a joint's or bone's map, in its cells."""
_FAINT: Final = 0.5
"""Strength of the map of a joint that is only believed; its width is the inverse."""
_SPIN24: Final = get_skeleton("spin24")
JOINTS: Final = len(_SPIN24)
_PER_JOINT: Final = 16
_PER_LIMB: Final = 24
_DEPTH_SCALE: Final = 5.0
_TRUST: Final = 12.0
"""Logit of a limb pointing away for each metre the keypoints make one believe; only where training starts."""
_BONES: Final = tuple(
    (_SPIN24.index(start), _SPIN24.index(end))
    for start, end in (
        *((f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in (
            ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"), ("shoulder", "hip"),
        )),
        ("left_shoulder", "right_shoulder"),
        ("left_hip", "right_hip"),
    )
)  # fmt: skip
LIMBS: Final = tuple(
    (_SPIN24.index(f"{side}_{near}"), _SPIN24.index(f"{side}_{far}"))
    for side in ("left", "right")
    for near, far in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
)
"""Near and far joint of upper arm, forearm, thigh and shin a side."""


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Where the keypoints alone make one believe the 24 joints of B people.

    Attributes:
        places: ``(B, 24, 2)`` normalised crop coordinates.
        depths: ``(B, 24)`` metres behind the hips.
    """

    places: Tensor
    depths: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What was seen of B people.

    Attributes:
        heat: ``(B, 24, h, w)`` logits of where each joint is.
        places: ``(B, 24, 2)`` their mean, normalised crop coordinates.
        depths: ``(B, 24)`` metres behind the pelvis.
        limbs: ``(B, 8)`` how much deeper the far end of each limb lies than the near one, metres.
        away: ``(B, 8)`` logits of the limb pointing away from the camera.
        features: ``(B, F)`` all of it and the picture's features, for the body.
    """

    heat: Tensor
    places: Tensor
    depths: Tensor
    limbs: Tensor
    away: Tensor
    features: Tensor


class Trunk(nn.Module):
    """Residual trunk with one step back up, and heads for places and depths.

    Args:
        width: Channels of the first layer; each of the three stages doubles them.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        w = width
        self.stem = _ConvNorm(3, w, 5, 2)
        self.stage1 = _Residual(w, 2 * w, 2)
        self.shown = _ConvNorm(2 * w + 2 * JOINTS + len(_BONES), 2 * w, 1, 1)
        self.stage2 = nn.Sequential(_Residual(2 * w, 4 * w, 2), _Residual(4 * w, 4 * w, 1))
        self.stage3 = nn.Sequential(_Residual(4 * w, 8 * w, 2), _Residual(8 * w, 8 * w, 1))
        self.down = nn.Conv2d(8 * w, 4 * w, 1)
        self.join = _ConvNorm(4 * w, 4 * w, 3, 1)
        self.maps = nn.Conv2d(4 * w, 2 * JOINTS, 1)
        self.local = nn.Linear(4 * w, _PER_JOINT)
        self.limb = nn.Linear(3 * 4 * w + 1, _PER_LIMB)
        self.limb_depth = nn.Parameter(torch.randn(len(LIMBS), _PER_LIMB, 2) / _PER_LIMB**0.5 / 8)
        self.trust = nn.Parameter(torch.full((len(LIMBS),), _TRUST))
        self.feature_count = 16 * w + JOINTS * (_PER_JOINT + 4) + len(LIMBS) * (_PER_LIMB + 2)

    def forward(self, picture: Tensor, keypoints: Tensor, belief: Belief) -> Sight:
        """Look at pictures.

        Args:
            picture: ``(B, 3, S, S)`` normalised RGB.
            keypoints: ``(B, 24, 3)`` normalised crop x, y and confidence; 0 where not labelled.
            belief: What the keypoints suggest; where nobody annotated a joint, its place is shown faintly instead.
        """
        fine = self.stage1(self.stem(_resized(picture).contiguous(memory_format=torch.channels_last)))
        shown = draw_keypoints(keypoints, belief.places)
        depths = _DEPTH_SCALE * belief.depths[..., None, None] * shown[:, :JOINTS]
        shown = torch.cat((shown, depths), 1).to(fine.dtype)
        shown = shown.contiguous(memory_format=torch.channels_last)
        middle = self.stage2(self.shown(torch.cat((fine, shown), 1)))
        coarse = self.stage3(middle)
        raised = functional.interpolate(self.down(coarse), scale_factor=2.0, mode="nearest")
        joined = self.join(middle + raised)
        return self._read(joined, coarse, keypoints, belief.depths)

    def _read(self, joined: Tensor, coarse: Tensor, keypoints: Tensor, belief: Tensor) -> Sight:
        # Training runs the convolutions in bfloat16; places need more digits.
        with torch.autocast(joined.device.type, enabled=False):
            joined, coarse = joined.float(), coarse.float()
            heat, depth_map = self.maps(joined).split(JOINTS, 1)
            share = heat.flatten(2).softmax(-1)
            cells = _cell_centers(heat.shape[-1]).to(heat)
            places = share @ cells
            depths = belief + (share * depth_map.flatten(2)).sum(-1)
            given = keypoints[..., 2:] > 0
            # Where the annotator placed a joint, the picture is asked there and not where the trunk believes it.
            asked = torch.where(given, keypoints[..., :2], places.detach())
            near, far = (list(ends) for ends in zip(*LIMBS, strict=True))
            middles = (asked[:, near] + asked[:, far]) / 2
            there = _features_at(joined, torch.cat((asked, middles), 1))
            local = self.local(there[:, :JOINTS])
            believed = belief[:, far] - belief[:, near]
            seen = (there[:, near], there[:, JOINTS:], there[:, far], _DEPTH_SCALE * believed[..., None])
            along = functional.gelu(self.limb(torch.cat(seen, -1)))
            turned = torch.einsum("blf,lfo->blo", along, self.limb_depth)
            turned = turned + torch.stack((believed, self.trust * believed), -1)
            peak = share.amax(-1, keepdim=True)
            own = torch.cat((places, depths[..., None], peak, local), -1).flatten(1)
            limbs = torch.cat((along, turned), -1).flatten(1)
            whole = torch.cat((coarse.mean((2, 3)), coarse.amax((2, 3))), -1)
        return Sight(heat, places, depths, turned[..., 0], turned[..., 1], torch.cat((own, limbs, whole), -1))


def _features_at(features: Tensor, places: Tensor) -> Tensor:
    """Features ``(B, N, C)`` of a map ``(B, C, h, w)`` at normalised crop places ``(B, N, 2)``."""
    found = functional.grid_sample(features, places[:, :, None], align_corners=False, padding_mode="border")
    return found.squeeze(-1).transpose(1, 2)


def draw_keypoints(keypoints: Tensor, believed: Tensor) -> Tensor:
    """Soft maps ``(B, 36, 32, 32)`` of the 24 joints and of 12 bones, faint and wide where joints are only believed.

    Args:
        keypoints: ``(B, 24, 3)`` normalised crop x, y and confidence.
        believed: ``(B, 24, 2)`` places of those that nobody annotated.
    """
    cells = _cell_centers(_MAP_SIDE).to(keypoints)
    given = keypoints[..., 2:] > 0
    places = torch.where(given, keypoints[..., :2], believed)
    strength = torch.where(given[..., 0], 1.0, _FAINT)
    width = (_SIGMA * 2 / _MAP_SIDE) / strength
    joints = _soft((cells - places[:, :, None]).square().sum(-1), width) * strength[..., None]
    starts, ends = (list(ends) for ends in zip(*_BONES, strict=True))
    first, span = places[:, starts, None], (places[:, ends] - places[:, starts])[:, :, None]
    along = ((cells - first) * span).sum(-1) / span.square().sum(-1).clamp_min(1e-6)
    nearest = first + along.clamp(0, 1)[..., None] * span
    weaker = torch.minimum(strength[:, starts], strength[:, ends])
    bones = _soft((cells - nearest).square().sum(-1), _SIGMA * 2 / _MAP_SIDE / weaker) * weaker[..., None]
    maps = torch.cat((joints, bones), 1)
    return maps.view(*maps.shape[:2], _MAP_SIDE, _MAP_SIDE)


def _soft(square_distance: Tensor, width: Tensor) -> Tensor:
    return torch.exp(-square_distance / (2 * width * width)[..., None])


def _cell_centers(side: int) -> Tensor:
    """Normalised crop coordinates ``(side * side, 2)`` of a map's cells, row by row."""
    along = (2 * torch.arange(side) + 1) / side - 1
    y, x = torch.meshgrid(along, along, indexing="ij")
    return torch.stack((x, y), -1).reshape(-1, 2)


def _resized(picture: Tensor) -> Tensor:
    if picture.shape[-1] == PICTURE_SIDE:
        return picture
    size = (PICTURE_SIDE, PICTURE_SIDE)
    return functional.interpolate(picture, size, mode="bilinear", align_corners=False, antialias=True)


class _ConvNorm(nn.Module):
    def __init__(self, channels: int, out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False)
        self.norm = FrozenableBatchNorm(out)

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(features)))


class _Residual(nn.Module):
    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.first = _ConvNorm(channels, out, 3, stride)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norm = FrozenableBatchNorm(out)
        self.skip = _skip(channels, out, stride)

    def forward(self, features: Tensor) -> Tensor:
        change: Tensor = self.norm(self.second(self.first(features)))
        return functional.relu(change + self.skip(features))


def _skip(channels: int, out: int, stride: int) -> nn.Module:
    if channels == out and stride == 1:
        return nn.Identity()
    # Pooled before the projection, not strided in it: nothing is thrown away, and torch's backward of a strided 1 x 1
    # convolution on eight channels, channels last, writes beyond its memory (2.13, CPU).
    return nn.Sequential(nn.AvgPool2d(stride), nn.Conv2d(channels, out, 1, bias=False))
