"""``study open``."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.choosing import ProjectOption
from app.cli.output import AsJson, growing_progress_bar, report_result
from app.services.project import Project
from app.services.study.opening import OpenReport, open_study
from fitting.runners import ProcessRunner


def open_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the study.")],
    project: ProjectOption,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Empty PostgreSQL database for the raters' package, such as postgresql://user@server/study; by"
            " default a file in the package's folder.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw the people, plan every trial, draw the pictures and make the raters' package.

    Doing it again before the first vote replaces the package and draws only pictures that are not there yet.
    """
    with Project.open(project) as opened, growing_progress_bar("Opening the study") as advance:
        report = open_study(opened, name, ProcessRunner, database=database, on_done=advance)
    report_result(report.as_dict(), as_json, _in_words(report))


def _in_words(report: OpenReport) -> str:
    size = report.picture_bytes / 1e6
    lines = [
        f"'{report.study}' is open: {report.people} people, {report.checks} more in practice and catch trials,"
        f" {report.trials} trials for {report.seats} raters.",
        f"{report.pictures} pictures, {size:.0f} MB; drawn now those of {report.drawn_now} people.",
    ]
    if report.left_out:
        counts = "; ".join(f"{count} {reason}" for reason, count in report.left_out.items())
        lines.append(f"Left out: {counts}.")
    lines += [f"  {problem}" for problem in report.problems]
    lines += [f"  {note}" for note in report.notes]
    lines.append(f"The raters' package is {report.package}; rate with 'study rate {report.package}'.")
    return "\n".join(lines)
