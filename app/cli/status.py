"""``status``: where a project stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import AsJson, report_result
from app.cli.selection import Filters, MaxBeta, MaxL2d, MaxRms, Method, Where, build_selection
from app.services.flags import title_of
from app.services.project import Project
from app.services.states import STATE_TITLES
from app.services.status import build_status


def status(
    project: Annotated[Path, typer.Option(help="Project folder.")],
    method: Method = None,
    filters: Filters = None,
    max_rms_px: MaxRms = None,
    max_l2d: MaxL2d = None,
    max_beta: MaxBeta = None,
    where: Where = None,
    as_json: AsJson = False,
) -> None:
    """Tell how many people are in which state, how good their fits are, and which filters they pass."""
    selection = build_selection(method, filters, max_rms_px, max_l2d, max_beta, where)
    with Project.open(project) as opened:
        result = build_status(opened, selection)
    report_result(result, as_json, _in_words(result))


def _in_words(result: dict[str, Any]) -> str:
    lines = [f"{result['project']}: {result['people']} people in {result['images']} images"]
    lines += [f"  {people:7d} {STATE_TITLES[state]}" for state, people in result["states"].items() if people]
    if by_method := result["people_by_method"]:
        lines.append("people with a fit by: " + ", ".join(f"{name} {people}" for name, people in by_method.items()))
    if by_flag := result["people_by_flag"]:
        counts = ", ".join(f"{title_of(name)} {people}" for name, people in by_flag.items())
        lines.append(f"people whose current fit is flagged: {counts}")
    if with_truth := result["people_with_truth"]:
        lines.append(f"people with 3D truth: {with_truth} (evaluate OUT --project {result['project']})")
    kind = "current" if "method" not in result["selection"] else "newest"
    for name, summary in result["summary"].get("methods", {}).items():
        rms = "" if summary["median_rms_px"] is None else f", RMS {summary['median_rms_px']:.1f} px"
        lines.append(
            f"{summary['fits']} {kind} fits by {name}: median L2d {summary['median_l2d_initial']:.1e} at the start, "
            f"{summary['median_l2d']:.1e} at the end{rms}"
        )
        passing = ", ".join(f"{filter_name} {count}" for filter_name, count in summary["passing"].items())
        lines.append(f"  pass the filters: {passing}")
    if refused := result["refused"]:
        lines.append("not selected: " + ", ".join(f"{count} by {reason}" for reason, count in refused.items()))
    return "\n".join(lines)
