"""Pictures of fits for looking at without the window: one strip a person, and contact sheets."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator
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
from db.records import FitId, PersonId, PersonState
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
        drawn = iter_strips(project, jobs, choose_fits(project, selection), side=side)
        for done, (view, strip) in enumerate(_leave_out_failed(drawn, report), 1):
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


def choose_fits(
    project: Project, selection: Selection, states: Collection[PersonState] | None = None
) -> list[tuple[PersonId, FitId]]:
    """The selected fits, in order of import; see :func:`~app.services.selecting.iter_chosen`."""
    with project.store.read() as reader:
        return [(row.fit.person_id, row.fit.id) for row in iter_chosen(reader, selection, states)]


def iter_strips(
    project: Project,
    jobs: BlockingJobs,
    chosen: Iterable[tuple[PersonId, FitId]],
    *,
    side: bool,
    tile_px: int = TILE_PX,
) -> Iterator[tuple[PersonView | PersonId, ByteImage | str]]:
    """Draw fits one after another.

    Args:
        project: Open project.
        jobs: What draws.
        chosen: The fits.
        side: Whether to draw the body from the side as well.
        tile_px: Side of each picture.

    Yields:
        The person as the fit is shown and the pictures in a row; where nothing could be drawn, why, with the person's
        id alone if nothing could be read of them either.
    """
    for person_id, fit_id in chosen:
        shown: PersonView | PersonId = person_id
        try:
            view = shown = _load_view(project, person_id, fit_id)
            picture = load_image(view.image_file, honour_exif=view.image.exif_honoured)
            layers = list(jobs.run_all(_jobs_of(project, view, side, tile_px), RenderResult))
        except (ServiceError, NotFoundError) as error:
            yield shown, str(error)
            continue
        window = layers[0].window
        assert window is not None
        side_layer = layers[1].rgba if side else None
        strip = build_strip(picture, window, view.revision.keypoints, view.skeleton, layers[0].rgba, side_layer)
        yield view, strip


def _leave_out_failed(
    drawn: Iterable[tuple[PersonView | PersonId, ByteImage | str]], report: SheetReport
) -> Iterator[tuple[PersonView, ByteImage]]:
    for who, strip in drawn:
        if isinstance(strip, str):
            report.failed.append((who.person.id if isinstance(who, PersonView) else who, strip))
        elif isinstance(who, PersonView):
            yield who, strip


def _load_view(project: Project, person_id: PersonId, fit_id: FitId) -> PersonView:
    """The person with this fit, which need not be the current one."""
    view = load_person_view(project, person_id)
    fit = next((fit for fit in view.fits if fit.id == fit_id), None)
    if fit is None:
        raise ServiceError("The fit was taken back meanwhile; draw it again after a new one.")
    return dataclasses.replace(view, fit=fit)


def _jobs_of(project: Project, view: PersonView, side: bool, tile_px: int) -> Iterator[Job]:
    assert view.fit is not None
    fit, box = body_fit_of(view.fit)
    left, top = (float(value) - box.side_px / 2 for value in box.center_px)
    yield build_window_job(project, fit, box, Window(left, top, box.side_px, box.side_px), tile_px)
    if side:
        yield build_view_job(project, fit, box, "side", (tile_px, tile_px))


def _caption(view: PersonView) -> str:
    assert view.fit is not None
    stale = " · stale" if view.fit.revision_id != view.revision.id else ""
    figures = f"{view.fit.method} · L2d {view.fit.l2d:.1e}{stale}"
    return f"{view.person.id}: {view.image.path} #{view.place} · {figures}"


def _write_sheet(out: Path, waiting: list[tuple[ByteImage, str]], report: SheetReport) -> None:
    path = out / f"sheet_{len(report.sheets) + 1:03d}.png"
    write_picture(path, build_contact_sheet(waiting, columns=2))
    report.sheets.append(path)
    waiting.clear()
