"""What a reader must know before the numbers, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from app.study.design import StudyDesign
from app.study.results import Analysis, PairResult
from app.study.statistics.exclusion import Verdict
from app.study.votes import StudyVotes

_FEW_RATERS: Final = 10


def find_remarks(
    votes: StudyVotes, verdicts: Mapping[str, Verdict], result: Analysis, design: StudyDesign
) -> tuple[str, ...]:
    """All remarks of a study."""
    remarks = [*_on_votes(votes, design), *_on_raters(verdicts, result), *votes.unknown]
    for pair in result.pairs:
        remarks += _on_pair(pair)
    if result.undecided:
        remarks.append(
            f"{result.undecided} of {result.votes} votes are 'cannot decide'; shares, strengths and agreement are of"
            " the others."
        )
    return tuple(remarks)


def _on_votes(votes: StudyVotes, design: StudyDesign) -> list[str]:
    remarks = []
    missing = votes.planned - len(votes.main)
    if missing > 0:
        remarks.append(f"{missing} of {votes.planned} planned votes have not been cast: the results are not final.")
    table = votes.main
    keys = np.column_stack([table.rater, table.person, table.first, table.second])
    twice = len(keys) - len(np.unique(keys, axis=0))
    if twice:
        remarks.append(
            f"{twice} votes are a rater's second on the same item, who sat at two seats under one name; they count as"
            " that rater's."
        )
    if not design.catches.count:
        remarks.append("The study has no catch trials, so nobody could be excluded for voting without looking.")
    return remarks


def _on_raters(verdicts: Mapping[str, Verdict], result: Analysis) -> list[str]:
    remarks = []
    excluded = [rater for rater, verdict in verdicts.items() if verdict.excluded]
    if excluded and len(excluded) == len(verdicts):
        remarks.append("Everybody failed the catch trials, so no vote counts; see the results with everybody.")
    elif excluded:
        remarks.append(
            f"{len(excluded)} of {len(verdicts)} raters failed the catch trials and are left out:"
            f" {', '.join(excluded)}."
        )
    untold = [rater for rater, verdict in verdicts.items() if verdict.answered and not verdict.told]
    if untold:
        remarks.append(
            f"{', '.join(untold)} answered too few catch trials for the rule to tell attention from a tossed coin;"
            " their votes count."
        )
    if 0 < result.raters < _FEW_RATERS:
        remarks.append(
            f"{result.raters} raters are few: intervals are wide because they speak about raters in general, not only"
            " about these."
        )
    return remarks


def _on_pair(pair: PairResult) -> list[str]:
    name = f"{pair.first} against {pair.second}"
    remarks = []
    share, other = pair.share.value, pair.share_without_side.value
    if share is not None and other is not None and pair.standard_error is not None:
        moved = abs(share - other)
        if moved > pair.standard_error:
            remarks.append(
                f"{name}: allowing for sides moves the share by {moved:.3f}, more than its standard error"
                f" {pair.standard_error:.3f}; sides were not balanced in the votes that were cast."
            )
    if pair.share.low is not None and pair.share.note:
        remarks.append(f"{name}: {pair.share.note}")
    return remarks
