"""Raters one by one, and how long they took."""

from __future__ import annotations

from collections.abc import Sequence

from app.study.report.document import Block, Cell, Column, Notes, Section, Table, Text, cells
from app.study.report.figures import rater_figures, time_figures
from app.study.report.parts.preference import PAIR, name_pair
from app.study.report.words import NBSP, NONE, percent, percent_sign, tenths
from app.study.results import PairResult, RaterResult, StudyResults


def build_raters(results: StudyResults) -> Section:
    """Table and plot of raters."""
    if not results.raters:
        return Section("Raters", (Text("Nobody has voted."),))
    consistency = results.after_exclusions.repeat_consistency
    if consistency.value is None:
        said = f"Consistency of repeats was not computed. {consistency.note}".strip()
    else:
        said = f"Repeats with sides exchanged were answered as the first time in {percent_sign(consistency.value)}."
        said += f" {consistency.note}" if consistency.note else ""
    blocks: list[Block] = [_table(results.raters), *rater_figures(results.raters), Text(said)]
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


def _table(raters: Sequence[RaterResult]) -> Table:
    notes = Notes()
    undecided = any(rater.undecided for rater in raters)
    rows = tuple(
        cells(
            rater.rater, Cell("no" if rater.excluded else "yes", notes.mark(rater.reason)), f"{rater.votes:,}",
            *([f"{rater.undecided:,}"] if undecided else []),
            f"{rater.catches_right}{NBSP}/{NBSP}{rater.catches}" if rater.catches else NONE,
            _consistency(rater, notes), notes.estimate(rater.left_share, percent),
            notes.estimate(rater.agreement, percent), _time(rater), f"{rater.focus_losses:,}",
            notes.estimate(rater.without, percent),
        )
        for rater in raters
    )  # fmt: skip
    columns = (
        Column("Rater", 1.3, "text"), Column("Counted", 0.8), Column("Votes", 0.65),
        *([Column("Cannot decide", 0.75)] if undecided else []), Column("Catches right", 0.85),
        Column("Agrees with itself, % (repeats)", 1.0), Column("“Left”, %", 1.35), Column("Agrees with others, %", 1.0),
        Column("Median time [quartiles], s", 1.15), Column("Trials left", 0.65),
        Column("Primary share without, %", 1.25),
    )  # fmt: skip
    caption = (
        "Raters. Trials left: trials during which the window was left; primary share without: the share of the primary "
        "pair when this rater's votes are taken out."
    )
    return Table(caption, columns, rows, notes.all())


def _consistency(rater: RaterResult, notes: Notes) -> Cell:
    cell = notes.estimate(rater.consistency, percent)
    return cell if rater.consistency.value is None else Cell(f"{cell.text}{NBSP}({rater.repeats})", cell.mark)


def _time(one: RaterResult | PairResult) -> str:
    if one.median_s is None:
        return NONE
    if one.quartiles_s is None:
        return tenths(one.median_s)
    return f"{tenths(one.median_s)} [{tenths(one.quartiles_s[0])},{NBSP}{tenths(one.quartiles_s[1])}]"
