"""``body``: the mannequin and other bodies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.services.asset_info import read_body_info
from resources import default_body

group = typer.Typer(help="Build the mannequin, look into body files.", no_args_is_help=True, rich_markup_mode=None)


@group.command("build")
def build(
    out: Annotated[Path | None, typer.Argument(help="File to write; by default the shipped mannequin.")] = None,
) -> int:
    """Build the mannequin anew; takes some minutes."""
    target = out or default_body()
    return subprocess.run([sys.executable, "-m", "fitting.body.mannequin.build", str(target)], check=False).returncode


@group.command("info")
def info(
    body: Annotated[Path | None, typer.Argument(help="Body file (.npz); by default the mannequin.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a body file holds."""
    path = body or default_body()
    found = read_body_info(path)
    result = {
        "file": str(path),
        "name": found.name,
        "licence": found.licence,
        "sha256": found.sha256,
        "arrays": found.shapes,
    }
    arrays = "\n".join(f"  {key}: {' x '.join(map(str, shape)) or 'one value'}" for key, shape in found.shapes.items())
    report_result(result, as_json, f"{path}: {found.name} ({found.licence})\n{arrays}")
