"""Bradley–Terry strengths over all pairs, and whether one strength for each method is enough."""

from __future__ import annotations

from app.study.report.document import Block, Column, Notes, Section, Table, Text, cells
from app.study.report.facts import StudyFacts
from app.study.report.figures import strength_figures
from app.study.report.words import NONE, hundredths, level, p_value, p_words, whole
from app.study.results import Analysis, Estimate, StudyResults


def build_strengths(results: StudyResults, facts: StudyFacts) -> Section:
    """Strengths, contrasts, circularity and ties, after exclusions."""
    analysis = results.after_exclusions
    blocks: list[Block] = []
    if analysis.strengths:
        blocks += [_table(analysis, results.confidence), *strength_figures(analysis.strengths, results.confidence)]
    if analysis.strengths_note:
        blocks.append(Text(analysis.strengths_note))
    if analysis.contrasts:
        blocks.append(_contrast_table(analysis, results.confidence))
    design = facts.design
    said = [_circularity(analysis.circularity, len(design.methods)) if len(design.methods) > 2 else ""]
    said.append(_number("Davidson's tie parameter", analysis.tie_parameter) if design.cannot_decide else "")
    blocks += [Text(text) for text in said if text]
    return Section("Strengths (Bradley–Terry)", tuple(blocks))


def _table(analysis: Analysis, confidence: float) -> Table:
    notes = Notes()
    rows = tuple(
        cells(
            one.method, NONE if one.rank is None else str(one.rank), notes.estimate(one.log_strength, hundredths),
            notes.number(one.elo, whole),
        )
        for one in analysis.strengths
    )  # fmt: skip
    columns = (
        Column("Method", 2.6, "text"), Column("Rank", 0.7), Column(f"Log-strength [{level(confidence)}]", 1.6),
        Column("Elo", 0.8),
    )  # fmt: skip
    caption = (
        "Bradley–Terry strengths by maximum likelihood, mean 0, with percentile intervals of a bootstrap over people; "
        "rank: 1 + methods whose interval lies wholly above."
    )
    return Table(caption, columns, rows, notes.all())


def _contrast_table(analysis: Analysis, confidence: float) -> Table:
    notes = Notes()
    tested = any(one.difference.p is not None for one in analysis.contrasts)
    rows = tuple(
        cells(
            f"{one.first} less {one.second}", notes.estimate(one.difference, hundredths),
            *([p_value(one.difference.p)] if tested else []),
        )
        for one in analysis.contrasts
    )  # fmt: skip
    columns = (
        Column("Pair", 2.6, "text"), Column(f"Difference [{level(confidence)}]", 1.6),
        *([Column("p", 0.8)] if tested else []),
    )  # fmt: skip
    caption = (
        "Differences of log-strengths, clustered by rater and person like the shares; overlap of two methods' own "
        "intervals is no test."
    )
    return Table(caption, columns, rows, notes.all())


def _circularity(circularity: Estimate, methods: int) -> str:
    text = _number("Circularity: deviance of Bradley–Terry against a free share for each pair", circularity)
    p = circularity.p
    if circularity.value is None or p is None:
        return text
    verdict = (
        "one strength for each method does not describe the votes, so read the pairs, not the ranking"
        if p < 0.05
        else f"no sign that one strength for each of the {methods} methods is too simple"
    )
    return f"{text} ({p_words(p)}, descriptive because votes are clustered): {verdict}."


def _number(name: str, estimate: Estimate) -> str:
    if estimate.value is None:
        return f"{name}: not computed. {estimate.note}" if estimate.note else ""
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        interval = f" [{hundredths(estimate.low)}, {hundredths(estimate.high)}]"
    note = f". {estimate.note}" if estimate.note else ""
    return f"{name}: {hundredths(estimate.value)}{interval}{note}"
