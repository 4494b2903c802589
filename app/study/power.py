"""How wide the primary interval will be and what it will find: a normal approximation, quick enough for a form.

The model is that of ``study simulate``: rater ``r`` prefers the first method on person ``i`` with the chance
``logit⁻¹(μ + aᵢ + bᵣ)``, ``a`` and ``b`` normal with standard deviations ``item_sd`` and ``rater_sd``, in logits. Over
people and raters the share is ``p``; two votes on one person correlate by ``ρᵢ``, two of one rater by ``ρᵣ``, both
found by Gauss-Hermite quadrature. Of ``N = people × R`` votes, ``m`` a rater on the average over votes, the share found
has the variance ``D·p(1-p)/N`` with the design effect ``D = 1 + (R - 1)ρᵢ + (m - 1)ρᵣ``: no two votes share both
person and rater, so that nothing is counted twice. Interval and test are those of the report, on the logit scale with
t of ``min(people, raters) - 1`` degrees of freedom; power by the noncentral t.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from app.study.design import StudyDesign

POWER_SHARES: Final = (0.55, 0.60, 0.65)
"""True shares of the first method that power is told against."""
WANTED_POWER: Final = 0.8
_NODES: Final = 48
_QUANTILES: Final = 400
_LARGEST_SHARE: Final = 0.995


class PowerEstimate(Struct, frozen=True, kw_only=True):
    """What a design can be expected to find about its primary pair.

    Attributes:
        people: Persons, each an item of the pair.
        raters: Raters.
        votes: Votes on the pair.
        share: True share the half-width is told at.
        rater_sd: Assumed standard deviation of raters, logits.
        item_sd: Assumed standard deviation of persons, logits.
        design_effect: Variance over that of as many independent votes.
        effective_votes: Independent votes that would tell as much.
        half_width: Expected half-width of the primary interval at :attr:`share`; None where there is none.
        power: True shares with the chance that the primary test finds a difference.
        smallest_share: Smallest true share found with a chance of 80 %; None where none is.
        note: Why there are no numbers.
    """

    people: int
    raters: int
    votes: int
    share: float
    rater_sd: float
    item_sd: float
    design_effect: float
    effective_votes: float
    half_width: float | None = None
    power: tuple[tuple[float, float], ...] = ()
    smallest_share: float | None = None
    note: str = ""

    def in_words(self) -> tuple[str, ...]:
        """The estimate in sentences."""
        about = (
            f"{self.votes:,} votes on the primary pair ({self.people} people, {self.raters} raters) tell as much as"
            f" {self.effective_votes:,.0f} independent ones (design effect {self.design_effect:.2f})."
        )
        if self.half_width is None:
            return about, self.note
        smallest = (
            f"no share below {_LARGEST_SHARE:.1%} is found so often"
            if self.smallest_share is None
            else f"the smallest share found so often is {self.smallest_share:.1%}"
        )
        powers = ", ".join(f"{power:.0%} against {share:.0%}" for share, power in self.power)
        return (
            about,
            f"Expected interval at a true share of {self.share:.0%}: ± {100 * self.half_width:.1f} points.",
            f"Power: {powers}; with {WANTED_POWER:.0%} power {smallest}.",
            f"Assumed standard deviations: {self.item_sd:g} logits between persons, {self.rater_sd:g} between raters.",
        )


def estimate_power(
    design: StudyDesign,
    share: float = 0.6,
    rater_sd: float = 0.5,
    item_sd: float = 1.0,
    *,
    people: int | None = None,
) -> PowerEstimate:
    """Estimate width and power of the primary interval.

    Args:
        design: A sound one.
        share: True share of the first method at which the half-width is told.
        rater_sd: How much raters differ, logits.
        item_sd: How much persons differ, logits.
        people: How many take part, if not as many as the design asks for.

    Returns:
        The estimate; without numbers where a single rater or person allows none.
    """
    if not (0 < share < 1 and 0 <= rater_sd < np.inf and 0 <= item_sd < np.inf):
        raise ValueError(
            f"share {share}, rater_sd {rater_sd}, item_sd {item_sd}: a share is within 0-1, spreads from 0"
        )
    count = design.people.count if people is None else people
    votes = count * design.raters_per_item
    model = _Model(rater_sd, item_sd, design.raters_per_item, _mean_load(votes, design.raters), votes)
    effect = model.design_effect(model.find_centre(share))
    degrees = min(count, design.raters) - 1
    estimate = PowerEstimate(
        people=count,
        raters=design.raters,
        votes=votes,
        share=share,
        rater_sd=rater_sd,
        item_sd=item_sd,
        design_effect=effect,
        effective_votes=votes / effect,
        note="A single rater or person allows no interval; take more." if degrees < 1 else "",
    )
    if degrees < 1:
        return estimate
    from scipy.stats import chi2, t

    evenly = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    denominators = np.sqrt(chi2.ppf(evenly, degrees) / degrees)
    test = _Test(model, float(t.ppf((1 + design.confidence) / 2, degrees)), denominators)
    return msgspec.structs.replace(
        estimate,
        half_width=test.half_width(model.find_centre(share)),
        power=tuple((other, test.power(model.find_centre(other))) for other in POWER_SHARES),
        smallest_share=test.find_smallest_share(),
    )


@dataclass(frozen=True, slots=True)
class _Model:
    """Votes of a plan under the model; ``centre`` is μ."""

    rater_sd: float
    item_sd: float
    per_item: int
    per_rater: float
    votes: int

    def share(self, centre: float) -> float:
        nodes, weights = _quadrature(float(np.hypot(self.rater_sd, self.item_sd)))
        return float(weights @ _expit(centre + nodes))

    def find_centre(self, share: float) -> float:
        """The μ that gives a share."""
        from scipy.optimize import brentq

        reach = 40.0 + 20 * (self.rater_sd + self.item_sd)
        return float(brentq(lambda centre: self.share(centre) - share, -reach, reach))

    def design_effect(self, centre: float) -> float:
        items, item_weights = _quadrature(self.item_sd)
        raters, rater_weights = _quadrature(self.rater_sd)
        chances = _expit(centre + items[:, None] + raters[None, :])
        share = float(item_weights @ chances @ rater_weights)
        variance = share * (1 - share)
        between_items = float(item_weights @ (chances @ rater_weights) ** 2) - share**2
        between_raters = float((item_weights @ chances) ** 2 @ rater_weights) - share**2
        more = (self.per_item - 1) * between_items + (self.per_rater - 1) * between_raters
        return 1 + more / variance

    def logit_error(self, centre: float) -> tuple[float, float]:
        """Logit of the share, and the standard error of the one found."""
        share = self.share(centre)
        error = np.sqrt(self.design_effect(centre) / (self.votes * share * (1 - share)))
        return float(np.log(share / (1 - share))), float(error)


@dataclass(frozen=True, slots=True)
class _Test:
    """The report's primary interval: logit scale, t."""

    model: _Model
    reach: float
    denominators: NDArray[np.float64]

    def half_width(self, centre: float) -> float:
        logit, error = self.model.logit_error(centre)
        low, high = _expit(np.array([logit - self.reach * error, logit + self.reach * error]))
        return float(high - low) / 2

    def power(self, centre: float) -> float:
        """Chance that the noncentral t lies beyond the reach on either side: the mean over its denominator.

        SciPy's own has no numbers far out in its tails.
        """
        from scipy.special import ndtr

        logit, error = self.model.logit_error(centre)
        limits = self.reach * self.denominators
        return float((ndtr(logit / error - limits) + ndtr(-logit / error - limits)).mean())

    def find_smallest_share(self) -> float | None:
        from scipy.optimize import brentq

        highest = self.model.find_centre(_LARGEST_SHARE)
        if self.power(highest) < WANTED_POWER:
            return None
        centre = float(brentq(lambda centre: self.power(centre) - WANTED_POWER, 0.0, highest, xtol=1e-4))
        return self.model.share(centre)


def _mean_load(votes: int, raters: int) -> float:
    """Votes of a rater, averaged over votes, of loads that differ by one at most."""
    each, more = divmod(votes, raters)
    return ((raters - more) * each**2 + more * (each + 1) ** 2) / votes


@cache
def _unit_quadrature() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / weights.sum()


def _quadrature(spread: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of a normal distribution about 0."""
    if spread == 0:
        return np.zeros(1), np.ones(1)
    nodes, weights = _unit_quadrature()
    return spread * nodes, weights


def _expit(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import expit

    return np.asarray(expit(logits), dtype=np.float64)
