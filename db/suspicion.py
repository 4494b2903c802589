"""How much a person's current fit is to be doubted: one number in 0-1, and the parts it is made of (docs/suspicion.md).

A pure function of what is stored with fits. Each part turns one measure into a doubt: nothing up to ``low``, its whole
``weight`` from ``high`` on, straight between. Doubts are joined as if they were independent chances of trouble,
``1 - prod(1 - doubt)``: several small doubts add up, one great doubt is enough, and the number never leaves 0-1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from db.records import FloatArray

SuspectName: TypeAlias = Literal[
    "swap_body",
    "swap_arms",
    "swap_legs",
    "residual",
    "outlier",
    "pose",
    "shape",
    "size",
    "lean",
    "disagreement",
]
LEAST_NAMED: Final = 0.25
"""Doubts below it count, but are not named: they would only make the list noisy."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of suspicion.

    Attributes:
        low: Measure that is no reason for doubt yet.
        high: Measure from which the doubt is as great as this part can make it.
        weight: That doubt: about the share of people with such a measure who need a correction.
    """

    low: float
    high: float
    weight: float

    def doubt(self, measure: float | None) -> float:
        """Doubt in 0-1; none where nothing was measured."""
        if measure is None or not np.isfinite(measure):
            return 0.0
        return self.weight * min(max((measure - self.low) / (self.high - self.low), 0.0), 1.0)


PARTS: Final[Mapping[SuspectName, Part]] = {
    "swap_body": Part(0.0, 4.0, 0.95),
    "swap_arms": Part(0.0, 4.0, 0.95),
    "swap_legs": Part(0.0, 4.0, 0.95),
    "residual": Part(0.02, 0.12, 0.6),
    "outlier": Part(0.06, 0.3, 0.6),
    "pose": Part(0.8, 2.5, 0.4),
    "shape": Part(2.0, 4.0, 0.5),
    "size": Part(0.0, 1.0, 0.5),
    "lean": Part(20.0, 60.0, 0.5),
    "disagreement": Part(15.0, 60.0, 0.5),
}
"""What each measure is, and why it weighs what it weighs, is told in docs/suspicion.md."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a current fit.

    Attributes:
        signs: What the worker noticed, by name (:data:`fitting.spec.SignName`); empty for fits made before it did.
        rms_px: RMS distance over the active joints, None without any.
        box_scale: Side of the fit's box / 200, pixels: what distances are compared with.
        max_abs_beta: Largest absolute shape coefficient.
        flags: What is odd about the body (docs/sanity.md).
        disagreement_degrees: Mean turn between this fit's joints and those of the method that differs most, of fits
            to the same keypoints; None without another method.
    """

    signs: Mapping[str, float]
    rms_px: float | None
    box_scale: float
    max_abs_beta: float
    flags: Mapping[str, float]
    disagreement_degrees: float | None = None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much a fit is to be doubted, in 0-1, and the doubts worth naming, the greatest first."""

    value: float
    suspects: tuple[tuple[str, float], ...]


def judge(evidence: Evidence) -> Suspicion:
    """Suspicion of one fit."""
    doubts = {name: PARTS[name].doubt(measure) for name, measure in _iter_measures(evidence)}
    trust = float(np.prod([1.0 - doubt for doubt in doubts.values()]))
    named = ((name, round(doubt, 3)) for name, doubt in doubts.items() if doubt >= LEAST_NAMED)
    return Suspicion(round(1.0 - trust, 4), tuple(sorted(named, key=lambda pair: (-pair[1], pair[0]))))


def mean_turn_degrees(rotations: FloatArray, others: FloatArray) -> float:
    """Mean geodesic angle between the joints ``(24, 3, 3)`` of two bodies, degrees."""
    cosine = (np.einsum("jab,jab->j", rotations, others) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))).mean())


def _iter_measures(evidence: Evidence) -> Iterator[tuple[SuspectName, float | None]]:
    signs, flags = evidence.signs, evidence.flags
    yield "swap_body", signs.get("swap_body")
    yield "swap_arms", signs.get("swap_arms")
    yield "swap_legs", signs.get("swap_legs")
    yield "residual", _share_of_box(evidence)
    yield "outlier", signs.get("outlier")
    yield "pose", signs.get("pose")
    yield "shape", evidence.max_abs_beta
    yield "size", max(flags.get("too_large", 1.0), 1 / flags.get("too_small", 1.0)) - 1
    yield "lean", abs(flags.get("trunk_tilted", 0.0))
    yield "disagreement", evidence.disagreement_degrees


def _share_of_box(evidence: Evidence) -> float | None:
    """RMS distance in half sides of the box."""
    return None if evidence.rms_px is None else evidence.rms_px / (100 * evidence.box_scale)
