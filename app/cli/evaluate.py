"""``evaluate``: how right the methods are, on people whose body is known and on photographs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.choosing import Camera
from app.cli.evaluate_truth import evaluate_project
from app.cli.fit_options import AnkleWeight, HipWeight, Iterations, LearningRate, Mode, ModeOption, Prior
from app.cli.output import AsJson, growing_progress_bar, report_result
from app.cli.selection import Method, Where
from app.services.errors import ServiceError
from app.services.evaluation import (
    EVALUATED_METHODS,
    TRUNCATION_LEVELS,
    EvaluationOutcome,
    EvaluationPlan,
    evaluate_methods,
    list_sources,
)
from app.services.places import resolve_place
from app.services.selecting import Selection
from fitting.runners import ProcessRunner
from fitting.spec import EftOptions, EvaluatedMethod, PhotographSource
from resources import default_body, default_regressor, held_out_people

_ALL_METHODS = ",".join(EVALUATED_METHODS)
_ALL_LEVELS = ",".join(str(level) for level in TRUNCATION_LEVELS)


def evaluate(
    out: Annotated[Path, typer.Argument(help="Folder of results and report; the same folder continues a run.")],
    synthetic: Annotated[
        Path | None, typer.Option(help="Held-out people, a folder of 'synth'; by default those that ship.")
    ] = None,
    no_synthetic: Annotated[bool, typer.Option("--no-synthetic", help="Leave the held-out people out.")] = False,
    coco: Annotated[Path | None, typer.Option(help="COCO keypoint file of photographs: 2D errors only.")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs of --coco.")] = None,
    methods: Annotated[str, typer.Option(metavar="NAMES", help="Methods, separated by commas.")] = _ALL_METHODS,
    levels: Annotated[
        str, typer.Option(metavar="LEVELS", help="Truncation, 0 the head to 7 the whole body; 'none' for none.")
    ] = _ALL_LEVELS,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only this many people of each set, for a quick look.")
    ] = None,
    body: Annotated[Path | None, typer.Option(help="Body file, by default the mannequin.")] = None,
    regressor: Annotated[Path | None, typer.Option(help="Weights file, by default the open regressor.")] = None,
    camera: Camera = None,
    prior: Prior = None,
    learning_rate: LearningRate = None,
    iterations: Iterations = None,
    mode: ModeOption = Mode.exact,
    hips: HipWeight = None,
    ankles: AnkleWeight = None,
    project: Annotated[
        Path | None,
        typer.Option(help="Measure the fits of this project against the 3D truth its datasets brought, nothing else."),
    ] = None,
    method: Method = None,
    where: Where = None,
    male: Annotated[Path | None, typer.Option(help="Body file of men, for the truth of --project.")] = None,
    female: Annotated[Path | None, typer.Option(help="Body file of women, likewise.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals' bootstrap.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    as_json: AsJson = False,
) -> int:
    """Measure methods: errors in 3D and 2D with intervals, as tables (Markdown, JSON) and plots.

    With --project, the stored fits of a project: MPJPE and PA-MPJPE of each person whose 3D truth is known.
    """
    if project is not None:
        _refuse_others(synthetic, coco, images, no_synthetic)
        return evaluate_project(out, project, Selection(method=method, where=where or ""), male, female, seed, as_json)
    if any(option is not None for option in (method, where, male, female)):
        raise ServiceError(
            "--method, --where, --male and --female belong to --project; name the project, or see --methods."
        )
    chosen = _parse_methods(methods)
    people = _find_synthetic(synthetic, no_synthetic)
    plan = EvaluationPlan(
        folder=out,
        sources=list_sources(people, _parse_levels(levels), _find_photographs(coco, images)),
        methods=chosen,
        body=resolve_place(body or default_body()),
        regressor=resolve_place(regressor or default_regressor()),
        options=EftOptions(
            learning_rate=learning_rate,
            max_iterations=iterations,
            mode=mode.value,
            hip_weight=hips,
            ankle_weight=ankles,
        ),
        prior=None if prior is None else resolve_place(prior),
        camera="eft" if camera is None else camera.value,
        limit=limit,
        seed=seed,
    )
    with growing_progress_bar("Evaluating") as advance:
        outcome = evaluate_methods(plan, partial(ProcessRunner, workers=workers), advance)
    report_result(_in_figures(outcome), as_json, _in_words(outcome))
    if outcome.report is None:
        return 130
    return 1 if outcome.failed else 0


def _refuse_others(synthetic: Path | None, coco: Path | None, images: Path | None, no_synthetic: bool) -> None:
    if no_synthetic or any(path is not None for path in (synthetic, coco, images)):
        raise ServiceError(
            "--project measures the fits of a project and nothing else; leave --synthetic, --coco and --images out."
        )


def _find_synthetic(named: Path | None, left_out: bool) -> Path | None:
    if left_out:
        if named is not None:
            raise ServiceError("--synthetic and --no-synthetic contradict each other; leave one out.")
        return None
    shipped = held_out_people()
    if named is None:
        return shipped if shipped.is_dir() else None
    return resolve_place(named)


def _find_photographs(coco: Path | None, images: Path | None) -> PhotographSource | None:
    if (coco is None) != (images is None):
        raise ServiceError("Photographs need both --coco FILE and --images FOLDER; name both.")
    if coco is None or images is None:
        return None
    if not images.is_dir():
        raise ServiceError(f"{images} is no folder; name the folder of the photographs.")
    return PhotographSource(resolve_place(coco), resolve_place(images))


def _parse_methods(words: str) -> tuple[EvaluatedMethod, ...]:
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    unknown = [word for word in wanted if word not in EVALUATED_METHODS]
    if unknown or not wanted:
        known = ", ".join(EVALUATED_METHODS)
        raise ServiceError(f"--methods knows {known}, not '{words if not wanted else unknown[0]}'.")
    return tuple(method for method in EVALUATED_METHODS if method in wanted)


def _parse_levels(words: str) -> tuple[int, ...]:
    if words.strip() in ("", "none"):
        return ()
    wanted = [word.strip() for word in words.split(",")]
    known = [str(level) for level in TRUNCATION_LEVELS]
    unknown = [word for word in wanted if word not in known]
    if unknown:
        raise ServiceError(f"--levels knows {', '.join(known)}, or none; not '{unknown[0]}'.")
    return tuple(level for level in TRUNCATION_LEVELS if str(level) in wanted)


def _in_figures(outcome: EvaluationOutcome) -> dict[str, Any]:
    told: dict[str, Any] = {
        "cancelled": outcome.report is None,
        "reused": outcome.reused,
        "failed": [
            {"set": name, "method": method, "person": person, "reason": reason}
            for name, method, person, reason in outcome.failed
        ],
    }
    if outcome.report is not None:
        told |= {
            "markdown": str(outcome.report.markdown),
            "json": str(outcome.report.json),
            "plots": [str(path) for path in outcome.report.plots],
            "report": outcome.report.report,
        }
    return told


def _in_words(outcome: EvaluationOutcome) -> str:
    if outcome.report is None:
        return "Cancelled; what was measured is kept, and the same command goes on from there."
    lines = []
    for name, told in outcome.report.report["sets"].items():
        lines.append(f"{name}: {told['people']} people")
        for method, figures in told["groups"]["all"]["methods"].items():
            lines.append(f"  {method:<13} {_figures_in_words(figures)}")
    lines += [f"  failed: {name}, {method}: {reason}" for name, method, _, reason in outcome.failed]
    lines.append(f"Tables and plots: {outcome.report.markdown}")
    return "\n".join(lines)


def _figures_in_words(figures: Mapping[str, Any]) -> str:
    shown = (
        ("PA-MPJPE", "pa_mm", "{:.1f} mm"),
        ("MPJPE", "mpjpe_mm", "{:.1f} mm"),
        ("wrong-way limbs", "wrong_limbs", "{:.2f}"),
        ("PCK@0.1", "pck_10", "{:.3f}"),
        ("L2d", "l2d", "{:.1e}"),
    )
    return ", ".join(f"{title} {form.format(figures[key]['value'])}" for title, key, form in shown if key in figures)
