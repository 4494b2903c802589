"""``restore``: a project out of a bundle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import AsJson, report_result, staged_progress
from app.paths import models_dir
from app.services.bundle.restoring import RestoreReport, restore_bundle
from app.services.bundle.words import describe_restored, is_complete


def restore_command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="File that 'bundle' wrote.")],
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="Folder of the project: a new or an empty one.")],
    images: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER|OLD=NEW",
            help="Folder the pictures lie in now, or a folder the bundle knows and the one it is now; may be repeated. "
            "Pictures that were renamed are found by their content.",
        ),
    ] = None,
    no_image_hashes: Annotated[
        bool, typer.Option("--no-image-hashes", help="Take pictures of the right name and size without reading them.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Make a project of a bundle. It is checked first; of a damaged bundle nothing is restored."""
    with staged_progress() as on_stage:
        report = restore_bundle(
            bundle, project, images or (), image_hashes=not no_image_hashes, models=models_dir(), on_stage=on_stage
        )
    report_result(_as_dict(report), as_json, "\n".join(describe_restored(report)))
    return 0 if is_complete(report) else 1


def _as_dict(report: RestoreReport) -> dict[str, Any]:
    """The report for JSON, without the place of every single image."""
    result = dataclasses.asdict(report)
    places = result["pictures"].pop("places")
    result["pictures"]["linked"] = len(places)
    return result
