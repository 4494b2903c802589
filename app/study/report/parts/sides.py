"""Whether raters favoured one side of the screen, whatever was on it."""

from __future__ import annotations

from app.study.report.document import Block, Column, Notes, Section, Table, Text, cells
from app.study.report.parts.preference import PAIR, name_pair
from app.study.report.words import NBSP, interval_words, level, p_words, percent, percent_sign
from app.study.results import StudyResults


def build_sides(results: StudyResults) -> Section:
    """Side bias over all, and by pair."""
    analysis = results.after_exclusions
    bias = analysis.side_bias
    if bias.value is None:
        said = f"Side bias was not computed. {bias.note}".strip()
    else:
        interval = interval_words(bias, percent_sign, results.confidence)
        p = "" if bias.p is None else f", {p_words(bias.p)} against {level(0.5)}"
        said = (
            f"Two equally good fits are answered “left” in {percent_sign(bias.value)} of trials ({interval}{p}). "
            "The plan has each method on each side equally often, so that a side bias costs precision but favours no "
            "method; the table tells the sides of the votes counted."
        )
        said += f" {bias.note}" if bias.note else ""
    blocks: list[Block] = [Text(said)]
    notes = Notes()
    rows = tuple(
        cells(
            name_pair(pair), f"{pair.first_left:,}{NBSP}/{NBSP}{pair.votes:,}", notes.estimate(pair.side_bias, percent)
        )
        for pair in analysis.pairs
    )
    if rows:
        columns = (
            PAIR,
            Column("First on the left / votes", 1.3),
            Column(f"“Left”, % [{level(results.confidence)}]", 1.5),
        )
        blocks.append(
            Table("Side of the screen by pair: share of “left” at equal strengths.", columns, rows, notes.all())
        )
    return Section("Side bias", tuple(blocks))
