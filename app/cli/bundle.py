"""``bundle``: a project into one file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result, staged_progress
from app.services.bundle.words import describe_bundle
from app.services.bundle.writing import bundle_project
from app.services.project import Project


def bundle_command(
    out: Annotated[Path, typer.Argument(metavar="OUT.exemplar", help="File to write.")],
    project: Annotated[Path, typer.Option(help="Project folder.")],
    no_image_hashes: Annotated[
        bool,
        typer.Option(
            "--no-image-hashes",
            help="Only look up the sizes of the pictures: quicker, but renamed ones cannot be found again.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier bundle at this place.")] = False,
    as_json: AsJson = False,
) -> int:
    """Write a project as one file, to keep or to move; the window may go on working in it meanwhile.

    Pictures are not packed: their names, sizes and hashes are. Neither are body files whose licence forbids it; they
    are named. A database on a server is refused: it has tools of its own.
    """
    with Project.open(project, with_files=False) as opened, staged_progress() as on_stage:
        report = bundle_project(opened, out, image_hashes=not no_image_hashes, replace=force, on_stage=on_stage)
    report_result(dataclasses.asdict(report), as_json, "\n".join(describe_bundle(report)))
    return 1 if report.missing_images else 0
