"""``export``: people, fits, decisions and pages out of a project."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, growing_progress_bar, report_result
from app.cli.selection import Filters, MaxBeta, MaxL2d, MaxRms, Method, Where, build_selection
from app.services.export_parts import DecisionFilter, ExportReport
from app.services.exporting import FOCAL_PX
from app.services.exports import export_project
from app.services.project import Project
from db.formats import FORMATS, Format, get_export_format


class Decision(StrEnum):
    """Whose fits to write."""

    accepted = "accepted"
    rejected = "rejected"
    any = "any"


class PaperName(StrEnum):
    """Sizes of paper."""

    a4 = "a4"
    letter = "letter"


def _names(formats: Iterable[Format]) -> str:
    return ", ".join(row.name for row in formats)


_FORMATS_HELP = (
    f"What to write (docs/exports.md). People: {_names(row for row in FORMATS.values() if row.exports_people)}. "
    f"Fits: {_names(row for row in FORMATS.values() if row.exports)}. "
    f"Tables of decisions: {_names(row for row in FORMATS.values() if row.exports_decisions)}. "
    f"Pages to look at: {_names(row for row in FORMATS.values() if row.exports_sheet)}."
)


def export(
    format_name: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help=_FORMATS_HELP),
    ],
    out: Annotated[Path, typer.Argument(help="File or folder to write; a manifest is written beside it.")],
    project: Annotated[Path, typer.Option(help="Project folder.")],
    decision: Annotated[
        Decision | None,
        typer.Option(
            help="Whose fits to write, by the decision on the fit itself, accepted if nothing is said; stale ones "
            "never. Of people, contact sheets and tables of decisions: any if nothing is said."
        ),
    ] = None,
    method: Method = None,
    filters: Filters = None,
    max_rms_px: MaxRms = None,
    max_l2d: MaxL2d = None,
    max_beta: MaxBeta = None,
    where: Where = None,
    focal: Annotated[
        float, typer.Option(min=1, help="Focal length in pixels, for formats with a perspective camera.")
    ] = FOCAL_PX,
    paper: Annotated[PaperName, typer.Option(help="Size of the pages of a contact sheet.")] = PaperName.a4,
    with_fits: Annotated[
        bool,
        typer.Option("--fits/--no-fits", help="Decisions and fits go along with people, under a key of their own."),
    ] = True,
    as_json: AsJson = False,
) -> int:
    """Export people, fits, decisions or pages to look at, with a manifest beside the file."""
    selection = build_selection(method, filters, max_rms_px, max_l2d, max_beta, where)
    row = get_export_format(format_name)  # a wrong word is said before the project is opened
    wanted: DecisionFilter | None = None if decision is None else decision.value
    # Tables and keypoints need no body file.
    with (
        Project.open(project, with_files=not (row.exports_decisions or row.exports_people)) as opened,
        ExitStack() as bars,
    ):
        on_done = bars.enter_context(growing_progress_bar("Drawing people")) if row.exports_sheet else _ignore
        report = export_project(
            opened, format_name, out, selection,
            decision=wanted, focal_px=focal, paper=paper.value, with_fits=with_fits, on_done=on_done,
        )  # fmt: skip
    report_result(dataclasses.asdict(report), as_json, _in_words(report, row, decision))
    return 1 if report.failed else 0


def _ignore(done: int, total: int) -> None:
    """Nobody waits long enough to be told."""


def _in_words(report: ExportReport, row: Format, decision: Decision | None) -> str:
    what = "fits" if row.exports else "decisions" if row.exports_decisions else "people"
    words = f"Wrote {report.samples} {what} to {report.path} (manifest {report.manifest.name})."
    if report.left_out:
        parts = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in report.left_out.items())
        words += f" Left out: {parts}."
    if report.renumbered:
        words += f" {report.renumbered} ids were another's already; they have new ones, and the old ones beside them."
    if report.beyond_published_filter:
        words += f" {report.beyond_published_filter} of them are beyond the published filter (L2d 5e-4, |beta| 3)."
    if row.exports and not report.samples and decision in (None, Decision.accepted):
        words += " Nothing is accepted yet: accept fits in the window, or export with --decision any."
    return "\n".join([words, *(f"  person {person} is not drawn: {reason}" for person, reason in report.failed)])
