"""The plots of a report. Where there are more rows than a page holds, there are more plots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.study.report.axes import full_share_axis, share_axis, time_axis, zero_axis
from app.study.report.document import Figure
from app.study.report.rows_plot import MOST_ROWS, Panel, Row, Series, draw_rows
from app.study.report.words import NONE, hundredths, level, percent, tenths, with_interval
from app.study.results import Estimate, PairResult, RaterResult, Strength, Subgroup

_SHARE_ENDS = ("second preferred", "first preferred")


def pair_figures(pairs: Sequence[PairResult], confidence: float) -> tuple[Figure, ...]:
    """Shares of votes with both intervals."""
    rows = [Row(_pair(pair), with_interval(pair.share, percent)) for pair in pairs]
    axis = share_axis("share of votes for the first method, %", [*_shares(pairs), *(pair.wilson for pair in pairs)])
    clustered, wilson = f"{level(confidence)} interval, two-way clustered", "Wilson, as if votes were independent"
    panel = Panel(
        axis,
        (
            Series(clustered, _shares(pairs)),
            Series(wilson, tuple(pair.wilson for pair in pairs), "disc", "second", hollow=True),
        ),
        _SHARE_ENDS,
    )
    return _figures(
        rows, [panel], "Share of votes for the first method of each pair.",
        "A row for each pair: the share of votes for its first method, with the two-way clustered interval and, "
        "below it, Wilson's. A dashed line marks 50 %. The table of preference by pair has the numbers.",
        head="share, %",
    )  # fmt: skip


def strength_figures(strengths: Sequence[Strength], confidence: float) -> tuple[Figure, ...]:
    """Bradley–Terry strengths."""
    estimates = tuple(one.log_strength for one in strengths)
    rows = [Row(one.method, with_interval(one.log_strength, hundredths)) for one in strengths]
    axis = zero_axis("log-strength, mean 0", estimates)
    return _figures(
        rows, [Panel(axis, (Series("", estimates, "diamond"),), ("weaker", "stronger"))],
        f"Bradley–Terry strengths with {level(confidence)} bootstrap intervals over people.",
        "A row for each method, strongest first: its log-strength with its interval. A dashed line marks the mean, 0. "
        "The table of strengths has the numbers.",
        head="log-strength",
    )  # fmt: skip


def rater_figures(raters: Sequence[RaterResult]) -> tuple[Figure, ...]:
    """What each rater did, and what the result is without them."""
    rows = [_rater_row(rater) for rater in raters]
    left = tuple(rater.left_share for rater in raters)
    agreement = tuple(rater.agreement for rater in raters)
    consistency = tuple(rater.consistency for rater in raters)
    without = tuple(rater.without for rater in raters)
    panels = [
        Panel(share_axis("answered “left”, %", left), (Series("", left),)),
        Panel(full_share_axis("agrees with others, %"), (Series("", agreement, "disc"),)),
        Panel(full_share_axis("agrees with itself, %"), (Series("", consistency, "diamond"),)),
        Panel(share_axis("primary share without, %", without), (Series("", without, "square", "second"),)),
    ]
    return _figures(
        rows, panels,
        "Rater by rater: share of “left”, agreement with others and with own repeats, and the share of the primary "
        "pair without this rater. Hollow: left out.",
        "A row for each rater with four panels of points and intervals. The table of raters has the numbers.",
    )  # fmt: skip


def time_figures(raters: Sequence[RaterResult]) -> tuple[Figure, ...]:
    """Response times of each rater."""
    times = tuple(_time(rater) for rater in raters)
    rows = [
        replace(_rater_row(rater), text=with_interval(time, tenths)) for rater, time in zip(raters, times, strict=True)
    ]
    axis = time_axis("seconds from first paint to the answer, logarithmic", times)
    return _figures(
        rows, [Panel(axis, (Series("", times, "disc"),))],
        "Response time of each rater: median with first and third quartile. Hollow: left out.",
        "A row for each rater: the median response time with the quartiles, on a logarithmic scale of seconds. The "
        "table of raters has the numbers.",
        head="median [quartiles], s",
    )  # fmt: skip


def subgroup_figures(subgroups: Sequence[Subgroup], confidence: float) -> tuple[Figure, ...]:
    """Shares of votes in parts of the people."""
    rows: list[Row] = []
    estimates: list[Estimate | None] = []
    for group in subgroups:
        rows.append(Row(f"{group.kind}: {group.name}", heading=True))
        estimates.append(None)
        for pair in group.pairs:
            rows.append(Row(_pair(pair), with_interval(pair.share, percent)))
            estimates.append(pair.share)
        if not group.pairs:
            rows.append(Row("too few people", NONE))
            estimates.append(None)
    axis = share_axis("share of votes for the first method, %", [one for one in estimates if one is not None])
    series = Series(f"{level(confidence)} interval, two-way clustered", tuple(estimates))
    return _figures(
        rows, [Panel(axis, (series,), _SHARE_ENDS)],
        "Share of votes for the first method, by part of the people; descriptive.",
        "A row for each pair within each dataset and band of difficulty: the share with its interval. A dashed line "
        "marks 50 %. The table of subgroups has the numbers.",
        head="share, %",
    )  # fmt: skip


def _figures(
    rows: Sequence[Row], panels: Sequence[Panel], caption: str, description: str, *, head: str = ""
) -> tuple[Figure, ...]:
    if not rows or not any(_has_value(panel) for panel in panels):
        return ()
    parts = list(_split(rows))
    figures = []
    for number, (start, end) in enumerate(parts, 1):
        of = f" (part {number} of {len(parts)})" if len(parts) > 1 else ""
        drawing = draw_rows(
            rows[start:end], [_cut(panel, start, end) for panel in panels], caption + of, description, head=head
        )
        figures.append(Figure(caption + of, drawing))
    return tuple(figures)


def _split(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(rows):
        end = min(start + MOST_ROWS, len(rows))
        if end < len(rows) and rows[end - 1].heading:  # a heading goes with what it is of
            end -= 1
        yield start, end
        start = end


def _cut(panel: Panel, start: int, end: int) -> Panel:
    return replace(panel, series=tuple(replace(one, estimates=one.estimates[start:end]) for one in panel.series))


def _has_value(panel: Panel) -> bool:
    return any(one is not None and one.value is not None for series in panel.series for one in series.estimates)


def _shares(pairs: Sequence[PairResult]) -> tuple[Estimate, ...]:
    return tuple(pair.share for pair in pairs)


def _pair(pair: PairResult) -> str:
    return f"{pair.first} over {pair.second}"


def _rater_row(rater: RaterResult) -> Row:
    return Row(f"{rater.rater} (left out)" if rater.excluded else rater.rater, hollow=rater.excluded)


def _time(rater: RaterResult) -> Estimate:
    if rater.median_s is None:
        return Estimate()
    low, high = rater.quartiles_s or (None, None)
    return Estimate(value=rater.median_s, low=low, high=high)
