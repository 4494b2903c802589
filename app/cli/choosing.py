"""What ``body`` and ``regressor`` have in common: converting a file, and choosing one for a project."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import report_result
from app.services.blocking import BlockingJobs
from app.services.model_choice import convert_file, name_converted, prepare_file, use_file
from app.services.places import resolve_place
from app.services.project import Project
from fitting.runners import InlineRunner
from fitting.spec import AssetKind


class CameraName(StrEnum):
    """What a checkpoint's camera triple means (docs/conventions.md)."""

    eft = "eft"
    spin = "spin"


Camera = Annotated[
    CameraName | None,
    typer.Option(help="Camera of the checkpoint: scale first (eft, the default) or translate first (spin)."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a converted file that has other content.")]
ProjectOption = Annotated[Path, typer.Option("--project", help="Project folder.")]


def convert_into_words(
    kind: AssetKind, source: Path, out: Path | None, camera: CameraName | None, force: bool, as_json: bool
) -> None:
    """Convert a published file, by default into one beside it, and say what it is."""
    source = resolve_place(source)
    target = resolve_place(out) if out else name_converted(kind, source, source.parent)
    with BlockingJobs(InlineRunner) as jobs:
        made = convert_file(jobs, kind, source, target, camera=camera.value if camera else None, replace=force)
    result = {"kind": made.kind, "file": str(made.path), "summary": made.summary, "notes": list(made.notes)}
    report_result(result, as_json, "\n".join([f"Wrote {made.path}. {made.summary}", *made.notes]))


def use_in_project(
    kind: AssetKind, source: Path, project: Path, camera: CameraName | None, force: bool, as_json: bool
) -> None:
    """Check a file, convert it if need be, and let the project fit with it."""
    with Project.open(project, with_files=False) as opened, BlockingJobs(InlineRunner) as jobs:
        choice = prepare_file(jobs, kind, source, opened.folder, camera=camera.value if camera else None, replace=force)
        notes = use_file(opened, choice)
        name = opened.folder
    result = {"project": str(name), choice.kind: str(choice.path), "summary": choice.summary, "notes": list(notes)}
    words = f"{name} fits with the {choice.kind} {choice.path} from now on. {choice.summary}"
    report_result(result, as_json, "\n".join([words, *notes]))
