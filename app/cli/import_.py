"""``import``: people with keypoints, or anybody's fits, into a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, progress_bar, progress_bar_of_file, report_result
from app.services.errors import ServiceError
from app.services.fit_import.report import FitImportReport, FitOutcome
from app.services.importing import AUTO, import_dataset
from app.services.importing_fits import import_fits
from app.services.project import Project
from db.formats import FORMATS, Format, get_format, sniff_fits, sniff_people
from db.formats.base import ImportReport
from db.formats.errors import FormatError

_LISTED = 20


class OnConflict(StrEnum):
    """Whose keypoints win where file and project differ."""

    keep = "keep"
    update = "update"


def _names(formats: Sequence[Format]) -> str:
    return ", ".join(row.name for row in formats)


_FORMATS_HELP = (
    f"Format of the file, or '{AUTO}' to find it by what is in it. People with keypoints: "
    f"{_names([row for row in FORMATS.values() if row.imports])}. "
    f"Fits (with --method): {_names([row for row in FORMATS.values() if row.imports_fits])}."
)


def import_(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=_FORMATS_HELP)],
    source: Annotated[Path, typer.Argument(help="Annotation file or folder, or file or folder of fits.")],
    project: Annotated[Path, typer.Option(help="Project folder.")],
    images: Annotated[
        Path | None,
        typer.Option(
            help="Folder the pictures lie in; they are never copied or changed. Needed for people, by default SOURCE "
            "where that is a folder; with it, fits bring people along whom the project does not know."
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(metavar="NAME", help="Label to store imported fits under; needed for fits.")
    ] = None,
    on_conflict: Annotated[
        OnConflict,
        typer.Option(
            help="People whose keypoints in the file the project has never had: keep leaves them alone, update stores "
            "the file's as their newest."
        ),
    ] = OnConflict.keep,
    replace_decided: Annotated[
        bool, typer.Option("--replace-decided", help="Store fits of people who have been decided on as well.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be imported.")] = False,
    as_json: AsJson = False,
) -> int:
    """Import people and their keypoints, or fits. Importing again adds what is new and never overwrites unasked."""
    row = get_format(_find_format(source, with_fits=method is not None) if format_name == AUTO else format_name)
    if method is None and row.imports_fits and not row.imports:
        raise ServiceError("Imported fits need a label to be told apart by; name one with --method.")
    if method is not None and not row.imports_fits:
        raise ServiceError(f"The format {row.name} holds people and no fits; leave --method out.")
    with Project.open(project) as opened:
        if method is not None:
            with progress_bar("Importing fits", None) as advance:
                fits = import_fits(
                    opened, row.name, source, images, method=method, dry_run=dry_run,
                    replace_decided=replace_decided, on_progress=advance,
                )  # fmt: skip
            report_result(fits.as_dict(), as_json, _fits_in_words(fits))
            return 1 if fits.has_failures else 0
        if images is None and not source.is_dir():
            raise ServiceError("Importing people needs the folder their pictures lie in; name it with --images.")
        with progress_bar_of_file("Importing people") as show:
            people = import_dataset(
                opened, row.name, source, images or source, dry_run=dry_run, on_conflict=on_conflict.value,
                on_progress=show,
            )  # fmt: skip
        report_result(people.as_dict(), as_json, _people_in_words(people))
    if people.cancelled:
        return 130
    return 1 if people.people.skipped or people.images.skipped else 0


def _find_format(source: Path, *, with_fits: bool) -> str:
    if with_fits:
        return sniff_fits(source)
    try:
        return sniff_people(source)
    except FormatError as error:
        try:
            return sniff_fits(source)
        except FormatError:
            raise error from None  # it holds neither, and people are what is mostly meant


def _people_in_words(report: ImportReport) -> str:
    verb = "Would import" if report.dry_run else "Imported"
    people, images = report.people, report.images
    summary = f"{verb} {people.new} people in {images.new} new images ({report.format})"
    parts = (
        (people.same, "people were there already"),
        (people.conflicting, f"differ from what is stored and were {_conflicts_went(report)}"),
        (people.skipped, "people were skipped"),
        (images.same, "images were there already"),
        (images.skipped, "images were skipped"),
    )
    summary += "".join(f"; {count} {words}" for count, words in parts if count) + "."
    if report.labelled_joints:
        summary += f" The file's people have {report.labelled_joints} labelled joints."
    elif images.new and not people.skipped:
        summary += " Nobody is in them yet; draw people in the window."
    lines = [summary]
    lines += [f"  skipped {reason}: {count}" for reason, count in report.skip_reasons.items()]
    lines += _listed([f"differs: {item}" for item in report.conflicts], people.conflicting)
    lines += _listed(report.problems, report.problem_count)
    if report.cancelled:
        lines.append("Cancelled; what was imported so far is stored, and importing again goes on from there.")
    return "\n".join(lines)


def _conflicts_went(report: ImportReport) -> str:
    return "updated from the file" if report.updated else "left alone (--on-conflict update takes the file's)"


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
    return "\n".join([summary, *_listed(report.listed, len(report.listed))])


def _listed(items: Sequence[object], count: int) -> list[str]:
    lines = [f"  {item}" for item in items[:_LISTED]]
    if count > _LISTED:
        lines.append(f"  … and {count - _LISTED} more (--json lists them)")
    return lines
