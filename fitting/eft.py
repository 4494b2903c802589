"""Exemplar fine-tuning (Joo, Neverova, Vedaldi, 3DV 2021): tune a regressor's weights on one person.

The loss is minimised over the *weights*; the result is the network's output, and the weights are given back. No pose
prior is used: it lives in the network (eft_method.md 1.1).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Literal

import torch
from torch import Tensor

from fitting.body.kinematics import Kinematics
from fitting.errors import JobError
from fitting.geometry.camera import project_to_crop
from fitting.geometry.crop import CROP_SIDE
from fitting.guidance import depth_hint_loss
from fitting.losses import BatchLosses, FitTargets, eft_losses
from fitting.optimise import WeightLoan, set_tuning_mode
from fitting.preprocess import Exemplar
from fitting.regressor.base import Regressor, RegressorOutput
from fitting.spec import BodyFit, CropMode, EftOptions, IterationStep, LossTerms


class FitCancelled(Exception):  # noqa: N818 - not an error, an answer
    """Somebody asked the fit to stop; nothing was produced."""


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """Every recorded iteration, which of them is kept, and why the loop ended."""

    steps: tuple[IterationStep, ...]
    kept: int
    stop_reason: Literal["converged", "iterations", "plain"]


@dataclass(frozen=True, slots=True)
class ResolvedOptions:
    """Options in which nothing is left to the card."""

    learning_rate: float
    max_iterations: int
    stop_l2d: float
    keep: Literal["best", "last"]
    layers: str
    crop: CropMode
    hip_weight: float
    ankle_weight: float
    options: EftOptions

    def as_options(self) -> EftOptions:
        """The same as stored with a fit."""
        return dataclasses.replace(
            self.options,
            learning_rate=self.learning_rate,
            max_iterations=self.max_iterations,
            stop_l2d=self.stop_l2d,
            keep=self.keep,
            layers=self.layers,
            crop=self.crop,
            hip_weight=self.hip_weight,
            ankle_weight=self.ankle_weight,
        )


class ExemplarFineTuner:
    """EFT on one network and one body; keeps the pretrained weights for all the people to come.

    Attributes:
        regressor: The network, in tuning mode.
    """

    def __init__(self, regressor: Regressor, kinematics: Kinematics) -> None:
        self.regressor = regressor
        self._kinematics = kinematics
        self._loans: dict[str, WeightLoan] = {}
        set_tuning_mode(regressor)  # before any loan, so that plain predictions are the tuned ones' iteration 0

    def resolve(self, options: EftOptions, hinted: bool = False) -> ResolvedOptions:
        """Fill what the options leave open from the regressor's card.

        Args:
            options: Options with gaps.
            hinted: The fit has depth hints, which take more iterations than the card's.

        Raises:
            JobError: The options ask for layers, or a fast mode, that the regressor does not have.
        """
        card = self.regressor.card
        fast = card.fast if options.mode == "fast" else None
        if options.mode == "fast" and fast is None:
            raise JobError(f"The regressor '{card.name}' has no fast mode on its card; fit with the exact mode.")
        layers = options.layers or ("all" if fast is None else fast.layers)
        if layers not in self.regressor.layer_subsets:
            known = ", ".join(self.regressor.layer_subsets)
            raise JobError(f"The regressor '{card.name}' has no layers '{layers}'; it knows {known}.")
        source = card if fast is None else fast
        iterations = max(source.max_iterations, options.depth_hints.least_iterations if hinted else 0)
        paper_stop = 0.0 if options.stop_mean_px is not None else card.stop_l2d
        return ResolvedOptions(
            learning_rate=source.learning_rate if options.learning_rate is None else options.learning_rate,
            max_iterations=iterations if options.max_iterations is None else options.max_iterations,
            stop_l2d=paper_stop if options.stop_l2d is None else options.stop_l2d,
            keep=options.keep or card.keep,
            layers=layers,
            crop=options.crop or card.crop,
            hip_weight=card.hip_weight if options.hip_weight is None else options.hip_weight,
            ankle_weight=card.ankle_weight if options.ankle_weight is None else options.ankle_weight,
            options=options,
        )

    def tune(
        self,
        exemplar: Exemplar,
        resolved: ResolvedOptions,
        on_step: Callable[[IterationStep], None] = lambda step: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Tuning:
        """Run the loop of eft_method.md 1.5.

        Outputs and losses are recorded *before* the update of their iteration, so the update after the last recorded
        pass could never count and is not computed. Cost: one forward and one backward pass of the tuned layers per
        iteration, about linear in the iterations, independent of the number of people.

        Raises:
            FitCancelled: ``is_cancelled`` said so before an iteration.
        """
        steps: list[IterationStep] = []
        stop_reason: Literal["converged", "iterations"] = "iterations"
        with self._loan(resolved.layers).borrow(resolved.learning_rate) as adam:
            predict = self.regressor.prepare(exemplar.inputs, resolved.layers)
            for iteration in range(resolved.max_iterations):
                if is_cancelled():
                    raise FitCancelled
                step, total = self._observe(iteration, predict(), exemplar.targets, resolved.options)
                steps.append(step)
                on_step(step)
                if is_good_enough(step, exemplar.targets, resolved):
                    stop_reason = "converged"
                    break
                if iteration + 1 < resolved.max_iterations:
                    adam.zero_grad(set_to_none=True)
                    total.sum().backward()  # type: ignore[no-untyped-call]
                    adam.step()
        return Tuning(tuple(steps), _kept(steps, resolved.keep, exemplar.targets), stop_reason)

    @contextmanager
    def follow(self, exemplar: Exemplar, resolved: ResolvedOptions) -> Iterator[Callable[[FitTargets], IterationStep]]:
        """Tune step by step on targets that may change; the weights are given back on leaving, whatever happened.

        What the network sees stays that of ``exemplar``. Weights and the optimiser's moments go on from step to step.

        Yields:
            A step: the body before the update, its losses on the targets, then one update towards them.
        """
        with self._loan(resolved.layers).borrow(resolved.learning_rate) as adam:
            predict = self.regressor.prepare(exemplar.inputs, resolved.layers)
            iterations = count()

            def step(targets: FitTargets) -> IterationStep:
                seen, total = self._observe(next(iterations), predict(), targets, resolved.options)
                adam.zero_grad(set_to_none=True)
                total.sum().backward()  # type: ignore[no-untyped-call]
                adam.step()
                return seen

            yield step

    @torch.no_grad()
    def predict(self, exemplar: Exemplar, options: EftOptions) -> IterationStep:
        """The plain prediction with its losses: iteration 0 without any tuning."""
        return self._observe(0, self.regressor(exemplar.inputs), exemplar.targets, options)[0]

    def _observe(
        self, iteration: int, output: RegressorOutput, targets: FitTargets, options: EftOptions
    ) -> tuple[IterationStep, Tensor]:
        """One body as it is recorded, and the total ``(1,)`` to descend on."""
        joints_cam = self._kinematics(output.rotations, output.betas)
        projected = project_to_crop(joints_cam, output.camera)
        losses = eft_losses(projected, output.betas, output.camera, targets, options.weights)
        terms = {}
        if targets.pins is not None and losses.beside is not None:
            terms["beside"] = losses.beside.item()
        if targets.hints is not None:
            missing = depth_hint_loss(joints_cam, targets.hints, options.depth_hints.margin_m)
            losses = dataclasses.replace(losses, total=losses.total + options.depth_hints.weight * missing)
            terms["depth_hints"] = missing.item()
        return _step(iteration, output, projected, losses, terms), losses.total

    def _loan(self, layers: str) -> WeightLoan:
        if layers not in self._loans:
            self._loans[layers] = WeightLoan(self.regressor, self.regressor.parameters_of(layers))
        return self._loans[layers]


def is_good_enough(step: IterationStep, targets: FitTargets, resolved: ResolvedOptions) -> bool:
    """Whether a body lies on the keypoints, pins included, and heeds every hint."""
    if step.terms.get("depth_hints", 0.0) > 0:
        return False
    if step.losses.l2d < resolved.stop_l2d:
        return step.terms.get("beside", 0.0) < resolved.stop_l2d
    limit_px = resolved.options.stop_mean_px
    if limit_px is None:
        return False
    active = targets.active[0] > 0
    distance = (torch.as_tensor(step.joints_crop) - targets.keypoints_crop[0])[active].norm(dim=-1)
    return float(distance.mean()) * CROP_SIDE / 2 < limit_px


def _kept(steps: list[IterationStep], keep: Literal["best", "last"], targets: FitTargets) -> int:
    if keep == "last":
        return len(steps) - 1
    if targets.guided:  # the smallest L2d may be that of a body that heeds no hint
        return min(range(len(steps)), key=lambda index: steps[index].losses.total)
    return min(range(len(steps)), key=lambda index: steps[index].losses.l2d)


def _step(
    iteration: int, output: RegressorOutput, projected: Tensor, losses: BatchLosses, terms: Mapping[str, float]
) -> IterationStep:
    total, l2d, betas, camera, leg = torch.cat(
        (losses.total, losses.l2d, losses.betas, losses.camera, losses.leg)
    ).tolist()
    fit = BodyFit(
        output.rotations[0].detach().numpy().copy(),
        output.betas[0].detach().numpy().copy(),
        output.camera[0].detach().numpy().copy(),
    )
    joints_crop = projected[0].detach().numpy().copy()
    return IterationStep(iteration, LossTerms(total, l2d, betas, camera, leg), fit, joints_crop, terms)
