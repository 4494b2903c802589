"""Rater by rater: catches, consistency, sides, agreement with the others, times, and the result without them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.study.design import StudyDesign
from app.study.results import Estimate, RaterResult
from app.study.statistics.clustered import fit_share
from app.study.statistics.exclusion import Verdict
from app.study.statistics.pairs import select_pair
from app.study.statistics.proportions import estimate_exact, estimate_wilson
from app.study.statistics.times import summarise_times
from app.study.votes import BoolArray, StudyVotes, VoteTable


def describe_raters(votes: StudyVotes, verdicts: Mapping[str, Verdict], design: StudyDesign) -> tuple[RaterResult, ...]:
    """Every rater who voted, excluded ones too."""
    table = votes.main
    counted = table.where(keep_raters(table, verdicts))
    alike = _compare_with_others(table)
    return tuple(
        _describe(votes, rater, verdicts[name], counted, alike[rater], design)
        for rater, name in enumerate(table.raters)
    )


def keep_raters(table: VoteTable, verdicts: Mapping[str, Verdict]) -> BoolArray:
    """The rows whose rater the frozen rule keeps."""
    kept = np.array([not verdicts[rater].excluded for rater in table.raters], dtype=np.bool_)
    rows: BoolArray = kept[table.rater] if len(kept) else np.zeros(0, dtype=np.bool_)
    return rows


def measure_consistency(main: VoteTable, repeats: VoteTable, confidence: float) -> Estimate:
    """Share of repeats answered as the first time ("cannot decide" twice is the same), with Wilson's interval."""
    rows = zip(main.rater, main.person, main.first, main.second, main.preferred, strict=True)
    before = {row[:4]: row[4] for row in rows}
    same = []
    rows = zip(repeats.rater, repeats.person, repeats.first, repeats.second, repeats.preferred, strict=True)
    for row in rows:
        if row[:4] in before:
            once, again = before[row[:4]], row[4]
            same.append(bool(once == again or (np.isnan(once) and np.isnan(again))))
    if not same:
        return Estimate(note="No repeat was answered.")
    return estimate_wilson(sum(same), len(same), confidence)


def _describe(
    votes: StudyVotes,
    rater: int,
    verdict: Verdict,
    counted: VoteTable,
    alike: tuple[int, int],
    design: StudyDesign,
) -> RaterResult:
    name = votes.main.raters[rater]
    mine = votes.main.where(votes.main.rater == rater)
    repeats = votes.repeats.where(votes.repeats.rater == rater)
    decided = mine.where(~np.isnan(mine.preferred))
    left = int(((decided.preferred == 1) == decided.first_was_left).sum())
    agreed, compared = alike
    median, quartiles = summarise_times(mine.seconds)
    return RaterResult(
        rater=name,
        votes=len(mine),
        catches_right=verdict.right,
        catches=verdict.answered,
        excluded=verdict.excluded,
        reason=verdict.reason if verdict.excluded or not verdict.told else "",
        consistency=measure_consistency(mine, repeats, design.confidence),
        left_share=estimate_exact(left, len(decided), design.confidence)
        if len(decided)
        else Estimate(note="No vote with a choice."),
        agreement=Estimate(value=agreed / compared)
        if compared
        else Estimate(note="Nobody else chose on the same items."),
        median_s=median,
        quartiles_s=quartiles,
        focus_losses=int((mine.focus_losses > 0).sum()),
        without=_leave_out(counted, rater, verdict, design),
        repeats=len(repeats),
        undecided=len(mine) - len(decided),
    )


def _leave_out(counted: VoteTable, rater: int, verdict: Verdict, design: StudyDesign) -> Estimate:
    if verdict.excluded:
        return Estimate(note="Excluded, so the result is without this rater already.")
    primary = select_pair(counted, design.primary)
    if not np.any(primary.rater == rater):
        return Estimate(note="Has no vote on the primary pair.")
    return fit_share(primary.where(primary.rater != rater), design.confidence).share


def _compare_with_others(table: VoteTable) -> list[tuple[int, int]]:
    """Of each rater: pairs of votes, theirs and somebody else's on the same item, that agree; and all of them."""
    decided = table.where(~np.isnan(table.preferred))
    methods = len(table.methods)
    item = (decided.person * methods + decided.first) * methods + decided.second
    _, place = np.unique(item, return_inverse=True)
    result = []
    every = np.bincount(place)
    firsts = np.bincount(place, weights=decided.preferred, minlength=len(every))
    for rater in range(len(table.raters)):
        rows = decided.rater == rater
        mine = np.bincount(place[rows], minlength=len(every))
        mine_first = np.bincount(place[rows], weights=decided.preferred[rows], minlength=len(every))
        others, others_first = every - mine, firsts - mine_first
        agreed = mine_first * others_first + (mine - mine_first) * (others - others_first)
        result.append((int(agreed.sum()), int((mine * others).sum())))
    return result
