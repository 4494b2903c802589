"""``export``: fits out of a project."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.services.exporting import export_eft_json
from app.services.project import Project


class ExportFormat(StrEnum):
    """Formats that can be written."""

    eft_json = "eft-json"


class Decision(StrEnum):
    """Whose fits to write."""

    accepted = "accepted"
    rejected = "rejected"
    any = "any"


def export(
    format_name: Annotated[ExportFormat, typer.Argument(metavar="FORMAT", help="Format to write: eft-json.")],
    out: Annotated[Path, typer.Argument(help="File to write; a manifest is written beside it.")],
    project: Annotated[Path, typer.Option(help="Project folder.")],
    decision: Annotated[
        Decision, typer.Option(help="Whose current fits to write; stale ones never.")
    ] = Decision.accepted,
    as_json: AsJson = False,
) -> None:
    """Export fits in a published format, with a manifest beside the file."""
    del format_name  # there is one so far; typer has checked the word
    with Project.open(project) as opened:
        report = export_eft_json(opened, out, decision.value)
    words = f"Wrote {report.samples} fits to {report.path} (manifest {report.manifest.name})."
    if report.left_out:
        parts = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in report.left_out.items())
        words += f" Left out: {parts}."
    if report.beyond_published_filter:
        words += f" {report.beyond_published_filter} of them are beyond the published filter (L2d 5e-4, |beta| 3)."
    if not report.samples and decision is Decision.accepted:
        words += " Nothing is accepted yet: accept fits in the window, or export with --decision any."
    report_result(dataclasses.asdict(report), as_json, words)
