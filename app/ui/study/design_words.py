"""What a design comes to, in the words of the form."""

from __future__ import annotations

from collections import Counter
from typing import Final

from app.services.study.candidates import NOT_SELECTED
from app.study.checks import chance_of_random_pass
from app.study.design import StudyDesign
from app.study.power import WANTED_POWER, PowerEstimate
from app.ui.study.power_panel import DesignSums

SECONDS_A_TRIAL: Final = 6
"""Of raters on the average, breaks included."""
_TOLD: Final = 4
"""Reasons told one by one; the others are added up."""


def build_sums(design: StudyDesign, estimate: PowerEstimate) -> DesignSums:
    """Numbers of a sound design for the panel."""
    pairs = len(design.pairs)
    items = estimate.people * pairs
    votes = items * design.raters_per_item
    trials = votes / design.raters * (1 + design.repeat_share) + design.practice + design.catches.count
    work = (
        ("Comparisons", f"{items:,}"),
        ("Votes", f"{votes:,}"),
        ("Trials of a rater", f"{trials:,.0f}"),
        ("Time of a rater", _describe_time(trials * SECONDS_A_TRIAL)),
    )
    level = f"{100 * design.confidence:g} %"
    half = "–" if estimate.half_width is None else f"± {100 * estimate.half_width:.1f} points"
    smallest = "–" if estimate.smallest_share is None else _percent(estimate.smallest_share, 1)
    return DesignSums(
        half_width=half,
        half_width_note=f"of the primary pair, {level}, at {_percent(estimate.share)}",
        detectable=smallest,
        detectable_note=f"as different from one half, with a chance of {_percent(WANTED_POWER)}",
        powers=tuple((_percent(share), _percent(power), power) for share, power in estimate.power),
        work=work,
        note=_describe_model(estimate),
    )


def describe_catches(design: StudyDesign) -> str:
    """How likely somebody passes who does not look."""
    count, needed = design.catches.count, design.catches.pass_at_least
    if not count:
        return "Nobody can be told from a rater who clicks at random."
    if not 1 <= needed <= count:
        return ""
    return f"A random clicker passes with a chance of {_percent(chance_of_random_pass(count, needed), 1)}."


def describe_candidates(count: int, left_out: Counter[str]) -> str:
    """How many can take part, and why others cannot."""
    words = "1 person can take part" if count == 1 else f"{count:,} people can take part"
    left_out = Counter({reason: number for reason, number in left_out.items() if reason != NOT_SELECTED})
    total = sum(left_out.values())
    if not total:
        return f"{words}, nobody is left out."
    told = [f"{number:,} {reason}" for reason, number in left_out.most_common(_TOLD)]
    rest = total - sum(number for _, number in left_out.most_common(_TOLD))
    if rest:
        told.append(f"{rest:,} for other reasons")
    verb = "is" if total == 1 else "are"
    return f"{words}, {total:,} {verb} left out: {', '.join(told)}."


def _describe_model(estimate: PowerEstimate) -> str:
    if estimate.note:
        return estimate.note
    return (
        f"{estimate.votes:,} votes on the primary pair tell as much as {estimate.effective_votes:,.0f} independent ones"
        f" (design effect {estimate.design_effect:.2f}), if people differ by {estimate.item_sd:g} and raters by"
        f" {estimate.rater_sd:g} logits. “main.py study simulate” checks this."
    )


def _describe_time(seconds: float) -> str:
    minutes = seconds / 60
    return f"about {max(minutes, 1):.0f} min" if minutes < 90 else f"about {minutes / 60:.1f} h"


def _percent(share: float, decimals: int = 0) -> str:
    text = f"{100 * share:.{decimals}f} %"
    return text if share < 0.995 or share == 1 else "over 99 %"
