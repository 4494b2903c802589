"""``regressor``: what is known about a regressor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.services.errors import ServiceError
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
    card = path.with_suffix(".json")
    try:
        result = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path.name} has no readable card {card.name} beside it ({error}).") from error
    words = "\n".join(f"{key}: {value}" for key, value in result.items())
    report_result({"file": str(path), "card": result}, as_json, words)
