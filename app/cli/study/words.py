"""A design in words and figures, as ``study new``, ``show``, ``edit`` and ``copy`` print it."""

from __future__ import annotations

from typing import Any

import msgspec

from app.cli.output import report_result
from app.services.project import Project
from app.services.study.candidates import find_candidates
from app.services.study.designing import find_design_warnings
from app.services.study.overview import state_of
from app.services.study.records import design_of, plan_of
from app.study.design import StudyDesign
from app.study.files import hash_arrangement
from app.study.power import PowerEstimate, estimate_power
from db.records import StudyRecord


def report_study(project: Project, study: StudyRecord, as_json: bool) -> None:
    """Print a study: its design, how far it is, what it can be expected to find, and what is unwise about it."""
    design, state = design_of(study), state_of(study)
    figures: dict[str, Any] = {"name": study.name, "state": state, "design": msgspec.to_builtins(design)}
    lines = [f"{study.name}: {state}.", *_design_in_words(design)]
    if study.plan is None:
        candidates = find_candidates(project, design)
        people = min(len(candidates.people), len(design.people.listed) or design.people.count)
        warnings = find_design_warnings(design, candidates)
        figures |= {"candidates": len(candidates.people), "left_out": dict(candidates.left_out)}
        lines.append(candidates.in_words())
    else:
        plan = plan_of(study)
        people = len(plan.people)
        warnings = [*find_design_warnings(design), *plan.notes]
        lengths = sorted(len(seat) for seat in plan.seats)
        figures |= {
            "people": people,
            "trials_by_seat": [len(seat) for seat in plan.seats],
            "plan_hash": study.plan_hash,
            "arrangement_hash": hash_arrangement(plan),
        }
        span = str(lengths[0]) if lengths[0] == lengths[-1] else f"{lengths[0]} to {lengths[-1]}"
        lines.append(f"{people} people were drawn; a rater has {span} trials.")
    power = estimate_power(design, people=people) if people else None
    if power is not None:
        lines += power.in_words()
    figures |= {"power": _power_in_figures(power), "warnings": warnings}
    lines += [f"Note: {warning}" for warning in warnings]
    report_result(figures, as_json, "\n".join(lines))


def _design_in_words(design: StudyDesign) -> list[str]:
    people, catches, stimuli = design.people, design.catches, design.stimuli
    draw = {"dataset": "each dataset's share", "none": "from one pool"}[people.stratify]
    drawn = f"{len(people.listed)} listed people" if people.listed else f"{people.count} people, {draw}"
    answers = "left, right or cannot decide" if design.cannot_decide else "forced choice"
    return [
        f"  Methods: {' | '.join(design.methods)}; primary pair: {' against '.join(design.primary)}.",
        f'  Question: "{design.question}" ({answers}).',
        f"  People: {drawn}, seed {people.seed}" + (f", filter '{people.where}'." if people.where else "."),
        f"  Raters: {design.raters}, {design.raters_per_item} of them on each item.",
        f"  Each rater: {design.practice} practice and {catches.count} catch trials ({catches.pass_at_least} right to"
        f" pass), {design.repeat_share:.0%} repeats.",
        f"  Shown: {' | '.join(stimuli.views)} at {stimuli.size_px} px, camera {stimuli.camera}, colours"
        f" {stimuli.colours}.",
    ]


def _power_in_figures(power: PowerEstimate | None) -> dict[str, Any] | None:
    return None if power is None else msgspec.to_builtins(power)
