"""Plain charts as pictures: lines and points with intervals on two axes. Pillow only.

Drawn at twice the size and reduced, so that lines are smooth without a plotting library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fitting.spec import FloatArray

COLOURS: Final = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233))
"""Okabe & Ito's, told apart by the colour-blind."""
_SIZE: Final = (900, 540)
_MARGINS: Final = (84, 56, 24, 84)  # left, top, right, bottom
_ZOOM: Final = 2
_INK: Final = (40, 40, 44)
_GRID: Final = (225, 226, 230)
_TEXT_PX: Final = 15


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Points of one colour: ``x`` and ``y`` ``(N,)``, perhaps with the ends of their intervals."""

    label: str
    colour: tuple[int, int, int]
    x: FloatArray
    y: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None
    line: bool = True
    marks: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """What to draw; ``x_labels`` stand at the whole numbers from 0, ``log`` is of both axes, ``equal`` adds x = y."""

    title: str
    x_title: str
    y_title: str
    series: Sequence[Series]
    x_labels: Sequence[str] = field(default_factory=tuple)
    log: bool = False
    equal: bool = False
    from_zero: bool = True


def draw_chart(chart: Chart) -> Image.Image:
    """The chart as a picture of 900 x 540."""
    canvas = Image.new("RGB", (_SIZE[0] * _ZOOM, _SIZE[1] * _ZOOM), "white")
    pen = _Pen(ImageDraw.Draw(canvas), chart)
    pen.axes()
    for series in chart.series:
        pen.series(series)
    pen.legend()
    return canvas.resize(_SIZE, Image.Resampling.LANCZOS)


class _Pen:
    """Draws in the chart's own units."""

    def __init__(self, draw: ImageDraw.ImageDraw, chart: Chart) -> None:
        self._draw, self._chart = draw, chart
        self._font = ImageFont.load_default(_TEXT_PX * _ZOOM)
        left, top, right, bottom = (margin * _ZOOM for margin in _MARGINS)
        self._frame = (left, top, _SIZE[0] * _ZOOM - right, _SIZE[1] * _ZOOM - bottom)
        x_range, y_range = _range(chart, "x"), _range(chart, "y")
        if chart.equal:
            x_range = y_range = (min(x_range[0], y_range[0]), max(x_range[1], y_range[1]))
        self._ranges = (x_range, y_range)

    def axes(self) -> None:
        """Frame, grid, ticks and titles."""
        left, top, right, bottom = self._frame
        chart = self._chart
        for value in _ticks(self._ranges[1], chart.log):
            y = self._place(self._ranges[0][0], value)[1]
            self._draw.line((left, y, right, y), _GRID, _ZOOM)
            self._text((left - 8 * _ZOOM, y), _number(value), "rm")
        labels = [(float(place), label) for place, label in enumerate(chart.x_labels)]
        ticks = labels or [(value, _number(value)) for value in _ticks(self._ranges[0], chart.log)]
        for value, label in ticks:
            x = self._place(value, self._ranges[1][0])[0]
            self._draw.line((x, bottom, x, bottom + 5 * _ZOOM), _INK, _ZOOM)
            self._text((x, bottom + 9 * _ZOOM), label.replace(", ", ",\n"), "ma")
        self._draw.rectangle(self._frame, outline=_INK, width=_ZOOM)
        self._text((left, 10 * _ZOOM), chart.title, "la")
        self._text((left, top - 6 * _ZOOM), chart.y_title, "ld")
        self._text((right, _SIZE[1] * _ZOOM - 8 * _ZOOM), chart.x_title, "rd")
        if chart.equal:
            low, high = self._ranges[0]
            self._draw.line((*self._place(low, low), *self._place(high, high)), _INK, _ZOOM)

    def series(self, series: Series) -> None:
        """One series: its line, intervals and marks."""
        colour = series.colour
        known = np.isfinite(series.x) & np.isfinite(series.y)
        if self._chart.log:
            known &= (series.x > 0) & (series.y > 0)
        points = [self._place(x, y) for x, y in zip(series.x[known], series.y[known], strict=True)]
        if series.line and len(points) > 1:
            self._draw.line(points, colour, 2 * _ZOOM, joint="curve")
        if series.low is not None and series.high is not None:
            rows = zip(series.x[known], series.low[known], series.high[known], strict=True)
            for x, low, high in rows:
                if np.isfinite([low, high]).all():
                    self._draw.line((*self._place(x, low), *self._place(x, high)), colour, 2 * _ZOOM)
        if series.marks:
            for x, y in points:
                radius = 4 * _ZOOM
                self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def legend(self) -> None:
        """Names of the series at the top right."""
        x, y = self._frame[2], 10 * _ZOOM
        for series in reversed(self._chart.series):
            x -= int(self._draw.textlength(series.label, self._font))
            self._text((x, y), series.label, "la")
            x -= 20 * _ZOOM
            self._draw.rectangle((x, y + 2 * _ZOOM, x + 13 * _ZOOM, y + 15 * _ZOOM), series.colour)
            x -= 16 * _ZOOM

    def _text(self, place: tuple[float, float], text: str, anchor: str) -> None:
        if "\n" in text:  # anchors of several lines know no ascender
            self._draw.multiline_text(place, text, _INK, self._font, anchor=anchor, align="center")
        else:
            self._draw.text(place, text, _INK, self._font, anchor=anchor)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = self._frame
        across, up = (
            _share(value, limits, self._chart.log) for value, limits in zip((x, y), self._ranges, strict=True)
        )
        return left + across * (right - left), bottom - up * (bottom - top)


def _range(chart: Chart, axis: str) -> tuple[float, float]:
    if axis == "x" and chart.x_labels:
        return -0.5, len(chart.x_labels) - 0.5
    names = ("x",) if axis == "x" else ("y", "low", "high")
    arrays = [getattr(series, name) for series in chart.series for name in names]
    values = np.concatenate([np.asarray(array, dtype=float) for array in arrays if array is not None] or [np.zeros(0)])
    values = values[np.isfinite(values) & ((values > 0) | (not chart.log))]
    if not len(values):
        return (0.1, 1.0) if chart.log else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if chart.log:
        return low / 1.5, high * 1.5
    low = min(low, 0.0) if chart.from_zero else low
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    return low if low == 0 else low - room, high + room


def _share(value: float, limits: tuple[float, float], log: bool) -> float:
    low, high = limits
    if log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _ticks(limits: tuple[float, float], log: bool) -> list[float]:
    low, high = limits
    if log:
        return [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
    rough = (high - low) / 6
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [index * step for index in range(first, last + 1)]


def _number(value: float) -> str:
    return f"{value:g}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.0e}"
