"""``fit``: fit bodies to people."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.cli.fit_options import (
    AnkleWeight,
    HipWeight,
    Iterations,
    KeepOption,
    Layers,
    LearningRate,
    Mode,
    ModeOption,
    Paper,
    Prior,
    ReleasedFaults,
    SmplifyIterations,
    StopL2d,
    build_recipe,
)
from app.cli.output import AsJson, progress_bar, report_result
from app.cli.selection import Filters, MaxBeta, MaxL2d, MaxRms, Where, build_selection
from app.services.batch import BatchReport, fit_people
from app.services.project import Project
from app.services.whom_to_fit import PeopleToFit, choose_people
from fitting.runners import ProcessRunner


class Method(StrEnum):
    """Methods that fit."""

    eft = "eft"
    smplify = "smplify"
    regressor = "regressor"


class Select(StrEnum):
    """Whom to fit."""

    all = "all"
    unfitted = "unfitted"
    stale = "stale"
    failing = "failing"


def fit(
    project: Annotated[Path, typer.Option(help="Project folder.")],
    method: Annotated[Method, typer.Option(help="How to fit.")] = Method.eft,
    select: Annotated[
        Select,
        typer.Option(
            help="Whom to fit: unfitted people have no fit by this method, stale ones one to earlier keypoints, "
            "failing ones a current fit that the filters or limits below refuse."
        ),
    ] = Select.unfitted,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    learning_rate: LearningRate = None,
    iterations: Iterations = None,
    stop_l2d: StopL2d = None,
    mode: ModeOption = Mode.exact,
    layers: Layers = None,
    keep: KeepOption = None,
    hips: HipWeight = None,
    ankles: AnkleWeight = None,
    paper: Paper = False,
    prior: Prior = None,
    released_faults: ReleasedFaults = False,
    smplify_iterations: SmplifyIterations = None,
    filters: Filters = None,
    max_rms_px: MaxRms = None,
    max_l2d: MaxL2d = None,
    max_beta: MaxBeta = None,
    where: Where = None,
    replace_decided: Annotated[
        bool, typer.Option("--replace-decided", help="Fit people who have been decided on as well; all does anyway.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Fit bodies to people; each fit is stored as soon as it is there."""
    recipe = build_recipe(
        method.value,
        learning_rate,
        iterations,
        stop_l2d,
        mode,
        layers,
        keep,
        hips,
        ankles,
        paper,
        prior,
        released_faults,
        smplify_iterations,
    )
    selection = build_selection(None, filters, max_rms_px, max_l2d, max_beta, where)
    with Project.open(project) as opened:
        chosen = choose_people(opened, select.value, method.value, selection, replace_decided=replace_decided)
        with progress_bar("Fitting people", len(chosen.people)) as advance:
            runner = partial(ProcessRunner, workers=workers)
            report = fit_people(opened, chosen.people, runner, on_done=advance, ahead=2 * workers, recipe=recipe)
    result = {
        "method": method.value,
        "fitted": len(report.fitted),
        "unfittable": list(chosen.unfittable),
        "decided": list(chosen.decided),
        "failed": [{"person": failure.person_id, "reason": failure.reason} for failure in report.failed],
        "cancelled": report.cancelled,
    }
    report_result(result, as_json, _in_words(report, chosen))
    if report.cancelled:
        return 130
    return 1 if report.failed else 0


def _in_words(report: BatchReport, chosen: PeopleToFit) -> str:
    lines = [f"Fitted {len(report.fitted)} people."]
    if chosen.unfittable:
        lines.append(f"{len(chosen.unfittable)} people have fewer than 6 labelled keypoints and were left as they are.")
    if chosen.decided:
        lines.append(
            f"{len(chosen.decided)} people have been decided on and were left as they are; --replace-decided fits them."
        )
    lines += [f"  person {failure.person_id}: {failure.reason}" for failure in report.failed]
    if report.cancelled:
        lines.append("Cancelled; the fits made so far are stored.")
    return "\n".join(lines)
