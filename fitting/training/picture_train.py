"""Train HMR's ResNet-50 on drawn people.

    python -m fitting.training.picture_cache --out CACHE --people 50000
    python -m fitting.training.picture_train --cache CACHE --out DIR --minutes 60 --threads 1

Training may start while the cache still grows. ``--resume`` continues an interrupted run.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from fitting.body.assets import BodyAsset
from fitting.body.model import BodyModel, load_body
from fitting.errors import FittingError
from fitting.regressor.base import RegressorInput
from fitting.regressor.card import RegressorCard, TrainingRecord
from fitting.regressor.hmr import ARCHITECTURE, Hmr
from fitting.regressor.loading import save_regressor
from fitting.training.bookkeeping import append_to_curve, record_on_card, scheduled_rate
from fitting.training.checkpoint import Progress, read_checkpoint, write_checkpoint
from fitting.training.config import Budget
from fitting.training.loss import TrainingLosses, training_losses
from fitting.training.picture_augmentation import augment, to_input, to_people
from fitting.training.picture_cache import PictureCache, PicturedPeople, draw_people
from fitting.training.picture_config import PRESETS, PictureConfig
from fitting.training.picture_drawing import SuitArtist
from fitting.training.picture_evaluate import PictureScores, evaluate_pictures
from resources import default_body

WEIGHTS_NAME = "hmr.safetensors"
CURVE_NAME = "curve.csv"
TEST_SEED = 77
"""Far from the seeds of any cache."""


class PictureTrainer:
    """One run: network, optimiser, source of chance, and how far it has come."""

    def __init__(self, config: PictureConfig, budget: Budget, body: BodyModel, cache: PictureCache) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.budget = budget
        self.kinematics = body.kinematics
        self.cache = cache
        self.regressor = Hmr(build_first_card(config, body.asset))
        self.regressor.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        prepare_for_scratch(self.regressor)
        self.generator = torch.Generator().manual_seed(config.seed)
        self.optimiser = _build_optimiser(self.regressor, config)
        self.progress = Progress()
        self._earlier = self.regressor.card.training

    def resume(self, folder: Path) -> None:
        """Continue where the checkpoint of a folder left off."""
        self.progress = read_checkpoint(folder, self.regressor, self.optimiser, self.generator)

    def used(self) -> float:
        """Part of the budget that is gone, 0 to 1."""
        return self.budget.used(self.progress.step, self.progress.seconds)

    def side(self) -> int:
        """Side of the pictures of the next step."""
        return self.config.side_at(self.used())

    def step(self) -> TrainingLosses:
        """Draw from the cache, predict, learn."""
        started = time.perf_counter()
        people = self._draw()
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * self.learning_rate()
        set_training_mode(self.regressor)
        truth = to_people(people, self.kinematics)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16):
            output = self.regressor(RegressorInput(truth.keypoints, to_input(people.pictures)))
        losses = training_losses(output, truth, self.kinematics, self.config.weights)
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

    @torch.no_grad()
    def settle(self) -> None:
        """Take the batch statistics anew, as plain means over some batches of unaugmented size."""
        norms = [module for module in self.regressor.modules() if isinstance(module, nn.BatchNorm2d)]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None
        set_training_mode(self.regressor)
        for _ in range(self.config.settling):
            people = self._draw()
            self.regressor(RegressorInput(to_people(people, self.kinematics).keypoints, to_input(people.pictures)))
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum

    def export(self, weights: Path, scores: PictureScores) -> RegressorCard:
        """Write weights and card as they are now."""
        card, batch = self.regressor.card, self.config.batch
        self.regressor.card = record_on_card(card, self._earlier, self.progress, batch, asdict(scores))
        return save_regressor(self.regressor, weights)

    def _draw(self) -> PicturedPeople:
        indices = torch.randint(0, len(self.cache), (self.config.batch,), generator=self.generator)
        people = self.cache.read(indices)
        return augment(people, self.kinematics, self.side(), self.generator, self.config.augmentation)


def _build_optimiser(regressor: Hmr, config: PictureConfig) -> torch.optim.AdamW:
    head = regressor.parameters_of("head")
    in_head = {id(parameter) for parameter in head}
    trunk = [parameter for parameter in regressor.parameters() if id(parameter) not in in_head]
    groups = [{"params": trunk, "rate": 1.0}, {"params": head, "rate": config.head_rate}]
    return torch.optim.AdamW(groups, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)


def set_training_mode(regressor: Hmr) -> None:
    """Training mode without dropout: a short run does not overfit, it underfits."""
    regressor.train()
    for module in regressor.modules():
        if isinstance(module, nn.Dropout):
            module.eval()


@torch.no_grad()
def prepare_for_scratch(regressor: Hmr) -> None:
    """Initial weights for training without ImageNet: blocks begin as identities, the head with a voice.

    Goyal et al. 2017, "Accurate, Large Minibatch SGD", section 5.1, for the former; the published head (gain 0.01
    behind two shrinking layers) would take hundreds of steps until the trunk gets a gradient worth the name.
    """
    for name, module in regressor.named_modules():
        if isinstance(module, nn.BatchNorm2d) and name.endswith(".bn3"):
            nn.init.zeros_(module.weight)
    for layer in (regressor.fc1, regressor.fc2):
        nn.init.xavier_uniform_(layer.weight)
    for layer in (regressor.decpose, regressor.decshape, regressor.deccam):
        nn.init.xavier_uniform_(layer.weight, gain=0.1)


def build_first_card(config: PictureConfig, asset: BodyAsset) -> RegressorCard:
    """Card of an untrained network; EFT's settings are the released code's (eft_method.md 1.4)."""
    return RegressorCard(
        name="suit HMR",
        architecture=ARCHITECTURE,
        settings={},
        learning_rate=5e-6,
        max_iterations=20,
        stop_l2d=1e-4,
        body_name=asset.name,
        body_sha256=asset.sha256,
        licence="Apache-2.0",
        weights_sha256="",
        training=TrainingRecord(
            data="the mannequin in a suit of colours, drawn by fitting.training.picture_drawing",
            preset=config.name,
            steps=0,
            people_seen=0,
            seconds=0.0,
            machine=f"{platform.machine()}, {torch.get_num_threads()} thread(s)",
        ),
        input="picture",
    )


def run(
    trainer: PictureTrainer,
    folder: Path,
    test: PicturedPeople,
    say: Callable[[str], None],
    *,
    checkpoint_seconds: float = 180.0,
) -> None:
    """Train until the budget is used, leaving checkpoint, curve and weights in ``folder``."""
    saved = trainer.progress.seconds
    while trainer.used() < 1:
        side = trainer.side()
        losses = trainer.step()
        if trainer.used() >= 1:
            trainer.settle()
        if trainer.used() >= 1 or trainer.progress.seconds - saved >= checkpoint_seconds:
            saved = trainer.progress.seconds
            trainer.cache.refresh()
            scores = evaluate_pictures(trainer.regressor, trainer.kinematics, test, side)
            write_checkpoint(folder, trainer.regressor, trainer.optimiser, trainer.generator, trainer.progress)
            trainer.export(folder / WEIGHTS_NAME, scores)
            _add_to_curve(folder / CURVE_NAME, trainer, side, losses, scores)
            say(_sentence(trainer, side, losses, scores))


def _add_to_curve(
    path: Path, trainer: PictureTrainer, side: int, losses: TrainingLosses, scores: PictureScores
) -> None:
    row = {
        "step": trainer.progress.step,
        "people": trainer.progress.step * trainer.config.batch,
        "seconds": round(trainer.progress.seconds, 1),
        "side": side,
        "learning_rate": trainer.learning_rate(),
        "loss": losses.total.item(),
        **asdict(scores),
    }
    append_to_curve(path, row)


def _sentence(trainer: PictureTrainer, side: int, losses: TrainingLosses, scores: PictureScores) -> str:
    return (
        f"{trainer.progress.seconds / 60:6.1f} min  {trainer.progress.step * trainer.config.batch:7d} people"
        f"  {side} px  loss {losses.total.item():.3f}  MPJPE {scores.mpjpe_mm:.1f} mm  PA {scores.pa_mm:.1f} mm"
        f"  L2d {scores.l2d_median:.1e}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 done, 2 bad input."""
    parser = argparse.ArgumentParser(
        prog="python -m fitting.training.picture_train", description="Train HMR's ResNet-50 on drawn people."
    )
    parser.add_argument("--preset", choices=sorted(PRESETS), default="suit")
    parser.add_argument("--cache", type=Path, required=True, help="folder of fitting.training.picture_cache")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, curve and weights")
    parser.add_argument("--minutes", type=float, help="wall-clock minutes of training")
    parser.add_argument("--steps", type=int, help="optimiser steps")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--test-people", type=int, default=200)
    parser.add_argument("--body", type=Path, default=default_body())
    parser.add_argument("--resume", action="store_true", help="continue the run in --out")
    options = parser.parse_args(arguments)
    if not options.minutes and not options.steps:
        parser.error("say how long: --minutes or --steps")
    torch.set_num_threads(options.threads)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        body = load_body(options.body)
        budget = Budget(options.steps, 60 * options.minutes if options.minutes else None)
        trainer = PictureTrainer(PRESETS[options.preset], budget, body, PictureCache(options.cache))
        if options.resume:
            trainer.resume(options.out)
        test = draw_people(body, SuitArtist(body), options.test_people, TEST_SEED)
        run(trainer, options.out, test, lambda text: print(text, flush=True))
    except (FittingError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
