"""Train the join and the lifter on what a finished trunk sees, seen once and kept.

The trunk costs thirty times what the rest does. While it stays as it is, its sight of some ten thousand people is
computed once, and the rest learns from it in the time that a few passes through the trunk would take.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from fitting.body.assets import BodyAsset
from fitting.regressor.base import RegressorInput
from fitting.synthetic.people import People, sample_people
from fitting.training.bookkeeping import scheduled_rate
from fitting.training.config import Budget
from fitting.training.loss import training_losses
from fitting.training.sighted.config import SightedConfig
from fitting.training.sighted.gallery import Gallery
from fitting.training.sighted.samples import draw_samples
from fitting.training.sighted.train import NEW_PARTS, SightedTrainer

_LOOKED_AT_ONCE = 128
_OPTIONAL = ("rectangle", "cut")


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """People of samples, and what the trunk saw of them, ``(N, F)``."""

    people: People
    features: Tensor

    def at(self, rows: Tensor) -> _Kept:
        return _Kept(_pick(self.people, rows), self.features[rows])


class JoinTrainer(SightedTrainer):
    """A run that leaves the trunk alone."""

    def __init__(self, config: SightedConfig, budget: Budget, asset: BodyAsset, gallery: Gallery) -> None:
        super().__init__(config, budget, asset, gallery)
        self.regressor.trunk.requires_grad_(False)
        groups: dict[bool, list[nn.Parameter]] = {True: [], False: []}
        for name, parameter in self.regressor.named_parameters():
            if parameter.requires_grad:
                groups[name.startswith(NEW_PARTS)].append(parameter)
        self.optimiser = torch.optim.AdamW(
            [{"params": groups[True], "rate": 1.0}, {"params": groups[False], "rate": config.lifter_rate}],
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            fused=True,
        )
        self._kept: _Kept | None = None

    def resume(self, folder: Path) -> None:
        """Continue where the checkpoint of a folder left off, from the same weights that the run was started from."""
        # Before the lifter is what it has become: what it believed when the run began is part of what was seen.
        self._kept = self._look(self.config.kept)
        super().resume(folder)

    def step(self) -> dict[str, float]:
        """Draw kept people and people without pictures, predict, learn."""
        config = self.config
        if self._kept is None:
            self._kept = self._look(config.kept)
        started = time.perf_counter()
        rows = torch.randint(0, len(self._kept.features), (config.batch,), generator=self.generator)
        kept = self._kept.at(rows)
        vectors = sample_people(self.kinematics, config.vectors, self.generator, config.samples.people)
        rate = scheduled_rate(config.learning_rate, config.warm_up, self.progress.step, self.used())
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * rate
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            seen = self.regressor.predict_from(RegressorInput(kept.people.keypoints, None), kept.features)
            unseen = self.regressor(RegressorInput(vectors.keypoints, None))
        body = training_losses(seen, kept.people, self.kinematics, config.weights)
        blind = training_losses(unseen, vectors, self.kinematics, config.weights)
        self.learn(body.total + blind.total)
        self.progress.seconds += time.perf_counter() - started
        return {"loss": body.total.item(), "blind_loss": blind.total.item()}

    @torch.no_grad()
    def _look(self, count: int) -> _Kept:
        """Sight of ``count`` samples; always the same ones, so that an interrupted run goes on with them."""
        generator = torch.Generator().manual_seed(self.config.seed + 1)
        self.regressor.eval()
        pieces: list[_Kept] = []
        for _ in range(0, count, _LOOKED_AT_ONCE):
            samples = draw_samples(
                self.gallery, self.kinematics, min(count, _LOOKED_AT_ONCE), generator, self.config.samples
            )
            inputs = RegressorInput(samples.people.keypoints, samples.pictures)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16):
                pieces.append(_Kept(samples.people, self.regressor.look(inputs).features.float()))
        return _Kept(_join([piece.people for piece in pieces]), torch.cat([piece.features for piece in pieces]))


def _join(people: list[People]) -> People:
    names = [field.name for field in fields(People) if field.name not in _OPTIONAL]
    joined: dict[str, Any] = {name: torch.cat([getattr(each, name) for each in people]) for name in names}
    return People(**joined)


def _pick(people: People, rows: Tensor) -> People:
    names = [field.name for field in fields(People) if field.name not in _OPTIONAL]
    return replace(people, **{name: getattr(people, name)[rows] for name in names})
