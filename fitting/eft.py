"""Exemplar fine-tuning (Joo, Neverova, Vedaldi, 3DV 2021): tune a regressor's weights on one person.

The loss is minimised over the *weights*; the result is the network's output, and the weights are given back. No pose
prior is used: it lives in the network (eft_method.md 1.1).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from fitting.body.kinematics import Kinematics
from fitting.geometry.camera import project_to_crop
from fitting.losses import BatchLosses, eft_losses
from fitting.optimise import WeightLoan
from fitting.preprocess import Exemplar
from fitting.regressor.base import Regressor, RegressorOutput
from fitting.spec import BodyFit, EftOptions, IterationStep, LossTerms


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
    options: EftOptions

    def as_options(self) -> EftOptions:
        """The same as stored with a fit."""
        return dataclasses.replace(
            self.options,
            learning_rate=self.learning_rate,
            max_iterations=self.max_iterations,
            stop_l2d=self.stop_l2d,
        )


class ExemplarFineTuner:
    """EFT on one network and one body; keeps the pretrained weights for all the people to come."""

    def __init__(self, regressor: Regressor, kinematics: Kinematics) -> None:
        self._regressor = regressor
        self._kinematics = kinematics
        self._loan = WeightLoan(regressor)

    def resolve(self, options: EftOptions) -> ResolvedOptions:
        """Fill what the options leave open from the regressor's card."""
        card = self._regressor.card
        return ResolvedOptions(
            card.learning_rate if options.learning_rate is None else options.learning_rate,
            card.max_iterations if options.max_iterations is None else options.max_iterations,
            card.stop_l2d if options.stop_l2d is None else options.stop_l2d,
            options,
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
        pass could never count and is not computed. Cost: one forward and one backward pass of the network per
        iteration, about linear in the iterations, independent of the number of people.

        Raises:
            FitCancelled: ``is_cancelled`` said so before an iteration.
        """
        steps: list[IterationStep] = []
        stop_reason: Literal["converged", "iterations"] = "iterations"
        with self._loan.borrow(resolved.learning_rate) as adam:
            for iteration in range(resolved.max_iterations):
                if is_cancelled():
                    raise FitCancelled
                output, losses = self._forward(exemplar, resolved.options)
                steps.append(_step(iteration, output, losses))
                on_step(steps[-1])
                if steps[-1].losses.l2d < resolved.stop_l2d:
                    stop_reason = "converged"
                    break
                if iteration + 1 < resolved.max_iterations:
                    adam.zero_grad(set_to_none=True)
                    losses.total.sum().backward()  # type: ignore[no-untyped-call]
                    adam.step()
        return Tuning(tuple(steps), _kept(steps, resolved.options), stop_reason)

    def predict(self, exemplar: Exemplar, options: EftOptions) -> IterationStep:
        """The plain prediction with its losses: iteration 0 without any tuning."""
        with torch.no_grad():
            return _step(0, *self._forward(exemplar, options))

    def _forward(self, exemplar: Exemplar, options: EftOptions) -> tuple[RegressorOutput, BatchLosses]:
        output = self._regressor(exemplar.inputs)
        joints_cam = self._kinematics(output.rotations, output.betas)
        projected = project_to_crop(joints_cam, output.camera)
        return output, eft_losses(projected, output.betas, output.camera, exemplar.targets, options.weights)


def _kept(steps: list[IterationStep], options: EftOptions) -> int:
    if options.keep == "last":
        return len(steps) - 1
    return min(range(len(steps)), key=lambda index: steps[index].losses.l2d)


def _step(iteration: int, output: RegressorOutput, losses: BatchLosses) -> IterationStep:
    terms = LossTerms(
        total=losses.total.item(),
        l2d=losses.l2d.item(),
        betas=losses.betas.item(),
        camera=losses.camera.item(),
        leg=losses.leg.item(),
    )
    fit = BodyFit(
        output.rotations[0].detach().numpy().copy(),
        output.betas[0].detach().numpy().copy(),
        output.camera[0].detach().numpy().copy(),
    )
    return IterationStep(iteration, terms, fit)
