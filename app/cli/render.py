"""``render``: overlays and contact sheets as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, progress_bar, report_result
from app.cli.selection import Filters, MaxBeta, MaxL2d, MaxRms, Method, Where, build_selection
from app.services.project import Project
from app.services.selecting import count_chosen
from app.services.sheets import render_people
from fitting.runners import ProcessRunner


def render(
    out: Annotated[Path, typer.Argument(help="Folder for the pictures; made if absent.")],
    project: Annotated[Path, typer.Option(help="Project folder.")],
    side: Annotated[bool, typer.Option("--side", help="Show the 90° side view as well.")] = False,
    method: Method = None,
    filters: Filters = None,
    max_rms_px: MaxRms = None,
    max_l2d: MaxL2d = None,
    max_beta: MaxBeta = None,
    where: Where = None,
    as_json: AsJson = False,
) -> int:
    """Draw the selected fits: keypoints and overlay, one strip a person, and contact sheets of them."""
    selection = build_selection(method, filters, max_rms_px, max_l2d, max_beta, where)
    with (
        Project.open(project) as opened,
        progress_bar("Drawing people", count_chosen(opened, selection)) as advance,
    ):
        report = render_people(opened, out, ProcessRunner, side=side, selection=selection, on_done=advance)
    result = {
        "strips": [str(path) for path in report.strips],
        "sheets": [str(path) for path in report.sheets],
        "failed": [{"person": person, "reason": reason} for person, reason in report.failed],
    }
    lines = [f"Drew {len(report.strips)} people into {out}, {len(report.sheets)} contact sheets."]
    lines += [f"  person {person}: {reason}" for person, reason in report.failed]
    report_result(result, as_json, "\n".join(lines))
    return 1 if report.failed else 0
