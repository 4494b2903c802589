"""Train the open regressor on synthetic pictures, from a trained lifter.

    python main.py synth PICTURES --people 100000
    python main.py train --preset open --pictures PICTURES --start lifter.safetensors --out DIR --minutes 60

Training may begin while the gallery still grows. ``resume`` continues an interrupted run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from fitting.body.assets import BodyAsset
from fitting.body.kinematics import Kinematics
from fitting.errors import AssetError, WorkCancelled
from fitting.regressor.base import RegressorInput
from fitting.regressor.card import RegressorCard, TrainingRecord
from fitting.regressor.lifter import Lifter
from fitting.regressor.loading import load_regressor, save_regressor
from fitting.regressor.sighted_lifter import ARCHITECTURE, SightedLifter
from fitting.synthetic.people import sample_people
from fitting.training.bookkeeping import append_to_curve, describe_machine, record_on_card, scheduled_rate
from fitting.training.checkpoint import Progress, read_checkpoint, write_checkpoint
from fitting.training.config import Budget
from fitting.training.loss import training_losses
from fitting.training.sighted.config import SightedConfig
from fitting.training.sighted.evaluate import SightedScores, TestSamples, evaluate_sighted
from fitting.training.sighted.gallery import Gallery
from fitting.training.sighted.loss import sight_losses
from fitting.training.sighted.samples import draw_samples

WEIGHTS_NAME = "open_regressor.safetensors"
CURVE_NAME = "curve.csv"
NEW_PARTS = ("trunk.", "joined.", "entry.")
"""What the lifter did not have, by the beginnings of its parameters' names."""


class SightedTrainer:
    """One run: network, optimiser, source of chance, and how far it has come."""

    def __init__(self, config: SightedConfig, budget: Budget, asset: BodyAsset, gallery: Gallery) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.budget = budget
        self.gallery = gallery
        self.kinematics = Kinematics(asset)
        card = build_first_card(config, asset)
        self.regressor = SightedLifter(card, config.width, config.blocks, config.trunk)
        self.regressor.rest_joints.copy_(self.kinematics.joints_template)
        self.regressor.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.generator = torch.Generator().manual_seed(config.seed)
        self.optimiser = _build_optimiser(self.regressor, config)
        self.progress = Progress()
        self._earlier = card.training

    def start_from(self, weights: Path) -> None:
        """Take over a trained lifter, or a whole network; the card counts its training too.

        Raises:
            AssetError: The weights are of a network of another kind or size.
        """
        earlier = load_regressor(weights)
        if not isinstance(earlier, Lifter):
            raise AssetError(f"{weights.name} holds no lifter; start from the weights of 'train --preset lifter'.")
        state, own = earlier.state_dict(), self.regressor.state_dict()
        if any(name not in own or own[name].shape != tensor.shape for name, tensor in state.items()):
            raise AssetError(f"{weights.name} holds a network of another size; choose the preset it was trained with.")
        rest = own["rest_joints"].clone()
        self.regressor.load_state_dict({**own, **state, "rest_joints": rest})
        self._earlier = earlier.card.training

    def resume(self, folder: Path) -> None:
        """Continue where the checkpoint of a folder left off."""
        self.progress = read_checkpoint(folder, self.regressor, self.optimiser, self.generator)

    def is_done(self) -> bool:
        """Whether the budget is used up."""
        return self.used() >= 1

    def step(self) -> dict[str, float]:
        """Draw people with and without pictures, predict, learn; returns figures for the curve."""
        started = time.perf_counter()
        config = self.config
        samples = draw_samples(self.gallery, self.kinematics, config.batch, self.generator, config.samples)
        vectors = sample_people(self.kinematics, config.vectors, self.generator, config.samples.people)
        rate = scheduled_rate(config.learning_rate, config.warm_up, self.progress.step, self.used())
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * rate
        self.regressor.train()
        inputs = RegressorInput(samples.people.keypoints, samples.pictures)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            sight = self.regressor.look(inputs)
            seen = self.regressor.predict(inputs, sight)
            unseen = self.regressor(RegressorInput(vectors.keypoints, None))
        body = training_losses(seen, samples.people, self.kinematics, config.weights)
        blind = training_losses(unseen, vectors, self.kinematics, config.weights)
        own = sight_losses(sight, samples.people, config.sight)
        self.learn(body.total + blind.total + own.total)
        self.progress.seconds += time.perf_counter() - started
        return {
            "loss": body.total.item(),
            "heat": own.heat.item(),
            "places": own.places.item(),
            "depths_m": own.depths.item(),
            "limbs_m": own.limbs.item(),
            "away": own.away.item(),
        }

    def learn(self, loss: Tensor) -> None:
        """One update of the weights."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.regressor.parameters(), self.config.clip)
        self.optimiser.step()
        self.progress.step += 1

    def export(self, weights: Path, scores: SightedScores) -> RegressorCard:
        """Write weights and card as they are now."""
        card, batch = self.regressor.card, self.config.batch + self.config.vectors
        self.regressor.card = record_on_card(card, self._earlier, self.progress, batch, asdict(scores))
        return save_regressor(self.regressor, weights)

    def used(self) -> float:
        """Part of the budget that is gone, 0 to 1."""
        return self.budget.used(self.progress.step, self.progress.seconds)


def build_first_card(config: SightedConfig, asset: BodyAsset) -> RegressorCard:
    """Card of an untrained network; EFT's settings are those found for the shipped weights."""
    return RegressorCard(
        name="open regressor",
        architecture=ARCHITECTURE,
        settings={"width": config.width, "blocks": config.blocks, "trunk": config.trunk},
        learning_rate=3e-5,
        max_iterations=20,
        stop_l2d=2.5e-5,
        body_name=asset.name,
        body_sha256=asset.sha256,
        licence="Apache-2.0",
        weights_sha256="",
        training=TrainingRecord(
            data="synthetic people of the mannequin: sampled keypoints, and pictures of 'main.py synth'",
            preset=config.name,
            steps=0,
            people_seen=0,
            seconds=0.0,
            machine=describe_machine(),
        ),
        input="picture",
    )


def run(
    trainer: SightedTrainer,
    folder: Path,
    test: TestSamples,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool] = lambda: False,
    *,
    checkpoint_seconds: float = 180.0,
) -> None:
    """Train until the budget is used, leaving checkpoint, curve and weights in ``folder``.

    Raises:
        WorkCancelled: ``is_cancelled`` said so; a checkpoint of the last finished step has been written.
    """
    if trainer.is_done():  # resumed at its end; it may have been cut off before its weights were written
        trainer.export(folder / WEIGHTS_NAME, evaluate_sighted(trainer.regressor, trainer.kinematics, test))
    saved = trainer.progress.seconds
    while not trainer.is_done():
        figures = trainer.step()
        on_progress(trainer.used())
        cancelled = is_cancelled()
        if cancelled or trainer.is_done() or trainer.progress.seconds - saved >= checkpoint_seconds:
            saved = trainer.progress.seconds
            write_checkpoint(folder, trainer.regressor, trainer.optimiser, trainer.generator, trainer.progress)
            if cancelled:
                raise WorkCancelled
            trainer.gallery.grow()
            scores = evaluate_sighted(trainer.regressor, trainer.kinematics, test)
            trainer.export(folder / WEIGHTS_NAME, scores)
            row = {
                "step": trainer.progress.step,
                "seconds": round(trainer.progress.seconds, 1),
                "gallery": len(trainer.gallery),
                **{name: round(value, 4) for name, value in figures.items()},
                **{name: round(value, 3) for name, value in asdict(scores).items()},
            }
            append_to_curve(folder / CURVE_NAME, row)


def _build_optimiser(regressor: SightedLifter, config: SightedConfig) -> torch.optim.AdamW:
    new = [parameter for name, parameter in regressor.named_parameters() if name.startswith(NEW_PARTS)]
    old = [parameter for name, parameter in regressor.named_parameters() if not name.startswith(NEW_PARTS)]
    groups = [{"params": new, "rate": 1.0}, {"params": old, "rate": config.lifter_rate}]
    return torch.optim.AdamW(groups, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
