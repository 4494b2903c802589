"""Borrowing a network's weights: tune them for one person, give them back untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_FROZEN_STATISTICS = (nn.modules.batchnorm._BatchNorm,)
_DROPOUT = (nn.modules.dropout._DropoutNd,)


def set_tuning_mode(network: nn.Module) -> None:
    """Train mode with BatchNorm and Dropout in eval and BatchNorm's scale and shift frozen (eft_method.md 1.5, 3a).

    With one sample, batch statistics are noise, and dropout would make every iteration another network.
    """
    network.train()
    for module in network.modules():
        if isinstance(module, _FROZEN_STATISTICS):
            module.eval()
            module.requires_grad_(False)
        elif isinstance(module, _DROPOUT):
            module.eval()


class WeightLoan:
    """The pretrained weights of a network, kept aside so that each person starts from them."""

    def __init__(self, network: nn.Module) -> None:
        set_tuning_mode(network)
        self._trainable: list[Tensor] = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._pretrained = [parameter.detach().clone() for parameter in self._trainable]

    @contextmanager
    def borrow(self, learning_rate: float) -> Iterator[torch.optim.Adam]:
        """A fresh Adam over the pretrained weights; they are restored on leaving, whatever happened.

        Fresh, because moments left from one person would leak into the next (eft_method.md 11, pitfall 4).
        """
        try:
            yield torch.optim.Adam(self._trainable, lr=learning_rate, betas=(0.9, 0.999), eps=1e-8, fused=True)
        finally:
            self._restore()

    @torch.no_grad()
    def _restore(self) -> None:
        torch._foreach_copy_(self._trainable, self._pretrained)
        for parameter in self._trainable:
            parameter.grad = None

    def is_untouched(self) -> bool:
        """Whether every weight equals its pretrained value bit for bit."""
        pairs: zip[tuple[Tensor, Tensor]] = zip(self._trainable, self._pretrained, strict=True)
        return all(torch.equal(now, before) for now, before in pairs)
