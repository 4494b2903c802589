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
        reason: One sentence: the limits it exceeds, or those it keeps, or why it is not judged.
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
    limits = list(_iter_limits(row, figures))
    exceeded = [words for kept, words in limits if not kept]
    verb = "Fails" if exceeded else "Passes"
    words = "; ".join(exceeded or [words for _, words in limits])
    return FilterVerdict(row.name, not exceeded, f"{verb} the filter '{row.name}': {words}.")


def _iter_limits(row: Filter, figures: FitFigures) -> Iterator[tuple[bool, str]]:
    """Each limit of a filter: whether it is kept, and in words. The rule stays the filter's own."""
    for limit, name, value in (
        ("max_l2d", "L2d", figures.l2d),
        ("max_l2d_initial", "initial L2d", figures.l2d_initial),
        ("max_abs_beta", "max |β|", figures.max_abs_beta),
    ):
        allowed = getattr(row, limit)
        if allowed is not None:
            kept = dataclasses.replace(_NO_LIMITS, **{limit: allowed}).passes(figures)
            yield kept, f"{name} {value:.3g} (at most {allowed:g})"
    if row.needs_limbs:
        kept = dataclasses.replace(_NO_LIMITS, needs_limbs=True).passes(figures)
        yield kept, f"{figures.limb_joints} of the {LIMB_JOINTS} limb joints labelled"


_NO_LIMITS = Filter("", "")
