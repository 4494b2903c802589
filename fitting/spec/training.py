"""Training the open regressor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fitting.spec.body import JobId


@dataclass(frozen=True, slots=True)
class TrainJob:
    """Train a network, or go on with it, and leave weights, card, curve and checkpoint in a folder.

    Attributes:
        preset: Name of the preset: ``lifter`` from keypoints alone, ``open`` with pictures.
        folder: Where everything goes.
        body: Body file.
        minutes: Wall-clock minutes of training, or None.
        steps: Optimiser steps, or None; at least one of the two is given.
        pictures: Gallery to train with (``main.py synth``), for presets that look at pictures.
        test: Gallery of held-out people, whose first 500 the curve is measured on; None takes those of ``pictures``,
            which are trained on too.
        start: Weights to go on from, with a fresh schedule.
        resume: Continue the run in ``folder``.
    """

    job_id: JobId
    preset: str
    folder: Path
    body: Path
    minutes: float | None = None
    steps: int | None = None
    pictures: Path | None = None
    test: Path | None = None
    start: Path | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class TrainResult:
    """Where the weights are, and how good.

    Attributes:
        weights: The ``.safetensors``; the card lies beside it, the curve as ``curve.csv``.
        scores: Figures of the card by name.
        steps: Optimiser steps of this run.
        seconds: Of training.
    """

    job_id: JobId
    weights: Path
    scores: Mapping[str, float]
    steps: int
    seconds: float
