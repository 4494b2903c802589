"""``fit``: fit bodies to people."""

from __future__ import annotations

import math
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import AsJson, progress_bar, report_result
from app.services.batch import BatchReport, fit_people
from app.services.fitting import select_people
from app.services.project import Project
from fitting.runners import ProcessRunner
from fitting.spec import EftOptions


class Method(StrEnum):
    """Methods that fit."""

    eft = "eft"
    regressor = "regressor"


class Select(StrEnum):
    """Whom to fit."""

    all = "all"
    unfitted = "unfitted"
    stale = "stale"


def _check_rate(rate: float | None) -> float | None:
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise typer.BadParameter(f"{rate:g} is no positive number")
    return rate


def fit(
    project: Annotated[Path, typer.Option(help="Project folder.")],
    method: Annotated[Method, typer.Option(help="How to fit.")] = Method.eft,
    select: Annotated[Select, typer.Option(help="Whom to fit.")] = Select.unfitted,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    learning_rate: Annotated[
        float | None, typer.Option(callback=_check_rate, help="Instead of the one on the regressor's card.")
    ] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Instead of the card's limit.")] = None,
    as_json: AsJson = False,
) -> int:
    """Fit bodies to people; each fit is stored as soon as it is there."""
    options = EftOptions(learning_rate=learning_rate, max_iterations=iterations)
    with Project.open(project) as opened:
        people, unfittable = select_people(opened, select.value)
        with progress_bar("Fitting people", len(people)) as advance:
            report = fit_people(
                opened, people, partial(ProcessRunner, workers=workers), method.value, options, advance, 2 * workers
            )
    result = {
        "method": method.value,
        "fitted": len(report.fitted),
        "unfittable": list(unfittable),
        "failed": [{"person": failure.person_id, "reason": failure.reason} for failure in report.failed],
        "cancelled": report.cancelled,
    }
    report_result(result, as_json, _in_words(report, len(unfittable)))
    if report.cancelled:
        return 130
    return 1 if report.failed else 0


def _in_words(report: BatchReport, unfittable: int) -> str:
    lines = [f"Fitted {len(report.fitted)} people."]
    if unfittable:
        lines.append(f"{unfittable} people have fewer than 6 labelled keypoints and were left as they are.")
    lines += [f"  person {failure.person_id}: {failure.reason}" for failure in report.failed]
    if report.cancelled:
        lines.append("Cancelled; the fits made so far are stored.")
    return "\n".join(lines)
