"""``status``: where a project stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import AsJson, report_result
from app.services.project import Project
from app.services.status import build_status


def status(
    project: Annotated[Path, typer.Option(help="Project folder.")],
    as_json: AsJson = False,
) -> None:
    """Tell how many people are in which state, and how good their fits are."""
    with Project.open(project) as opened:
        result = build_status(opened)
    report_result(result, as_json, _in_words(result))


def _in_words(result: dict[str, Any]) -> str:
    lines = [f"{result['project']}: {result['people']} people in {result['images']} images"]
    lines += [f"  {people:7d} {state.replace('_', ' ')}" for state, people in result["states"].items() if people]
    if summary := result["summary"]:
        lines.append(
            f"{result['fits']} fits: median L2d {summary['median_l2d_initial']:.1e} by the regressor, "
            f"{summary['median_l2d']:.1e} after the fit; {summary['below_export_limit']} below the export limit 5e-4"
        )
    return "\n".join(lines)
