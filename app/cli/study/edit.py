"""``study edit``."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson
from app.cli.study.options import Changes, apply_changes, takes_design
from app.cli.study.words import report_study
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.designing import change_design
from app.services.study.records import design_of, get_study


@takes_design
def edit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the study.")],
    project: ProjectOption,
    changes: Changes,
    as_json: AsJson = False,
) -> None:
    """Change a design while nobody has voted; a study that was open has to be opened again."""
    if not changes:
        raise ServiceError("Nothing was named to change; 'study edit --help' tells what can be.")
    with Project.open(project, with_files=False) as opened:
        study = get_study(opened, name)
        report_study(opened, change_design(opened, study, apply_changes(design_of(study), changes)), as_json)
