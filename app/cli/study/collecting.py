"""``study votes`` and ``study collect``: votes leave a package and come into the project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, growing_progress_bar, report_result
from app.cli.study.handing_out import StudyName
from app.cli.study.seat_numbers import read_names
from app.services.places import resolve_place
from app.services.project import Project
from app.services.study.collecting import CollectReport, collect_votes
from db.rater_package.package import RaterPackage


def votes(
    package: Annotated[
        Path, typer.Argument(metavar="PACKAGE", help="Folder of a rater package; no project is needed.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT.json", help="File to write; an older one is replaced.")],
    as_json: AsJson = False,
) -> None:
    """Write the votes of a package into a file that can be sent to the researcher."""
    place = resolve_place(out)
    with RaterPackage.open(resolve_place(package)) as opened:
        written = opened.write_votes(place)
    report_result({"file": str(place), "votes": written}, as_json, f"Wrote {written} votes to {place}.")


def collect(
    name: StudyName,
    project: ProjectOption,
    sources: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Files of votes, and folders of packages.")
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SEAT:NAME", help="Pseudonym of whoever took one that another rater has; may be repeated."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Take in the votes of the study's own package, and of files and folders that came back.

    The same votes again change nothing. What is refused is told, with the reason.
    """
    places = [resolve_place(source) for source in sources or []]
    with Project.open(project, with_files=False) as opened, growing_progress_bar("votes") as advance:
        report = collect_votes(opened, name, places, renamed=read_names(rename or []), on_done=advance)
    report_result(report.as_dict(), as_json, _in_words(report))
    return 1 if report.problems else 0


def _in_words(report: CollectReport) -> str:
    summary = (
        f"{report.new:,} new votes, {report.known:,} known; the study '{report.study}' has {report.votes:,} of"
        f" {report.planned:,}."
    )
    return "\n".join([summary, *(f"  {problem}" for problem in report.problems)])
