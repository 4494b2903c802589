"""Borrowing a network's weights: tune them for one person, give them back untouched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """Some weights of a network and their pretrained values, so that each person starts from them.

    The optimiser is kept from person to person and emptied instead of made anew: its moments are twice the size of
    the weights.
    """

    def __init__(self, network: nn.Module, tuned: Sequence[nn.Parameter] | None = None) -> None:
        """Take over a network and put it into tuning mode.

        Args:
            network: All of it; what is not tuned gets no gradient while the loan is out.
            tuned: Weights to tune, frozen ones left out; by default all.
        """
        set_tuning_mode(network)
        self._all = list(network.parameters())
        self._may_tune = [parameter.requires_grad for parameter in self._all]
        candidates = self._all if tuned is None else tuned
        self._tuned: list[Tensor] = [parameter for parameter in candidates if parameter.requires_grad]
        self._pretrained = [parameter.detach().clone() for parameter in self._tuned]
        self._adam: torch.optim.Adam | None = None

    @contextmanager
    def borrow(self, learning_rate: float) -> Iterator[torch.optim.Adam]:
        """An Adam without memory over the pretrained weights; they are restored on leaving, whatever happened.

        Without memory, because moments left from one person would leak into the next (eft_method.md 11, pitfall 4).
        """
        chosen = {id(parameter) for parameter in self._tuned}
        for parameter in self._all:
            parameter.requires_grad_(id(parameter) in chosen)
        try:
            yield self._emptied_adam(learning_rate)
        finally:
            self._restore()
            for parameter, may_tune in zip(self._all, self._may_tune, strict=True):
                parameter.requires_grad_(may_tune)

    def is_untouched(self) -> bool:
        """Whether every weight equals its pretrained value bit for bit."""
        pairs: zip[tuple[Tensor, Tensor]] = zip(self._tuned, self._pretrained, strict=True)
        return all(torch.equal(now, before) for now, before in pairs)

    def _emptied_adam(self, learning_rate: float) -> torch.optim.Adam:
        if self._adam is None:
            self._adam = torch.optim.Adam(self._tuned, lr=learning_rate, betas=(0.9, 0.999), eps=1e-8, fused=True)
        for group in self._adam.param_groups:
            group["lr"] = learning_rate
        for state in self._adam.state.values():
            for moment in state.values():
                moment.zero_()
        return self._adam

    @torch.no_grad()
    def _restore(self) -> None:
        torch._foreach_copy_(self._tuned, self._pretrained)
        for parameter in self._tuned:
            parameter.grad = None
