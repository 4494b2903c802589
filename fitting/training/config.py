"""Settings of a training run; a preset is one row of :data:`PRESETS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from fitting.synthetic.people import PeopleSettings


@dataclass(frozen=True, slots=True)
class TrainingWeights:
    """Weights of the training loss (open_default_findings.md 4).

    Attributes:
        joints: L1 of root-relative joints, metres.
        rotations: Mean square of rotation matrices.
        keypoints: L1 of projected joints, normalised crop units; ``unlabelled`` is what missing ones count.
        betas: Mean square.
        camera: L1.
    """

    joints: float = 10.0
    rotations: float = 3.0
    keypoints: float = 5.0
    unlabelled: float = 0.3
    betas: float = 0.02
    camera: float = 0.5


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One training run.

    Attributes:
        name: Name of the preset, kept on the card.
        seed: Seed of weights and samples.
        width, blocks: Size of the lifter.
        batch: People an optimiser step.
        learning_rate: AdamW's peak; falls to 0 along a cosine.
        weight_decay: AdamW's.
        warm_up: Steps of linear rise.
        clip: Largest gradient norm.
        bfloat16: Wide layers in bfloat16: four times the speed on processors that have it.
        weights: Loss weights.
        people: How samples are made.
    """

    name: str
    seed: int = 1
    width: int = 1024
    blocks: int = 3
    batch: int = 512
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: int = 200
    clip: float = 1.0
    bfloat16: bool = True
    weights: TrainingWeights = field(default_factory=TrainingWeights)
    people: PeopleSettings = field(default_factory=PeopleSettings)


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a run may take: steps, wall-clock seconds of training, or whichever ends first.

    The learning rate follows the part that is used up. Only a budget of steps alone can be resumed to the bit: time
    differs from run to run.
    """

    steps: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if not self.steps and not self.seconds:
            raise ValueError("a budget needs steps or seconds above 0")

    def used(self, steps: int, seconds: float) -> float:
        """Part of the budget that is gone, 0 to 1."""
        parts = [steps / self.steps] if self.steps else []
        parts += [seconds / self.seconds] if self.seconds else []
        return min(1.0, max(parts))


PRESETS: Final[Mapping[str, TrainingConfig]] = MappingProxyType(
    {
        "lifter": TrainingConfig("lifter"),
        "lifter_restart": TrainingConfig("lifter_restart", seed=2, learning_rate=5e-4),
        "lifter_tiny": TrainingConfig("lifter_tiny", width=64, blocks=1, batch=32, warm_up=5, bfloat16=False),
    }
)
"""``lifter``, then ``lifter_restart`` from its weights; ``lifter_tiny`` only shows that it all runs."""
