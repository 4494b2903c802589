"""``study new``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson
from app.cli.study.options import Changes, apply_changes, takes_design
from app.cli.study.words import report_study
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.designing import new_study, read_design
from app.study.design import StudyDesign
from app.study.presets import get_preset

BEGIN: Final = (
    "Design to begin with. 'default': 100 people, 20 raters, 3 of them on each item, 10 practice and 10 catch trials"
    " (9 to pass), 5% repeats, keypoints, overlay and side at 448 px."
)
"""Help of ``--preset``."""


class PresetName(StrEnum):
    """Designs to begin with, those of ``app.study.presets``."""

    default = "default"
    paper = "paper"
    paper_as_released = "paper-as-released"


@takes_design
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the study; raters never see it.")],
    project: ProjectOption,
    changes: Changes,
    preset: Annotated[PresetName | None, typer.Option(help=BEGIN)] = None,
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Study file: the same study with the same people; with --people, --seed, --where or --stratify people"
            " are drawn.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Design a study, and tell how wide its interval will be and what it will find."""
    design = apply_changes(_begin(name, changes, preset, from_), changes)
    with Project.open(project, with_files=False) as opened:
        report_study(opened, new_study(opened, design), as_json)


def _begin(name: str, changes: Changes, preset: PresetName | None, source: Path | None) -> StudyDesign:
    if source is not None:
        if preset is not None:
            raise ServiceError("--from and --preset are two designs to begin with; leave one out.")
        return read_design(source, name)
    if "methods" not in changes:
        raise ServiceError("Name the methods to compare with --methods A,B, or a study file with --from.")
    chosen = get_preset((preset or PresetName.default).value, changes["methods"])
    return msgspec.structs.replace(chosen, name=name)
