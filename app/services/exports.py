"""Every export of a project, by the name of its format: what commands and windows call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.services.batch import RunnerFactory
from app.services.export_parts import STATES, DecisionFilter, ExportReport
from app.services.exporting import FOCAL_PX, export_fits, survey_fits
from app.services.exporting_decisions import count_decisions, export_decisions
from app.services.exporting_people import count_people, export_people
from app.services.exporting_sheets import export_sheet
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection
from app.services.sheets import choose_fits
from db.formats import get_export_format
from db.formats.parts.sheet_page import Paper
from fitting.runners import ProcessRunner


@dataclass(frozen=True, slots=True)
class ExportCount:
    """What an export would write.

    Attributes:
        items: Fits, decisions or people.
        left_out: What would not be in it, by the reason.
        beyond_published_filter: Fits that the published export would refuse.
    """

    items: int
    left_out: dict[str, int]
    beyond_published_filter: int = 0


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
    """Write what a format is for: fits, decisions, or pages to look at.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        out: File or folder to write; the manifest goes beside it.
        selection: Which fits, and whose.
        decision: By the decision; None takes accepted fits, and on sheets and in tables of decisions all.
        make_runner: Poses or draws bodies, for formats that need it.
        focal_px: Focal length for formats with a perspective camera, pixels of the picture.
        paper: Size of the pages of a sheet.
        with_fits: Decisions and fits go along with people, under a key of their own.
        on_done: Called with the number of items on their way and of those there are (0: nobody has counted); what it
            raises ends the export.

    Raises:
        ServiceError: See :func:`~app.services.exporting.export_fits`,
            :func:`~app.services.exporting_decisions.export_decisions` and
            :func:`~app.services.exporting_sheets.export_sheet`.
        FormatError: There is no such format, or the place will not do; what was there stays whole.
    """
    row = get_export_format(format_name)
    if row.exports_decisions:
        return export_decisions(project, row.name, out, selection, decision=decision or "any", on_done=on_done)
    if row.exports_people:
        return export_people(
            project, row.name, out, selection, decision=decision or "any", with_fits=with_fits, on_done=on_done
        )
    if row.exports_sheet:
        return export_sheet(
            project, out, selection,
            decision=decision or "any", make_runner=make_runner, paper=paper, on_done=on_done,
        )  # fmt: skip
    return export_fits(
        project, row.name, out, selection,
        decision=decision or "accepted", make_runner=make_runner, focal_px=focal_px, on_done=on_done,
    )  # fmt: skip


def count_export(
    project: Project, format_name: str, selection: Selection = EVERYTHING, *, decision: DecisionFilter | None = None
) -> ExportCount:
    """What :func:`export_project` would write, asked the same.

    Raises:
        ServiceError: It would be refused: fits of different bodies, a method that no fit has.
        FormatError: There is no such format.
    """
    row = get_export_format(format_name)
    with project.store.read() as reader:
        if row.exports_decisions:
            return ExportCount(*count_decisions(reader, selection, decision or "any"))
        if row.exports_people:
            return ExportCount(*count_people(reader, selection, decision or "any"))
        if row.exports_sheet:
            return ExportCount(len(choose_fits(project, selection, STATES[decision or "any"])), {})
        survey = survey_fits(reader, selection, decision or "accepted")
    return ExportCount(survey.count, survey.left_out, survey.count - survey.passing["export"])
