"""``import``: people with keypoints, or anybody's fits, into a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, progress_bar, report_result
from app.services.errors import ServiceError
from app.services.fit_import.report import FitImportReport, FitOutcome
from app.services.importing import import_dataset
from app.services.importing_fits import import_fits
from app.services.project import Project
from db.formats import get_format
from db.formats.base import ImportReport

_LISTED = 20


def import_(
    format_name: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="Format of the file. People with keypoints: coco. Fits: eft-json, eft-pickle, spin-npz, static-fits, "
            "humandata, smplx-npz, amass-npz, obj, gltf.",
        ),
    ],
    source: Annotated[Path, typer.Argument(help="Annotation file, or file or folder of fits.")],
    project: Annotated[Path, typer.Option(help="Project folder.")],
    images: Annotated[
        Path | None,
        typer.Option(
            help="Folder the pictures lie in; they are never copied or changed. Needed for people; with it, fits bring "
            "people along whom the project does not know."
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="NAME", help="Label to store imported fits under; needed for fits.")
    ] = None,
    replace_decided: Annotated[
        bool, typer.Option("--replace-decided", help="Store fits of people who have been decided on as well.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be imported.")] = False,
    as_json: AsJson = False,
) -> int:
    """Import people and their keypoints, or fits. Importing again adds what is new and never overwrites."""
    holds_fits = get_format(format_name).imports_fits
    with Project.open(project) as opened:
        if holds_fits:
            if method is None:
                raise ServiceError("Imported fits need a label to be told apart by; name one with --method.")
            with progress_bar("Importing fits", None) as advance:
                fits = import_fits(
                    opened, format_name, source, images, method=method, dry_run=dry_run,
                    replace_decided=replace_decided, on_progress=advance,
                )  # fmt: skip
            report_result(fits.as_dict(), as_json, _fits_in_words(fits))
            return 1 if fits.has_failures else 0
        if images is None:
            raise ServiceError("Importing people needs the folder their pictures lie in; name it with --images.")
        if method is not None:
            raise ServiceError(f"The format {format_name} holds people and no fits; leave --method out.")
        with progress_bar("Importing people", None) as advance:
            people = import_dataset(opened, format_name, source, images, dry_run=dry_run, on_progress=advance)
        report_result(people.as_dict(), as_json, _people_in_words(people))
        return 1 if people.problems else 0


def _people_in_words(report: ImportReport) -> str:
    verb = "Would import" if report.dry_run else "Imported"
    people, images = report.people, report.images
    summary = (
        f"{verb} {people.new} people in {images.new} images; {people.same} people were there already, "
        f"{people.conflicting} differ from what is stored and were left alone, {people.skipped} were skipped."
    )
    return "\n".join([summary, *_listed(report.problems)])


_OUTCOME_WORDS: Mapping[FitOutcome, str] = {
    "same": "were there already",
    "decided": "are of people who have been decided on (--replace-decided)",
    "ambiguous": "could be of several people",
    "unmatched": "are of nobody in the project",
    "skipped": "were skipped",
}


def _fits_in_words(report: FitImportReport) -> str:
    verb = "Would import" if report.dry_run else "Imported"
    summary = f"{verb} {report.fits['new']} fits as '{report.method}'"
    parts = [f"{report.fits[outcome]} {words}" for outcome, words in _OUTCOME_WORDS.items() if report.fits[outcome]]
    summary += "".join(f"; {part}" for part in parts) + "."
    if report.new_people:
        summary += f" {report.new_people} people in {report.new_images} images came with them."
    if report.solved_cameras:
        summary += f" {report.solved_cameras} have no camera of their own; it was solved by least squares."
    return "\n".join([summary, *_listed(report.listed)])


def _listed(items: Sequence[object]) -> list[str]:
    lines = [f"  {item}" for item in items[:_LISTED]]
    if len(items) > _LISTED:
        lines.append(f"  … and {len(items) - _LISTED} more (--json lists all)")
    return lines
