"""What every regressor is: a network from keypoints, and perhaps the picture, to the parameters of a body."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from torch import Tensor, nn

from fitting.regressor.card import RegressorCard


@dataclass(frozen=True, slots=True, eq=False)
class RegressorInput:
    """What a network sees of B people.

    Attributes:
        keypoints: ``(B, 49, 3)`` spin49 joints: normalised crop x, y in [-1, 1] and confidence, 0 where not labelled.
        picture: ``(B, 3, S, S)`` the crop, ImageNet-normalised RGB, or None for networks that do not look.
    """

    keypoints: Tensor
    picture: Tensor | None


@dataclass(frozen=True, slots=True, eq=False)
class RegressorOutput:
    """B bodies: rotations ``(B, 24, 3, 3)`` (root in the camera frame), betas ``(B, 10)``, camera ``(B, 3)``."""

    rotations: Tensor
    betas: Tensor
    camera: Tensor


class Regressor(nn.Module, ABC):
    """A network with its card.

    Attributes:
        card: What it is, how to fine-tune it, how it was trained.
        sha256: Hash of the weights file; stored with each fit. Empty until the weights have been saved.
        uses_picture: Whether :class:`RegressorInput` must carry the picture.
        layer_subsets: Named choices of layers that EFT may tune alone, each as prefixes of parameter names
            (eft_method.md 1.6); ``all`` is always one of them.
    """

    uses_picture: bool = False
    layer_subsets: ClassVar[Mapping[str, tuple[str, ...]]] = {"all": ("",)}

    def __init__(self, card: RegressorCard) -> None:
        super().__init__()
        self.card = card
        self.sha256 = card.weights_sha256

    @abstractmethod
    def forward(self, inputs: RegressorInput) -> RegressorOutput:
        """Predict bodies. Coordinates of joints without confidence must not matter."""

    def prepare(self, inputs: RegressorInput, layers: str) -> Callable[[], RegressorOutput]:
        """The prediction as a function of the weights of ``layers`` alone.

        Whatever lies before the first of them is computed once, without gradients; the function is then called as
        often as those weights change. Here nothing is saved; networks with much before their late layers do better.

        Args:
            inputs: What the network sees.
            layers: Key of :attr:`layer_subsets`.
        """
        del layers
        return partial(self, inputs)

    def parameters_of(self, layers: str) -> list[nn.Parameter]:
        """Weights of a subset, frozen ones left out.

        Raises:
            KeyError: The network has no subset of this name.
        """
        prefixes = self.layer_subsets[layers]
        return [parameter for name, parameter in self.named_parameters() if name.startswith(prefixes)]
