"""Every export of a project, by the name of its format: what commands and windows call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.services.batch import RunnerFactory
from app.services.export_parts import DecisionFilter, ExportReport
from app.services.exporting import FOCAL_PX, export_fits
from app.services.exporting_decisions import export_decisions
from app.services.exporting_people import export_people
from app.services.exporting_sheets import export_sheet
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection
from db.formats import get_export_format
from db.formats.sheet_page import Paper
from fitting.runners import ProcessRunner


def export_project(
    project: Project,
    format_name: str,
    out: Path,
    selection: Selection = EVERYTHING,
    *,
    decision: DecisionFilter | None = None,
    make_runner: RunnerFactory = ProcessRunner,
    focal_px: float = FOCAL_PX,
    paper: Paper = "a4",
    with_fits: bool = True,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> ExportReport:
    """Write what a format is for: people, fits, decisions, or pages to look at.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        out: File or folder to write; the manifest goes beside it.
        selection: Which fits, and whose.
        decision: By the decision; None takes accepted fits, and of people, on sheets and in tables of decisions all.
        make_runner: Poses or draws bodies, for formats that need it.
        focal_px: Focal length for formats with a perspective camera, pixels of the picture.
        paper: Size of the pages of a sheet.
        with_fits: Decisions and fits go along with people, under a key of their own.
        on_done: Called with the number of people drawn on sheets and of those there are.

    Raises:
        ServiceError: See :func:`~app.services.exporting.export_fits`,
            :func:`~app.services.exporting_decisions.export_decisions`,
            :func:`~app.services.exporting_people.export_people` and
            :func:`~app.services.exporting_sheets.export_sheet`.
        FormatError: There is no such format, or the place will not do; what was there stays whole.
    """
    row = get_export_format(format_name)
    if row.exports_decisions:
        return export_decisions(project, row.name, out, selection, decision=decision or "any")
    if row.exports_people:
        return export_people(project, row.name, out, selection, decision=decision or "any", with_fits=with_fits)
    if row.exports_sheet:
        return export_sheet(
            project, out, selection,
            decision=decision or "any", make_runner=make_runner, paper=paper, on_done=on_done,
        )  # fmt: skip
    return export_fits(
        project, row.name, out, selection,
        decision=decision or "accepted", make_runner=make_runner, focal_px=focal_px,
    )  # fmt: skip
