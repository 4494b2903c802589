"""What the trunk is taught directly: where each joint is, how deep, and which way the limbs point."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fitting.regressor.sight import LIMBS, Sight
from fitting.synthetic.people import SPIN24_START, People
from fitting.training.sighted.config import SightWeights
from resources.skeleton import get_skeleton

_ROOT = get_skeleton("spin49").index("openpose_mid_hip")
_CLEAR_M = 0.05
_DISC = 1.0
"""Width of a joint's disc in cells of the heat map."""


@dataclass(frozen=True, slots=True, eq=False)
class SightLosses:
    """Weighted total and unweighted terms, scalars."""

    total: Tensor
    heat: Tensor
    places: Tensor
    depths: Tensor
    limbs: Tensor
    away: Tensor


def sight_losses(sight: Sight, people: People, weights: SightWeights) -> SightLosses:
    """All terms, means over the joints that lie within the crop."""
    places = people.keypoints_true[:, SPIN24_START:]
    depths = _depths(people)
    inside = (places.abs() <= 1).all(-1).float()
    count = inside.sum().clamp_min(1)
    heat = (inside * _cross_entropy(sight.heat, places)).sum() / count
    apart = (inside * (sight.places - places).abs().sum(-1)).sum() / count
    off = (inside * (sight.depths - depths).abs()).sum() / count
    near, far = (list(ends) for ends in zip(*LIMBS, strict=True))
    deeper = depths[:, far] - depths[:, near]
    shown = inside[:, near] * inside[:, far]
    limbs = (shown * (sight.limbs - deeper).abs()).sum() / shown.sum().clamp_min(1)
    clear = shown * (deeper.abs() > _CLEAR_M)
    doubt = functional.binary_cross_entropy_with_logits(sight.away, (deeper > 0).float(), reduction="none")
    away = (clear * doubt).sum() / clear.sum().clamp_min(1)
    total = weights.heat * heat + weights.places * apart + weights.depths * off
    total = total + weights.limbs * limbs + weights.away * away
    return SightLosses(total, heat, apart, off, limbs, away)


def _depths(people: People) -> Tensor:
    """Depths behind the pelvis ``(B, 24)``, metres."""
    depth = people.joints_cam[..., 2]
    return depth[:, SPIN24_START:] - depth[:, _ROOT : _ROOT + 1]


def _cross_entropy(heat: Tensor, places: Tensor) -> Tensor:
    """Cross-entropy ``(B, 24)`` of logits ``(B, 24, S, S)`` against discs at normalised places ``(B, 24, 2)``."""
    side = heat.shape[-1]
    along = (2 * torch.arange(side) + 1) / side - 1
    width = _DISC * 2 / side
    x, y = (torch.exp(-((along - places[..., axis, None]) ** 2) / (2 * width * width)) for axis in (0, 1))
    disc = y[..., :, None] * x[..., None, :]
    disc = disc / disc.sum((-1, -2), keepdim=True).clamp_min(1e-6)
    logs = heat.flatten(2).log_softmax(-1)
    return -(disc.flatten(2) * logs).sum(-1)
