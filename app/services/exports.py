"""Every export of a project, by the name of its format: what commands and windows call."""

from __future__ import annotations

from pathlib import Path

from app.services.batch import RunnerFactory
from app.services.export_parts import DecisionFilter, ExportReport
from app.services.exporting import FOCAL_PX, export_fits
from app.services.exporting_decisions import export_decisions
from app.services.project import Project
from app.services.selecting import EVERYTHING, Selection
from db.formats import get_export_format
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
) -> ExportReport:
    """Write what a format is for: fits, or decisions.

    Args:
        project: Open project.
        format_name: Name in ``db.formats``.
        out: File or folder to write; the manifest goes beside it.
        selection: Which fits, and whose.
        decision: By the decision; None takes accepted fits, and decisions of every kind.
        make_runner: Poses bodies, for formats that need it.
        focal_px: Focal length for formats with a perspective camera, pixels of the picture.

    Raises:
        ServiceError: See :func:`~app.services.exporting.export_fits` and
            :func:`~app.services.exporting_decisions.export_decisions`.
        FormatError: There is no such format, or the place will not do; what was there stays whole.
    """
    row = get_export_format(format_name)
    if row.exports_decisions:
        return export_decisions(project, format_name, out, selection, decision=decision or "any")
    return export_fits(
        project, format_name, out, selection,
        decision=decision or "accepted", make_runner=make_runner, focal_px=focal_px,
    )  # fmt: skip
