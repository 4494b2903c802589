"""Settings of a picture regressor's training; a preset is one row of :data:`PRESETS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from fitting.regressor.hmr import PICTURE_SIDE
from fitting.training.config import TrainingWeights
from fitting.training.picture_augmentation import AugmentationSettings


@dataclass(frozen=True, slots=True)
class Stage:
    """Pictures of ``side`` pixels until the part ``until`` (0-1) of the budget is used."""

    side: int
    until: float


@dataclass(frozen=True, slots=True)
class PictureConfig:
    """One training run.

    Attributes:
        name: Name of the preset, kept on the card.
        seed: Seed of weights, choice and augmentation.
        stages: Small pictures first: a step at 64 pixels costs a tenth of one at 224.
        batch: People an optimiser step; batch statistics want 32 or more.
        learning_rate: AdamW's peak; falls to 0 along a cosine over all stages.
        head_rate: The head's part of it. Three wide layers without a non-linearity, run three times: a step that the
            trunk takes calmly throws the body across the room.
        weight_decay: AdamW's.
        warm_up: Steps of linear rise.
        clip: Largest gradient norm.
        bfloat16: Convolutions in bfloat16.
        settling: Batches from which the final batch statistics are taken.
        weights: Loss weights.
        augmentation: Strength of the augmentation.
    """

    name: str
    seed: int = 1
    stages: tuple[Stage, ...] = (Stage(64, 0.5), Stage(112, 0.72), Stage(PICTURE_SIDE, 1.0))
    batch: int = 32
    learning_rate: float = 7e-4
    head_rate: float = 0.2
    weight_decay: float = 0.01
    warm_up: int = 200
    clip: float = 1.0
    bfloat16: bool = True
    settling: int = 16
    weights: TrainingWeights = field(default_factory=TrainingWeights)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)

    def side_at(self, used: float) -> int:
        """Side of the pictures when the part ``used`` of the budget is gone."""
        return next((stage.side for stage in self.stages if used < stage.until), self.stages[-1].side)


PRESETS: Final[Mapping[str, PictureConfig]] = MappingProxyType(
    {
        "suit": PictureConfig("suit"),
        "tiny": PictureConfig(
            "tiny", stages=(Stage(32, 0.5), Stage(64, 1.0)), batch=4, warm_up=1, bfloat16=False, settling=2
        ),
    }
)
"""``suit`` is the one measured in docs/hmr_training.md; ``tiny`` only shows that it all runs."""
