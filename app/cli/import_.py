"""``import``: a dataset into a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, progress_bar, report_result
from app.services.importing import import_dataset
from app.services.project import Project
from db.formats.base import ImportReport

_LISTED = 20


def import_(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help="Format of the file: coco.")],
    source: Annotated[Path, typer.Argument(help="Annotation file.")],
    images: Annotated[Path, typer.Option(help="Folder the pictures lie in; they are never copied or changed.")],
    project: Annotated[Path, typer.Option(help="Project folder.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be imported.")] = False,
    as_json: AsJson = False,
) -> int:
    """Import people and their keypoints. Importing again adds what is new and never overwrites."""
    with Project.open(project) as opened, progress_bar("Importing people", None) as advance:
        report = import_dataset(opened, format_name, source, images, dry_run=dry_run, on_progress=advance)
    report_result(report.as_dict(), as_json, _in_words(report))
    return 1 if report.problems else 0


def _in_words(report: ImportReport) -> str:
    verb = "Would import" if report.dry_run else "Imported"
    people, images = report.people, report.images
    lines = [
        f"{verb} {people.new} people in {images.new} images; {people.same} people were there already, "
        f"{people.conflicting} differ from what is stored and were left alone, {people.skipped} were skipped."
    ]
    lines += [f"  {problem}" for problem in report.problems[:_LISTED]]
    if len(report.problems) > _LISTED:
        lines.append(f"  … and {len(report.problems) - _LISTED} more problems (--json lists all)")
    return "\n".join(lines)
