"""Results of parts of the people: by dataset, by difficulty."""

from __future__ import annotations

from app.study.report.document import Column, Notes, Section, Table, Text, cells
from app.study.report.figures import subgroup_figures
from app.study.report.words import NBSP, NONE, hundredths, level, percent
from app.study.results import StudyResults


def build_subgroups(results: StudyResults) -> Section:
    """Table and plot of subgroups."""
    title = "By dataset and by difficulty"
    if not results.subgroups:
        return Section(title, (Text("No subgroups were asked for in the design."),))
    notes = Notes()
    rows = []
    for group in results.subgroups:
        name = f"{group.kind}: {group.name}"
        if not group.pairs:
            rows.append(cells(name, f"{group.people:,}", NONE, NONE, notes.number(None, percent, group.note), NONE))
        for pair in group.pairs:
            votes = f"{pair.for_first:,}{NBSP}/{NBSP}{pair.votes:,}"
            rows.append(
                cells(
                    name, f"{group.people:,}", f"{pair.first} over {pair.second}", votes,
                    notes.estimate(pair.share, percent), notes.estimate(pair.alpha, hundredths),
                )
            )  # fmt: skip
    interval = level(results.confidence)
    columns = (
        Column("Part", 1.8, "text"), Column("People", 0.7), Column("Pair", 2.0, "text"),
        Column("Votes for first / all", 1.2), Column(f"Share, % [{interval}]", 1.5), Column(f"Alpha [{interval}]", 1.5),
    )  # fmt: skip
    caption = "Parts of the people, after exclusions. Descriptive: no p-values, and no correction for their number."
    table = Table(caption, columns, tuple(rows), notes.all())
    return Section(title, (*subgroup_figures(results.subgroups, results.confidence), table))
