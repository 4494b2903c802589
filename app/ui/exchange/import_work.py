"""People and fits into a new or an open project: what was asked for, and how it is done beside the window."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.services.batch import RunnerFactory
from app.services.errors import ServiceError
from app.services.fit_import.report import FitImportReport
from app.services.importing import OnConflict, import_dataset
from app.services.importing_fits import import_fits
from app.services.project import DATABASE_NAME, Project, holds_project
from app.ui.exchange.long_work import Meter
from db.formats.base import ImportReport
from db.formats.errors import FormatError


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What is to be imported, and how.

    Attributes:
        source: File or folder.
        format_name: Name in ``db.formats``.
        images: Folder of the pictures; may be None for fits.
        folder: Project folder; a new project is made where there is none.
        on_conflict: Whose keypoints win.
        method: Label of fits; None imports people.
        replace_decided: Fits of people who have been decided on as well.
        dry_run: Count only.
    """

    source: Path
    format_name: str
    images: Path | None
    folder: Path
    on_conflict: OnConflict = "keep"
    method: str | None = None
    replace_decided: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of a wish.

    Attributes:
        wish: What was asked for.
        folder: The project.
        people: Report of people, or None.
        fits: Report of fits, or None.
    """

    wish: ImportWish
    folder: Path
    people: ImportReport | None = None
    fits: FitImportReport | None = None

    @property
    def changed(self) -> bool:
        """Whether the project is another than before."""
        if self.wish.dry_run:
            return False
        if self.people is not None:
            return bool(self.people.people.new or self.people.images.new or self.people.updated)
        return self.fits is not None and bool(self.fits.fits["new"])


def run_import(wish: ImportWish, make_runner: RunnerFactory, meter: Meter) -> ImportResult:
    """Import, or only count; of a new project that would stay empty nothing is left.

    Raises:
        ServiceError: Nothing can be imported.
    """
    with _opened(wish) as (project, is_new):
        if wish.method is None:
            return _import_people(project, wish, meter, is_new=is_new)
        report = import_fits(
            project, wish.format_name, wish.source, wish.images, method=wish.method, make_runner=make_runner,
            dry_run=wish.dry_run, replace_decided=wish.replace_decided,
            on_progress=lambda fits: meter.show("Reading fits", fits, 0),
        )  # fmt: skip
        if is_new and not wish.dry_run and not report.fits["new"]:
            raise ServiceError(f"{wish.source.name} has no fits that can be imported; nothing was imported.")
        return ImportResult(wish, project.folder, fits=report)


def _import_people(project: Project, wish: ImportWish, meter: Meter, *, is_new: bool) -> ImportResult:
    assert wish.images is not None
    report = import_dataset(
        project, wish.format_name, wish.source, wish.images, dry_run=wish.dry_run, on_conflict=wish.on_conflict,
        on_progress=lambda people, share: meter.show_share("People", people, share or None),
        should_stop=lambda: meter.stopping,
    )  # fmt: skip
    if is_new and not wish.dry_run and not (report.people.new or report.images.new):
        if report.cancelled:
            raise ServiceError("The import was cancelled; nothing was stored.")
        raise ServiceError(
            f"{wish.source.name} has no people whose pictures are in {wish.images}; nothing was imported."
        )
    return ImportResult(wish, project.folder, people=report)


@contextmanager
def _opened(wish: ImportWish) -> Iterator[tuple[Project, bool]]:
    """The project, and whether it is new. A dry run into a new project has one that nobody sees."""
    if holds_project(wish.folder):
        with Project.open(wish.folder, with_files=False) as project:
            yield project, False
    elif wish.dry_run:
        with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / wish.folder.name) as project:
            yield project, True
    else:
        was_there = wish.folder.is_dir()
        project = Project.create(wish.folder)
        try:
            yield project, True
        except (ServiceError, FormatError):
            project.close()
            _remove(project.folder, was_there=was_there)
            raise
        finally:
            project.close()


def _remove(folder: Path, *, was_there: bool) -> None:
    """Take a project that holds nothing away again."""
    for leftover in folder.glob(f"{DATABASE_NAME}*"):
        leftover.unlink()
    if not was_there:
        shutil.rmtree(folder, ignore_errors=True)
