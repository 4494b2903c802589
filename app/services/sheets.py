"""Pictures of fits for looking at without the window: one strip a person, and contact sheets."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.services.batch import RunnerFactory
from app.services.blocking import BlockingJobs
from app.services.errors import ServiceError
from app.services.images import load_image
from app.services.overlays import body_fit_of, build_view_job, build_window_job
from app.services.person_view import PersonView, load_person_view
from app.services.picture_files import write_picture
from app.services.pictures import build_contact_sheet, build_strip
from app.services.places import make_folder
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection, iter_chosen
from db.errors import NotFoundError
from db.records import FitId, PersonId
from fitting.spec import ByteImage, Job, RenderResult, Window

TILE_PX = 320
STRIPS_PER_SHEET = 24


@dataclass(slots=True)
class SheetReport:
    """Files written and people left out with the reason."""

    strips: list[Path] = field(default_factory=list)
    sheets: list[Path] = field(default_factory=list)
    failed: list[tuple[PersonId, str]] = field(default_factory=list)


def render_people(
    project: Project,
    out: Path,
    make_runner: RunnerFactory,
    *,
    side: bool = True,
    selection: Selection = EVERYTHING,
    on_done: Callable[[int], None] = lambda done: None,
) -> SheetReport:
    """Write one strip (keypoints, overlay, side view) for each selected fit, and sheets of them.

    The crop shown is the box of the fit. Memory grows with the strips of one sheet, not with people.

    Raises:
        ServiceError: The folder cannot be made.
        FormatError: A picture cannot be written; those written before are whole.
    """
    out = make_folder(out)
    report = SheetReport()
    waiting: list[tuple[ByteImage, str]] = []
    with BlockingJobs(make_runner) as jobs:
        for done, (view, strip) in enumerate(_iter_strips(project, jobs, side, selection, report), 1):
            path = out / f"person_{view.person.id:06d}.png"
            write_picture(path, strip)
            report.strips.append(path)
            waiting.append((strip, _caption(view)))
            if len(waiting) == STRIPS_PER_SHEET:
                _write_sheet(out, waiting, report)
            on_done(done)
    if waiting:
        _write_sheet(out, waiting, report)
    return report


def _iter_strips(
    project: Project, jobs: BlockingJobs, side: bool, selection: Selection, report: SheetReport
) -> Iterator[tuple[PersonView, ByteImage]]:
    with project.store.read() as reader:
        chosen = [(row.fit.person_id, row.fit.id) for row in iter_chosen(reader, selection)]
    for person_id, fit_id in chosen:
        try:
            view = _load_view(project, person_id, fit_id)
            picture = load_image(view.image_file, honour_exif=view.image.exif_honoured)
            layers = list(jobs.run_all(_jobs_of(project, view, side), RenderResult))
        except (ServiceError, NotFoundError) as error:
            report.failed.append((person_id, str(error)))
            continue
        window = layers[0].window
        assert window is not None
        side_layer = layers[1].rgba if side else None
        yield view, build_strip(picture, window, view.revision.keypoints, view.skeleton, layers[0].rgba, side_layer)


def _load_view(project: Project, person_id: PersonId, fit_id: FitId) -> PersonView:
    """The person with this fit, which need not be the current one."""
    view = load_person_view(project, person_id)
    fit = next((fit for fit in view.fits if fit.id == fit_id), None)
    if fit is None:
        raise ServiceError("The fit was taken back meanwhile; draw it again after a new one.")
    return dataclasses.replace(view, fit=fit)


def _jobs_of(project: Project, view: PersonView, side: bool) -> Iterator[Job]:
    assert view.fit is not None
    fit, box = body_fit_of(view.fit)
    left, top = (float(value) - box.side_px / 2 for value in box.center_px)
    yield build_window_job(project, fit, box, Window(left, top, box.side_px, box.side_px), TILE_PX)
    if side:
        yield build_view_job(project, fit, box, "side", (TILE_PX, TILE_PX))


def _caption(view: PersonView) -> str:
    assert view.fit is not None
    stale = " · stale" if view.fit.revision_id != view.revision.id else ""
    figures = f"{view.fit.method} · L2d {view.fit.l2d:.1e}{stale}"
    return f"{view.person.id}: {view.image.path} #{view.person.ordinal + 1} · {figures}"


def _write_sheet(out: Path, waiting: list[tuple[ByteImage, str]], report: SheetReport) -> None:
    path = out / f"sheet_{len(report.sheets) + 1:03d}.png"
    write_picture(path, build_contact_sheet(waiting, columns=2))
    report.sheets.append(path)
    waiting.clear()
