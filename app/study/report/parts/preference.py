"""Preference by pair: shares, majorities, agreement, and what the interval rests on."""

from __future__ import annotations

from collections.abc import Sequence

from app.study.report.document import Block, Cell, Column, Notes, Section, Table, Text, cells
from app.study.report.figures import pair_figures
from app.study.report.words import NBSP, NONE, hundredths, level, p_value, percent, points
from app.study.results import PairResult, StudyResults

PAIR = Column("Pair", 2.1, "text")


def build_preference(results: StudyResults) -> Section:
    """Everything about pairs, after exclusions."""
    pairs = results.after_exclusions.pairs
    blocks: list[Block] = [
        _share_table(pairs, results.confidence),
        *pair_figures(pairs, results.confidence),
        _majority_table(pairs, results.confidence),
        Text(
            "Low alpha is expected when two methods are close: where both fits are about equally good, careful raters "
            "disagree too. It is a property of the people and the methods, not only of the raters."
        ),
        _robustness_table(pairs, results.confidence),
    ]
    if not pairs:
        blocks = [Text("There is no counted vote on a pair of methods.")]
    return Section("Preference by pair", tuple(blocks))


def name_pair(pair: PairResult) -> str:
    """``EFT over SMPLify (primary)``."""
    return f"{pair.first} over {pair.second}" + (" (primary)" if pair.is_primary else "")


def _share_table(pairs: Sequence[PairResult], confidence: float) -> Table:
    notes = Notes()
    undecided = any(pair.undecided for pair in pairs)
    rows = []
    for pair in pairs:
        votes = f"{pair.for_first:,}{NBSP}/{NBSP}{pair.votes:,}"
        rows.append(
            cells(
                name_pair(pair), votes, *([f"{pair.undecided:,}"] if undecided else []), f"{pair.items:,}",
                f"{pair.raters:,}", notes.estimate(pair.share, percent), p_value(pair.share.p), p_value(pair.p_holm),
                notes.estimate(pair.wilson, percent),
            )
        )  # fmt: skip
    columns = (
        PAIR, Column("Votes for first / all", 1.2), *([Column("Cannot decide", 0.8)] if undecided else []),
        Column("People", 0.75), Column("Raters", 0.75), Column(f"Share, % [{level(confidence)}]", 1.5),
        Column("p", 0.8), Column("Holm p", 0.8), Column(f"Wilson, % [{level(confidence)}]", 1.5),
    )  # fmt: skip
    caption = (
        "Preference by pair, after exclusions. Share: votes for the first method, with the two-way clustered interval "
        "(raters, people) and its p-value against 50 %; Holm p: corrected for all pairs; Wilson: descriptive, as if "
        "votes were independent."
    )
    return Table(caption, columns, tuple(rows), notes.all())


def _majority_table(pairs: Sequence[PairResult], confidence: float) -> Table:
    notes = Notes()
    rows = []
    for pair in pairs:
        majority = pair.majority
        won = f"{majority.first:,}{NBSP}:{NBSP}{majority.second:,}{NBSP}:{NBSP}{majority.tied:,}"
        rows.append(
            cells(
                name_pair(pair), won, notes.estimate(majority.share, percent), p_value(majority.share.p),
                notes.estimate(pair.alpha, hundredths), notes.estimate(pair.kappa, hundredths),
                notes.estimate(pair.agreement, percent),
            )
        )  # fmt: skip
    columns = (
        PAIR, Column("People won: lost: tied", 1.25), Column(f"Majority share, % [{level(confidence)}]", 1.5),
        Column("Sign test p", 0.8), Column(f"Alpha [{level(confidence)}]", 1.5), Column("Kappa", 0.7),
        Column(f"Agreement, % [{level(confidence)}]", 1.5),
    )  # fmt: skip
    caption = (
        "Majorities and agreement. Majority share: people on whom most raters preferred the first method, among those "
        "with a majority; alpha: Krippendorff's, over “first preferred”; kappa: Fleiss'; agreement: pairs of raters on "
        "the same person who agree."
    )
    return Table(caption, columns, tuple(rows), notes.all())


def _robustness_table(pairs: Sequence[PairResult], confidence: float) -> Table:
    notes = Notes()
    rows = [
        cells(
            name_pair(pair),
            Cell(NONE) if pair.standard_error is None else points(pair.standard_error).lstrip("+"),
            notes.number(pair.design_effect, hundredths),
            notes.estimate(pair.share_without_side, percent),
            notes.estimate(pair.resampled, percent),
        )
        for pair in pairs
    ]
    columns = (
        PAIR, Column("Standard error, points", 1.1), Column("Design effect", 1.0),
        Column(f"Share at no side bias, % [{level(confidence)}]", 1.6),
        Column(f"Resampled, % [{level(confidence)}]", 1.4),
    )  # fmt: skip
    caption = (
        "What the shares rest on; the same model with a column for the side of the screen; and the share with a "
        "percentile interval of a bootstrap over raters and people together, a check without a model that is rather "
        "too wide than too narrow."
    )
    return Table(caption, columns, tuple(rows), notes.all())
