"""``progress``: how far a project is and how good, the numbers of the Progress page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, report_result
from app.services.progress import AnnotatorProgress, ProgressReport, Share, build_progress
from app.services.project import Project


def progress(
    project: Annotated[Path, typer.Option(help="Project folder.")],
    as_json: AsJson = False,
) -> None:
    """Tell how many people are decided, how fast it goes, when it will be done, and how everybody does."""
    with Project.open(project, with_files=False) as opened:
        report = build_progress(opened)
        folder = opened.folder
    report_result({"project": str(folder), **report.as_dict()}, as_json, _in_words(folder, report))


def _in_words(folder: Path, report: ProgressReport) -> str:
    total = report.total
    lines = [f"{folder}: {total.decided} of {total.people} people decided, {total.left} left; {report.today} today"]
    if report.unfittable:
        lines.append(f"  {report.unfittable} more have too few keypoints")
    if report.rate is not None:
        left = "" if report.hours_left is None else f"; {report.hours_left:.1f} hours of work left"
        lines.append(f"rate: {report.rate:.0f} people an hour of work{left}")
    if report.finish is not None:
        lines.append(f"expected finish: {report.finish:%Y-%m-%d}, at {report.pace:.0f} people a day")
    lines += [f"  {_share_in_words(share)}  {name}" for name, share in report.datasets]
    if report.reasons:
        lines.append("rejected: " + ", ".join(f"{reason.title} {reason.people}" for reason in report.reasons))
    lines += [f"  {_annotator_in_words(annotator)}" for annotator in report.annotators]
    return "\n".join(lines)


def _share_in_words(share: Share) -> str:
    rate = "   –" if share.accept_rate is None else f"{100 * share.accept_rate:3.0f}%"
    return f"{rate} accepted of {share.accepted + share.rejected:6d}, {share.left:6d} left"


def _annotator_in_words(annotator: AnnotatorProgress) -> str:
    parts = [f"{annotator.name or 'not named'}: {annotator.decided} decided"]
    if annotator.accept_rate is not None:
        parts.append(f"{100 * annotator.accept_rate:.0f}% accepted")
    if annotator.median_seconds is not None:
        parts.append(f"median {annotator.median_seconds:.0f} s")
    if annotator.rate is not None:
        parts.append(f"{annotator.rate:.0f} an hour")
    if annotator.edits_per_person is not None:
        parts.append(f"{annotator.edits_per_person:.1f} edits a person")
    if annotator.gold_score is not None:
        parts.append(f"gold score {annotator.gold_score:.3f}")
    return ", ".join(parts)
