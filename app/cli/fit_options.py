"""Options of ``fit`` that say how a method works, and the recipe they make."""

from __future__ import annotations

import dataclasses
import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.services.errors import ServiceError
from app.services.fitting import FitRecipe
from fitting.spec import PAPER_OPTIONS, RELEASED_SMPLIFY, EftOptions, MethodName


class Mode(StrEnum):
    """How much of the network EFT tunes."""

    exact = "exact"
    fast = "fast"


class Keep(StrEnum):
    """Which iterate EFT returns."""

    best = "best"
    last = "last"


def _check_rate(rate: float | None) -> float | None:
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise typer.BadParameter(f"{rate:g} is no positive number")
    return rate


LearningRate = Annotated[
    float | None,
    typer.Option(callback=_check_rate, help="EFT: step size, instead of the one on the regressor's card."),
]
Iterations = Annotated[int | None, typer.Option(min=1, help="EFT: most iterations, instead of the card's.")]
StopL2d = Annotated[float | None, typer.Option(min=0, help="EFT: stop below this L2d; 0 never stops early.")]
ModeOption = Annotated[Mode, typer.Option("--mode", help="EFT: fast tunes late layers on cached features.")]
Layers = Annotated[
    str | None, typer.Option(metavar="NAME", help="EFT: tune only these layers; 'regressor info' lists the names.")
]
KeepOption = Annotated[
    Keep | None, typer.Option("--keep", help="EFT: keep the iterate with the smallest L2d, or the last one.")
]
HipWeight = Annotated[
    float | None,
    typer.Option("--hips", min=0, help="EFT: weight of annotated hips beside L2d, instead of the card's."),
]
AnkleWeight = Annotated[
    float | None,
    typer.Option("--ankles", min=0, help="EFT: weight of annotated ankles beside L2d, instead of the card's."),
]
Paper = Annotated[
    bool, typer.Option("--paper", help="EFT: learning rate and stop rule of the paper's text, not of its code.")
]
Prior = Annotated[
    Path | None,
    typer.Option(help="SMPLify: mixture of poses, gmm_08.pkl or an .npz, by default the project's or the mannequin's."),
]
ReleasedFaults = Annotated[
    bool, typer.Option("--released-faults", help="SMPLify: repeat the faults of the released port, for comparison.")
]
SmplifyIterations = Annotated[
    int | None, typer.Option(min=1, help="SMPLify: iterations of each of its two stages, 100 by default.")
]


def build_recipe(
    method: MethodName,
    learning_rate: float | None,
    iterations: int | None,
    stop_l2d: float | None,
    mode: Mode,
    layers: str | None,
    keep: Keep | None,
    hips: float | None,
    ankles: float | None,
    paper: bool,
    prior: Path | None,
    released_faults: bool,
    smplify_iterations: int | None,
) -> FitRecipe:
    """What the options of ``fit`` ask for.

    Raises:
        ServiceError: An option that the method does not have, or a prior that is no file.
    """
    tuned = {
        "--learning-rate": learning_rate, "--iterations": iterations, "--stop-l2d": stop_l2d, "--layers": layers,
        "--keep": keep, "--hips": hips, "--ankles": ankles, "--paper": paper or None,
        "--mode fast": mode if mode is Mode.fast else None,
    }  # fmt: skip
    modelled = {
        "--prior": prior, "--released-faults": released_faults or None, "--smplify-iterations": smplify_iterations
    }  # fmt: skip
    for owner, options in (("eft", tuned), ("smplify", modelled)):
        given = [name for name, value in options.items() if value is not None]
        if given and method != owner:
            raise ServiceError(f"{given[0]} is an option of {owner}, not of {method}; leave it out.")
    if prior is not None and not prior.is_file():
        raise ServiceError(f"{prior} is no file; name gmm_08.pkl or an .npz that 'body convert' has made.")
    return FitRecipe(
        method=method,
        options=_eft_options(learning_rate, iterations, stop_l2d, mode, layers, keep, hips, ankles, paper),
        smplify=RELEASED_SMPLIFY if released_faults else None,
        smplify_iterations=smplify_iterations,
        prior=None if prior is None else prior.resolve(),
    )


def _eft_options(
    learning_rate: float | None,
    iterations: int | None,
    stop_l2d: float | None,
    mode: Mode,
    layers: str | None,
    keep: Keep | None,
    hips: float | None,
    ankles: float | None,
    paper: bool,
) -> EftOptions:
    options = PAPER_OPTIONS if paper else EftOptions()
    return dataclasses.replace(
        options,
        learning_rate=options.learning_rate if learning_rate is None else learning_rate,
        max_iterations=iterations,
        stop_l2d=stop_l2d,
        stop_mean_px=options.stop_mean_px if stop_l2d is None else None,
        mode=mode.value,
        layers=layers,
        keep=None if keep is None else keep.value,
        hip_weight=options.hip_weight if hips is None else hips,
        ankle_weight=options.ankle_weight if ankles is None else ankles,
    )
