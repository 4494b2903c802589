"""What every regressor is: a network from keypoints, and perhaps the picture, to the parameters of a body."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

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
    """

    uses_picture: bool = False

    def __init__(self, card: RegressorCard) -> None:
        super().__init__()
        self.card = card
        self.sha256 = card.weights_sha256

    @abstractmethod
    def forward(self, inputs: RegressorInput) -> RegressorOutput:
        """Predict bodies. Coordinates of joints without confidence must not matter."""

    @abstractmethod
    def late_parameters(self) -> Iterator[nn.Parameter]:
        """Weights of the last layers, for fine-tuning only those."""
