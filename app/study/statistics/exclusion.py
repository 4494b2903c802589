"""Whose votes count: the frozen rule on catch trials, applied the same way to finished and unfinished raters.

* Somebody with more wrong answers than the rule allows (``count − pass_at_least``) is excluded: no further answer could
  change that. "Cannot decide" is wrong on a catch trial.
* Everybody else is kept. Where somebody answered so few catch trials that tossing a coin would do as well with a chance
  above 5 %, the rule cannot tell, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.study.checks import LARGEST_CHANCE, chance_of_random_pass
from app.study.design import CatchRule
from app.study.votes import CatchAnswer


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says about one rater.

    Attributes:
        right: Catch trials answered rightly.
        answered: Catch trials answered.
        excluded: Whether their votes are left out.
        told: Whether the rule could tell attention from a tossed coin.
        reason: In a sentence.
    """

    right: int
    answered: int
    excluded: bool
    told: bool
    reason: str


def judge_raters(raters: Sequence[str], catches: Sequence[CatchAnswer], rule: CatchRule) -> dict[str, Verdict]:
    """The verdict on each rater."""
    answers: dict[str, list[bool]] = {rater: [] for rater in raters}
    for answer in catches:
        answers[answer.rater].append(answer.right)
    return {rater: judge(sum(given), len(given), rule) for rater, given in answers.items()}


@lru_cache(maxsize=4096)
def judge(right: int, answered: int, rule: CatchRule) -> Verdict:
    """The verdict on a rater with so many catch trials answered, and answered rightly."""
    if rule.count == 0:
        return Verdict(right, answered, excluded=False, told=False, reason="The study has no catch trials.")
    allowed = rule.count - rule.pass_at_least
    wrong = answered - right
    if wrong > allowed:
        reason = f"{wrong} of {answered} catch trials wrong; {allowed} allowed."
        return Verdict(right, answered, excluded=True, told=True, reason=reason)
    chance = chance_of_random_pass(answered, answered - allowed)
    if chance <= LARGEST_CHANCE or answered >= rule.count:
        reason = f"{right} of {answered} catch trials right."
        return Verdict(right, answered, excluded=False, told=True, reason=reason)
    reason = (
        f"Only {answered} of {rule.count} catch trials answered: a tossed coin would pass with {chance:.0%}, so the"
        " rule cannot tell; kept."
    )
    return Verdict(right, answered, excluded=False, told=False, reason=reason)
