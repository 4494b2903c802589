"""Settings of the open regressor's training with pictures; a preset is one row of :data:`PRESETS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from fitting.synthetic.visibility import VisibilitySettings
from fitting.training.config import TrainingWeights
from fitting.training.sighted.samples import SampleSettings


@dataclass(frozen=True, slots=True)
class SightWeights:
    """Weights of what the trunk is taught directly.

    Attributes:
        heat: Cross-entropy of the heat maps against a small disc around each joint in the crop.
        places: L1 of their means, normalised crop units.
        depths: L1 of depths behind the pelvis, metres.
        limbs: L1 of how much deeper a limb's far end lies than its near one, metres.
        away: Cross-entropy of a limb pointing away from the camera, for limbs that clearly point somewhere.
    """

    heat: float = 0.05
    places: float = 2.0
    depths: float = 4.0
    limbs: float = 8.0
    away: float = 0.5


@dataclass(frozen=True, slots=True)
class SightedConfig:
    """One training run.

    Attributes:
        name: Name of the preset, kept on the card.
        seed: Seed of weights and samples.
        width, blocks, trunk: Size of the network.
        batch: People with pictures an optimiser step.
        vectors: People without pictures, drawn from the sampler, in the same step: they keep the lifter what it is.
        learning_rate: AdamW's peak for the new parts; falls to 0 along a cosine.
        lifter_rate: The trained lifter's part of it.
        weight_decay: AdamW's.
        warm_up: Steps of linear rise.
        clip: Largest gradient norm.
        bfloat16: Convolutions and wide layers in bfloat16.
        weights: Loss weights of the body.
        sight: Loss weights of the trunk's own tasks.
        samples: How people of the gallery become samples.
        kept: 0 trains everything; else the trunk stays as it is, and its sight of so many samples is computed once
            (:mod:`fitting.training.sighted.join`).
    """

    name: str
    seed: int = 1
    width: int = 1024
    blocks: int = 3
    trunk: int = 16
    batch: int = 64
    vectors: int = 192
    learning_rate: float = 1e-3
    lifter_rate: float = 0.2
    weight_decay: float = 0.01
    warm_up: int = 200
    clip: float = 1.0
    bfloat16: bool = True
    weights: TrainingWeights = field(default_factory=TrainingWeights)
    sight: SightWeights = field(default_factory=SightWeights)
    samples: SampleSettings = field(default_factory=SampleSettings)
    kept: int = 0


PRESETS: Final[Mapping[str, SightedConfig]] = MappingProxyType(
    {
        "open": SightedConfig("open"),
        "open_restart": SightedConfig("open_restart", seed=2, learning_rate=5e-4, lifter_rate=0.4),
        "open_join": SightedConfig(
            "open_join",
            seed=3,
            batch=256,
            learning_rate=6e-4,
            lifter_rate=0.25,
            warm_up=100,
            weight_decay=0.02,
            samples=SampleSettings(visibility=VisibilitySettings(sparse=(0.4, 0.4), limb=0.1, least=4)),
            kept=40_000,
        ),
        "open_join_tiny": SightedConfig(
            "open_join_tiny", width=64, blocks=1, trunk=8, batch=4, vectors=4, warm_up=2, bfloat16=False, kept=8
        ),
        "open_tiny": SightedConfig(
            "open_tiny", width=64, blocks=1, trunk=8, batch=4, vectors=4, warm_up=2, bfloat16=False
        ),
    }
)
"""``open`` from a trained lifter, then ``open_join`` from its weights, made the shipped ones; the ``tiny`` ones only
show that it all runs."""
