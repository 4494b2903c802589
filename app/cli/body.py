"""``body``: the mannequin and other bodies."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from app.cli.output import AsJson, report_result
from app.services.errors import ServiceError
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
    try:
        with np.load(path, allow_pickle=False) as archive:
            shapes = {key: list(archive[key].shape) for key in archive.files}
            name = str(archive["name"]) if "name" in archive else path.stem
            licence = str(archive["licence"]) if "licence" in archive else "unknown"
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path} is no readable body file ({error}); name an .npz in SMPL's format.") from error
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    result = {"file": str(path), "name": name, "licence": licence, "sha256": digest, "arrays": shapes}
    arrays = "\n".join(f"  {key}: {' x '.join(map(str, shape)) or 'one value'}" for key, shape in shapes.items())
    report_result(result, as_json, f"{path}: {name} ({licence})\n{arrays}")
