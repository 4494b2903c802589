"""``regressor``: what is known about a regressor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.services.asset_info import read_card
from resources import default_regressor

group = typer.Typer(help="Look at regressors.", no_args_is_help=True, rich_markup_mode=None)


@group.callback()
def _callback() -> None:
    """Keep ``info`` a word of its own although it is the only one so far."""


@group.command("info")
def info(
    weights: Annotated[Path | None, typer.Argument(help="Weights file; by default the open regressor.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a regressor's card: how it was trained, how well it does, EFT's learning rate."""
    path = weights or default_regressor()
    result = read_card(path)
    words = "\n".join(f"{key}: {value}" for key, value in result.items())
    report_result({"file": str(path), "card": result}, as_json, words)
