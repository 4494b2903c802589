"""Anybody's fits into a project, under a label of their own (docs/adr/0007).

A fit is stored as the person's newest, on the keypoints that are current, with figures measured here like those of
every other method, whatever its file says. Importing the same file again adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from app.services.fit_import.figures import PlanMeasurer
from app.services.fit_import.plan import NewcomersFit, Plan, build_plan
from app.services.fit_import.report import FitImportReport, FitImportTally
from app.services.fit_import.writing import PlanWriter
from app.services.fitting import METHOD_TITLES
from app.services.places import resolve_place
from app.services.project import Project
from db.formats import get_fit_reader, sniff_fits
from db.formats.base import ImportProblem
from db.formats.errors import FormatError
from db.formats.fits import FitRecord, FitSample
from db.transactions import Change
from fitting.runners import ProcessRunner

_LABEL: Final = re.compile(r"(?=.{1,40}$)[a-z0-9]([a-z0-9 _.-]*[a-z0-9_.-])?")
_PROGRESS_EVERY = 200


def import_fits(
    project: Project,
    format_name: str,
    source: Path,
    images: Path | None = None,
    *,
    method: str,
    make_runner: RunnerFactory = ProcessRunner,
    dry_run: bool = False,
    replace_decided: bool = False,
    on_progress: Callable[[int], None] = lambda fits: None,
) -> FitImportReport:
    """Import fits in one transaction: everything or, on an error or Ctrl-C, nothing.

    Files are read, matched and measured first, without holding anybody up; the transaction only writes. Memory grows
    with the fits of the file (about 10 KB each).

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        source: File or folder of fits.
        images: Folder of pictures; a fit of nobody known whose picture lies there brings its person along.
        method: Label to store the fits under.
        make_runner: Measures the fits.
        dry_run: Count only; nothing is measured.
        replace_decided: Store fits of people whose fit was decided on as well; they then wait for a new decision.
        on_progress: Called with the number of fits read so far.

    Raises:
        FormatError: There is no such format, or the file cannot be read at all.
        ServiceError: The label is none or is one of our methods, or the folder of images is missing.
    """
    check_label(method)
    folder = None if images is None else _resolve_folder(images)
    samples, problems = _read(_open_fits(format_name, source), on_progress)
    measurer = PlanMeasurer(project, make_runner)
    while True:
        tally = FitImportTally(str(source), method, dry_run)
        tally.add_problems(problems)
        with project.store.read() as reader:
            plan = build_plan(reader, samples, tally, folder, replace_decided=replace_decided)
        _count_images(plan, tally)
        if dry_run or not plan.fits:
            return tally.build_report()
        measured = measurer.measure(plan.fits)
        label = f"Import fits of {source.name}"
        with project.store.change(label, annotator_id=project.annotator_id, undoable=False) as change:
            if not _has_newcomers_since(change, plan):
                PlanWriter(change, plan, tally, source.name, format_name, folder).write(measured)
                return tally.build_report()
        # Somebody imported meanwhile, perhaps the same people: compare again with what is stored now.


def _open_fits(format_name: str, source: Path) -> Iterator[FitRecord]:
    """Begin to read; of a file in another format say in which.

    Raises:
        FormatError: There is no such format, or the file cannot be read at all.
    """
    read = get_fit_reader(format_name)
    try:
        return read(source)
    except FormatError as error:
        try:
            found = sniff_fits(source)
        except FormatError:
            raise error from None  # nothing is known of it that the reader has not said
        if found == format_name:
            raise
        raise FormatError(f"{error}; it looks like {found}, import it as that") from error


def check_label(label: str) -> None:
    """Raise ServiceError unless ``label`` can name fits from elsewhere."""
    if label in METHOD_TITLES:
        raise ServiceError(
            f"'{label}' is a method of this program; give imported fits a label such as '{label}-paper'."
        )
    if not _LABEL.fullmatch(label):
        raise ServiceError(
            f"'{label}' is no label for fits; use 1 to 40 small letters, digits, spaces, dots, dashes and underscores,"
            " a letter or digit first and no space last."
        )


def _resolve_folder(images: Path) -> Path:
    folder = resolve_place(images)
    if not folder.is_dir():
        raise ServiceError(f"The folder of images {folder} does not exist; name the folder the pictures lie in.")
    return folder


def _read(
    records: Iterator[FitSample | ImportProblem], on_progress: Callable[[int], None]
) -> tuple[list[FitSample], list[ImportProblem]]:
    samples: list[FitSample] = []
    problems: list[ImportProblem] = []
    for record in records:
        if isinstance(record, ImportProblem):
            problems.append(record)
            continue
        samples.append(record)
        if len(samples) % _PROGRESS_EVERY == 0:
            on_progress(len(samples))
    on_progress(len(samples))
    return samples, problems


def _count_images(plan: Plan, tally: FitImportTally) -> None:
    paths = {planned.newcomer.image_path for planned in plan.fits if isinstance(planned, NewcomersFit)}
    tally.new_images = len(paths - plan.known_images.keys())


def _has_newcomers_since(change: Change, plan: Plan) -> bool:
    """Whether images or people were added after the plan was made; edits of single people are told from their heads."""
    return any({"images", "people"} & record.rows.keys() for record in change.changes.iter_since(plan.made_at))
