"""Raters one by one, and how long they took."""

from __future__ import annotations

from collections.abc import Sequence

from app.study.report.document import Block, Cell, Column, Notes, Section, Table, Text, cells
from app.study.report.facts import StudyFacts
from app.study.report.figures import rater_figures, time_figures
from app.study.report.parts.preference import PAIR, name_pair
from app.study.report.words import NBSP, NONE, percent, percent_sign, tenths
from app.study.results import PairResult, RaterResult, StudyResults


def build_raters(results: StudyResults, facts: StudyFacts) -> Section:
    """Table and plot of raters."""
    if not results.raters:
        return Section("Raters", (Text("Nobody has voted."),))
    consistency = results.after_exclusions.repeat_consistency
    if consistency.value is None:
        said = f"Consistency of repeats was not computed. {consistency.note}".strip()
    else:
        said = f"Repeats with sides exchanged were answered as the first time in {percent_sign(consistency.value)}."
        said += f" {consistency.note}" if consistency.note else ""
    blocks: list[Block] = [
        *rater_figures(results.raters),
        Text(said),
        _table(results.raters, facts.design.catches.count),
    ]
    return Section("Raters", tuple(blocks))


def build_times(results: StudyResults) -> Section:
    """Response times by rater and by pair."""
    blocks: list[Block] = list(time_figures(results.raters))
    rows = tuple(
        cells(name_pair(pair), _time(pair))
        for pair in results.after_exclusions.pairs
    )  # fmt: skip
    if rows:
        columns = (PAIR, Column("Median [quartiles], s", 1.5))
        blocks.append(Table("Response time by pair, after exclusions.", columns, rows))
    return Section("Response times", tuple(blocks) or (Text("There are no response times."),))


def _table(raters: Sequence[RaterResult], planned_catches: int) -> Table:
    notes = Notes()
    undecided = any(rater.undecided for rater in raters)
    rows = tuple(
        cells(
            rater.rater, Cell("no" if rater.excluded else "yes", notes.mark(_reason(rater, planned_catches))),
            f"{rater.votes:,}",
            *([f"{rater.undecided:,}"] if undecided else []),
            f"{rater.catches_right}{NBSP}/{NBSP}{rater.catches}" if rater.catches else NONE,
            f"{rater.repeats:,}", notes.estimate(rater.consistency, percent), notes.estimate(rater.left_share, percent),
            notes.estimate(rater.agreement, percent), _time(rater), f"{rater.focus_losses:,}",
            notes.estimate(rater.without, percent),
        )
        for rater in raters
    )  # fmt: skip
    columns = (
        Column("Rater", 1.1, "text"), Column("Counted", 0.75), Column("Votes", 0.55),
        *([Column("Cannot decide", 0.65)] if undecided else []), Column("Catches right", 0.75), Column("Repeats", 0.72),
        Column("Agrees with itself, %", 1.4), Column("“Left”, %", 1.35), Column("Agrees with others, %", 0.8),
        Column("Median time [quartiles], s", 1.15), Column("Trials left", 0.6),
        Column("Primary share without, %", 1.35),
    )  # fmt: skip
    caption = (
        "Raters. Trials left: trials during which the window was left; primary share without: the share of the primary "
        "pair when this rater's votes are taken out."
    )
    return Table(caption, columns, rows, notes.all())


def _reason(rater: RaterResult, planned_catches: int) -> str:
    # Whoever answered all and passed has the reason in the column of catches.
    return rater.reason if rater.excluded or rater.catches < planned_catches else ""


def _time(one: RaterResult | PairResult) -> str:
    if one.median_s is None:
        return NONE
    if one.quartiles_s is None:
        return tenths(one.median_s)
    return f"{tenths(one.median_s)} [{tenths(one.quartiles_s[0])},{NBSP}{tenths(one.quartiles_s[1])}]"
