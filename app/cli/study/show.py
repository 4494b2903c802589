"""``study show``, ``study copy`` and ``study export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, report_result
from app.cli.study.words import report_study
from app.services.project import Project
from app.services.study.designing import copy_study, export_study
from app.services.study.records import get_study

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the study.")]


def show(name: Name, project: ProjectOption, as_json: AsJson = False) -> None:
    """Tell a study's design, how far it is, and what it can be expected to find."""
    with Project.open(project, with_files=False) as opened:
        report_study(opened, get_study(opened, name), as_json)


def copy(
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="Of the new study.")],
    project: ProjectOption,
    as_json: AsJson = False,
) -> None:
    """Make a new study with the design of another one, which may have votes."""
    with Project.open(project, with_files=False) as opened:
        report_study(opened, copy_study(opened, name, new_name), as_json)


def export(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Study file to write, JSON.")],
    project: ProjectOption,
    as_json: AsJson = False,
) -> None:
    """Write the study file: design, people and trials, readable, and enough to do the study again exactly."""
    with Project.open(project, with_files=False) as opened:
        written = export_study(opened, name, file)
    report_result({"file": str(written)}, as_json, f"Wrote {written}. Raters must not see it: it names the methods.")
