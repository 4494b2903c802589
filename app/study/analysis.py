"""From votes to results: the whole report's numbers, with and without the raters the frozen rule leaves out."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.study.checks import chance_of_random_pass
from app.study.design import StudyDesign
from app.study.results import Analysis, PairResult, StudyResults, Subgroup
from app.study.statistics.clustered import fit_side
from app.study.statistics.exclusion import judge_raters
from app.study.statistics.models import estimate_ties, measure_circularity
from app.study.statistics.pairs import compare_pairs, correct_by_holm
from app.study.statistics.raters import describe_raters, keep_raters, measure_consistency
from app.study.statistics.remarks import find_remarks
from app.study.statistics.strengths import estimate_strengths
from app.study.statistics.versions import find_versions
from app.study.votes import StudyVotes, VoteTable

MIN_SUBGROUP: Final = 20
"""People a subgroup has to have; fewer say nothing that would hold."""


def analyse_study(votes: StudyVotes, design: StudyDesign, *, seed: int = 1, rounds: int = 2000) -> StudyResults:
    """Every number of a report.

    Args:
        votes: What raters answered, in terms of the plan (:func:`app.study.matching.match_votes`).
        design: The frozen design.
        seed: Of all bootstraps; the same votes and seed give the same results on any machine.
        rounds: Of every bootstrap.
    """
    verdicts = judge_raters(votes.main.raters, votes.catches, design.catches)
    rows, again = keep_raters(votes.main, verdicts), keep_raters(votes.repeats, verdicts)
    counted = votes.main.where(rows)
    result = analyse_votes(counted, votes.repeats.where(again), design, seed, rounds)
    everybody = result
    if any(verdict.excluded for verdict in verdicts.values()):
        everybody = analyse_votes(votes.main, votes.repeats, design, seed, rounds)
    raters = describe_raters(votes, verdicts, design)
    subgroups = tuple(group for kind in design.subgroups for group in _split(counted, kind, design, seed, rounds))
    catches = design.catches
    return StudyResults(
        planned=votes.planned,
        cast=len(votes.main),
        complete_items=_count_complete(votes.main, design.raters_per_item),
        planned_items=votes.planned_items,
        after_exclusions=result,
        with_everybody=everybody,
        raters=raters,
        subgroups=subgroups,
        remarks=find_remarks(votes, verdicts, result, design),
        versions=find_versions(),
        seed=seed,
        rounds=rounds,
        random_pass=chance_of_random_pass(catches.count, catches.pass_at_least) if catches.count else None,
        confidence=design.confidence,
    )


def analyse_votes(table: VoteTable, repeats: VoteTable, design: StudyDesign, seed: int, rounds: int) -> Analysis:
    """All results of one set of votes."""
    strengths = estimate_strengths(table, design.confidence, seed, rounds)
    return Analysis(
        votes=len(table),
        raters=len(np.unique(table.rater)),
        pairs=correct_by_holm(compare_pairs(table, design, seed, rounds)),
        strengths=strengths.strengths,
        strengths_note=strengths.note,
        side_bias=fit_side(table, design.confidence),
        tie_parameter=estimate_ties(table),
        circularity=measure_circularity(table),
        repeat_consistency=measure_consistency(table, repeats, design.confidence),
        undecided=int(np.isnan(table.preferred).sum()),
        contrasts=strengths.contrasts,
    )


def _count_complete(table: VoteTable, raters_per_item: int) -> int:
    methods = len(table.methods)
    rows = np.column_stack([(table.person * methods + table.first) * methods + table.second, table.rater])
    items = np.unique(rows, axis=0)[:, 0]
    return int((np.unique(items, return_counts=True)[1] >= raters_per_item).sum())


def _split(table: VoteTable, kind: str, design: StudyDesign, seed: int, rounds: int) -> list[Subgroup]:
    names = table.datasets if kind == "dataset" else table.difficulties
    of_people = np.array(names)
    order = {"easy": 0, "medium": 1, "hard": 2}
    groups = []
    for name in sorted(set(names), key=lambda name: (order.get(name, 3) if kind == "difficulty" else 0, name)):
        votes = table.where((of_people == name)[table.person])
        people = len(np.unique(votes.person))
        pairs: tuple[PairResult, ...] = ()
        note = ""
        if people < MIN_SUBGROUP:
            note = f"Votes on {people} people only; fewer than {MIN_SUBGROUP} say nothing that would hold."
        else:
            pairs = compare_pairs(votes, design, seed, rounds)
        groups.append(Subgroup(kind=kind, name=name, people=people, pairs=pairs, note=note))
    return groups
