"""``check``: whether a project is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result, staged_progress
from app.services.checking import CheckReport, check_integrity

_LISTED = 200


def check_command(
    project: Annotated[Path, typer.Option(help="Project folder.")],
    images: Annotated[bool, typer.Option("--images", help="Look at every picture as well.")] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(help="A bundle of this project: its pictures must have the content they had then."),
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Derive the states of the queue anew where the history says otherwise.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Look a project through: database, arrays, references, model files, pictures. A line and a cure for each fault."""
    with staged_progress() as on_stage:
        report = check_integrity(project, images=images, bundle=bundle, repair=repair, on_stage=on_stage)
    result = {
        "project": str(report.folder),
        "sound": not report.faults,
        "counts": report.counts,
        "images_checked": report.images,
        "repaired": report.repaired,
        "faults": [{"item": fault.item, "reason": fault.reason, "cure": fault.cure} for fault in report.faults],
    }
    report_result(result, as_json, _in_words(report))
    return 1 if report.faults else 0


def _in_words(report: CheckReport) -> str:
    lines = [str(fault) for fault in report.faults[:_LISTED]]
    if len(report.faults) > _LISTED:
        lines.append(f"… and {len(report.faults) - _LISTED:,} more (--json lists all)")
    counts = report.counts
    if report.repaired:
        lines.append(f"The states of {report.repaired:,} people were derived anew.")
    looked = (
        f"{counts['people']:,} people, {counts['keypoint_revisions']:,} sets of keypoints, {counts['fits']:,} fits and"
        f" {counts['decisions']:,} decisions"
        if counts
        else "a database that cannot be read"
    )
    pictures = f", {report.images:,} pictures" if report.images else ""
    faults = len(report.faults)
    verdict = "sound" if not faults else f"{faults:,} fault{'' if faults == 1 else 's'}"
    return "\n".join([*lines, f"{report.folder}: {looked}{pictures} looked at; {verdict}."])
