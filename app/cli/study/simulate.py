"""``study simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from app.cli.output import AsJson, progress_bar, report_result
from app.services.errors import ServiceError
from app.services.project import Project
from app.services.study.designing import forget_people
from app.services.study.records import design_of, get_study, plan_of
from app.study.checks import find_faults
from app.study.design import CatchRule, StudyDesign
from app.study.plan import StudyPlan
from app.study.results import Estimate
from app.study.simulation import PlantedTruth, SimulationReport, find_truth_fault, make_design, simulate_studies


def simulate(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A study of the project; without one, of numbers.")
    ] = None,
    project: Annotated[Path | None, typer.Option("--project", help="Project folder of the named study.")] = None,
    people: Annotated[int | None, typer.Option(min=2, max=20_000, help="People; 200 by default.")] = None,
    raters: Annotated[int | None, typer.Option(min=1, max=1000, help="Raters; 20 by default.")] = None,
    raters_per_item: Annotated[int | None, typer.Option(min=1, max=99, help="Raters of each; 3 by default.")] = None,
    methods: Annotated[int, typer.Option(min=2, max=20, help="Methods, where no study is named.")] = 2,
    catches: Annotated[int | None, typer.Option(min=0, max=200, help="Catch trials of a rater; 10 by default.")] = None,
    pass_at_least: Annotated[
        int | None, typer.Option("--pass", "--pass-at-least", min=0, help="Right ones a rater's votes need.")
    ] = None,
    studies: Annotated[int, typer.Option(min=1, max=100_000, help="Studies to simulate.")] = 200,
    share: Annotated[float, typer.Option(help="Planted share of the primary pair's first method.")] = 0.6,
    item_sd: Annotated[float, typer.Option(help="Spread of preferences between people, logits.")] = 1.0,
    rater_sd: Annotated[float, typer.Option(help="Spread of preferences between raters, logits.")] = 0.5,
    side_bias: Annotated[float, typer.Option(help="Chance that equally good fits are answered 'left'.")] = 0.5,
    lapse: Annotated[float, typer.Option(help="Share of trials answered by tossing a coin.")] = 0.0,
    undecided: Annotated[float, typer.Option(help="Share answered 'cannot decide'.")] = 0.0,
    clickers: Annotated[int, typer.Option(min=0, help="Raters who toss a coin at every trial.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 1,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Simulate a study many times with a known truth: does its interval hold, and what would it find?

    Votes go through the plan, the catch rule and the analysis like those of people. A named study is simulated with its
    own plan once it is open; numbers given here replace its own, with a new plan.
    """
    design, plan = (
        (make_design(methods, cannot_decide=undecided > 0), None) if name is None else _read_study(name, project)
    )
    if name is None and project is not None:
        raise ServiceError("Name a study of the project, or leave out --project.")
    changed = _change(design, people, raters, raters_per_item, catches, pass_at_least)
    if changed != design:
        plan = None
    truth = PlantedTruth(
        share=share,
        item_sd=item_sd,
        rater_sd=rater_sd,
        side_bias=side_bias,
        lapse=lapse,
        undecided=undecided,
        clickers=clickers,
    )
    faults = [*find_faults(changed), *filter(None, [find_truth_fault(truth, changed)])]
    if faults:
        raise ServiceError(" ".join(faults))
    with progress_bar("Simulating studies", studies) as advance:
        report = simulate_studies(changed, truth, studies, seed=seed, processes=processes, plan=plan, on_done=advance)
    report_result(msgspec.to_builtins(report), as_json, "\n".join(_in_words(report)))


def _read_study(name: str, project: Path | None) -> tuple[StudyDesign, StudyPlan | None]:
    if project is None:
        raise ServiceError(f"Say with --project which project has the study '{name}'.")
    with Project.open(project, with_files=False) as opened:
        study = get_study(opened, name)
        return design_of(study), None if study.plan is None else plan_of(study)


def _change(
    design: StudyDesign,
    people: int | None,
    raters: int | None,
    raters_per_item: int | None,
    catches: int | None,
    pass_at_least: int | None,
) -> StudyDesign:
    rule = design.catches
    count = rule.count if catches is None else catches
    if pass_at_least is None:
        # As many wrong answers as before, so that fewer catch trials do not make the rule impossible.
        pass_at_least = max(count - (rule.count - rule.pass_at_least), 0)
    if people is not None:
        design = forget_people(design)
        design = msgspec.structs.replace(design, people=msgspec.structs.replace(design.people, count=people))
    return msgspec.structs.replace(
        design,
        raters=raters or design.raters,
        raters_per_item=raters_per_item or design.raters_per_item,
        catches=CatchRule(count=count, pass_at_least=pass_at_least),
    )


def _in_words(report: SimulationReport) -> list[str]:
    truth = report.truth
    lines = [
        f"{report.studies} studies of {report.people} people, {report.raters_per_item} of {report.raters} raters each;"
        f" planted share {report.planted:.3f}, item SD {truth.item_sd:g}, rater SD {truth.rater_sd:g} logits.",
        f"The interval holds the planted share in {_percent(report.coverage)}; Wilson's would in"
        f" {_percent(report.wilson_coverage)}.",
        f"One half is ruled out in {_percent(report.power)}.",
    ]
    if report.mean_share is not None and report.bias is not None:
        lines.append(f"The share found is {report.mean_share:.3f} on average, {report.bias:+.4f} off the planted one.")
    if report.mean_width is not None:
        lines.append(f"The interval is {report.mean_width:.3f} wide on average.")
    if report.without_interval:
        lines.append(f"{report.without_interval} studies have no interval, which counts as not holding.")
    if report.mean_side is not None:
        lines.append(
            f"'Left' at equal strengths is {report.mean_side:.3f} on average (planted {report.planted_side:.3f}), held"
            f" in {_percent(report.side_coverage)}, found in {_percent(report.side_found)}; it moves the preference by"
            f" more than its standard error in {_percent(report.moved)}."
        )
    if truth.clickers:
        lines.append(f"Random clickers pass the catch trials in {_percent(report.clickers_passed)}.")
    lines.append(f"Raters who do look are left out in {_percent(report.honest_excluded)}.")
    return lines


def _percent(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "no study"
    return f"{estimate.value:.1%} of cases (95 %: {estimate.low:.1%} to {estimate.high:.1%})"
