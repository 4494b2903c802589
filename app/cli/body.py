"""``body``: the mannequin and other bodies, and which one a project fits with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.choosing import Force, ProjectOption, convert_into_words, use_in_project
from app.cli.output import AsJson, report_result
from app.services.asset_info import read_body_info
from resources import default_body

group = typer.Typer(
    help="Build the mannequin, convert, choose and look into bodies.", no_args_is_help=True, rich_markup_mode=None
)


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


@group.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(help="SMPL's .pkl or .npz, or SMPLify's gmm_08.pkl.")],
    out: Annotated[Path | None, typer.Argument(help="File to write (.npz); by default beside it.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Turn a published body or pose prior into an .npz of plain arrays; nothing in it is run.

    J_regressor_extra.npy and J_regressor_h36m.npy are taken in from the folder of the source.
    """
    convert_into_words("body", source, out, None, force, as_json)


@group.command("use")
def use(
    body: Annotated[Path, typer.Argument(help="SMPL's .pkl, an .npz body, or a pose prior.")],
    project: ProjectOption,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Fit with this body, or pose prior, from now on; a .pkl is converted into the project's folder first."""
    use_in_project("body", body, project, None, force, as_json)
