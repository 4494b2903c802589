"""Batch normalisation that costs one pass while it is frozen."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class FrozenableBatchNorm(nn.BatchNorm2d):
    """``BatchNorm2d``, but with frozen statistics, scale and shift it is the one affine map that they amount to.

    EFT never trains them (eft_method.md 1.5, 3a); about 5 % of a ResNet-50's iteration on a CPU goes into the
    library's general path otherwise. Keys and values of the state are those of ``BatchNorm2d``.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self._affine: tuple[Tensor, Tensor] | None = None

    def forward(self, features: Tensor) -> Tensor:
        """Normalise ``(B, C, H, W)``."""
        if self.training or self.weight.requires_grad:
            self._affine = None
            return super().forward(features)
        if self._affine is None or self._affine[0].device != features.device:
            self._affine = self._as_affine()
        scale, shift = self._affine
        return torch.addcmul(shift, features, scale)

    @torch.no_grad()
    def _as_affine(self) -> tuple[Tensor, Tensor]:
        assert self.running_mean is not None and self.running_var is not None
        scale = self.weight.double() * (self.running_var.double() + self.eps).rsqrt()
        shift = self.bias.double() - self.running_mean.double() * scale
        return scale.to(self.weight.dtype)[:, None, None], shift.to(self.weight.dtype)[:, None, None]

    def train(self, mode: bool = True) -> FrozenableBatchNorm:
        """Forget the affine map: training may change what it was made from."""
        self._affine = None
        super().train(mode)
        return self

    def _load_from_state_dict(self, *arguments: Any, **named: Any) -> None:
        self._affine = None
        super()._load_from_state_dict(*arguments, **named)
