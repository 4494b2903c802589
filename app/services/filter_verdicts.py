"""What the published filters say of one fit, and which of their limits it exceeds, in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.services.filters import FILTERS, LIMB_JOINTS, Filter, FitFigures, build_figures
from db.records import FitRecord, KeypointRevision

JUDGED_BY: Final = ("export", "normal", "strict")
"""Filters by name, the loosest first."""


@dataclass(frozen=True, slots=True)
class FilterVerdict:
    """One filter's opinion of one fit.

    Attributes:
        name: Name of the filter.
        passed: Whether the fit is within every limit; None for a fit that is not judged.
        reason: One sentence: the limits it exceeds, or why it is not judged.
    """

    name: str
    passed: bool | None
    reason: str


def judge_fit(fit: FitRecord, revision: KeypointRevision) -> tuple[FilterVerdict, ...]:
    """The verdicts of the published filters on a fit.

    Args:
        fit: Any fit of a person.
        revision: The person's current keypoints; a fit to others is not judged, its numbers say nothing about these.
    """
    if fit.revision_id != revision.id:
        reason = "Not judged: the keypoints have changed since this fit."
        return tuple(FilterVerdict(name, None, reason) for name in JUDGED_BY)
    figures = build_figures(fit, revision)
    return tuple(_judge(FILTERS[name], figures) for name in JUDGED_BY)


def _judge(row: Filter, figures: FitFigures) -> FilterVerdict:
    excesses = list(_iter_excesses(row, figures))
    if not excesses:
        return FilterVerdict(row.name, True, f"Passes: within every limit of '{row.name}' ({row.title}).")
    return FilterVerdict(row.name, False, f"Fails '{row.name}' ({row.title}): {'; '.join(excesses)}.")


def _iter_excesses(row: Filter, figures: FitFigures) -> Iterator[str]:
    """Each limit of a filter by itself, so that the rule stays the filter's own."""
    for limit, name, value in (
        ("max_l2d", "L2d", figures.l2d),
        ("max_l2d_initial", "initial L2d", figures.l2d_initial),
        ("max_abs_beta", "max |β|", figures.max_abs_beta),
    ):
        allowed = getattr(row, limit)
        if allowed is not None and not dataclasses.replace(_NO_LIMITS, **{limit: allowed}).passes(figures):
            yield f"{name} is {value:.3g}, at most {allowed:g} passes"
    if row.needs_limbs and not dataclasses.replace(_NO_LIMITS, needs_limbs=True).passes(figures):
        yield f"{figures.limb_joints} of the {LIMB_JOINTS} limb joints are labelled, all are needed"


_NO_LIMITS = Filter("", "")
