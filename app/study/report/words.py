"""Numbers as a reader wants them: rounded to what they are worth, never a negative zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from app.study.results import Estimate

Form: TypeAlias = Callable[[float], str]

NONE = "–"
"""Stands where there is no number."""
NBSP = "\u00a0"


def percent(share: float) -> str:
    """``0.6123`` -> ``61.2``; the sign stands in the header."""
    return _fixed(100 * share, 1)


def percent_sign(share: float) -> str:
    """``0.6123`` -> ``61.2 %``."""
    return f"{percent(share)}{NBSP}%"


def hundredths(value: float) -> str:
    """Two decimals."""
    return _fixed(value, 2)


def tenths(value: float) -> str:
    """One decimal."""
    return _fixed(value, 1)


def whole(value: float) -> str:
    """No decimals."""
    return _fixed(value, 0)


def points(difference: float) -> str:
    """Difference of two shares in percentage points, with its sign."""
    text = percent(difference)
    return text if text.startswith("−") or text == "0.0" else f"+{text}"


def p_value(p: float | None) -> str:
    """For tables: ``0.012``, ``< 0.001``."""
    if p is None:
        return NONE
    return f"<{NBSP}0.001" if p < 0.001 else _fixed(p, 3)


def p_words(p: float) -> str:
    """For sentences: ``p = 0.012``, ``p < 0.001``."""
    text = p_value(p)
    return f"p{NBSP}{text}" if text.startswith("<") else f"p{NBSP}={NBSP}{text}"


def with_interval(estimate: Estimate, form: Form) -> str:
    """``61.2 [56.3, 65.9]``, as far as there are numbers."""
    if estimate.value is None:
        return NONE
    if estimate.low is None or estimate.high is None:
        return form(estimate.value)
    return f"{form(estimate.value)} [{form(estimate.low)},{NBSP}{form(estimate.high)}]"


def interval_words(estimate: Estimate, form: Form, confidence: float, unit: str = "") -> str:
    """``95 % interval 56.3 to 65.9 %``, or that there is none."""
    if estimate.low is None or estimate.high is None:
        return "no interval"
    return f"{level(confidence)} interval {form(estimate.low)} to {form(estimate.high)}{unit}"


def level(confidence: float) -> str:
    """``0.95`` -> ``95 %``."""
    return f"{100 * confidence:g}{NBSP}%"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """``1 rater``, ``1,200 votes``."""
    return f"{number:,}{NBSP}{singular if number == 1 else plural or singular + 's'}"


def listing(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"


def moment(when: datetime | None) -> str:
    """``2026-11-28 01:12 UTC``."""
    return NONE if when is None else f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _fixed(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")
