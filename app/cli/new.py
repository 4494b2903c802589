"""``new``: make an empty project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.choosing import Camera
from app.cli.output import AsJson, report_result
from app.services.model_choice import create_project
from fitting.runners import ProcessRunner
from fitting.spec import AssetKind


def new(
    project: Annotated[Path, typer.Argument(help="Folder of the new project; made if absent.")],
    database: Annotated[str | None, typer.Option(help="Database URL instead of project.db in the folder.")] = None,
    body: Annotated[Path | None, typer.Option(help="Body to fit with: SMPL's .pkl, or an .npz.")] = None,
    regressor: Annotated[
        Path | None, typer.Option(help="Regressor to fit with: a checkpoint of SPIN or EFT, or .safetensors.")
    ] = None,
    prior: Annotated[Path | None, typer.Option(help="Pose prior of SMPLify: gmm_08.pkl, or an .npz.")] = None,
    camera: Camera = None,
    as_json: AsJson = False,
) -> None:
    """Make an empty project."""
    given: dict[AssetKind, Path | None] = {"body": body, "regressor": regressor, "prior": prior}
    files: dict[AssetKind, Path] = {kind: path for kind, path in given.items() if path is not None}
    made, choices = create_project(project, database, files, camera.value if camera else None, ProcessRunner)
    with made:
        result = {
            "project": str(made.folder),
            "database": made.store.location,
            **{str(choice.kind): str(choice.path) for choice in choices},
            "notes": [note for choice in choices for note in choice.notes],
        }
    lines = [f"Made the project {result['project']}."]
    for choice in choices:
        lines += [f"Its {choice.kind}: {choice.summary}", *choice.notes]
    report_result(result, as_json, "\n".join(lines))
