"""``evaluate --project``: the fits of a project against the truth that came with its datasets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.cli.output import growing_progress_bar, report_result
from app.services.places import resolve_place
from app.services.project import Project
from app.services.selecting import Selection
from app.services.truth_evaluation import TruthReport, evaluate_on_truth

_TITLES = {"mpjpe_mm": "MPJPE", "pa_mm": "PA-MPJPE", "mpjpe_17_mm": "MPJPE of 17", "pa_17_mm": "PA-MPJPE of 17"}


def evaluate_project(
    out: Path, project: Path, selection: Selection, male: Path | None, female: Path | None, seed: int, as_json: bool
) -> int:
    """Measure stored fits and report."""
    with Project.open(project) as opened, growing_progress_bar("Evaluating") as advance:
        report = evaluate_on_truth(
            opened,
            out,
            selection,
            male=None if male is None else resolve_place(male),
            female=None if female is None else resolve_place(female),
            seed=seed,
            on_done=advance,
        )
    told = {"csv": str(report.csv), "json": str(report.json), **report.content}
    report_result(told, as_json, _in_words(report))
    return 0 if report.content["measured"] else 1


def _in_words(report: TruthReport) -> str:
    content = report.content
    lines = [f"{content['measured']} of {content['people_with_truth']} people with 3D truth were measured."]
    for dataset, protocols in content["datasets"].items():
        for protocol, told in protocols.items():
            lines.append(f"{dataset}: {told['people']} people, {content['protocols'][protocol]}")
            lines += [f"  {title:<15} {_figure(told[key])}" for key, title in _TITLES.items() if key in told]
    lines += [f"left out: {count}, {reason}" for reason, count in content["left_out"].items()]
    lines += [
        f"note: of {count}, {note}" for note, count in content["notes"].items() if note not in content["left_out"]
    ]
    if any("body, which is not at hand" in note for note in content["notes"]):
        lines.append("Name SMPL's bodies of men and women with --male FILE and --female FILE.")
    lines.append(f"Each person: {report.csv}")
    return "\n".join(lines)


def _figure(mean: Mapping[str, Any]) -> str:
    if mean["low"] is None:
        return f"{mean['value']:.1f} mm"
    return f"{mean['value']:.1f} mm ({mean['low']:.1f} to {mean['high']:.1f})"
