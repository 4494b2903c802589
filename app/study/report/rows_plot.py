"""The one kind of plot of a report: a row for each thing, one or more panels of points with intervals beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from app.study.report.axes import Axis
from app.study.report.shapes import Box, Drawing, Ink, Label, Line, Marker, Shape
from app.study.report.typeface import measure, plain, shorten
from app.study.results import Estimate

WIDTH: Final = 640.0
MOST_ROWS: Final = 36
"""Of one drawing: more do not fit on a page."""

_SIZE: Final = 10.5
_SMALL: Final = 9.5
_GAP: Final = 26.0
_SLACK: Final = 0.89
"""Browsers may set the labels in another typeface; DejaVu Sans is a tenth wider."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its label, what is written at its right end, whether it is only a heading, or set aside."""

    label: str
    text: str = ""
    heading: bool = False
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one kind, one for each row (None for headings)."""

    name: str
    estimates: tuple[Estimate | None, ...]
    form: Literal["square", "disc", "diamond"] = "square"
    ink: Ink = "first"
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """An axis with what is drawn on it; ``ends`` say what lies to the left and to the right."""

    axis: Axis
    series: tuple[Series, ...]
    ends: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    rows: Sequence[Row]
    panels: Sequence[Panel]
    label_width: float
    text_width: float
    top: float
    row_height: float
    panel_width: float = field(init=False)

    def __post_init__(self) -> None:
        room = WIDTH - self.label_width - self.text_width - _GAP * (len(self.panels) - 1)
        object.__setattr__(self, "panel_width", room / len(self.panels))

    @property
    def bottom(self) -> float:
        return self.top + self.row_height * len(self.rows)

    def left(self, panel: int) -> float:
        return self.label_width + panel * (self.panel_width + _GAP)

    def x(self, panel: int, value: float) -> float:
        return self.left(panel) + self.panel_width * self.panels[panel].axis.place(value)

    def middle(self, row: int) -> float:
        return self.top + self.row_height * (row + 0.5)


def draw_rows(rows: Sequence[Row], panels: Sequence[Panel], title: str, description: str, *, head: str = "") -> Drawing:
    """Draw one plot.

    Args:
        rows: At most :data:`MOST_ROWS`, from top to bottom.
        panels: From left to right; their series have an estimate or None for each row.
        title: What it is, for those who hear it.
        description: What is to be seen.
        head: Title of the texts at the rows' right ends.
    """
    most = max(len(panel.series) for panel in panels)
    has_ends = any(panel.ends for panel in panels)
    legend = [series for series in panels[0].series if series.name]
    texts = [head, *(row.text for row in rows)]
    text_width = max(measure(plain(text), _SIZE) for text in texts) / _SLACK + 14 if any(texts) else 10.0
    headed = any(row.heading for row in rows)
    wanted = max(measure(plain(row.label), _SIZE) for row in rows if not row.heading) / _SLACK + 16 + 8 * headed
    top = (20.0 if legend else 4.0) + (16.0 if has_ends or head else 0.0)
    layout = _Layout(rows, panels, min(max(wanted, 70.0), 225.0), text_width, top, 16.0 + 6.0 * (most - 1))
    shapes: list[Shape] = list(_iter_stripes(layout))
    for panel in range(len(panels)):
        shapes += _iter_axis(layout, panel)
        shapes += _iter_points(layout, panel)
    shapes += _iter_labels(layout, head)
    shapes += _iter_legend(legend, layout.label_width)
    return Drawing(WIDTH, layout.bottom + 34, tuple(shapes), title, description)


def _iter_stripes(layout: _Layout) -> Iterator[Shape]:
    for row in range(0, len(layout.rows), 2):
        yield Box(0, layout.top + row * layout.row_height, WIDTH, layout.row_height, "band")


def _iter_axis(layout: _Layout, panel: int) -> Iterator[Shape]:
    axis, left, bottom = layout.panels[panel].axis, layout.left(panel), layout.bottom
    right = left + layout.panel_width
    for tick in axis.ticks:
        x = layout.x(panel, tick)
        yield Line(x, layout.top, x, bottom, "grid", 0.7)
        yield Line(x, bottom, x, bottom + 4, "soft", 0.7)
        yield Label(x, bottom + 14, axis.form(tick), _SMALL, "soft", "middle")
    yield Line(left, bottom, right, bottom, "soft", 0.7)
    if axis.reference is not None:
        x = layout.x(panel, axis.reference)
        yield Line(x, layout.top, x, bottom, "text", 0.9, dashed=True)
    fitted = shorten(axis.title, layout.panel_width + _GAP, _SMALL)
    yield Label(left + layout.panel_width / 2, bottom + 28, fitted, _SMALL, "soft", "middle")
    ends = layout.panels[panel].ends
    if ends is not None:
        middle = layout.x(panel, axis.reference if axis.reference is not None else axis.low)
        yield Label(middle - 8, layout.top - 6, _fit(ends[0], middle - left), _SMALL, "soft", "end")
        yield Label(middle + 8, layout.top - 6, _fit(ends[1], right - middle), _SMALL, "soft", "start")


def _iter_points(layout: _Layout, panel: int) -> Iterator[Shape]:
    series = layout.panels[panel].series
    for place, one in enumerate(series):
        offset = 7.0 * (place - (len(series) - 1) / 2)
        for row, estimate in enumerate(one.estimates):
            if estimate is None or estimate.value is None:
                continue
            y = layout.middle(row) + offset
            if estimate.low is not None and estimate.high is not None:
                low, high = layout.x(panel, estimate.low), layout.x(panel, estimate.high)
                yield Line(low, y, high, y, one.ink, 1.2 if one.hollow else 2.0)
                for x in (low, high):
                    yield Line(x, y - 2.5, x, y + 2.5, one.ink, 1.2)
            hollow = one.hollow or layout.rows[row].hollow
            yield Marker(layout.x(panel, estimate.value), y, one.form, one.ink, 3.4, hollow)


def _iter_labels(layout: _Layout, head: str) -> Iterator[Shape]:
    for place, row in enumerate(layout.rows):
        base = layout.middle(place) + 3.6
        indent = 8.0 if any(one.heading for one in layout.rows) and not row.heading else 0.0
        room = (WIDTH if row.heading else layout.label_width) - indent - 12
        label = shorten(plain(row.label), room * _SLACK, _SIZE, bold=row.heading)
        yield Label(indent, base, label, _SIZE, bold=row.heading)
        if row.text:
            yield Label(WIDTH, base, plain(row.text), _SIZE, anchor="end")
    if head:
        yield Label(WIDTH, layout.top - 6, head, _SMALL, "soft", "end")


def _iter_legend(series: Sequence[Series], left: float) -> Iterator[Shape]:
    x = left
    for one in series:
        yield Line(x, 8, x + 22, 8, one.ink, 1.2 if one.hollow else 2.0)
        yield Marker(x + 11, 8, one.form, one.ink, 3.4, one.hollow)
        yield Label(x + 28, 11.6, one.name, _SMALL, "text")
        x += 28 + measure(one.name, _SMALL) / _SLACK + 18


def _fit(text: str, room: float) -> str:
    return shorten(plain(text), max(room - 10, 12) * _SLACK, _SMALL)
