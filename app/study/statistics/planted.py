"""A truth to plant in simulated votes, and what an endless study of it would find.

The planted preference is the *marginal* share: the chance that a random attentive rater prefers the first method on a
random item where sides have no pull, E[logit⁻¹(θ + item + rater)]. It is what a vote share estimates; θ itself, the
preference of an average rater on an average item, is further from one half and no study reports it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from msgspec import Struct

from app.study.design import StudyDesign
from app.study.votes import FloatArray

_NODES: Final = 100


class PlantedTruth(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How simulated raters vote.

    Attributes:
        share: Marginal share of the primary pair's first method, against each other method; the others are equal.
        strengths: Instead of :attr:`share`, log-strengths of all methods; shares are of their differences.
        item_sd: Spread of the preference between items, in logits.
        rater_sd: Spread of it between raters, in logits.
        side_bias: Chance that equally good fits are answered "left".
        lapse: Share of trials, of any kind, answered by tossing a coin.
        undecided: Share of main and repeated trials answered "cannot decide", whatever the preference.
        clickers: Raters who toss a coin at every trial.
    """

    share: float = 0.6
    strengths: dict[str, float] | None = None
    item_sd: float = 1.0
    rater_sd: float = 0.5
    side_bias: float = 0.5
    lapse: float = 0.0
    undecided: float = 0.0
    clickers: int = 0

    @property
    def spread(self) -> float:
        """Standard deviation of item and rater together."""
        return float(np.hypot(self.item_sd, self.rater_sd))


def find_truth_fault(truth: PlantedTruth, design: StudyDesign) -> str:
    """What is wrong with a truth for a design, in a sentence with the cure; empty if nothing is."""
    shares = (truth.share, truth.side_bias)
    faults = {
        "The share and the side bias have to lie between 0.01 and 0.99.": not all(
            0.01 <= one <= 0.99 for one in shares
        ),
        "The spreads of items and raters have to lie between 0 and 5 logits.": not (
            0 <= truth.item_sd <= 5 and 0 <= truth.rater_sd <= 5
        ),
        "The shares of lapses and of 'cannot decide' have to lie between 0 and 1.": not (
            0 <= truth.lapse <= 1 and 0 <= truth.undecided <= 1
        ),
        "The design has no answer 'cannot decide'; plan it with one, or simulate without.": bool(
            truth.undecided and not design.cannot_decide
        ),
        f"There are {design.raters} raters, so at most so many can click at random.": not (
            0 <= truth.clickers <= design.raters
        ),
        "The strengths have to be finite and those of the design's methods.": truth.strengths is not None
        and (
            set(truth.strengths) != set(design.methods)
            or not all(abs(strength) <= 5 for strength in truth.strengths.values())
        ),
    }
    return next((sentence for sentence, found in faults.items() if found), "")


def find_shares(truth: PlantedTruth, design: StudyDesign) -> FloatArray:
    """Planted share of the first method of each of the design's pairs."""
    strengths = truth.strengths
    if strengths is None:
        strengths = dict.fromkeys(design.methods, 0.0) | {design.primary[0]: float(_logit(truth.share))}
    return np.array([float(_expit(strengths[first] - strengths[second])) for first, second in design.pairs])


@lru_cache(maxsize=4096)
def find_centre(share: float, spread: float) -> float:
    """The θ with E[logit⁻¹(θ + u)] = share, u normal with mean 0 and this standard deviation."""
    from scipy.optimize import brentq

    if spread == 0:
        return float(_logit(share))
    return float(brentq(lambda centre: find_marginal(centre, spread) - share, -60, 60, xtol=1e-12))


def find_marginal(centre: float, spread: float) -> float:
    """E[logit⁻¹(centre + u)], by Gauss–Hermite quadrature."""
    nodes, weights = _find_nodes()
    return float(weights @ _expit(centre + spread * nodes))


@lru_cache(maxsize=1)
def _find_nodes() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / weights.sum()


def find_marginal_side(share: float, truth: PlantedTruth) -> float:
    """What the model with a side column finds in an endless study: the chance of "left" at equal strengths."""
    centre, pull = find_centre(share, truth.spread), find_centre(truth.side_bias, truth.spread)
    left, right = (find_marginal(centre + sign * pull, truth.spread) for sign in (1, -1))
    return float(_expit((_logit(left) - _logit(right)) / 2))


def _expit(value: FloatArray | float) -> FloatArray:
    from scipy.special import expit

    found: FloatArray = expit(value)
    return found


def _logit(share: float) -> FloatArray:
    from scipy.special import logit

    found: FloatArray = logit(share)
    return found
