"""One pair of methods: everything :class:`app.study.results.PairResult` tells."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from app.study.design import StudyDesign
from app.study.results import Estimate, PairResult
from app.study.statistics.agreement import measure_agreement
from app.study.statistics.clustered import fit_share, fit_share_and_side
from app.study.statistics.proportions import count_majorities, estimate_wilson
from app.study.statistics.resampling import resample_share
from app.study.statistics.times import summarise_times
from app.study.votes import VoteTable


def compare_pairs(table: VoteTable, design: StudyDesign, seed: int, rounds: int) -> tuple[PairResult, ...]:
    """Every pair of the design, the primary first; without Holm's correction."""
    primary = frozenset(design.primary)
    pairs = sorted(design.pairs, key=lambda pair: frozenset(pair) != primary)
    return tuple(_compare(table, pair, design, seed, rounds) for pair in pairs)


def select_pair(table: VoteTable, pair: Sequence[str]) -> VoteTable:
    """The votes on a pair, whatever the order of its names."""
    first, second = sorted(table.methods.index(method) for method in pair)
    return table.pair(first, second)


def correct_by_holm(pairs: tuple[PairResult, ...]) -> tuple[PairResult, ...]:
    """Holm's correction of the p-values of all pairs that have one."""
    from statsmodels.stats.multitest import multipletests

    tested = [index for index, pair in enumerate(pairs) if pair.share.p is not None]
    if not tested:
        return pairs
    corrected = multipletests([pairs[index].share.p for index in tested], method="holm")[1]
    by_pair = dict(zip(tested, corrected, strict=True))
    return tuple(
        msgspec.structs.replace(pair, p_holm=float(by_pair[index])) if index in by_pair else pair
        for index, pair in enumerate(pairs)
    )


def _compare(table: VoteTable, names: tuple[str, str], design: StudyDesign, seed: int, rounds: int) -> PairResult:
    votes = select_pair(table, names)
    decided = votes.where(~np.isnan(votes.preferred))
    for_first = int(decided.preferred.sum())
    fitted = fit_share(votes, design.confidence)
    without_side, side = fit_share_and_side(votes, design.confidence)
    agreement = measure_agreement(votes, design.confidence, seed, rounds)
    median, quartiles = summarise_times(votes.seconds)
    undecided = len(votes) - len(decided)
    nothing = "There are no votes on this pair."
    if undecided:
        nothing = f"All {undecided} votes on this pair are 'cannot decide'."
    return PairResult(
        first=names[0],
        second=names[1],
        is_primary=frozenset(names) == frozenset(design.primary),
        votes=len(decided),
        for_first=for_first,
        undecided=undecided,
        items=len(np.unique(votes.person)),
        raters=len(np.unique(votes.rater)),
        share=fitted.share if len(decided) else Estimate(note=nothing),
        p_holm=None,
        wilson=estimate_wilson(for_first, len(decided), design.confidence) if len(decided) else Estimate(note=nothing),
        majority=count_majorities(votes, design.confidence),
        alpha=agreement.alpha,
        agreement=agreement.percent,
        side_bias=side if len(decided) else Estimate(note=nothing),
        median_s=median,
        quartiles_s=quartiles,
        first_left=int(decided.first_was_left.sum()),
        standard_error=fitted.standard_error,
        design_effect=fitted.design_effect,
        share_without_side=without_side if len(decided) else Estimate(note=nothing),
        kappa=agreement.kappa,
        resampled=resample_share(votes, design.confidence, seed, rounds) if len(decided) else Estimate(note=nothing),
    )
