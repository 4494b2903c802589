"""What every training run writes down: its schedule, its curve, its card."""

from __future__ import annotations

import csv
import math
import platform
from collections.abc import Mapping
from pathlib import Path

import msgspec
import torch

from fitting.regressor.card import RegressorCard, TrainingRecord
from fitting.training.checkpoint import Progress


def scheduled_rate(peak: float, warm_up: int, step: int, used: float) -> float:
    """Learning rate of a step: linear rise, then a cosine over what is left of the budget.

    Args:
        peak: Largest rate.
        warm_up: Steps of the rise.
        step: Steps done.
        used: Share of the budget that is used up, 0-1.
    """
    rise = min(1.0, (step + 1) / warm_up)
    return peak * rise * 0.5 * (1 + math.cos(math.pi * used))


def append_to_curve(path: Path, row: Mapping[str, object]) -> None:
    """Add a row to a CSV of the run, with a header where the file is new."""
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def record_on_card(
    card: RegressorCard, earlier: TrainingRecord, progress: Progress, batch: int, scores: Mapping[str, float]
) -> RegressorCard:
    """The card with the training before this run, what the run has added, and the scores of the weights as they are.

    A mean over nobody is left out: JSON has no NaN, and a card with one could not be read again.
    """
    training = msgspec.structs.replace(
        card.training,
        steps=earlier.steps + progress.step,
        people_seen=earlier.people_seen + progress.step * batch,
        seconds=round(earlier.seconds + progress.seconds, 1),
    )
    results = {f"synthetic_{name}": round(value, 7) for name, value in scores.items() if math.isfinite(value)}
    return msgspec.structs.replace(card, training=training, results=results)


def describe_machine() -> str:
    """Processor and threads, one phrase for the card."""
    return f"{platform.machine()}, {torch.get_num_threads()} thread(s)"
