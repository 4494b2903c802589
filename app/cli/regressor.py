"""``regressor``: what is known about a regressor, and which one a project fits with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.choosing import Camera, Force, ProjectOption, convert_into_words, use_in_project
from app.cli.output import AsJson, report_result
from app.services.asset_info import read_card
from app.services.blocking import BlockingJobs
from app.services.model_choice import convert_file
from fitting.runners import InlineRunner
from resources import default_regressor

group = typer.Typer(help="Look at regressors, convert and choose them.", no_args_is_help=True, rich_markup_mode=None)


@group.command("info")
def info(
    weights: Annotated[Path | None, typer.Argument(help="Weights file; by default the open regressor.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a regressor and print its card: how it was trained, how well it does, EFT's learning rate."""
    path = weights or default_regressor()
    result = read_card(path)
    with BlockingJobs(InlineRunner) as jobs:
        convert_file(jobs, "regressor", path)
    words = "\n".join(f"{key}: {value}" for key, value in result.items())
    report_result({"file": str(path), "card": result}, as_json, words)


@group.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(help="Checkpoint of SPIN or EFT (.pt).")],
    out: Annotated[Path | None, typer.Argument(help="File to write (.safetensors); by default beside it.")] = None,
    camera: Camera = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Turn a checkpoint into a file that holds nothing but tensors, with a card beside it."""
    convert_into_words("regressor", source, out, camera, force, as_json)


@group.command("use")
def use(
    weights: Annotated[Path, typer.Argument(help="Checkpoint of SPIN or EFT, or .safetensors with its card.")],
    project: ProjectOption,
    camera: Camera = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Fit with this regressor from now on; a checkpoint is converted into the project's folder first."""
    use_in_project("regressor", weights, project, camera, force, as_json)
