"""Train the lifter, the part of the open regressor that sees keypoints alone, on people that are drawn as it goes.

    python main.py train --preset lifter --out DIR --minutes 40

Nothing is stored but the weights: each step draws new people. ``--resume`` continues an interrupted run (with the same
``--start``, if it had one); ``--start WEIGHTS`` begins a new one from trained weights.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from fitting.body.assets import BodyAsset
from fitting.body.kinematics import Kinematics
from fitting.errors import AssetError, WorkCancelled
from fitting.regressor.base import Regressor, RegressorInput
from fitting.regressor.card import RegressorCard, TrainingRecord
from fitting.regressor.lifter import ARCHITECTURE
from fitting.regressor.loading import build_regressor, load_regressor, save_regressor
from fitting.synthetic.people import sample_people
from fitting.training.bookkeeping import append_to_curve, describe_machine, record_on_card, scheduled_rate
from fitting.training.checkpoint import Progress, read_checkpoint, write_checkpoint
from fitting.training.config import Budget, TrainingConfig
from fitting.training.evaluate import Scores, evaluate
from fitting.training.frozen import FrozenPeople
from fitting.training.loss import TrainingLosses, training_losses

WEIGHTS_NAME = "open_lifter.safetensors"
CURVE_NAME = "curve.csv"
TEST_NAME = "test_people.npz"


class Trainer:
    """One run: network, optimiser, source of chance, and how far it has come."""

    def __init__(self, config: TrainingConfig, budget: Budget, asset: BodyAsset) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.budget = budget
        self.kinematics = Kinematics(asset)
        self.regressor: Regressor = build_regressor(build_first_card(config, asset))
        self.generator = torch.Generator().manual_seed(config.seed)
        self.optimiser = torch.optim.AdamW(
            self.regressor.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
        )
        self.progress = Progress()
        self._earlier = self.regressor.card.training

    def resume(self, folder: Path) -> None:
        """Continue where the checkpoint of a folder left off."""
        self.progress = read_checkpoint(folder, self.regressor, self.optimiser, self.generator)

    def start_from(self, weights: Path) -> None:
        """Take over trained weights, with a fresh optimiser; the card counts both runs."""
        earlier = load_regressor(weights)
        card = self.regressor.card
        if (earlier.card.architecture, earlier.card.settings) != (card.architecture, card.settings):
            raise AssetError(f"{weights.name} holds a network of another size; choose the preset it was trained with.")
        self.regressor.load_state_dict(earlier.state_dict())
        self._earlier = earlier.card.training

    def is_done(self) -> bool:
        """Whether the budget is used up."""
        return self.used() >= 1

    def used(self) -> float:
        """Part of the budget that is gone, 0 to 1."""
        return self.budget.used(self.progress.step, self.progress.seconds)

    def step(self) -> TrainingLosses:
        """Draw people, predict, learn."""
        started = time.perf_counter()
        people = sample_people(self.kinematics, self.config.batch, self.generator, self.config.people)
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16):
            output = self.regressor(RegressorInput(people.keypoints, None))
        losses = training_losses(output, people, self.kinematics, self.config.weights)
        self.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.regressor.parameters(), self.config.clip)
        self.optimiser.step()
        self.progress.step += 1
        self.progress.seconds += time.perf_counter() - started
        return losses

    def learning_rate(self) -> float:
        """Linear rise, then a cosine over what is left of the budget."""
        config, step = self.config, self.progress.step
        return scheduled_rate(config.learning_rate, config.warm_up, step, self.used())

    def export(self, weights: Path, scores: Scores) -> RegressorCard:
        """Write weights and card as they are now."""
        card, batch = self.regressor.card, self.config.batch
        self.regressor.card = record_on_card(card, self._earlier, self.progress, batch, asdict(scores))
        return save_regressor(self.regressor, weights)


def build_first_card(config: TrainingConfig, asset: BodyAsset) -> RegressorCard:
    """Card of an untrained network; EFT's settings are those found for the shipped weights."""
    return RegressorCard(
        name="open lifter",
        architecture=ARCHITECTURE,
        settings={"width": config.width, "blocks": config.blocks},
        learning_rate=3e-5,
        max_iterations=20,
        stop_l2d=2.5e-5,
        body_name=asset.name,
        body_sha256=asset.sha256,
        licence="Apache-2.0",
        weights_sha256="",
        training=TrainingRecord(
            data="synthetic people of the mannequin, drawn by fitting.synthetic.people",
            preset=config.name,
            steps=0,
            people_seen=0,
            seconds=0.0,
            machine=describe_machine(),
        ),
    )


def run(
    trainer: Trainer,
    folder: Path,
    test: FrozenPeople,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool] = lambda: False,
    *,
    checkpoint_seconds: float = 60.0,
) -> None:
    """Train until the budget is used, leaving checkpoint, curve and weights in ``folder``.

    Raises:
        WorkCancelled: ``is_cancelled`` said so; the last step is in the checkpoint.
    """
    if trainer.is_done():  # resumed at its end; it may have been cut off before its weights were written
        trainer.export(folder / WEIGHTS_NAME, evaluate(trainer.regressor, trainer.kinematics, test))
    saved = trainer.progress.seconds
    while not trainer.is_done():
        losses = trainer.step()
        on_progress(trainer.used())
        if is_cancelled():
            write_checkpoint(folder, trainer.regressor, trainer.optimiser, trainer.generator, trainer.progress)
            raise WorkCancelled
        if trainer.is_done() or trainer.progress.seconds - saved >= checkpoint_seconds:
            saved = trainer.progress.seconds
            scores = evaluate(trainer.regressor, trainer.kinematics, test)
            write_checkpoint(folder, trainer.regressor, trainer.optimiser, trainer.generator, trainer.progress)
            trainer.export(folder / WEIGHTS_NAME, scores)
            _add_to_curve(folder / CURVE_NAME, trainer, losses, scores)


def _add_to_curve(path: Path, trainer: Trainer, losses: TrainingLosses, scores: Scores) -> None:
    row = {
        "step": trainer.progress.step,
        "people": trainer.progress.step * trainer.config.batch,
        "seconds": round(trainer.progress.seconds, 1),
        "learning_rate": trainer.learning_rate(),
        "loss": losses.total.item(),
        **asdict(scores),
    }
    append_to_curve(path, row)
