"""Axes of plots: where a value lies between 0 and 1, and which values are written below."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from app.study.report.words import Form, hundredths, percent, tenths, whole
from app.study.results import Estimate

_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis.

    Attributes:
        title: What is measured, with its unit.
        low: Left end.
        high: Right end.
        ticks: Values that are written.
        form: How they are written.
        reference: Value with a line of its own.
        logarithmic: Whether equal ways are equal ratios.
    """

    title: str
    low: float
    high: float
    ticks: tuple[float, ...]
    form: Form
    reference: float | None = None
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Share of the way from the left end to the right."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log(max(value, low)), math.log(low), math.log(high)
        return min(max((value - low) / (high - low), 0.0), 1.0)


def share_axis(title: str, estimates: Iterable[Estimate]) -> Axis:
    """Of shares: as far on both sides of one half as the farthest needs, at least from 30 to 70 %."""
    reach = max([0.2, *(abs(value - 0.5) for value in _values(estimates))])
    reach = min(0.5, math.ceil(reach * 10 - 1e-9) / 10)
    steps = round(reach * 10)
    every = 1 if steps <= 3 else 2
    places = sorted({0, *range(every, steps + 1, every), *range(-every, -steps - 1, -every)})
    return Axis(title, 0.5 - reach, 0.5 + reach, tuple(0.5 + place / 10 for place in places), _whole_percent, 0.5)


def full_share_axis(title: str) -> Axis:
    """Of shares that have no middle: from 0 to 100 %."""
    return Axis(title, 0.0, 1.0, (0.0, 0.5, 1.0), _whole_percent)


def zero_axis(title: str, estimates: Iterable[Estimate]) -> Axis:
    """Around zero, as wide as the values ask for."""
    values = [0.0, *_values(estimates)]
    low, high = min(values), max(values)
    step = _nice((high - low) / (_MOST_TICKS - 1) or 0.1)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(step * place for place in range(first, max(last, first + 1) + 1))
    return Axis(title, ticks[0], ticks[-1], ticks, _form_for(step), 0.0)


def time_axis(title: str, estimates: Iterable[Estimate]) -> Axis:
    """Of seconds, logarithmic, between members of 1, 2, 5, 10, 20 …"""
    values = [value for value in _values(estimates) if value > 0] or [1.0]
    steps = [lead * 10.0**power for power in range(-3, 7) for lead in (1, 2, 5)]
    low = max((step for step in steps if step <= min(values)), default=steps[0])
    high = min((step for step in steps if step >= max(values) and step > low), default=steps[-1])
    ticks = tuple(step for step in steps if low <= step <= high)
    return Axis(title, low, high, ticks, lambda value: f"{value:g}", logarithmic=True)


def _values(estimates: Iterable[Estimate]) -> list[float]:
    return [
        number for one in estimates if one.value is not None for number in (one.value, one.low, one.high)
        if number is not None
    ]  # fmt: skip


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(lead * power for lead in (1, 2, 5, 10) if lead * power >= step * (1 - 1e-9))


def _whole_percent(share: float) -> str:
    return percent(share).removesuffix(".0")


def _form_for(step: float) -> Form:
    return whole if step >= 1 else tenths if step >= 0.1 * (1 - 1e-9) else hundredths
