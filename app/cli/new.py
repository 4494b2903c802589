"""``new``: make an empty project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.services.project import Project


def new(
    project: Annotated[Path, typer.Argument(help="Folder of the new project; made if absent.")],
    database: Annotated[str | None, typer.Option(help="Database URL instead of project.db in the folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make an empty project."""
    with Project.create(project, database) as made:
        result = {"project": str(made.folder), "database": made.store.location}
    report_result(result, as_json, f"Made the project {result['project']}.")
